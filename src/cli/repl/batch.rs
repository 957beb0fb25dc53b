//! Input from `-e`, pipes and files: no prompt, no questions, and an exit code.

use std::io::{BufRead as _, Read as _};

use super::account::AccountJson;
use super::ctrl_c::SigintFlag;
use super::driver::{EntryResult, ReplDriver};
use super::style;
use crate::cli::args::Repl as Args;
use crate::cli::exit::ExitStatus;
use crate::cli::json::{self, EntryLine, PrintedLine};
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Origin};
use crate::printable::indented;
use crate::repl::Repl;
use crate::script::Limits;
use crate::script::session::{Diagnostics, DisplayValue, EntryReader};

/// Evaluates the expressions of the command line, or standard input if there are none.
pub(super) fn run(repl: Repl, args: &Args, sigint: &SigintFlag, terminal: &Terminal) -> ExitStatus {
    let driver = ReplDriver::new(repl, args, sigint, terminal, false);
    let mut batch = BatchInput { driver, args, terminal, exit: ExitStatus::Ok };
    if let Some(script) = &args.script
        && !batch.entry(&format!(":load {script}"))
    {
        return batch.exit;
    }
    if args.expressions.is_empty() {
        batch.input();
    } else {
        // `all` stops at the first entry that ends the input.
        let _ = args.expressions.iter().flat_map(|text| EntryReader::entries(text)).all(|entry| batch.entry(&entry));
    }
    batch.exit
}

struct BatchInput<'a> {
    driver: ReplDriver,
    args: &'a Args,
    terminal: &'a Terminal,
    /// The exit status of the process, from the first error, else from the first `:diff` with differences.
    exit: ExitStatus,
}

impl BatchInput<'_> {
    /// Evaluates standard input, entry by entry.
    fn input(&mut self) {
        let mut reading = EntryReader::default();
        let limit = Limits::default().source;
        loop {
            let mut line = String::new();
            // One byte more shows that the limit is exceeded.
            let room = limit.saturating_sub(reading.pending()) as u64 + 1;
            match std::io::stdin().lock().take(room).read_line(&mut line) {
                Ok(0) => break,
                Ok(_) if line.len() + reading.pending() > limit => {
                    let message = format!("an entry of standard input is larger than {} MiB", limit >> 20);
                    self.terminal.failure(Code::LimitSource, &message);
                    self.exit = ExitStatus::Script;
                    return;
                }
                Ok(_) => {}
                Err(error) => {
                    self.terminal.failure(Code::FileUnreadable, &format!("cannot read standard input: {error}"));
                    self.exit = ExitStatus::Usage;
                    return;
                }
            }
            let line = line.strip_suffix('\n').unwrap_or(&line);
            for entry in reading.line(line.strip_suffix('\r').unwrap_or(line)) {
                if !self.entry(&entry) {
                    return;
                }
            }
        }
        if let Some(entry) = reading.end() {
            self.entry(&entry);
        }
    }

    /// Evaluates an entry; returns whether further entries are evaluated.
    fn entry(&mut self, entry: &str) -> bool {
        self.driver.remember([entry.to_owned()]);
        let result = self.driver.evaluate(entry);
        if result.quits {
            return false;
        }
        if self.args.options.script.json {
            self.print_json(entry, &result);
        } else {
            self.print(&result);
        }
        // An error is worth more than differences that an earlier `:diff` found.
        if !failed(self.exit) && result.exit != ExitStatus::Ok {
            self.exit = result.exit;
        }
        !failed(result.exit) || (self.args.keep_going && result.exit != ExitStatus::Interrupted)
    }

    fn print(&self, result: &EntryResult) {
        let output = &result.output;
        output.printed.iter().for_each(|(_, text)| self.terminal.println(&indented(text)));
        let mut text = output.text.clone();
        text.end_line();
        self.terminal.print(&style::paint(&text));
        self.terminal.problems(&output.diagnostics.problems, &output.diagnostics.sources);
    }

    /// Prints the result as one JSON object on one line.
    fn print_json(&self, entry: &str, result: &EntryResult) {
        let output = &result.output;
        let value = output.value.as_ref();
        let AccountJson { records, result: of_command, problems: further } =
            self.driver.account.borrow_mut().take_json();
        let Diagnostics { problems, sources } = &output.diagnostics;
        let problems = json::problems(problems, sources, self.terminal.frontend());
        let line = EntryLine {
            input: entry.to_owned(),
            kind: value.map(|value| value.kind().clone()),
            value: value.and_then(DisplayValue::to_json).or(of_command),
            records,
            expression: value.map(DisplayValue::expression),
            text: output.text.to_string(),
            printed: output.printed.iter().map(printed_line).collect(),
            problems: problems.into_iter().chain(further).collect(),
            exit_code: result.exit.code(),
        };
        Output::new(self.terminal, true).json_line(&line);
    }
}

/// Returns whether an exit status is an error: differences that `:diff` finds are a result.
fn failed(exit: ExitStatus) -> bool {
    !matches!(exit, ExitStatus::Ok | ExitStatus::ChangesFound)
}

fn printed_line((origin, text): &(Origin, String)) -> PrintedLine {
    let known = |number: u32| (number > 0).then_some(number);
    PrintedLine {
        text: text.clone(),
        source: origin.is_known().then(|| origin.source.to_string()),
        line: known(origin.line),
        column: known(origin.column),
    }
}
