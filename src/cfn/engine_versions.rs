//! Versions of database engines.

/// Returns the numbers of the major version of an engine of RDS, if all are given: two of `MySQL` and `MariaDB` ("`MySQL` on Amazon RDS
/// versions", RDS user guide) and of `PostgreSQL` before 10, otherwise one.
pub(crate) fn major(engine: &str, version: &str) -> Option<Vec<u32>> {
    let parts = version.split(|letter: char| !letter.is_ascii_digit());
    let numbers: Vec<u32> = parts.filter_map(|part| part.parse().ok()).collect();
    let old_postgres = engine.contains("postgres") && numbers.first().is_some_and(|first| *first < 10);
    let length = if old_postgres || engine.contains("mysql") || engine == "mariadb" { 2 } else { 1 };
    (numbers.len() >= length).then(|| numbers[..length].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_has_one_number_of_postgres_and_two_of_mysql() {
        for (engine, version, expected) in [
            ("postgres", "17.6", Some(vec![17])),
            ("postgres", "9.6.22", Some(vec![9, 6])),
            ("mysql", "8.4.7", Some(vec![8, 4])),
            ("aurora-mysql", "8.0.mysql_aurora.3.10.0", Some(vec![8, 0])),
            ("mysql", "8", None),
        ] {
            assert_eq!(major(engine, version), expected, "{engine} {version}");
        }
    }
}
