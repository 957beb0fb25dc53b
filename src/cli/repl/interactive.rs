//! The loop with a user: prompt, answer, prompt.

use std::rc::Rc;

use super::ctrl_c::SigintFlag;
use super::driver::{EntryResult, ReplDriver};
use super::editor::Editor;
use super::line_reader::{LineInput, read_without_cursor};
use super::{pager, style};
use crate::cli::args::Repl as Args;
use crate::cli::exit::ExitStatus;
use crate::cli::files::ProjectFiles;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::printable::{indented, one_line};
use crate::repl::Repl;
use crate::script::session::EntryReader;

/// Reads and evaluates lines until the user leaves.
pub(super) fn run(
    (repl, files): (Repl, Rc<ProjectFiles>),
    args: &Args,
    sigint: &SigintFlag,
    terminal: &Terminal,
) -> ExitStatus {
    if let Err(error) = sigint.listen() {
        terminal.message(&format!("cannot handle Ctrl-C: {error}"));
    }
    let mut driver = ReplDriver::new(repl, args, sigint, terminal, true);
    driver.watch_data(files);
    let mut editor = editor(&driver, terminal);
    if let Some(editor) = &mut editor {
        driver.remember(editor.history());
        if let Some(printer) = editor.printer() {
            driver.account.borrow_mut().set_printer(printer);
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    terminal.status(&faint(&format!("rtiler {version}: `help` lists the commands, `exit` or Ctrl-D leaves")));
    if let Some(script) = &args.script {
        show(&driver.load(script), terminal);
    }
    read_lines(&mut driver, editor, sigint, terminal);
    driver.account.borrow_mut().shut_down();
    ExitStatus::Ok
}

/// Returns the line editor; none for a terminal that cannot move its cursor.
fn editor(driver: &ReplDriver, terminal: &Terminal) -> Option<Editor> {
    let kind = std::env::var("TERM").unwrap_or_default();
    if ["dumb", "cons25", "emacs"].contains(&kind.as_str()) {
        return None;
    }
    Editor::new(&driver.repl, terminal).ok()
}

fn read_lines(driver: &mut ReplDriver, mut editor: Option<Editor>, sigint: &SigintFlag, terminal: &Terminal) {
    loop {
        driver.account.borrow_mut().ask_pending_questions();
        let input = match &mut editor {
            Some(editor) => editor.read(),
            None => read_without_cursor(sigint, terminal),
        };
        sigint.clear();
        match input {
            LineInput::Text(text) => {
                reload(driver, terminal);
                if !evaluate(driver, &text, sigint, terminal) {
                    return;
                }
            }
            LineInput::Cleared { was_blank } => {
                if was_blank && !driver.account.borrow_mut().interrupt_background() {
                    terminal.status(&faint("Ctrl-D leaves"));
                }
            }
            LineInput::End => return,
            LineInput::Failed(error) => return terminal.message(&format!("cannot read the terminal: {error}")),
        }
    }
}

/// Evaluates the entries of a text up to the first error; returns `false` if the user leaves.
fn evaluate(driver: &mut ReplDriver, text: &str, sigint: &SigintFlag, terminal: &Terminal) -> bool {
    let entries = EntryReader::entries(text);
    if !text.trim().is_empty() {
        driver.remember([text.to_owned()]);
    }
    let total = entries.len();
    for (at, entry) in entries.iter().enumerate() {
        let result = driver.evaluate(entry);
        show(&result, terminal);
        if result.quits {
            return false;
        }
        let left = total - at - 1;
        if left > 0 && (result.exit != ExitStatus::Ok || sigint.is_raised()) {
            let rest =
                if left == 1 { "the entry after it was".to_owned() } else { format!("{left} entries after it were") };
            terminal.message(&faint(&format!("{rest} not evaluated")));
            return true;
        }
    }
    true
}

/// Reloads scripts that changed, and shows the differences.
fn reload(driver: &mut ReplDriver, terminal: &Terminal) {
    if let Some((changed, result)) = driver.reload() {
        terminal.println(&faint(&one_line(&format!("{} changed; reloaded", changed.join(", ")))));
        show(&result, terminal);
    }
}

/// Shows the result of an entry: its output, through a pager if it is very long or the user wants it, then its diagnostics.
fn show(result: &EntryResult, terminal: &Terminal) {
    let mut text: String = result.output.printed.iter().map(|(_, text)| indented(text) + "\n").collect();
    let mut shown = result.output.text.clone();
    shown.end_line();
    text += &style::paint(&shown);
    pager::show(&text, result.is_paged, terminal);
    let diagnostics = &result.output.diagnostics;
    terminal.problems(&diagnostics.problems, &diagnostics.sources);
}
