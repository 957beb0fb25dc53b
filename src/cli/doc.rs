use super::args::Doc;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::script::reference::{Answer, Reference};

/// `rtiler doc NAME`.
pub(crate) fn command(doc: &Doc, terminal: &Terminal) -> Exit {
    let reference = Reference::of_language();
    let Some(name) = &doc.name else {
        terminal.answer(&Answer::List(reference.entries().to_vec()).to_text(80));
        return Exit::Ok;
    };
    let answer = reference.look_up(name);
    if let Answer::Nothing(_) = answer {
        terminal.tell(&format!("there is no documentation of `{name}`. {}", answer.to_text(80).trim()));
        return Exit::Usage;
    }
    terminal.answer(&answer.to_text(80));
    Exit::Ok
}
