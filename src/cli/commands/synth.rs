use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::cfn::{Template, emit};
use crate::cli::args::{Format, RunOptions, Synth as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::files::write_whole;
use crate::cli::project::{Project, Warnings};
use crate::cli::terminal::Terminal;
use crate::synth::DesiredStack;

/// Runs `synth`: prints the templates, or writes them to files.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let format = if options.script.json { Format::Json } else { args.format };
    let (stacks, _) = match project.chosen(&args.stacks.stacks, Warnings::Shown, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    match &args.output {
        Some(folder) => write(&stacks, folder, format, terminal),
        None => {
            terminal.print(&together(&stacks, format));
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
            format!("{:#}\n", Json::Object(templates.collect::<Map<_, _>>()))
        }
    }
}

fn json(template: &Template) -> Json {
    serde_json::from_str(&emit::json(template)).expect("an emitted template is valid JSON")
}

fn write(stacks: &[DesiredStack], folder: &Path, format: Format, terminal: &Terminal) -> ExitStatus {
    for stack in stacks {
        let extension = if format == Format::Yaml { "yaml" } else { "json" };
        let path = folder.join(format!("{}.{extension}", stack.name));
        if let Err(error) = write_whole(&path, &text(&stack.template, format)) {
            terminal.message(&format!("cannot write {}: {error}", path.display()));
            return ExitStatus::Script;
        }
        terminal.println(&path.display().to_string());
    }
    ExitStatus::Ok
}
