//! `rtiler --version --verbose`: how the program was built, and where the notices of third parties are.

use crate::cfn::schema::Schema;

/// Returns whether a command line wants the details of the version.
pub(crate) fn wants_details(words: &[String]) -> bool {
    words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--verbose" || word == "-v")
}

/// Returns the version with the details of its build, one on each line.
pub(crate) fn details() -> String {
    let aws = if cfg!(feature = "aws") { "aws" } else { "none; this program only rehearses" };
    // The build of a release sets it; a crate from a registry has no commit.
    let commit = option_env!("RTILER_COMMIT").unwrap_or("not known");
    let platform = format!("{} {}", std::env::consts::ARCH, std::env::consts::OS);
    let lines = [
        ("commit", commit),
        ("features", aws),
        ("platform", &platform),
        ("schema", Schema::embedded().date()),
        ("licence", env!("CARGO_PKG_LICENSE")),
        ("third parties", "`rtiler licenses` prints their notices"),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<14} {value}\n"));
    format!("rtiler {}\n{}", env!("CARGO_PKG_VERSION"), lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_name_the_licence_and_the_notices() {
        let details = details();
        assert!(details.contains("licence        MIT\n"), "{details}");
        assert!(details.contains("`rtiler licenses`"), "{details}");
    }

    #[test]
    fn verbose_counts_before_and_after_the_version_but_not_as_an_operand() {
        let wants = |line: &str| wants_details(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(wants("rtiler --version --verbose") && wants("rtiler -v --version"));
        assert!(!wants("rtiler --version") && !wants("rtiler --version -- -v"));
    }
}
