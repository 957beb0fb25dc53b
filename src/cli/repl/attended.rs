//! The conversation with a person: prompt, answer, prompt.

use std::cell::RefCell;
use std::rc::Rc;

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;

use super::account::{Account, Printer};
use super::interrupt::Interrupt;
use crate::cli::args::Repl as Args;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::repl::{Outcome, Repl, Request};

/// Reads and answers until the user leaves.
pub(super) fn talk(repl: Repl, args: &Args, interrupt: Interrupt, terminal: &Terminal) -> Exit {
    let mut editor = match rustyline::Editor::<(), DefaultHistory>::new() {
        Ok(editor) => editor,
        Err(error) => {
            terminal.tell(&format!("the terminal cannot be read: {error}"));
            return Exit::Usage;
        }
    };
    if let Err(error) = interrupt.listen() {
        terminal.tell(&format!("Ctrl-C cannot be heard: {error}"));
    }
    let printer = editor.create_external_printer().ok().map(|printer| Box::new(printer) as Printer);
    let account = Rc::new(RefCell::new(Account::new(&args.options, args.target, terminal, interrupt.clone())));
    if let Some(printer) = printer {
        account.borrow_mut().prints_with(printer);
    }
    let repl = Rc::new(RefCell::new(repl));
    if let Some(script) = &args.script {
        answer(&format!(":load {script}"), &repl, &account, terminal);
    }
    loop {
        account.borrow_mut().catch_up();
        match editor.readline("> ") {
            Ok(line) => {
                interrupt.clear();
                if answer(&line, &repl, &account, terminal).is_none() {
                    break;
                }
            }
            Err(ReadlineError::Interrupted) => drop(account.borrow_mut().stop()),
            Err(_) => break,
        }
    }
    account.borrow_mut().finish()
}

/// Answers a line; nothing to leave.
fn answer(line: &str, repl: &RefCell<Repl>, account: &RefCell<Account>, terminal: &Terminal) -> Option<()> {
    let outcome = repl.borrow_mut().answer(line);
    match outcome {
        Outcome::Done(answer) => {
            answer.printed.iter().for_each(|(_, text)| terminal.line(text));
            terminal.answer(&answer.page.to_string());
            terminal.problems(&answer.told.problems, &answer.told.sources);
        }
        Outcome::Failed(told) => terminal.problems(&told.problems, &told.sources),
        Outcome::Incomplete => terminal.tell("the entry is not at its end"),
        Outcome::Interrupted => terminal.tell("interrupted"),
        Outcome::Ask(Request::Quit) => return None,
        Outcome::Ask(Request::Account { command, argument }) => {
            account.borrow_mut().carry_out(command, &argument, &repl.borrow());
        }
        Outcome::Ask(other) => terminal.tell(&format!("{other:?} is not done here")),
    }
    Some(())
}
