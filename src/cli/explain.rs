use super::args::Explain;
use super::exit::ExitStatus;
use super::terminal::Terminal;
use crate::diag::{Code, did_you_mean};
use crate::explain::page;

/// Runs `rtiler explain [CODE]`.
pub(crate) fn command(explain: &Explain, terminal: &Terminal) -> ExitStatus {
    let Some(name) = &explain.code else {
        Code::ALL.iter().for_each(|code| terminal.println(&format!("{:<34} {}", code.as_str(), code.title())));
        return ExitStatus::Ok;
    };
    if let Some(code) = Code::from_name(name) {
        terminal.print(&page(code).to_string());
        return ExitStatus::Ok;
    }
    let hint = did_you_mean(name, Code::ALL.iter().map(|code| code.as_str()));
    let hint = hint.unwrap_or_else(|| "`rtiler explain` lists all codes".to_owned());
    terminal.error(&format!("there is no diagnostic code `{name}`"), &hint);
    ExitStatus::Usage
}
