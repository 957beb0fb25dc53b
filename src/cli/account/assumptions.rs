//! `--assume` and `--assume-file`: what other stacks and teams own in a rehearsal.

use crate::cfn::{Template, Value};
use crate::cli::args::Rehearse;
use crate::cli::files::read_text;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, Origin, SourceMap};
use crate::printable::one_line;
use crate::rehearsal::{Assumptions, Rehearsal, RehearsalClock};

/// Reads the assumptions of a command. Those of the file come first, so that the command line overrides them.
pub(super) fn parse(args: &Rehearse, templates: &[&Template]) -> Result<Assumptions, Vec<Diagnostic>> {
    let (mut given, mut problems) = (Vec::new(), Vec::new());
    if let Some(file) = &args.assume_file {
        let name = file.display().to_string();
        match read_text(file) {
            Ok(text) => {
                for (at, line) in text.lines().enumerate() {
                    let line = line.trim();
                    if !line.is_empty() && !line.starts_with('#') {
                        let origin = Origin::new(name.as_str(), u32::try_from(at + 1).unwrap_or(0), 0);
                        let parsed = pair(line).ok_or_else(|| malformed(line).at(&origin, ""));
                        parsed.map_or_else(|problem| problems.push(problem), |pair| given.push(pair));
                    }
                }
            }
            Err(why) => problems.push(why.problem(&name)),
        }
    }
    for written in &args.assume {
        let parsed = pair(written).ok_or_else(|| malformed(&format!("--assume {written}")));
        parsed.map_or_else(|problem| problems.push(problem), |pair| given.push(pair));
    }
    let exports = templates.iter().flat_map(|template| template.outputs.values());
    let own_exports = exports.filter_map(|output| output.export.as_ref().and_then(Value::as_str).map(str::to_owned));
    if problems.is_empty() { Ok(Assumptions { given, own_exports: own_exports.collect() }) } else { Err(problems) }
}

fn pair(written: &str) -> Option<(String, String)> {
    let (name, value) = written.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

fn malformed(written: &str) -> Diagnostic {
    Diagnostic::new(Code::InvalidAssumption, format!("`{written}` is not of the form `NAME=VALUE`"))
        .help("write `--assume /network/vpc-id=vpc-0a1b2c3d4e5f60718`, or `--assume AWS::S3::Bucket=my-bucket`")
}

/// Prints the defaults that a command assumed.
pub(super) fn report_defaults(account: &Rehearsal<RehearsalClock>, terminal: &Terminal) {
    let defaults = account.assumed_defaults();
    let Some((first, _)) = defaults.first() else { return };
    terminal.status("note: this rehearsal assumes values that other stacks or teams own:");
    for (name, value) in &defaults {
        terminal.status(&one_line(&format!("  {name} = {value}")));
    }
    terminal.status(&format!("  `--assume {first}=VALUE` sets one, and the rehearsal account keeps it"));
}

/// Reports the names of `--assume` that the command did not read.
pub(super) fn report_unused(account: &Rehearsal<RehearsalClock>, terminal: &Terminal) {
    let unused = account.unused_assumptions();
    let problem = |name: &String| {
        Diagnostic::new(Code::InvalidAssumption, format!("nothing in this command reads `{name}` of `--assume`"))
            .as_warning()
            .help("the name is that of an SSM parameter or an export, or the type of a resource to import")
    };
    terminal.problems(&unused.iter().map(problem).collect::<Vec<_>>(), &SourceMap::default());
}
