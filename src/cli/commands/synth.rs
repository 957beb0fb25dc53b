use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::cfn::{Template, emit};
use crate::cli::args::{Format, RunOptions, Synth as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::files::write_whole;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::synth::DesiredStack;

/// `synth`: the templates, on standard output or in files.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let format = if options.script.json { Format::Json } else { args.format };
    let (stacks, _) = match project.chosen(&args.stacks.stacks, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    match &args.output {
        Some(folder) => write(&stacks, folder, format, terminal),
        None => {
            terminal.answer(&together(&stacks, format));
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

/// One template as it is; several as YAML documents, or as one object by the names of the stacks.
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
    serde_json::from_str(&emit::json(template)).expect("what is emitted as JSON is JSON")
}

fn write(stacks: &[DesiredStack], folder: &Path, format: Format, terminal: &Terminal) -> ExitStatus {
    for stack in stacks {
        let extension = if format == Format::Yaml { "yaml" } else { "json" };
        let path = folder.join(format!("{}.{extension}", stack.name));
        if let Err(error) = write_whole(&path, &text(&stack.template, format)) {
            terminal.tell(&format!("{} could not be written: {error}", path.display()));
            return ExitStatus::Script;
        }
        terminal.line(&path.display().to_string());
    }
    ExitStatus::Ok
}
