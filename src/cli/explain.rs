use super::args::Explain;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::diag::{Code, did_you_mean};
use crate::explain::page;

/// `rtiler explain [CODE]`.
pub(crate) fn command(explain: &Explain, terminal: &Terminal) -> Exit {
    let Some(name) = &explain.code else {
        Code::ALL.iter().for_each(|code| terminal.line(&format!("{:<34} {}", code.as_str(), code.title())));
        return Exit::Ok;
    };
    if let Some(code) = Code::from_name(name) {
        terminal.answer(&page(code).to_string());
        return Exit::Ok;
    }
    let hint = did_you_mean(name, Code::ALL.iter().map(|code| code.as_str())).unwrap_or_default();
    terminal.tell(&format!("there is no diagnostic code `{name}`. {hint}"));
    Exit::Usage
}
