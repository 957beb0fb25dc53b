//! Compares versions of engines and types of nodes with those that `ElastiCache` offers.
//!
//! Sources: the versions of `DescribeCacheEngineVersions` and the node types of all regions, as cfn-lint collects them; "Supported
//! node types" and "Data tiering" (`ElastiCache` user guide); `CacheNodeType` of `CreateReplicationGroup` (`ElastiCache` API). The lists
//! age: what they do not have is a warning, and only what `ElastiCache` certainly refuses is an error.

use super::Cache;
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// One line for each engine with its versions, and one for the node types.
const OFFERS: &str = include_str!("../../../../stdlib/cache-offers.txt");

/// The first versions of Redis that run on families of nodes ("Supported node types", `ElastiCache` user guide).
const FIRST_VERSIONS: [(&str, &[u32]); 4] =
    [("m6g", &[5, 0, 6]), ("r6g", &[5, 0, 6]), ("r6gd", &[6, 2]), ("t4g", &[5, 0, 6])];
/// The first major version of a serverless cache: Redis 7.1, Valkey 7.2 ("Supported engines and versions", `ElastiCache` user
/// guide).
const FIRST_SERVERLESS: u32 = 7;
/// From this version on, `ElastiCache` chooses the patch.
const FIRST_WITHOUT_PATCH: u32 = 6;
/// The family whose nodes keep data on disks too.
const TIERED: &str = "r6gd";

impl Cache {
    /// Returns whether its nodes keep data on disks too, which must be enabled ("When using the cache.r6gd.2xlarge node type, you
    /// must enable data tiering", quoted in cloudposse/terraform-aws-elasticache-redis#157).
    pub(super) fn has_data_tiering(&self) -> bool {
        family(self.node_type()).is_some_and(|(family, _)| family == TIERED)
    }
}

pub(super) fn problems(cache: &Cache) -> Vec<Diagnostic> {
    let is_serverless = cache.serverless.is_some();
    let node = cache.node_type.as_ref().filter(|_| !is_serverless);
    version(cache).into_iter().chain(node.and_then(|set| node_type(cache, set))).collect()
}

/// Returns the words of a line of the offers.
fn line(name: &str) -> impl Iterator<Item = &'static str> {
    let line = OFFERS.lines().find(|line| line.split(' ').next() == Some(name)).unwrap_or_default();
    line.split(' ').skip(1)
}

fn node_types() -> Vec<String> {
    let families = line("nodes").filter_map(|family| family.split_once(':'));
    families.flat_map(|(family, sizes)| sizes.split(',').map(move |size| format!("cache.{family}.{size}"))).collect()
}

/// Returns the family and the size of a node type.
fn family(kind: &str) -> Option<(&str, &str)> {
    kind.strip_prefix("cache.")?.split_once('.')
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn wrong(set: &WithOrigin<String>, message: String) -> Diagnostic {
    Diagnostic::new(Code::DataSetting, message).at(&set.origin, "")
}

fn version(cache: &Cache) -> Option<Diagnostic> {
    let set = cache.version.as_ref()?;
    let (engine, version) = (cache.engine().0, set.value.as_str());
    // Redis 6 has this name too ("Redis OSS version 6.0 (enhanced)", `ElastiCache` user guide).
    if engine == "redis" && version == "6.x" {
        return None;
    }
    let known: Vec<&str> = line(engine).collect();
    let all = known.join(", ");
    let newest = known.last().copied().unwrap_or_default();
    let Some(own) = numbers(version) else {
        return Some(
            wrong(set, format!("`{version}` is not a version of {engine}"))
                .help(format!("use one of {all}: `.version(\"{newest}\")`")),
        );
    };
    let major = own.first().copied().unwrap_or_default();
    if cache.serverless.is_some() {
        return (major < FIRST_SERVERLESS).then(|| {
            wrong(set, format!("a serverless cache has no version {version} of {engine}"))
                .help(format!("use a later one: `.version(\"{newest}\")`"))
        });
    }
    if known.contains(&version) {
        return None;
    }
    if major >= FIRST_WITHOUT_PATCH && own.len() > 2 {
        let short = format!("{major}.{}", own[1]);
        // Refused with "Specific version selection is not allowed for '6.2.6', please use '6.2'" (crossplane-contrib/provider-aws#1617).
        return Some(
            wrong(set, format!("ElastiCache chooses the patch of version {version} itself"))
                .help(format!("leave it out: `.version(\"{short}\")`")),
        );
    }
    let oldest = known.first().and_then(|oldest| numbers(oldest))?;
    if own < oldest && !oldest.starts_with(&own) {
        return Some(
            wrong(set, format!("ElastiCache does not offer version {version} of {engine} any more"))
                .help(format!("use one of {all}: `.version(\"{newest}\")`"))
                .help("a cache that runs was upgraded by ElastiCache: set the version that it has now"),
        );
    }
    Some(
        wrong(set, format!("ElastiCache does not list version {version} of {engine}"))
            .as_warning()
            .note(format!("it lists {all}; the list in rtiler ages")),
    )
}

fn node_type(cache: &Cache, set: &WithOrigin<String>) -> Option<Diagnostic> {
    let kind = set.value.as_str();
    let known = node_types();
    let near = |written: &str| did_you_mean(written, known.iter().map(String::as_str));
    let Some((family, _)) = family(kind) else {
        let bare = kind.strip_prefix("db.").unwrap_or(kind);
        let whole = format!("cache.{bare}");
        let problem = wrong(set, format!("`{kind}` is not a type of cache nodes"));
        let hint = if known.contains(&whole) { Some(format!("write `.node_type(\"{whole}\")`")) } else { near(&whole) };
        let example =
            hint.is_none().then(|| format!("a type has a family and a size: `.node_type(\"{}\")`", super::NODE_TYPE));
        return Some(problem.help_if(hint).help_if(example));
    };
    if let Some(problem) = too_old(cache, set, family) {
        return Some(problem);
    }
    (!known.iter().any(|known| known == kind)).then(|| {
        wrong(set, format!("ElastiCache does not list the node type `{kind}`"))
            .as_warning()
            .help_if(near(kind))
            .note("types of earlier generations take no new caches; the list in rtiler ages")
    })
}

/// Reports a version of Redis that a family of nodes does not run.
fn too_old(cache: &Cache, set: &WithOrigin<String>, family: &str) -> Option<Diagnostic> {
    let (_, first) = FIRST_VERSIONS.iter().find(|(name, _)| *name == family)?;
    let version = cache.version();
    if cache.engine().0 != "redis" || numbers(version)?.as_slice() >= *first {
        return None;
    }
    let first: Vec<String> = first.iter().map(u32::to_string).collect();
    let problem = wrong(set, format!("`{}` does not run Redis {version}", set.value));
    let problem = match &cache.version {
        Some(version) => problem.at(&version.origin, "this version"),
        None => problem,
    };
    Some(problem.help(format!(
        "use Redis {} or later, or an earlier family: `.node_type(\"cache.t3.micro\")`",
        first.join(".")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Name;

    fn cache(engine: &str, version: &str) -> Cache {
        let text = |value: &str| Some(WithOrigin::default_value(value.to_owned()));
        let mut cache = Cache::new(WithOrigin::default_value(Name::parse("Pages").expect("a name")));
        cache.engine = text(engine);
        cache.version = text(version);
        cache
    }

    fn on(engine: &str, version: &str, kind: &str) -> Option<bool> {
        let mut cache = cache(engine, version);
        cache.node_type = Some(WithOrigin::default_value(kind.to_owned()));
        problems(&cache).into_iter().next().map(|problem| problem.is_error())
    }

    #[test]
    fn default_versions_and_node_type_are_offered() {
        for (engine, version) in super::super::ENGINES {
            assert!(line(engine).any(|offered| offered == version), "{engine}");
        }
        assert!(node_types().iter().any(|kind| kind == super::super::NODE_TYPE));
    }

    #[test]
    fn versions_that_elasticache_refuses_are_errors_and_unknown_ones_warnings() {
        for (engine, version, expected) in [
            ("valkey", "8.0", None),
            ("redis", "6.x", None),
            ("valkey", "8.0.1", Some(true)),
            ("valkey", "latest", Some(true)),
            ("redis", "3.2.10", Some(true)),
            ("valkey", "99.0", Some(false)),
            ("redis", "7.2", Some(false)),
        ] {
            let found = problems(&cache(engine, version)).into_iter().next().map(|problem| problem.is_error());
            assert_eq!(found, expected, "{engine} {version}");
        }
    }

    #[test]
    fn serverless_cache_needs_a_late_version() {
        let mut old = cache("redis", "6.2");
        old.serverless = Some(WithOrigin::default_value(5));
        assert!(problems(&old)[0].is_error());
        let mut new = cache("redis", "7.1");
        new.serverless = Some(WithOrigin::default_value(5));
        assert!(problems(&new).is_empty());
    }

    #[test]
    fn node_types_are_compared_with_the_list_and_the_version() {
        assert_eq!(on("valkey", "8.0", "cache.r6gd.xlarge"), None);
        assert_eq!(on("valkey", "8.0", "t4g.micro"), Some(true));
        assert_eq!(on("valkey", "8.0", "db.t4g.micro"), Some(true));
        assert_eq!(on("valkey", "8.0", "cache.m99.large"), Some(false));
        assert_eq!(on("redis", "5.0.6", "cache.r6gd.xlarge"), Some(true));
        assert_eq!(on("redis", "4.0.10", "cache.t4g.micro"), Some(true));
    }
}
