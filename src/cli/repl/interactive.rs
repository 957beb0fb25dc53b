//! The conversation with a person: prompt, answer, prompt.

use super::ctrl_c::SigintFlag;
use super::driver::{EntryResult, ReplDriver};
use super::editor::Editor;
use super::line_reader::{LineInput, read_plainly};
use super::{pager, style};
use crate::cli::args::Repl as Args;
use crate::cli::exit::ExitStatus;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::repl::Repl;
use crate::script::session::EntryReader;

/// Reads and answers until the user leaves.
pub(super) fn talk(repl: Repl, args: &Args, interrupt: &SigintFlag, terminal: &Terminal) -> ExitStatus {
    if let Err(error) = interrupt.listen() {
        terminal.tell(&format!("Ctrl-C cannot be heard: {error}"));
    }
    let mut conversation = ReplDriver::new(repl, args, interrupt, terminal, true);
    let mut editor = editor(&conversation, terminal);
    if let Some(editor) = &mut editor {
        conversation.remember(editor.history());
        if let Some(printer) = editor.printer() {
            conversation.account.borrow_mut().prints_with(printer);
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    terminal.say(&faint(&format!("rtiler {version}: `:help` lists the commands, Ctrl-D leaves")));
    if let Some(script) = &args.script {
        show(&conversation.load(script), terminal);
    }
    converse(&mut conversation, editor, interrupt, terminal);
    conversation.account.borrow_mut().leave();
    ExitStatus::Ok
}

/// The editor of a terminal that can move its cursor; none for one that cannot.
fn editor(conversation: &ReplDriver, terminal: &Terminal) -> Option<Editor> {
    let kind = std::env::var("TERM").unwrap_or_default();
    if ["dumb", "cons25", "emacs"].contains(&kind.as_str()) {
        return None;
    }
    Editor::new(&conversation.repl, terminal).ok()
}

fn converse(conversation: &mut ReplDriver, mut editor: Option<Editor>, interrupt: &SigintFlag, terminal: &Terminal) {
    loop {
        conversation.account.borrow_mut().catch_up();
        let typed = match &mut editor {
            Some(editor) => editor.read(),
            None => read_plainly(interrupt),
        };
        interrupt.clear();
        match typed {
            LineInput::Text(text) => {
                reload(conversation, terminal);
                if !answer(conversation, &text, interrupt, terminal) {
                    return;
                }
            }
            LineInput::Cleared { was_blank } => {
                if was_blank && !conversation.account.borrow_mut().stop() {
                    terminal.say(&faint("Ctrl-D leaves"));
                }
            }
            LineInput::Left => return,
            LineInput::Broken(why) => return terminal.tell(&format!("the terminal cannot be read: {why}")),
        }
    }
}

/// Answers what was typed or pasted, entry by entry up to the first error; false where the user leaves.
fn answer(conversation: &mut ReplDriver, text: &str, interrupt: &SigintFlag, terminal: &Terminal) -> bool {
    let entries = EntryReader::entries(text);
    if !text.trim().is_empty() {
        conversation.remember([text.to_owned()]);
    }
    let total = entries.len();
    for (at, entry) in entries.iter().enumerate() {
        let heard = conversation.answer(entry);
        show(&heard, terminal);
        if heard.leaves {
            return false;
        }
        let left = total - at - 1;
        if left > 0 && (heard.exit != ExitStatus::Ok || interrupt.is_raised()) {
            let rest =
                if left == 1 { "the entry behind it was".to_owned() } else { format!("{left} entries behind it were") };
            terminal.tell(&faint(&format!("{rest} not evaluated")));
            return true;
        }
    }
    true
}

/// Reads scripts again that changed, and tells what that changed.
fn reload(conversation: &mut ReplDriver, terminal: &Terminal) {
    if let Some((changed, heard)) = conversation.reload() {
        terminal.line(&faint(&format!("{} changed and was read again", changed.join(", "))));
        show(&heard, terminal);
    }
}

/// Shows what came of an entry: its value through a pager where it is long, then what is wrong with it.
fn show(heard: &EntryResult, terminal: &Terminal) {
    let mut text: String = heard.answer.printed.iter().map(|(_, line)| format!("{line}\n")).collect();
    let mut page = heard.answer.page.clone();
    page.end_line();
    text += &style::page(&page);
    pager::show(&text, terminal);
    let told = &heard.answer.told;
    terminal.problems(&told.problems, &told.sources);
}
