//! Engines and engine versions of RDS.
//!
//! The versions are those of `DescribeDBEngineVersions` in all regions, as cfn-lint collects them.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

/// One line for each engine: its name and the versions that RDS offers, sorted.
const ENGINES: &str = include_str!("../../../stdlib/database-engines.txt");

/// Engines that RDS does not offer any more, with what took their place.
///
/// Sources: "Preparing for Amazon Aurora MySQL-Compatible Edition version 1 end of life" of the Aurora user guide (the end was
/// 2023-02-28); the deprecation of `OracleLegacyEngineVersion` in the CDK's API reference ("instances can no longer be created
/// with these engine versions") and "Amazon RDS for Oracle" of the RDS user guide (Oracle Database 11g is not supported).
const RETIRED: [(&str, &str); 3] =
    [("aurora", "aurora-mysql"), ("oracle-se", "oracle-se2"), ("oracle-se1", "oracle-se2")];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for kind in ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"] {
        for found in scope.all(kind) {
            for branch in found.branches("Engine") {
                if let Some(name) = branch.value.and_then(Value::as_str) {
                    engine(found, &name.to_lowercase(), scope, sink);
                }
            }
        }
    }
}

fn engine(found: ResourceEntry<'_>, name: &str, scope: &CheckContext<'_>, sink: &mut Sink) {
    if let Some((_, next)) = RETIRED.iter().find(|(retired, _)| *retired == name) {
        let message = format!("RDS does not offer the engine `{name}` any more");
        return sink.push(found.error(Code::DatabaseEngine, "Engine", message).help(format!("use `{next}`")));
    }
    let Some(versions) = versions(name) else {
        let names = ENGINES.lines().filter_map(|line| line.split(' ').next()).filter(|name| *name != "#");
        // DocumentDB and Neptune use the types and engines of their own.
        if !["docdb", "neptune"].contains(&name)
            && let Some(hint) = did_you_mean(name, names)
        {
            sink.push(found.error(Code::DatabaseEngine, "Engine", format!("RDS has no engine `{name}`")).help(hint));
        }
        return;
    };
    for branch in found.branches("EngineVersion") {
        let version = match branch.value {
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Float(number)) => Value::float_text(*number),
            Some(value) => value.as_str().unwrap_or_default().to_owned(),
            None => continue,
        };
        if let Some(problem) = outdated(found, name, &version, &versions, scope) {
            return sink.push(problem);
        }
    }
}

/// Returns the offered versions of an engine.
fn versions(engine: &str) -> Option<Vec<&'static str>> {
    let line = ENGINES.lines().find(|line| line.split(' ').next() == Some(engine))?;
    Some(line.split(' ').skip(1).collect())
}

/// Returns the numbers at the beginning of a version: `8.0.mysql_aurora.3.04.0` begins with 8 and 0.
fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

fn outdated(
    found: ResourceEntry<'_>,
    engine: &str,
    version: &str,
    offered: &[&str],
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let own = numbers(version);
    let oldest = offered.iter().map(|offered| numbers(offered)).min()?;
    let begins = |offered: &&str| {
        *offered == version || [".", "-"].iter().any(|next| offered.starts_with(&format!("{version}{next}")))
    };
    if own.is_empty() || offered.iter().any(begins) {
        return None;
    }
    let length = own.len().min(oldest.len()).min(2);
    if own[..length] < oldest[..length] {
        let message = format!("RDS does not offer version {version} of `{engine}` any more");
        let problem = found.error(Code::DatabaseEngine, "EngineVersion", message);
        let running =
            "a database that runs was upgraded by RDS: set the version that it has now, which changes nothing";
        return Some(problem.help(format!("the oldest version that it offers is {}", offered.first()?)).help(running));
    }
    // A version above all that were known may be new.
    let is_between = offered.iter().any(|offered| {
        let offered = numbers(offered);
        offered.first() == own.first() && offered > own
    });
    is_between.then(|| {
        let message = format!("RDS does not list version {version} of `{engine}`");
        let problem = found.warning(Code::DatabaseEngine, "EngineVersion", message);
        problem.note(format!("the list of versions is of {}", scope.schema.date()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_lists_its_versions_in_order() {
        let lines: Vec<&str> = ENGINES.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 15);
        for line in lines {
            let name = line.split(' ').next().unwrap_or_default();
            let versions = versions(name).expect("a line of this engine");
            assert!(versions.iter().map(|version| numbers(version)).is_sorted(), "{line}");
        }
    }
}
