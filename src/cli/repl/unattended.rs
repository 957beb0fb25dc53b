//! `-e`, pipes and files: no prompt, no colours, and an exit code.

use std::io::BufRead;

use super::account::Account;
use super::interrupt::Interrupt;
use crate::cli::args::Repl as Args;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::repl::{Outcome, Repl, Request};

/// Answers what stands on the command line, else what comes from standard input.
pub(super) fn work(mut repl: Repl, args: &Args, terminal: &Terminal) -> Exit {
    let mut account = Account::new(&args.options, args.target, terminal, Interrupt::default());
    let mut worst = Exit::Ok;
    let load = args.script.iter().map(|script| format!(":load {script}"));
    let lines: Box<dyn Iterator<Item = String>> = if args.expressions.is_empty() {
        Box::new(std::io::stdin().lock().lines().map_while(Result::ok))
    } else {
        Box::new(args.expressions.iter().cloned())
    };
    let mut open = String::new();
    for line in load.chain(lines) {
        open += &line;
        let exit = match repl.answer(&open) {
            Outcome::Incomplete => {
                open.push('\n');
                continue;
            }
            Outcome::Done(answer) => {
                answer.printed.iter().for_each(|(_, text)| terminal.line(text));
                terminal.answer(&answer.page.to_string());
                terminal.problems(&answer.told.problems, &answer.told.sources);
                if answer.told.has_errors() { Exit::Script } else { Exit::Ok }
            }
            Outcome::Failed(told) => {
                terminal.problems(&told.problems, &told.sources);
                Exit::Script
            }
            Outcome::Interrupted => return Exit::Interrupted,
            Outcome::Ask(Request::Quit) => break,
            Outcome::Ask(Request::Account { command, argument }) => {
                let exit = account.carry_out(command, &argument, &repl);
                if exit == Exit::Ok { account.finish() } else { exit }
            }
            Outcome::Ask(_) => Exit::Usage,
        };
        open.clear();
        if exit != Exit::Ok {
            worst = exit;
            if !args.keep_going {
                break;
            }
        }
    }
    worst
}
