//! `-e`, pipes and files: no prompt, no questions, and an exit code.

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

/// Answers what stands on the command line, else what comes from standard input.
pub(super) fn work(repl: Repl, args: &Args, interrupt: &SigintFlag, terminal: &Terminal) -> ExitStatus {
    let conversation = ReplDriver::new(repl, args, interrupt, terminal, false);
    let mut work = BatchInput { conversation, args, terminal, exit: ExitStatus::Ok };
    if let Some(script) = &args.script
        && !work.entry(&format!(":load {script}"))
    {
        return work.exit;
    }
    if args.expressions.is_empty() {
        work.input();
    } else {
        // The first entry that ends the work ends it.
        let _ = args.expressions.iter().flat_map(|text| EntryReader::entries(text)).all(|entry| work.entry(&entry));
    }
    work.exit
}

struct BatchInput<'a> {
    conversation: ReplDriver,
    args: &'a Args,
    terminal: &'a Terminal,
    /// What the process ends with: what the first error says.
    exit: ExitStatus,
}

impl BatchInput<'_> {
    /// Answers standard input, entry by entry as their ends are known.
    fn input(&mut self) {
        let mut reading = EntryReader::default();
        loop {
            let mut line = String::new();
            match std::io::stdin().read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.terminal.tell(&format!("standard input cannot be read: {error}"));
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

    /// Answers an entry; false where nothing is to follow.
    fn entry(&mut self, entry: &str) -> bool {
        self.conversation.remember([entry.to_owned()]);
        let heard = self.conversation.answer(entry);
        if heard.leaves {
            return false;
        }
        if self.args.options.script.json {
            self.tell(entry, &heard);
        } else {
            self.show(&heard);
        }
        if self.exit == ExitStatus::Ok {
            self.exit = heard.exit;
        }
        heard.exit == ExitStatus::Ok || (self.args.keep_going && heard.exit != ExitStatus::Interrupted)
    }

    fn show(&self, heard: &EntryResult) {
        let answer = &heard.answer;
        answer.printed.iter().for_each(|(_, line)| self.terminal.line(line));
        let mut page = answer.page.clone();
        page.end_line();
        self.terminal.answer(&style::page(&page));
        self.terminal.problems(&answer.told.problems, &answer.told.sources);
    }

    /// One object on one line.
    fn tell(&self, entry: &str, heard: &EntryResult) {
        let answer = &heard.answer;
        let printed = answer.printed.iter().map(|(origin, text)| {
            let mut printed = json!({ "text": text });
            if origin.is_known() {
                printed["source"] = json!(&*origin.source);
                (printed["line"], printed["column"]) = (json!(origin.line), json!(origin.column));
            }
            printed
        });
        let value = answer.value.as_ref();
        let facts = self.conversation.account.borrow_mut().facts();
        let object = json!({
            "input": entry,
            "type": value.map(DisplayValue::kind),
            "value": value.and_then(DisplayValue::to_json).or(facts),
            "expression": value.map(DisplayValue::expression),
            "text": answer.page.to_string(),
            "printed": printed.collect::<Vec<_>>(),
            "problems": json::problems(&answer.told.problems, self.terminal.frontend()),
            "exit": heard.exit.code(),
        });
        self.terminal.line(&object.to_string());
    }
}
