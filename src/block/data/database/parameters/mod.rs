//! Parameters of engines: whether an engine has one of this name, and takes the value.
//!
//! RDS refuses a parameter that the engine does not have ("Could not find parameter with name", quoted in
//! Releem/releem-agent#484), and a value that is not among the `AllowedValues` of `DescribeDBParameters` (RDS API). Values have no
//! units: the description of a parameter says its unit. A value may be a formula ("Specifying DB parameters", RDS user guide).
//!
//! *Invariant*: a name that the tables do not have is a warning, because the tables age.

mod mysql;
mod postgres;
mod value;

use super::Database;
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};
use value::{Kind, Unit};

/// A parameter whose values are known.
struct Parameter {
    name: &'static str,
    kind: Kind,
}

const fn switch(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Switch }
}

const fn whole(name: &'static str, least: i64, most: i64, unit: Unit) -> Parameter {
    Parameter { name, kind: Kind::Whole { least, most, unit } }
}

const fn choice(name: &'static str, words: &'static [&'static str]) -> Parameter {
    Parameter { name, kind: Kind::Choice(words) }
}

const fn decimal(name: &'static str, least: f64, most: f64) -> Parameter {
    Parameter { name, kind: Kind::Decimal { least, most } }
}

/// Returns the problems of the parameters that a script sets.
pub(super) fn problems(database: &Database) -> Vec<Diagnostic> {
    let (table, others) = if database.engine().is_postgres() {
        (postgres::PARAMETERS, postgres::OTHERS)
    } else {
        (mysql::PARAMETERS, mysql::OTHERS)
    };
    database.parameter.iter().filter_map(|set| problem(set, table, others, database.engine().name)).collect()
}

fn problem(
    set: &WithOrigin<(String, TemplateString)>,
    table: &[Parameter],
    others: &str,
    engine: &str,
) -> Option<Diagnostic> {
    let (name, value) = &set.value;
    let Some(known) = table.iter().find(|known| known.name == *name) else {
        return unknown(set, table, others, engine);
    };
    let refusal = known.kind.refuses(value.as_str()?)?;
    let problem = Diagnostic::new(Code::EngineParameter, format!("`{name}` {}", refusal.message)).at(&set.origin, "");
    let problem = if refusal.is_certain { problem } else { problem.as_warning() };
    Some(match refusal.instead {
        Some(instead) => problem.help(format!("write `.engine_parameter(\"{name}\", {instead})`")),
        None => problem.help(format!("it takes {}", known.kind.allowed())),
    })
}

/// Warns about a parameter that the engine may not have. Extensions have parameters of their own, with a dot.
fn unknown(
    set: &WithOrigin<(String, TemplateString)>,
    table: &[Parameter],
    others: &str,
    engine: &str,
) -> Option<Diagnostic> {
    let name = set.value.0.as_str();
    let is_of_extension = name.contains('.') && !name.starts_with("rds.");
    if is_of_extension || others.split_whitespace().any(|other| other == name) {
        return None;
    }
    let names = table.iter().map(|known| known.name).chain(others.split_whitespace());
    let problem = Diagnostic::new(Code::EngineParameter, format!("`{engine}` may have no parameter `{name}`"));
    Some(
        problem
            .as_warning()
            .at(&set.origin, "")
            .help_if(did_you_mean(name, names))
            .note("RDS refuses a parameter that the engine does not have; the list in rtiler ages"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Origin;

    fn check(engine: &str, name: &str, value: &str) -> Option<Diagnostic> {
        let (table, others) = if engine == "mysql" {
            (mysql::PARAMETERS, mysql::OTHERS)
        } else {
            (postgres::PARAMETERS, postgres::OTHERS)
        };
        let set = WithOrigin::new((name.to_owned(), TemplateString::from(value)), Origin::unknown());
        problem(&set, table, others, engine)
    }

    #[test]
    fn tables_are_sorted_and_have_each_name_once() {
        for (table, others) in [(postgres::PARAMETERS, postgres::OTHERS), (mysql::PARAMETERS, mysql::OTHERS)] {
            assert!(table.is_sorted_by(|one, next| one.name < next.name), "a table is not sorted");
            let twice = others.split_whitespace().find(|other| table.iter().any(|known| known.name == *other));
            assert_eq!(twice, None);
        }
    }

    #[test]
    fn value_with_a_unit_is_converted_to_that_of_the_parameter() {
        for (name, value, instead) in [
            ("shared_buffers", "1GB", "131072"),
            ("work_mem", "64MB", "65536"),
            ("statement_timeout", "5s", "5000"),
            ("max_wal_size", "2GB", "2048"),
        ] {
            let problem = check("postgres", name, value).expect("a problem");
            assert!(problem.is_error(), "{name}");
            assert!(format!("{:?}", problem.hints).contains(&format!("\\\"{name}\\\", {instead})")), "{problem:?}");
        }
        let problem = check("mysql", "max_allowed_packet", "64M").expect("a problem");
        assert!(format!("{:?}", problem.hints).contains("67108864"));
    }

    #[test]
    fn words_and_numbers_out_of_range_are_errors() {
        for (engine, name, value) in [
            ("postgres", "max_connections", "lots"),
            ("postgres", "max_connections", "2"),
            ("postgres", "log_statement", "everything"),
            ("postgres", "rds.force_ssl", "maybe"),
            ("mysql", "innodb_flush_log_at_trx_commit", "3"),
            ("mysql", "long_query_time", "slow"),
        ] {
            assert!(check(engine, name, value).is_some_and(|problem| problem.is_error()), "{name} = {value}");
        }
    }

    #[test]
    fn values_that_rds_takes_are_no_problem() {
        for (engine, name, value) in [
            ("postgres", "max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)"),
            ("postgres", "log_min_duration_statement", "-1"),
            ("postgres", "random_page_cost", "1.1"),
            ("postgres", "shared_preload_libraries", "pg_stat_statements,pg_cron"),
            ("postgres", "pg_stat_statements.max", "10000"),
            ("mysql", "innodb_buffer_pool_size", "{DBInstanceClassMemory*3/4}"),
            ("mysql", "binlog_format", "ROW"),
            ("mysql", "long_query_time", "0.5"),
        ] {
            assert!(check(engine, name, value).is_none(), "{name} = {value}");
        }
    }

    #[test]
    fn misspelt_name_is_a_warning_with_the_near_one() {
        let problem = check("postgres", "log_min_duration_statment", "500").expect("a problem");
        assert!(!problem.is_error());
        assert!(format!("{:?}", problem.hints).contains("log_min_duration_statement"));
        let switched_on = check("postgres", "rds.force_ssl", "on").expect("a problem");
        assert!(!switched_on.is_error());
    }
}
