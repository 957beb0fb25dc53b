use std::path::Path;

use serde_json::{Map, Value as Json};

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
            let value = |stack: &DesiredStack| SynthesizedStack {
                stack: stack.name.clone(),
                file: None,
                template: Some(json(&stack.template)),
            };
            output.result_of(|| stacks.iter().map(value).collect::<Vec<_>>(), || together(&stacks, args.format));
            ExitStatus::Ok
        }
    }
}

fn text(template: &Template, format: Format) -> String {
    match format {
        Format::Yaml => emit::yaml(template),
        Format::Json => emit::json(template),
    }
}

/// Returns the template of one stack; of several as YAML documents, or as one JSON object by stack name.
fn together(stacks: &[DesiredStack], format: Format) -> String {
    match (stacks, format) {
        ([one], format) => text(&one.template, format),
        (several, Format::Yaml) => {
            let documents = several.iter().map(|stack| format!("# {}\n{}", stack.name, emit::yaml(&stack.template)));
            documents.collect::<Vec<_>>().join("---\n")
        }
        (several, Format::Json) => {
            let templates = several.iter().map(|stack| (stack.name.clone(), json(&stack.template)));
            format!("{}\n", printable::json(&format!("{:#}", Json::Object(templates.collect::<Map<_, _>>()))))
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
