//! Short options of programs that take a secret: `mysql -pX`, `redis-cli -a X`, `curl -u user:X`.
//!
//! Sources: the manuals of the programs (`MySQL`: "End-User Guidelines for Password Security"; `redis-cli --help`, curl's manual
//! page, `mongosh --help`, sshpass(1), ldapsearch(1)).

use std::ops::Range;

/// The short option of some programs that takes a secret.
#[derive(Debug)]
pub(crate) struct ShortOption {
    /// The beginnings of the names of the programs.
    programs: &'static [&'static str],
    /// The option.
    pub(crate) option: &'static str,
    form: Form,
    /// Whether the secret is the part of the value after a colon.
    after_colon: bool,
}

/// The position of the value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In the same word: in `mysql -p X`, X is a database.
    Attached,
    /// In the next word.
    Separate,
    /// In the same word or the next one.
    Either,
}

const SHORT_OPTIONS: [ShortOption; 5] = [
    ShortOption { programs: &["mysql", "mariadb"], option: "-p", form: Form::Attached, after_colon: false },
    ShortOption {
        programs: &["redis-cli", "valkey-cli", "keydb-cli"],
        option: "-a",
        form: Form::Separate,
        after_colon: false,
    },
    ShortOption { programs: &["curl"], option: "-u", form: Form::Either, after_colon: true },
    ShortOption { programs: &["mongo", "sshpass"], option: "-p", form: Form::Either, after_colon: false },
    ShortOption { programs: &["ldap"], option: "-w", form: Form::Separate, after_colon: false },
];

impl ShortOption {
    /// Returns the option of a program, given by its name or path.
    pub(crate) fn of(program: &str) -> Option<&'static Self> {
        let name = program.rsplit('/').next().unwrap_or(program);
        SHORT_OPTIONS.iter().find(|it| it.programs.iter().any(|program| name.starts_with(program)))
    }

    /// Returns the start of the secret in a word of the command, which follows another word.
    pub(crate) fn secret_start(&self, before: &str, word: &str) -> Option<usize> {
        let attached = word.starts_with(self.option) && word.len() > self.option.len();
        let value = match self.form {
            Form::Separate | Form::Either if before == self.option => 0,
            Form::Attached | Form::Either if attached => self.option.len(),
            _ => return None,
        };
        let start = if self.after_colon { value + word[value..].find(':')? + 1 } else { value };
        Some(start).filter(|start| *start < word.len())
    }

    /// Returns the patterns of the options in a text; the first group of each remains.
    pub(super) fn patterns() -> impl Iterator<Item = String> {
        SHORT_OPTIONS.iter().map(|it| {
            let between = match it.form {
                Form::Attached => r#"["']?"#,
                Form::Separate => r#"(?-u:[\s"',]+)"#,
                Form::Either => r#"(?-u:[\s"',]*)"#,
            };
            let user = if it.after_colon { r"[^\s:-][^\s:]*:" } else { "" };
            let (programs, option) = (it.programs.join("|"), it.option);
            // An entry point and its command are two lists of a script: `entrypoint(["mysql"]).command(["-pX"])`.
            let next = r#"(?:["',]*\s|["'][\s\])]*\.command\(\[\s*["'])"#;
            format!(
                r#"((?:^|[\s/"'(=;&|])(?:{programs})(?-u:[\w.-]*{next})(?:[^|;&\n]*?[\s"'])??{option}{between}{user})[^\s"'|;&-][^\s"'|;&]*"#
            )
        })
    }
}

/// The options of the programs that some scripts or templates name.
///
/// An entry point and its command may be in two lines, entries of a session or files, so a line alone does not show that a word
/// of it is a secret.
#[derive(Debug, Default)]
pub struct OptionsOfPrograms(Vec<&'static ShortOption>);

impl OptionsOfPrograms {
    /// Returns those of the programs that texts name.
    pub fn named_in<'t>(texts: &(impl Iterator<Item = &'t str> + Clone)) -> Self {
        let names = |text: &str, program: &str| {
            let is_start = |at: usize| !text[..at].ends_with(|before: char| before.is_alphanumeric());
            text.match_indices(program).any(|(at, _)| is_start(at))
        };
        let is_named =
            |it: &&ShortOption| it.programs.iter().any(|program| texts.clone().any(|text| names(text, program)));
        Self(SHORT_OPTIONS.iter().filter(is_named).collect())
    }

    /// Returns the places of values of the options in a line that follows another one.
    pub(super) fn places(&self, before: &str, line: &str) -> Vec<Range<usize>> {
        let is_between = |c: char| c.is_whitespace() || "\"'`,[]".contains(c);
        let mut last = before.split(is_between).rfind(|word| !word.is_empty()).unwrap_or_default();
        let mut found = Vec::new();
        let mut at = 0;
        for part in line.split_inclusive(is_between) {
            let (start, word) = (at, part.trim_end_matches(is_between));
            at += part.len();
            if word.is_empty() {
                continue;
            }
            let secret = self.0.iter().find_map(|option| option.secret_start(last, word));
            if let Some(secret) = secret {
                found.push(start + secret..start + word.len());
            }
            last = word;
        }
        found
    }
}
