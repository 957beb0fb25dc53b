//! Plain words: the list of words and phrases that are not used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::assert_none;
use super::files::below;

/// Whole words and phrases, with a plain one instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("mend|mends|mended|mending", "fix"),
    ("anew", "again"),
    ("wish|wishes|wished", "request"),
    ("grief", "failure"),
    ("weather", "API faults"),
    ("aside", "in the background"),
    ("story|stories", "name what it is"),
    ("truth|truths", "name what it is"),
    ("tell|tells|told|telling|teller", "report, print, show"),
    ("foretell|foretells|foretold", "predict"),
    ("doomed", "failing"),
    ("stray|strays|strayed", "drifted"),
    ("heed|heeds|heeded", "observe"),
    ("hear|hears|heard", "receive"),
    ("begun", "started"),
    ("beside", "next to, with, besides"),
    ("whatever|whoever", "any, each"),
    ("nobody|somebody|anybody", "name who"),
    ("for ever", "indefinitely"),
    ("without a word", "silently"),
    ("at hand", "available"),
    ("come to nothing|comes to nothing|came to nothing", "fail"),
    (r"(?:there )?is no \w+", "is not a"),
    ("stand|stands|stood", "is"),
    ("go on|goes on|went on", "continue"),
    ("give up|gives up|gave up|given up", "cancel, stop"),
    ("way back", "rollback"),
    ("way out", "name it"),
    ("put back|puts back|take back|takes back|took back|taken back", "restore, revert, roll back"),
    ("let go|lets go", "release"),
    ("its own affair", "name it"),
    ("former", "previous"),
    ("withheld", "refused, blocked"),
    ("yours to", "you can"),
    ("ask for|asks for|asked for", "set, need, request"),
    ("thing|things", "name it"),
    ("known later", "not known until deployment"),
];

/// Beginnings of phrases that look like one of these and are plain.
const PLAIN: &[&str] = &["there is no", "is no longer", "is no more"];

/// The files and words that are right as they are, with the reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("tests/it/law/words.rs", "", "the list itself"),
    ("src/rehearsal/ecs/service.rs", "begun", "an event message of ECS"),
    ("src/rehearsal/ecs/tests/failures.rs", "begun", "an event message of ECS"),
    ("tests/it/law/tests.rs", "", "the examples of the rule"),
    ("tests/it/law/doc_comments.rs", "", "the list of the other rule"),
];

#[test]
fn words_that_are_not_plain_are_refused() {
    let mut problems = BTreeMap::new();
    for path in texts() {
        let file = path.display().to_string();
        let found = forbidden_words(&std::fs::read_to_string(&path).unwrap());
        let is_allowed = |word: &str| ALLOWED.iter().any(|(its, of, _)| *its == file && (of.is_empty() || *of == word));
        let found = found.into_iter().filter(|(_, word, _)| !is_allowed(word));
        let found: Vec<String> =
            found.map(|(line, word, instead)| format!("line {line}: \"{word}\" (write: {instead})")).collect();
        if !found.is_empty() {
            problems.insert(file, found);
        }
    }
    assert_none("words that are not plain", &problems);
}

/// Returns the files that people read.
fn texts() -> Vec<PathBuf> {
    let folders = [
        ("src", "rs"),
        ("src/explain/pages", "md"),
        ("docs", "md"),
        ("stdlib", "rhai"),
        ("scripts", "rhai"),
        ("tests", "rs"),
    ];
    let files = folders.iter().flat_map(|(folder, extension)| below(Path::new(folder), extension));
    files.chain([PathBuf::from("README.md")]).collect()
}

/// Returns the forbidden words of a text in order: the line, the word and a plain one. Names are split at `_` and at
/// capitals, and a phrase may go over the end of a line.
pub(super) fn forbidden_words(text: &str) -> Vec<(usize, String, &'static str)> {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let whole = |words: &str| Regex::new(&format!(r"\b(?:{words})\b")).unwrap();
        FORBIDDEN.iter().map(|(words, instead)| (whole(words), *instead)).collect()
    });
    let (plain, lines) = plain(text);
    let mut found = Vec::new();
    for (pattern, instead) in PATTERNS.iter() {
        let words =
            pattern.find_iter(&plain).filter(|word| !PLAIN.iter().any(|plain| word.as_str().starts_with(plain)));
        found.extend(words.map(|word| {
            let line = lines.partition_point(|start| *start <= word.start());
            (line, word.as_str().to_owned(), *instead)
        }));
    }
    found.sort();
    found
}

/// Returns the text in lower case, with the words of names apart and without the marks of comments, and the place in it
/// where each line begins.
fn plain(text: &str) -> (String, Vec<usize>) {
    static CAPITAL: LazyLock<Regex> = LazyLock::new(|| Regex::new("([a-z0-9])([A-Z])").unwrap());
    let (mut plain, mut starts) = (String::new(), Vec::new());
    for line in text.lines() {
        starts.push(plain.len());
        let words = line.trim().trim_start_matches(['/', '!']).replace('_', " ");
        plain += CAPITAL.replace_all(words.trim(), "$1 $2").to_lowercase().as_str();
        plain.push(' ');
    }
    (plain, starts)
}
