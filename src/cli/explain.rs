use super::args::Explain;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::diag::did_you_mean;
use crate::explain::{page, pages};

/// `rtiler explain CODE`.
pub(crate) fn command(explain: &Explain, terminal: &Terminal) -> Exit {
    let Some(code) = &explain.code else {
        pages().for_each(|page| terminal.line(&format!("{:<34} {}", page.code, page.summary())));
        return Exit::Ok;
    };
    if let Some(page) = page(code) {
        terminal.answer(&page.to_string());
        return Exit::Ok;
    }
    let hint = did_you_mean(code, pages().map(|page| page.code)).unwrap_or_default();
    terminal.tell(&format!("there is no kind of problem `{code}`. {hint}"));
    Exit::Usage
}
