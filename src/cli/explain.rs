use super::args::Explain;
use super::exit::ExitStatus;
use super::json::CodePage;
use super::report::Output;
use super::terminal::Terminal;
use crate::diag::{Code, Severity, did_you_mean};
use crate::explain::page;

/// Runs `rtiler explain [CODE]`.
pub(crate) fn command(explain: &Explain, terminal: &Terminal) -> ExitStatus {
    let output = Output::new(terminal, explain.json);
    let Some(name) = &explain.code else {
        let line = |code: &Code| format!("{:<34} {}\n", code.as_str(), code.title());
        let pages = || Code::ALL.iter().map(|code| code_page(*code, None)).collect::<Vec<_>>();
        output.result_of(pages, || Code::ALL.iter().map(line).collect());
        return ExitStatus::Ok;
    };
    if let Some(code) = Code::from_name(name) {
        output.result_of(|| [code_page(code, Some(page(code).text))], || page(code).to_string());
        return ExitStatus::Ok;
    }
    let hint = did_you_mean(name, Code::ALL.iter().map(|code| code.as_str()));
    let hint = hint.unwrap_or_else(|| "`rtiler explain` lists all codes".to_owned());
    terminal.error(&format!("there is no diagnostic code `{name}`"), &hint);
    ExitStatus::Usage
}

fn code_page(code: Code, text: Option<&'static str>) -> CodePage {
    let severity = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    CodePage { code: code.as_str(), severity, title: code.title(), text }
}
