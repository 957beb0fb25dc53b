//! The results of tests as text and as JSON.

use std::time::Duration;

use super::runner::TestResult;
use super::selection::Selection;
use crate::cli::json::{ListedTest, Problem, TestOutcome, TestResults};
use crate::cli::report::{Output, bad, counted, faint, good};
use crate::cli::terminal::Terminal;
use crate::diag::Diagnostic;
use crate::printable::{indented, one_line};

/// A test that takes longer shows its time.
const SLOW: Duration = Duration::from_millis(500);

/// Prints the names of the tests.
pub(super) fn list(selection: &Selection, json: bool, terminal: &Terminal) {
    let tests = &selection.tests;
    let listed = tests.iter().map(|test| ListedTest {
        file: test.file.name.clone(),
        name: test.function.name.clone(),
        line: test.function.origin.line,
    });
    let results = TestResults { tests: listed.map(TestOutcome::listed).collect(), ..TestResults::default() };
    let lines = || tests.iter().map(|test| format!("{}\n", one_line(&test.name()))).collect();
    Output::new(terminal, json).result(&results, lines);
}

/// Prints the results: a line for each test, then the failures, and how many there are.
pub(super) fn print(
    results: &[TestResult],
    (written, unused): (&[String], &[String]),
    time: Duration,
    json: bool,
    terminal: &Terminal,
) {
    let failed = results.iter().filter(|result| !result.passed()).count();
    let passed = results.len() - failed;
    let output = Output::new(terminal, json);
    let frontend = terminal.frontend();
    let outcome = |result: &TestResult| TestOutcome {
        test: ListedTest { file: result.file.clone(), name: result.name.clone(), line: result.line },
        passed: Some(result.passed()),
        duration_seconds: Some(result.duration.as_secs_f64()),
        problems: result.problems.iter().map(|problem| Problem::new(problem, &result.sources, frontend)).collect(),
    };
    let all = || TestResults {
        tests: results.iter().map(outcome).collect(),
        passed,
        failed,
        snapshots_written: written.to_vec(),
        snapshots_unused: unused.to_vec(),
    };
    output.result_of(all, || results.iter().map(line).collect());
    print_failures(results, terminal);
    written.iter().for_each(|file| terminal.status(&format!("wrote {}", one_line(file))));
    unused.iter().for_each(|file| terminal.status(&format!("no test compares {}: delete it", one_line(file))));
    let counts = if failed == 0 {
        good(&format!("{} passed", counted(passed, "test")))
    } else {
        format!("{passed} passed, {}", bad(&format!("{failed} failed")))
    };
    terminal.status(&format!("{counts} {}", faint(&format!("in {:.2} s", time.as_secs_f64()))));
}

fn line(result: &TestResult) -> String {
    let outcome = if result.passed() { good("ok    ") } else { bad("failed") };
    let time = if result.duration < SLOW {
        String::new()
    } else {
        format!("  {}", faint(&format!("{:.1} s", result.duration.as_secs_f64())))
    };
    format!("{outcome}  {}{time}\n", name(result))
}

fn name(result: &TestResult) -> String {
    one_line(&format!("{}::{}", result.file, result.name)).into_owned()
}

/// Prints the tests that failed, with their errors.
pub(super) fn print_failures(results: &[TestResult], terminal: &Terminal) {
    let mut known: Vec<&Diagnostic> = Vec::new();
    for result in results.iter().filter(|result| !result.passed()) {
        print_failure(result, &mut known, terminal);
    }
}

/// Prints the errors of a test. An error of the whole file is the same in each of its tests, and printed once.
fn print_failure<'r>(result: &'r TestResult, known: &mut Vec<&'r Diagnostic>, terminal: &Terminal) {
    let new: Vec<Diagnostic> = result.problems.iter().filter(|problem| !known.contains(problem)).cloned().collect();
    if new.is_empty() {
        let note = faint("with the errors above");
        terminal.message(&format!("{} {} {note}", bad("failed:"), name(result)));
        return;
    }
    known.extend(&result.problems);
    terminal.message(&format!("{} {}", bad("failed:"), name(result)));
    for (origin, text) in &result.printed {
        let place = if origin.is_known() { format!("{}: ", one_line(&origin.to_string())) } else { String::new() };
        terminal.message(&format!("  printed: {place}{}", indented(text)));
    }
    terminal.problems(&new, &result.sources);
}
