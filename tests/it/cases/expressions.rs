//! The expression that a session shows for a value makes that value again.

use std::path::Path;
use std::rc::Rc;

use rtiler::block::Program;
use rtiler::cfn::emit;
use rtiler::cfn::schema::Schema;
use rtiler::diag::SourceMap;
use rtiler::script::session::{EntryResult, Session};
use rtiler::script::{Input, eval};
use rtiler::synth::synth;

use super::templates::scripts;
use super::{Folder, given, shown};
use crate::scripted::{deep, small};

/// Returns a session with a script loaded.
fn loaded(script: &Path) -> Session {
    let text = std::fs::read_to_string(script).unwrap();
    let (given, _) = given(&text, &mut SourceMap::default());
    let files = Rc::new(Folder(script.parent().unwrap().to_owned()));
    let mut session = Session::new(files, given, small());
    let name = script.file_name().unwrap().to_string_lossy().into_owned();
    match session.load(&name) {
        EntryResult::Done(_) => session,
        EntryResult::Failed(reported) => panic!("{name}: {}", shown(&reported.problems, &reported.sources)),
        _ => panic!("{name} is at its end"),
    }
}

fn templates(program: &Program) -> String {
    let report = synth(program, Schema::embedded());
    let stacks = report.value.unwrap_or_default();
    assert!(!stacks.is_empty(), "{:?}", report.problems);
    stacks.iter().map(|stack| format!("# {} {:?}\n{}", stack.name, stack.tags, emit::yaml(&stack.template))).collect()
}

/// Returns the templates of a text as a script, and of a session.
fn evaluated(session: &Session, text: &str) -> String {
    let evaluation = session.check_script("again.rhai", text);
    let problems = shown(&evaluation.report.problems, &evaluation.sources);
    templates(&evaluation.report.value.unwrap_or_else(|| panic!("{problems}\n{text}")))
}

/// Returns the templates of a text that has no settings and no files.
fn out_of_nothing(text: &str) -> String {
    let files = Rc::new(Folder("nowhere".into()));
    let evaluation = eval(&Input { name: "again.rhai", text, files, given: Vec::new(), limits: small() });
    let problems = shown(&evaluation.report.problems, &evaluation.sources);
    templates(&evaluation.report.value.unwrap_or_else(|| panic!("{problems}\n{text}")))
}

#[test]
fn expression_of_a_stack_evaluates_to_the_same_template() {
    deep(|| {
        for script in scripts() {
            let session = loaded(&script);
            let program = session.program();
            let value =
                ["stack", "stacks"].iter().find_map(|name| session.variable(name)).expect("the script's stacks");
            for (at, stack) in value.stacks().into_iter().enumerate() {
                if !stack.after.is_empty() {
                    continue;
                }
                // Alone: what several stacks share belongs to each of them then.
                let alone = Program { stacks: vec![stack], ..program.clone() };
                let text = value.item(at).whole_expression();
                let (wanted, made) = (templates(&alone), out_of_nothing(&text));
                assert!(sorted(&wanted) == sorted(&made), "{}\n{text}\n{wanted}\n{made}", script.display());
            }
        }
    });
}

/// Sorts the lines of templates: an expression may mention a block earlier than the script did.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// Removes the layout of an expression.
fn on_one_line(text: &str) -> String {
    let words: String = text.split_whitespace().collect();
    words.replace(",}", "}").replace(",]", "]")
}

#[test]
fn expression_of_a_variable_evaluates_to_the_same_value() {
    deep(|| {
        for script in scripts() {
            let session = loaded(&script);
            for (name, value) in session.variables() {
                let text = value.expression();
                let EntryResult::Done(done) = session.peek(&text) else {
                    panic!("{}: {name} = {text}", script.display())
                };
                let again = done.value.map(|value| on_one_line(&value.whole_expression()));
                let same = again.as_ref() == Some(&on_one_line(&value.whole_expression()));
                assert!(same, "{}: {name} = {text}", script.display());
            }
        }
    });
}

#[test]
fn saved_session_with_a_loaded_script_evaluates_to_the_same_stacks() {
    deep(|| {
        for script in scripts() {
            let session = loaded(&script);
            let wanted = templates(&session.program());
            let saved = session.script("saved.rhai");
            assert_eq!(wanted, evaluated(&session, &saved), "{}", script.display());
        }
    });
}
