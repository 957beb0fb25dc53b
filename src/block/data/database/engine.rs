//! The engines of databases that scripts can choose.

use super::Database;
use crate::diag::{Code, Diagnostic, did_you_mean};

/// An engine of RDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Engine {
    /// Its name in RDS and in scripts.
    pub(crate) name: &'static str,
    /// The version unless set. It stays the same in later releases of rtiler, so that no release upgrades a database.
    pub(super) version: &'static str,
    /// The port unless set ("Port" of `CreateDBInstance`, RDS API).
    pub(super) port: i64,
    /// Whether it is an engine of Aurora, whose databases are clusters.
    pub(super) is_aurora: bool,
}

const ENGINES: [Engine; 4] = [
    Engine { name: "postgres", version: "17", port: 5432, is_aurora: false },
    Engine { name: "mysql", version: "8.4", port: 3306, is_aurora: false },
    Engine { name: "aurora-postgresql", version: "17", port: 5432, is_aurora: true },
    Engine { name: "aurora-mysql", version: "8.4", port: 3306, is_aurora: true },
];

impl Engine {
    /// Returns whether it speaks the protocol of `PostgreSQL`.
    pub(super) fn is_postgres(self) -> bool {
        self.name.contains("postgres")
    }

    /// Returns the family of its parameter groups: `postgres17`, `aurora-mysql8.4` ("`DBParameterGroupFamily`", RDS API).
    pub(super) fn family(self, version: &str) -> String {
        let parts = if self.is_postgres() { 1 } else { 2 };
        let major: Vec<&str> = version.split('.').take(parts).collect();
        format!("{}{}", self.name, major.join("."))
    }
}

impl Database {
    /// Returns the engine; `PostgreSQL` for one that does not exist, which is reported.
    pub(super) fn engine(&self) -> Engine {
        let named = self.engine.as_ref().and_then(|set| ENGINES.into_iter().find(|engine| engine.name == set.value));
        named.unwrap_or(ENGINES[0])
    }

    /// Returns the version.
    pub(super) fn version(&self) -> &str {
        self.version.as_ref().map_or(self.engine().version, |version| &version.value)
    }

    /// Reports an engine that scripts cannot choose.
    pub(super) fn unknown_engine(&self) -> Option<Diagnostic> {
        let set = self.engine.as_ref()?;
        if ENGINES.iter().any(|engine| engine.name == set.value) {
            return None;
        }
        let names = ENGINES.map(|engine| engine.name);
        let problem = Diagnostic::new(Code::DatabaseEngine, format!("a `Database` has no engine `{}`", set.value));
        Some(
            problem
                .at(&set.origin, "")
                .help_if(did_you_mean(&set.value, names))
                .help("use `postgres`, `mysql`, `aurora-postgresql` or `aurora-mysql`"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_is_the_engine_with_its_major_version() {
        assert_eq!(ENGINES[0].family("17.6"), "postgres17");
        assert_eq!(ENGINES[1].family("8.4.7"), "mysql8.4");
        assert_eq!(ENGINES[3].family("8.0.mysql_aurora.3.10.0"), "aurora-mysql8.0");
    }

    #[test]
    fn default_versions_are_offered_by_rds() {
        let offered = include_str!("../../../../stdlib/database-engines.txt");
        for engine in ENGINES {
            let line = offered.lines().find(|line| line.split(' ').next() == Some(engine.name)).expect("an engine");
            let prefix = format!("{}.", engine.version);
            assert!(line.split(' ').any(|version| version.starts_with(&prefix)), "{engine:?}");
        }
    }
}
