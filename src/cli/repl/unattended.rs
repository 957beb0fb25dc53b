//! `-e`, pipes and files: no prompt, no questions, and an exit code.

use serde_json::json;

use super::conversation::{Conversation, Heard};
use super::interrupt::Interrupt;
use super::paint;
use crate::cli::args::Repl as Args;
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::terminal::Terminal;
use crate::repl::Repl;
use crate::script::session::{Reading, Shown};

/// Answers what stands on the command line, else what comes from standard input.
pub(super) fn work(repl: Repl, args: &Args, interrupt: &Interrupt, terminal: &Terminal) -> Exit {
    let conversation = Conversation::new(repl, args, interrupt, terminal, false);
    let mut work = Work { conversation, args, terminal, exit: Exit::Ok };
    if let Some(script) = &args.script
        && !work.entry(&format!(":load {script}"))
    {
        return work.exit;
    }
    if args.expressions.is_empty() {
        work.input();
    } else {
        // The first entry that ends the work ends it.
        let _ = args.expressions.iter().flat_map(|text| Reading::entries(text)).all(|entry| work.entry(&entry));
    }
    work.exit
}

struct Work<'a> {
    conversation: Conversation,
    args: &'a Args,
    terminal: &'a Terminal,
    /// What the process ends with: what the first error says.
    exit: Exit,
}

impl Work<'_> {
    /// Answers standard input, entry by entry as their ends are known.
    fn input(&mut self) {
        let mut reading = Reading::default();
        loop {
            let mut line = String::new();
            match std::io::stdin().read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.terminal.tell(&format!("standard input cannot be read: {error}"));
                    self.exit = Exit::Usage;
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
        if self.exit == Exit::Ok {
            self.exit = heard.exit;
        }
        heard.exit == Exit::Ok || (self.args.keep_going && heard.exit != Exit::Interrupted)
    }

    fn show(&self, heard: &Heard) {
        let answer = &heard.answer;
        answer.printed.iter().for_each(|(_, line)| self.terminal.line(line));
        let mut page = answer.page.clone();
        page.end_line();
        self.terminal.answer(&paint::page(&page));
        self.terminal.problems(&answer.told.problems, &answer.told.sources);
    }

    /// One object on one line.
    fn tell(&self, entry: &str, heard: &Heard) {
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
            "type": value.map(Shown::kind),
            "value": value.and_then(Shown::to_json).or(facts),
            "expression": value.map(Shown::expression),
            "text": answer.page.to_string(),
            "printed": printed.collect::<Vec<_>>(),
            "problems": json::problems(&answer.told.problems),
            "exit": heard.exit.code(),
        });
        self.terminal.line(&object.to_string());
    }
}
