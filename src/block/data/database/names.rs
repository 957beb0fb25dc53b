//! The names of the first database and of the first user, as RDS takes them.
//!
//! Sources: `DBName` and `MasterUsername` of `CreateDBInstance`, `DatabaseName` and `MasterUsername` of `CreateDBCluster` (RDS API):
//! letters, digits and underscores, a letter first, up to 63 or 64 characters (16 for a user of `MySQL`), no word that the engine
//! reserves. The words are those of "SQL Key Words" (`PostgreSQL` manual, appendix C) and "Keywords and Reserved Words" (`MySQL`
//! manual). cfn-lint issue 4425 tried users; awslabs/aws-saas-boost#180 and DataShades/ckan-aws-templates#6 quote refusals of `admin`
//! and of `pg_`.

use super::Database;
use crate::diag::{Code, Diagnostic, WithOrigin};

const OF_POSTGRES: &str = "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate \
    collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time \
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full \
    grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime \
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right \
    select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using \
    variadic verbose when where window with";

const OF_MYSQL: &str = "accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call \
    cascade case change char character check collate column condition constraint continue convert create cross cube cume_dist \
    current_date current_time current_timestamp current_user cursor database databases day_hour day_microsecond day_minute \
    day_second dec decimal declare default delayed delete dense_rank desc describe deterministic distinct distinctrow div double \
    drop dual each else elseif empty enclosed escaped except exists exit explain false fetch first_value float float4 float8 for \
    force foreign from fulltext function generated get grant group grouping groups having high_priority hour_microsecond \
    hour_minute hour_second if ignore in index infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer \
    intersect interval into io_after_gtids io_before_gtids is iterate join json_table key keys kill lag last_value lateral lead \
    leading leave left like limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority match \
    maxvalue mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural \
    no_write_to_binlog not nth_value ntile null numeric of on optimize optimizer_costs option optionally or order out outer \
    outfile over partition percent_rank precision primary procedure purge range rank read read_write reads real recursive \
    references regexp release rename repeat replace require resignal restrict return revoke right rlike row row_number rows \
    schema schemas second_microsecond select sensitive separator set show signal smallint spatial specific sql \
    sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting stored straight_join \
    system table terminated then tinyblob tinyint tinytext to trailing trigger true undo union unique unlock unsigned update \
    usage use using utc_date utc_time utc_timestamp values varbinary varchar varcharacter varying virtual when where while \
    window with write xor year_month zerofill";

/// Databases that exist before the script's one, and names that RDS keeps for itself.
const DATABASES_OF_POSTGRES: [&str; 5] = ["admin", "db", "rdsadmin", "template0", "template1"];
const DATABASES_OF_MYSQL: [&str; 5] = ["information_schema", "mysql", "performance_schema", "rdsadmin", "sys"];

/// A setting that names something.
struct Naming {
    /// The setter: `database`.
    setter: &'static str,
    /// The name of it in messages.
    noun: &'static str,
    longest: usize,
    /// Names that are taken, besides the words of the engine.
    taken: &'static [&'static str],
}

/// Returns the problems of the names. A database from a snapshot has names that RDS took already.
pub(super) fn problems(database: &Database) -> Vec<Diagnostic> {
    if database.snapshot.is_some() {
        return Vec::new();
    }
    let is_postgres = database.engine().is_postgres();
    let (names, users): (&[&str], &[&str]) = if is_postgres {
        (&DATABASES_OF_POSTGRES, &["admin", "rdsadmin"])
    } else {
        (&DATABASES_OF_MYSQL, &["rdsadmin"])
    };
    let (longest_name, longest_user) = if is_postgres { (63, 63) } else { (64, 16) };
    let name = Naming { setter: "database", noun: "database", longest: longest_name, taken: names };
    let user = Naming { setter: "user", noun: "user", longest: longest_user, taken: users };
    let problems = [
        database.database.as_ref().and_then(|set| name.problem(set, is_postgres)),
        database.user.as_ref().and_then(|set| user.problem(set, is_postgres)),
    ];
    problems.into_iter().flatten().collect()
}

impl Naming {
    fn problem(&self, set: &WithOrigin<String>, is_postgres: bool) -> Option<Diagnostic> {
        let message = self.message(&set.value, is_postgres)?;
        let Self { setter, .. } = self;
        let other = self.other(&set.value, is_postgres);
        let problem = Diagnostic::new(Code::DataSetting, message).at(&set.origin, "");
        Some(problem.help(format!("use another name: `.{setter}(\"{other}\")`")))
    }

    /// Returns why RDS refuses a name.
    fn message(&self, name: &str, is_postgres: bool) -> Option<String> {
        let Self { noun, longest, .. } = self;
        let count = name.chars().count();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if count > *longest {
            return Some(format!("the {noun} `{name}` has {count} characters, and {longest} are possible"));
        }
        if let Some(letter) = name.chars().find(|letter| !is_part(*letter)) {
            return Some(format!(
                "the name of a {noun} has letters, digits and underscores, and `{name}` has `{letter}`"
            ));
        }
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Some(format!("the name of a {noun} begins with a letter, and `{name}` does not"));
        }
        self.is_reserved(name, is_postgres).then(|| format!("the engine reserves the name `{name}`"))
    }

    fn is_reserved(&self, name: &str, is_postgres: bool) -> bool {
        let name = name.to_ascii_lowercase();
        let words = if is_postgres { OF_POSTGRES } else { OF_MYSQL };
        let is_role = is_postgres && self.setter == "user" && name.starts_with("pg_");
        is_role || self.taken.contains(&name.as_str()) || words.split_whitespace().any(|word| word == name)
    }

    /// Returns a name near the wanted one that RDS takes.
    fn other(&self, name: &str, is_postgres: bool) -> String {
        let part = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
        let name: String = name.chars().map(part).collect();
        let name: String = name.trim_matches('_').chars().take(self.longest).collect();
        let name =
            if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name } else { format!("app_{name}") };
        let name = name.trim_end_matches('_').to_owned();
        let name = if self.is_reserved(&name, is_postgres) { format!("app_{name}") } else { name };
        if self.message(&name, is_postgres).is_none() { name } else { super::DEFAULT_NAME.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: Naming = Naming { setter: "database", noun: "database", longest: 64, taken: &DATABASES_OF_MYSQL };

    #[test]
    fn words_of_the_engine_are_refused_in_any_case() {
        assert!(DATABASE.is_reserved("SELECT", true) && DATABASE.is_reserved("Groups", false));
        assert!(!DATABASE.is_reserved("groups", true) && !DATABASE.is_reserved("shop", false));
    }

    #[test]
    fn suggested_name_is_taken_by_rds() {
        for (name, other) in
            [("my-shop", "my_shop"), ("2nd", "app_2nd"), ("select", "app_select"), ("-", "app"), ("läden", "l_den")]
        {
            assert_eq!(DATABASE.other(name, false), other);
            assert_eq!(DATABASE.message(other, false), None, "{other}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(DATABASE.message(&"a".repeat(65), true).is_some_and(|message| message.contains("65 characters")));
        assert_eq!(DATABASE.message(&"a".repeat(64), true), None);
    }
}
