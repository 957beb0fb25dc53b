//! Input from `-e`, pipes and files: no prompt, no questions, and an exit code.

use serde_json::json;

use super::ctrl_c::SigintFlag;
use super::driver::{EntryResult, ReplDriver};
use super::style;
use crate::cli::args::Repl as Args;
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::terminal::Terminal;
use crate::repl::Repl;
use crate::script::session::{DisplayValue, EntryReader};

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
    /// The exit status of the process, from the first error.
    exit: ExitStatus,
}

impl BatchInput<'_> {
    /// Evaluates standard input, entry by entry.
    fn input(&mut self) {
        let mut reading = EntryReader::default();
        loop {
            let mut line = String::new();
            match std::io::stdin().read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.terminal.message(&format!("cannot read standard input: {error}"));
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
        if self.exit == ExitStatus::Ok {
            self.exit = result.exit;
        }
        result.exit == ExitStatus::Ok || (self.args.keep_going && result.exit != ExitStatus::Interrupted)
    }

    fn print(&self, result: &EntryResult) {
        let output = &result.output;
        output.printed.iter().for_each(|(_, line)| self.terminal.println(line));
        let mut text = output.text.clone();
        text.end_line();
        self.terminal.print(&style::paint(&text));
        self.terminal.problems(&output.diagnostics.problems, &output.diagnostics.sources);
    }

    /// Prints the result as one JSON object on one line.
    fn print_json(&self, entry: &str, result: &EntryResult) {
        let output = &result.output;
        let printed = output.printed.iter().map(|(origin, text)| {
            let mut printed = json!({ "text": text });
            if origin.is_known() {
                printed["source"] = json!(&*origin.source);
                (printed["line"], printed["column"]) = (json!(origin.line), json!(origin.column));
            }
            printed
        });
        let value = output.value.as_ref();
        let json = self.driver.account.borrow_mut().take_json();
        let object = json!({
            "input": entry,
            "type": value.map(DisplayValue::kind),
            "value": value.and_then(DisplayValue::to_json).or(json),
            "expression": value.map(DisplayValue::expression),
            "text": output.text.to_string(),
            "printed": printed.collect::<Vec<_>>(),
            "problems": json::problems(&output.diagnostics.problems, self.terminal.frontend()),
            "exit": result.exit.code(),
        });
        self.terminal.println(&object.to_string());
    }
}
