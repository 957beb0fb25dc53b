//! Instance classes: whether RDS offers one for an engine and its version.
//!
//! Sources: the classes that can be ordered with an engine in some region (`DescribeOrderableDBInstanceOptions`, as cfn-lint
//! collects them); "Supported DB engines for DB instance classes" (RDS and Aurora user guides). The lists age: a class that they
//! do not have is a warning, and only what the guides exclude is an error.

use super::Database;
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// One line for each engine: its name, and the sizes of each family.
const CLASSES: &str = include_str!("../../../../stdlib/database-classes.txt");

/// Families whose last version of `PostgreSQL` is 12 ("Lower than `PostgreSQL` 13", RDS user guide). The generations before them (`m1`,
/// `m2`, `t1`) are older.
const OLD_FAMILIES: [&str; 8] = ["m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2"];

/// A class of this generation, for a remedy.
const CURRENT: &str = "db.t4g.medium";

pub(super) fn problem(database: &Database) -> Option<Diagnostic> {
    let set = database.instance.as_ref()?;
    let class = set.value.as_str();
    let engine = database.engine();
    let Some((family, size)) = class.strip_prefix("db.").and_then(|rest| rest.split_once('.')) else {
        return Some(malformed(set, engine.name));
    };
    if engine.is_aurora {
        return of_aurora(set, family, size).or_else(|| of_another_engine(set, engine.name));
    }
    too_old(database, set, family).or_else(|| of_another_engine(set, engine.name))
}

/// Returns every class that is offered for an engine.
fn offered(engine: &str) -> impl Iterator<Item = String> {
    let line = CLASSES.lines().find(|line| line.split(' ').next() == Some(engine)).unwrap_or_default();
    line.split(' ')
        .filter_map(|family| family.split_once(':'))
        .flat_map(|(family, sizes)| sizes.split(',').map(move |size| format!("db.{family}.{size}")).collect::<Vec<_>>())
}

fn wrong(set: &WithOrigin<String>, message: String) -> Diagnostic {
    Diagnostic::new(Code::DataSetting, message).at(&set.origin, "")
}

/// Reports a class without the form of one (`DBInstanceClass` of `CreateDBInstance`, RDS API).
fn malformed(set: &WithOrigin<String>, engine: &str) -> Diagnostic {
    let class = set.value.as_str();
    let bare = class.strip_prefix("db.").or_else(|| class.strip_prefix("cache.")).unwrap_or(class);
    let with_prefix = format!("db.{bare}");
    let known: Vec<String> = offered(engine).collect();
    let problem = wrong(set, format!("`{class}` is not an instance class"));
    let hint = if known.contains(&with_prefix) {
        Some(format!("write `.instance(\"{with_prefix}\")`"))
    } else {
        did_you_mean(&with_prefix, known.iter().map(String::as_str))
    };
    let is_named = hint.is_some();
    let problem = problem.help_if(hint);
    if is_named {
        problem
    } else {
        problem.help(format!("a class has a family and a size: `.instance(\"{CURRENT}\")`"))
    }
}

/// Reports classes that Aurora does not offer: general purpose ones, and of the burstable ones all but `medium` and `large`
/// ("DB instance class types" and "Supported DB engines for DB instance classes", Aurora user guide).
fn of_aurora(set: &WithOrigin<String>, family: &str, size: &str) -> Option<Diagnostic> {
    let is_burstable = family.starts_with('t');
    let is_refused = family.starts_with('m') || is_burstable && !["medium", "large"].contains(&size);
    is_refused.then(|| {
        wrong(set, format!("Aurora does not run on `{}`", set.value)).help(
            "use `.instance(\"db.t4g.medium\")`, `.instance(\"db.r7g.large\")` or a larger class, or `.serverless(0.5, 8)` \
             in place of `.instance`",
        )
    })
}

/// Reports a class of an old generation with a version that it does not run.
fn too_old(database: &Database, set: &WithOrigin<String>, family: &str) -> Option<Diagnostic> {
    let engine = database.engine();
    let version = database.version();
    let major: u32 = version.split('.').next()?.parse().ok()?;
    if !engine.is_postgres() || major < 13 || !OLD_FAMILIES.contains(&family) {
        return None;
    }
    let message = format!("PostgreSQL {version} does not run on `{}`, whose last version is 12", set.value);
    let problem = wrong(set, message).help(format!("use a class of this generation: `.instance(\"{CURRENT}\")`"));
    Some(match &database.version {
        Some(version) => problem.at(&version.origin, "this version"),
        None => problem.note(format!("the version is {version} unless set")),
    })
}

/// Warns about a class that was offered for other engines alone when the list was made. The schema has the classes of all engines.
fn of_another_engine(set: &WithOrigin<String>, engine: &str) -> Option<Diagnostic> {
    let is_known = |engine: &str| offered(engine).any(|class| class == set.value);
    if is_known(engine) || !is_known("any") {
        return None;
    }
    let known: Vec<String> = offered(engine).collect();
    let problem = wrong(set, format!("RDS does not list `{}` for `{engine}`", set.value)).as_warning();
    let problem = problem.help_if(did_you_mean(&set.value, known.iter().map(String::as_str)));
    Some(problem.note("RDS may offer it since the list in rtiler was made"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Name;

    fn problem_of(engine: &str, version: &str, class: &str) -> Option<Diagnostic> {
        let text = |value: &str| Some(WithOrigin::default_value(value.to_owned()));
        let name = Name::parse("Shop").expect("a name");
        let mut database = Database::new(WithOrigin::default_value(name));
        database.engine = text(engine);
        database.version = text(version);
        database.instance = text(class);
        problem(&database)
    }

    fn is_error(engine: &str, version: &str, class: &str) -> Option<bool> {
        problem_of(engine, version, class).map(|problem| problem.is_error())
    }

    #[test]
    fn default_classes_are_offered_for_their_engines() {
        for (engine, class) in
            [("postgres", "db.t4g.micro"), ("mysql", "db.t4g.micro"), ("aurora-mysql", "db.t4g.medium")]
        {
            assert!(offered(engine).any(|offered| offered == class), "{engine}");
        }
    }

    #[test]
    fn old_class_is_refused_for_a_version_that_it_does_not_run() {
        assert_eq!(is_error("postgres", "17", "db.m3.large"), Some(true));
        assert_eq!(is_error("postgres", "12.22", "db.m3.large"), None);
        assert_eq!(is_error("mysql", "8.4", "db.r4.large"), None);
    }

    #[test]
    fn class_of_another_engine_is_a_warning_and_one_without_its_form_an_error() {
        assert_eq!(is_error("postgres", "17", "db.z1d.large"), Some(false));
        // The schema reports a class that no engine has.
        assert_eq!(is_error("postgres", "17", "db.m99g.large"), None);
        assert_eq!(is_error("postgres", "17", "t4g.micro"), Some(true));
        assert_eq!(is_error("aurora-mysql", "8.4", "db.m7g.large"), Some(true));
        assert_eq!(is_error("aurora-mysql", "8.4", "db.r7g.large"), None);
    }
}
