//! Results in the form of JUnit, which CI systems read.

use std::fmt::Write;
use std::time::Duration;

use super::runner::TestResult;
use crate::diag::{Color, render};

/// The columns of diagnostics.
const WIDTH: usize = 100;

/// Returns the document: a suite for each file.
pub(super) fn document(results: &[TestResult]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (failures, total) = (results.iter().filter(|result| !result.passed()).count(), results.len());
    let _ = writeln!(text, "<testsuites name=\"rtiler\" tests=\"{total}\" failures=\"{failures}\">");
    for suite in results.chunk_by(|a, b| a.file == b.file) {
        let (name, tests) = (escaped(&suite[0].file), suite.len());
        let failures = suite.iter().filter(|result| !result.passed()).count();
        let time = seconds(suite.iter().map(|result| result.duration).sum());
        let _ =
            writeln!(text, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" time=\"{time}\">");
        suite.iter().for_each(|result| case(result, &mut text));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn case(result: &TestResult, out: &mut String) {
    let (file, name, time) = (escaped(&result.file), escaped(&result.name), seconds(result.duration));
    let _ = write!(
        out,
        "    <testcase classname=\"{file}\" name=\"{name}\" file=\"{file}\" line=\"{}\" time=\"{time}\"",
        result.line
    );
    let Some(first) = result.problems.first() else {
        out.push_str("/>\n");
        return;
    };
    let shown = |problem| render(problem, &result.sources, Color::Never, WIDTH);
    let all: Vec<String> = result.problems.iter().map(shown).collect();
    let (message, code) = (escaped(&first.message), first.code.as_str());
    let _ =
        writeln!(out, ">\n      <failure message=\"{message}\" type=\"{code}\">{}</failure>", escaped(&all.join("\n")));
    out.push_str("    </testcase>\n");
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

/// Returns a text inside of XML. Characters that XML cannot have become the replacement character.
fn escaped(text: &str) -> String {
    let is_allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if is_allowed(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Diagnostic, SourceMap};

    fn result(file: &str, name: &str, problem: Option<&str>) -> TestResult {
        TestResult {
            file: file.to_owned(),
            name: name.to_owned(),
            line: 3,
            duration: Duration::from_millis(1500),
            problems: problem.map(|message| Diagnostic::new(Code::Assertion, message)).into_iter().collect(),
            sources: SourceMap::default(),
            printed: Vec::new(),
        }
    }

    #[test]
    fn each_file_is_a_suite_and_a_failure_has_its_message() {
        let text = document(&[
            result("tests/a.rhai", "test_one", None),
            result("tests/a.rhai", "test_two", Some("1 < 2 & \u{1b}\"3\"")),
            result("tests/b.rhai", "test_three", None),
        ]);
        for part in [
            "<testsuites name=\"rtiler\" tests=\"3\" failures=\"1\">",
            "<testsuite name=\"tests/a.rhai\" tests=\"2\" failures=\"1\" time=\"3.000\">",
            "<testcase classname=\"tests/b.rhai\" name=\"test_three\" file=\"tests/b.rhai\" line=\"3\" time=\"1.500\"/>",
            "<failure message=\"1 &lt; 2 &amp; \u{fffd}&quot;3&quot;\" type=\"assertion\">",
        ] {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
    }
}
