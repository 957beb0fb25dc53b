//! The problems of the settings of a database.

use super::{Database, classes, names, parameters};
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
    problems.extend(names::problems(database));
    problems.extend(classes::problem(database));
    problems.extend(parameters::problems(database));
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
    // CloudFormation allows it for each cluster (`modifyDbClusterRequest`, aws-cloudformation-resource-providers-rds).
    let upgrade = database.allow_major_version_upgrade.as_ref().map(|set| &set.origin);
    let upgrade = upgrade.filter(|_| engine.is_aurora).map(|origin| {
        let message = format!("`.allow_major_version_upgrade` has no effect on `{}`", engine.name);
        Diagnostic::new(Code::DataSetting, message)
            .at(origin, "CloudFormation allows it for each cluster of Aurora")
            .help("leave it out")
    });
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
    settings.into_iter().filter_map(problem).chain(upgrade).collect()
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
    // The storage of a snapshot is not known.
    if database.snapshot.is_some() && database.storage.is_none() {
        return None;
    }
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
