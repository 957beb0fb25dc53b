//! The problems of the settings of a cache.

use super::{Cache, ENGINES, offers};
use crate::block::data::out_of_range;
use crate::block::range_checks::within;
use crate::diag::{Code, Diagnostic, did_you_mean};

impl Cache {
    pub(super) fn problems(&self) -> Vec<Diagnostic> {
        let unknown = self.engine.as_ref().filter(|set| !ENGINES.iter().any(|(name, _)| *name == set.value));
        let unknown = unknown.map(|set| {
            Diagnostic::new(Code::DataSetting, format!("a `Cache` has no engine `{}`", set.value))
                .at(&set.origin, "")
                .help_if(did_you_mean(&set.value, ENGINES.map(|(name, _)| name)))
                .help("use `valkey` or `redis`")
        });
        // One primary and up to five replicas (`NumCacheClusters` of `CreateReplicationGroup`, `ElastiCache` API).
        let nodes = out_of_range(self.nodes.as_ref(), 1..=6, ("the number of nodes", ""));
        let backups = out_of_range(self.backups.as_ref(), 0..=35, ("the retention of backups", "days"));
        let limit = self.serverless.as_ref();
        let limit = limit.and_then(|set| within(set, 1..=5_000, Code::DataSetting, "the size of a cache", "GB"));
        let unused = [
            ("nodes", self.nodes.as_ref().map(|set| &set.origin)),
            ("node_type", self.node_type.as_ref().map(|set| &set.origin)),
            ("auth_token", self.auth_token.as_ref().map(|set| &set.origin)),
        ];
        let unused = unused.into_iter().filter_map(|(name, origin)| {
            let serverless = self.serverless.as_ref()?;
            Some(
                Diagnostic::new(Code::DataSetting, format!("`.{name}` has no effect on a serverless cache"))
                    .at(origin?, "")
                    .at(&serverless.origin, "serverless here")
                    .help("leave one of the two out"),
            )
        });
        let offered = offers::problems(self);
        unknown.into_iter().chain(offered).chain(nodes).chain(backups).chain(limit).chain(unused).collect()
    }
}
