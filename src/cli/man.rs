use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::{Args, Man as ManArgs};
use super::exit::ExitStatus;
use super::files::write_whole;
use super::terminal::Terminal;
use crate::diag::Code;

/// Runs `rtiler man`: prints the page about the program; with `--output DIR`, writes a page for each command.
pub(crate) fn command(man: &ManArgs, terminal: &Terminal) -> ExitStatus {
    let mut root = Args::command().disable_help_subcommand(true);
    root.build();
    let Some(folder) = &man.output else {
        terminal.print(&page(&root));
        return ExitStatus::Ok;
    };
    let mut pages = Vec::new();
    collect(&root, "rtiler", &mut pages);
    for (name, text) in &pages {
        let path = folder.join(format!("{name}.1"));
        if let Err(error) = write_whole(&path, text) {
            terminal.failure(Code::FileUnwritable, &format!("cannot write {}: {error}", path.display()));
            return ExitStatus::Script;
        }
    }
    terminal.status(&format!("wrote {} pages to {}", pages.len(), folder.display()));
    ExitStatus::Ok
}

/// Collects the page of a command and those of its commands: `rtiler-run-deploy`.
fn collect(command: &Command, name: &str, pages: &mut Vec<(String, String)>) {
    pages.push((name.to_owned(), page(command)));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages);
    }
}

/// Returns a page in roff.
fn page(command: &Command) -> String {
    let mut text = Vec::new();
    // A vector accepts every write.
    let _ = Man::new(command.clone()).manual("rtiler").render(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let mut root = Args::command().disable_help_subcommand(true);
        root.build();
        let mut pages = Vec::new();
        collect(&root, "rtiler", &mut pages);
        let page = |name: &str| &pages.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}")).1;
        assert!(page("rtiler").contains(".TH") && page("rtiler").contains("check"));
        assert!(page("rtiler-run-deploy").contains("require\\-approval"), "{}", page("rtiler-run-deploy"));
        assert!(pages.len() > 30 && !pages.iter().any(|(name, _)| name == "rtiler-complete"));
    }
}
