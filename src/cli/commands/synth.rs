use std::path::Path;

use serde_json::Value as Json;

use crate::cfn::{Template, emit};
use crate::cli::args::{Format, RunOptions, Synth as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::files::write_whole;
use crate::cli::json::SynthesizedStack;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::diag::Code;
use crate::printable;
use crate::synth::DesiredStack;

/// Runs `synth`: prints the templates, or writes them to files.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    // The templates are printed as they are: that is the purpose of the command.
    let output = Output::new(&terminal.showing_values(), options.script.json);
    let (stacks, _) = match project.chosen(&args.stacks.stacks, Warnings::Shown, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    match &args.output {
        Some(folder) => write(&stacks, folder, args.format, &output, terminal),
        None => {
            print(&stacks, args.format, &output);
            ExitStatus::Ok
        }
    }
}

/// Prints one template after the other, so that memory holds the text of one.
fn print(stacks: &[DesiredStack], format: Format, output: &Output) {
    let mut results = output.list();
    for (at, stack) in stacks.iter().enumerate() {
        let value =
            || SynthesizedStack { stack: stack.name.clone(), file: None, template: Some(json(&stack.template)) };
        results.push_of(value, || part(stacks, at, format));
    }
    results.finish();
}

fn text(template: &Template, format: Format) -> String {
    match format {
        Format::Yaml => emit::yaml(template),
        Format::Json => emit::json(template),
    }
}

/// Returns the part of one stack: of several stacks, a YAML document, or a member of the JSON object by stack name.
fn part(stacks: &[DesiredStack], at: usize, format: Format) -> String {
    let stack = &stacks[at];
    let (is_first, is_last) = (at == 0, at + 1 == stacks.len());
    match format {
        format if is_first && is_last => text(&stack.template, format),
        Format::Yaml => {
            let separator = if is_first { "" } else { "---\n" };
            format!("{separator}# {}\n{}", stack.name, emit::yaml(&stack.template))
        }
        Format::Json => {
            let member = format!("{:#}", Json::from_iter([(stack.name.clone(), json(&stack.template))]));
            let member = member.trim_start_matches('{').trim_end_matches('}').trim_end();
            let (start, end) = (if is_first { "{" } else { "," }, if is_last { "\n}\n" } else { "" });
            printable::json(&format!("{start}{member}{end}")).into_owned()
        }
    }
}

fn json(template: &Template) -> Json {
    serde_json::from_str(&emit::json(template)).expect("an emitted template is valid JSON")
}

fn write(stacks: &[DesiredStack], folder: &Path, format: Format, output: &Output, terminal: &Terminal) -> ExitStatus {
    let mut results = output.list();
    for stack in stacks {
        let extension = if format == Format::Yaml { "yaml" } else { "json" };
        let path = folder.join(format!("{}.{extension}", stack.name));
        if let Err(error) = write_whole(&path, &text(&stack.template, format)) {
            terminal.failure(Code::FileUnwritable, &format!("cannot write {}: {error}", path.display()));
            return ExitStatus::Script;
        }
        let file = path.display().to_string();
        let value = SynthesizedStack { stack: stack.name.clone(), file: Some(file.clone()), template: None };
        results.push(&value, || format!("{file}\n"));
    }
    results.finish();
    ExitStatus::Ok
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::harness::stack;

    #[test]
    fn parts_of_several_stacks_are_one_document() {
        const TOPIC: &str = "Resources:\n  T: {Type: AWS::SNS::Topic, Properties: {DisplayName: '{\u{202e}}'}}\n";
        let stacks = ["a", "b", "c"].map(|name| stack(name, TOPIC));
        let whole = |format| (0..stacks.len()).map(|at| part(&stacks, at, format)).collect::<String>();
        let all: serde_json::Map<_, _> = stacks.iter().map(|it| (it.name.clone(), json(&it.template))).collect();
        let object = Json::Object(all);
        assert_eq!(whole(Format::Json), format!("{}\n", printable::json(&format!("{object:#}"))));
        let documents = stacks.iter().map(|it| format!("# {}\n{}", it.name, emit::yaml(&it.template)));
        assert_eq!(whole(Format::Yaml), documents.collect::<Vec<_>>().join("---\n"));
        assert_eq!(part(&stacks[..1], 0, Format::Json), emit::json(&stacks[0].template));
    }
}
