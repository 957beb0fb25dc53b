//! The problems of the settings of a database.

use super::Database;
use crate::block::data::out_of_range;
use crate::block::repeated::repeated;
use crate::diag::{Code, Diagnostic, Origin};

/// The largest storage of General Purpose SSD ("Amazon RDS DB instance storage", RDS user guide).
const MOST_STORAGE: i64 = 65_536;
/// The most Aurora capacity units ("Aurora Serverless v2 capacity", Aurora user guide).
const MOST_CAPACITY: f64 = 256.0;

pub(super) fn all(database: &Database) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = database.unknown_engine().into_iter().collect();
    problems.extend(ranges(database));
    problems.extend(other_kind(database));
    problems.extend(serverless(database));
    problems.extend(max_storage(database));
    problems.extend(insights(database));
    problems.extend(restored(database));
    problems.extend(user(database));
    problems.extend(class_of_aurora(database));
    problems.extend(repeated(&database.parameter, |parameter| &parameter.value.0).into_iter().map(|(again, first)| {
        Diagnostic::new(Code::DuplicateItem, format!("the parameter `{}` is set twice", again.value.0))
            .at(&again.origin, "the second time")
            .at(&first.origin, "the first time")
            .help("remove one of the two")
    }));
    problems
}

fn ranges(database: &Database) -> impl Iterator<Item = Diagnostic> {
    let is_aurora = database.engine().is_aurora;
    // An Aurora cluster always has backups (`BackupRetentionPeriod` of `CreateDBCluster`, RDS API).
    let least_backups = i64::from(is_aurora);
    let found = [
        out_of_range(database.storage.as_ref(), 20..=MOST_STORAGE, ("the storage", "GiB")),
        out_of_range(database.max_storage.as_ref(), 20..=MOST_STORAGE, ("the largest storage", "GiB")),
        out_of_range(database.backups.as_ref(), least_backups..=35, ("the retention of backups", "days")),
        out_of_range(database.instances.as_ref(), 1..=16, ("the number of instances", "")),
    ];
    found.into_iter().flatten()
}

/// Reports settings of Aurora for another engine, and of other engines for Aurora.
fn other_kind(database: &Database) -> Vec<Diagnostic> {
    let engine = database.engine();
    let of_aurora = [
        ("serverless", database.serverless.as_ref().map(|set| &set.origin)),
        ("instances", database.instances.as_ref().map(|set| &set.origin)),
    ];
    let of_others = [
        ("storage", database.storage.as_ref().map(|set| &set.origin)),
        ("max_storage", database.max_storage.as_ref().map(|set| &set.origin)),
    ];
    let (settings, why, help) = if engine.is_aurora {
        (of_others, "the storage of Aurora grows and shrinks with its data", "leave it out".to_owned())
    } else {
        let aurora = if engine.is_postgres() { "aurora-postgresql" } else { "aurora-mysql" };
        let help = format!("leave it out, or set `.engine(\"{aurora}\")`");
        (of_aurora, "it is a setting of Aurora", help)
    };
    let problem = |(name, origin): (&str, Option<&Origin>)| {
        let message = format!("`.{name}` has no effect on `{}`", engine.name);
        Some(Diagnostic::new(Code::DataSetting, message).at(origin?, why).help(help.clone()))
    };
    settings.into_iter().filter_map(problem).collect()
}

fn serverless(database: &Database) -> Option<Diagnostic> {
    let set = database.serverless.as_ref()?;
    let (least, most) = set.value;
    let is_step = |units: f64| (units * 2.0).fract().abs() < f64::EPSILON;
    let is_right = is_step(least) && is_step(most) && least >= 0.0 && most >= 1.0 && least <= most;
    if !is_right || most > MOST_CAPACITY {
        let message = format!("an Aurora database cannot scale from {least} to {most} capacity units");
        return Some(
            Diagnostic::new(Code::DataSetting, message)
                .at(&set.origin, "")
                .help("use 0 to 256 in steps of 0.5, the most at least 1: `.serverless(1..=8)`"),
        );
    }
    let class = database.instance.as_ref()?;
    Some(
        Diagnostic::new(Code::DataSetting, "the database has capacity units and an instance class")
            .at(&class.origin, "a fixed size")
            .at(&set.origin, "a size that scales")
            .help("leave one of the two out"),
    )
}

/// Reports a limit that RDS refuses: it is at least 10 percent above the storage ("Managing capacity automatically with Amazon
/// RDS storage autoscaling", RDS user guide).
fn max_storage(database: &Database) -> Option<Diagnostic> {
    let set = database.max_storage.as_ref()?;
    let storage = database.storage.as_ref().map_or(super::STORAGE_GIB, |storage| storage.value);
    (set.value * 10 < storage * 11).then(|| {
        let message = format!("the largest storage of {} GiB is less than 10% above {storage} GiB", set.value);
        Diagnostic::new(Code::DataSetting, message)
            .at(&set.origin, "")
            .help(format!("use {} or more", (storage * 126 + 99) / 100))
    })
}

/// Reports Performance Insights on small classes of `MySQL` ("Amazon RDS DB engine, Region, and instance class support for
/// Performance Insights", RDS user guide).
fn insights(database: &Database) -> Option<Diagnostic> {
    const SMALL: [&str; 6] =
        ["db.t2.micro", "db.t2.small", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small"];
    let set = database.performance_insights.as_ref()?;
    let class = database.class();
    (!database.engine().is_postgres() && !database.is_cluster() && SMALL.contains(&class)).then(|| {
        Diagnostic::new(Code::DataSetting, format!("MySQL has no Performance Insights on `{class}`"))
            .at(&set.origin, "")
            .help("use a larger class: `.instance(\"db.t4g.medium\")`")
    })
}

/// Reports names that a snapshot decides (`DBSnapshotIdentifier` of `AWS::RDS::DBInstance`, CloudFormation guide).
fn restored(database: &Database) -> Option<Diagnostic> {
    let snapshot = database.snapshot.as_ref()?;
    let name = database.database.as_ref()?;
    Some(
        Diagnostic::new(Code::DataSetting, "the snapshot decides the name of the database")
            .at(&name.origin, "named here")
            .at(&snapshot.origin, "restored from this snapshot")
            .as_warning()
            .help(
                "leave `.database` out, unless it is the name that the snapshot has: then services get the name from it",
            ),
    )
}

/// Reports a user name that RDS refuses (`MasterUsername` of `CreateDBInstance` and `CreateDBCluster`, RDS API: `MySQL` 1 to 16
/// letters or numbers, `PostgreSQL` 1 to 63; cfn-lint issue 4425 tried the reserved names).
fn user(database: &Database) -> Option<Diagnostic> {
    let set = database.user.as_ref()?;
    let (name, is_postgres) = (set.value.as_str(), database.engine().is_postgres());
    let longest = if is_postgres { 63 } else { 16 };
    let reserved: &[&str] = if is_postgres { &["admin", "rdsadmin"] } else { &["rdsadmin"] };
    let problem = |message: String| Diagnostic::new(Code::DataSetting, message).at(&set.origin, "");
    if name.len() > longest {
        let message = format!("the user `{name}` has {} characters, and {longest} are possible", name.len());
        return Some(problem(message).help("use a shorter name: `app`"));
    }
    let is_reserved = reserved.contains(&name.to_lowercase().as_str());
    is_reserved.then(|| problem(format!("the engine reserves the user `{name}`")).help("use another name: `app`"))
}

/// Reports classes that Aurora does not offer ("Supported DB engines for DB instance classes", Aurora user guide: of the burstable
/// classes only `medium` and `large`).
fn class_of_aurora(database: &Database) -> Option<Diagnostic> {
    let set = database.instance.as_ref().filter(|_| database.engine().is_aurora)?;
    let size = set.value.strip_prefix("db.t")?.split_once('.')?.1;
    (!["medium", "large"].contains(&size)).then(|| {
        Diagnostic::new(Code::DataSetting, format!("Aurora does not run on `{}`", set.value))
            .at(&set.origin, "")
            .help("use `db.t4g.medium` or a larger class, or `.serverless(0.5..=8)`")
    })
}
