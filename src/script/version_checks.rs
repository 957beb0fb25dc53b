//! Changes that are lost: a setter that is called twice, a block that is changed after its use, a block that nothing uses.

use std::collections::HashSet;
use std::rc::Rc;

use super::Input;
use super::block_types::address;
use super::declaration::Declaration;
use super::eval_state::EvalState;
use super::lexer::{Kind, Token, tokens};
use super::versions::{CallPlace, StaleRead, Version, VersionId, Versions};
use crate::block::Stack;
use crate::diag::{Code, Diagnostic, Origin};

/// Creates the diagnostic of a setter that holds one value and is called again.
pub(super) fn called_twice(block: &str, setter: &Declaration, second: &Origin, first: &Origin) -> Diagnostic {
    let name = setter.name;
    let message = format!("`.{name}` is called twice on {block}, and it holds one value");
    let problem = Diagnostic::new(Code::SetterCalledTwice, message);
    let problem = if second == first {
        problem.at(second, "each of these calls replaces the value of the one before")
    } else {
        problem.at(second, "replaces the first value").at(first, "the first value is set here")
    };
    problem.help(match setter.parameters {
        [] => format!("call `.{name}` once"),
        [(only, _)] => format!(
            "call it once; choose the value before: `let {only} = if production {{ .. }} else {{ .. }};`, then `.{name}({only})`"
        ),
        _ => "call it once, with values that are chosen before: `let value = if production { .. } else { .. };`".to_owned(),
    })
}

/// Reports the changes that the stacks of a script do not have, and the blocks that are in none of them.
pub(super) fn report(state: &EvalState, stacks: &[Rc<Stack>], input: &Input<'_>) {
    if stacks.is_empty() || state.problems.borrow().iter().any(Diagnostic::is_error) {
        return;
    }
    let end = Rc::new(CallPlace { name: "the end of the script".to_owned(), origin: Origin::unknown() });
    let results: Vec<usize> = stacks.iter().map(address).collect();
    let mut versions = state.versions.borrow_mut();
    let results = versions.take(&results, &end);
    let mut problems = lost_changes(&versions);
    problems.extend(versions.stale.iter().filter_map(|stale| stale_read(&versions, stale)));
    if problems.is_empty() {
        problems = unused(&versions, &results, input);
    }
    drop(versions);
    problems.into_iter().for_each(|problem| state.report(problem));
}

/// Returns warnings of the changes that the stacks of a session do not have, and of the blocks in variables that no stack has.
pub(super) fn of_session(state: &EvalState, stacks: &[Rc<Stack>], variables: &[usize]) -> Vec<Diagnostic> {
    let end = Rc::new(CallPlace { name: "the stacks of the session".to_owned(), origin: Origin::unknown() });
    let results: Vec<usize> = stacks.iter().map(address).collect();
    let mut versions = state.versions.borrow_mut();
    let results = versions.take(&results, &end);
    let mut problems = lost_changes(&versions);
    problems.extend(versions.stale.iter().filter_map(|stale| stale_read(&versions, stale)));
    let reached = reached(&versions, &results);
    let of_variables = variables.iter().filter_map(|variable| versions.of(*variable));
    let firsts = of_variables.map(|id| versions.get(id).first).filter(|first| !reached.contains(&first.number()));
    let unused =
        firsts.map(|first| versions.get(first)).filter(|version| creates_something(version) && version.kind != "Stack");
    let is_taken = |version: &&Version| {
        versions.iter().any(|(_, other)| other.takes.iter().any(|taken| versions.get(*taken).first == version.first))
    };
    problems.extend(unused.filter(|version| !is_taken(version)).map(unused_block));
    problems.into_iter().map(Diagnostic::as_warning).collect()
}

fn lost_changes(versions: &Versions) -> Vec<Diagnostic> {
    let mut lost: HashSet<u32> = HashSet::new();
    let mut problems = Vec::new();
    for (id, version) in versions.iter() {
        let Some(before) = version.before else { continue };
        if lost.contains(&before.number()) {
            lost.insert(id.number());
        } else if let Some(use_before) = use_before(version) {
            lost.insert(id.number());
            problems.push(lost_change(version, use_before));
        }
    }
    problems
}

/// Returns the use of a value before its change, if nothing has the change.
fn use_before(version: &Version) -> Option<&CallPlace> {
    if !version.differs || version.leads_to_taken {
        return None;
    }
    let mentioned = version.before_was_mentioned.as_deref().filter(|_| !version.leads_to_mentioned);
    version.before_was_taken.as_deref().or(mentioned)
}

fn lost_change(version: &Version, used: &CallPlace) -> Diagnostic {
    let (kind, setter, reader) = (noun(version.kind), version.name, quoted(&used.name));
    let message = format!("`.{setter}` changes this {kind} after it was used, so the change has no effect");
    Diagnostic::new(Code::ChangedAfterUse, message)
        .at(&version.origin, "changes it here")
        .at(&used.origin, format!("{reader} uses the {kind} as it was before"))
        .help(match version.before_was_taken {
            Some(_) => format!("call `.{setter}` first, and give its result to {reader}"),
            None => format!("call `.{setter}` first, and use its result"),
        })
}

fn stale_read(versions: &Versions, stale: &StaleRead) -> Option<Diagnostic> {
    let version = versions.get(stale.version);
    let (kind, setter, attribute) = (noun(version.kind), version.name, stale.attribute);
    version.leads_to_taken.then(|| {
        let message = format!("`.{attribute}` of this {kind} was read before `.{setter}` changed it");
        Diagnostic::new(Code::ChangedAfterUse, message)
            .at(&version.origin, format!("gives `.{attribute}` another value"))
            .at(&stale.read, "has the value of before")
            .help(format!("call `.{setter}` first, and read `.{attribute}` of its result"))
    })
}

/// Returns a type as messages name a value of it.
fn noun(kind: &'static str) -> &'static str {
    match kind {
        "Resource" => "resource",
        "Stack" => "stack",
        other => other,
    }
}

/// Returns `.behind` in back-ticks, and a few words as they are.
fn quoted(name: &str) -> String {
    if name.contains(' ') { name.to_owned() } else { format!("`{name}`") }
}

/// Returns a warning for each value that no stack of the result has. A value that the script may use under another condition
/// is none of them.
fn unused(versions: &Versions, results: &[VersionId], input: &Input<'_>) -> Vec<Diagnostic> {
    let reached = reached(versions, results);
    let mut takers: HashSet<u32> = HashSet::new();
    for (_, version) in versions.iter().filter(|(_, version)| !reached.contains(&version.first.number())) {
        let others = version.takes.iter().map(|taken| versions.get(*taken).first);
        takers.extend(others.filter(|other| *other != version.first).map(VersionId::number));
    }
    let all: Vec<Token<'_>> = tokens(input.text).filter(|token| token.kind != Kind::Comment).collect();
    let firsts = versions.iter().filter(|(_, version)| version.before.is_none());
    let unused = firsts.filter(|(id, version)| {
        let outermost = !reached.contains(&id.number()) && !takers.contains(&id.number());
        outermost && creates_something(version) && &*version.origin.source == input.name
    });
    unused
        .filter(|(id, version)| is_certain(versions, *id, version, &all))
        .map(|(_, version)| unused_block(version))
        .collect()
}

/// Returns the first versions of the values that the result has, or that a text refers to.
fn reached(versions: &Versions, results: &[VersionId]) -> HashSet<u32> {
    let mentioned = versions.iter().filter(|(_, version)| version.mentioned.is_some()).map(|(id, _)| id);
    let mut open: Vec<VersionId> = results.iter().copied().chain(mentioned).collect();
    let (mut seen, mut reached) = (HashSet::new(), HashSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id.number()) {
            let version = versions.get(id);
            reached.insert(version.first.number());
            open.extend(version.takes.iter().copied().chain(version.before));
        }
    }
    reached
}

/// Returns whether the value is a part of a template, and not a parameter or a reference to what exists.
fn creates_something(version: &Version) -> bool {
    version.kind != "Parameter" && version.name != "existing"
}

/// Returns whether no other path through the script uses the value: neither its variable is named again, nor that of a value
/// that took it.
fn is_certain(versions: &Versions, first: VersionId, version: &Version, all: &[Token<'_>]) -> bool {
    let uses = |taker: &&Version| taker.takes.iter().any(|taken| versions.get(*taken).first == first);
    let mut takers = versions.iter().map(|(_, version)| version).filter(uses).peekable();
    if takers.peek().is_none() {
        return is_forgotten(all, &version.origin);
    }
    takers.all(|taker| is_forgotten(all, &taker.origin))
}

/// Returns whether a call is in the declaration of a variable that is named nowhere else, except to change it.
fn is_forgotten(all: &[Token<'_>], call: &Origin) -> bool {
    let before = all.iter().take_while(|token| (token.line, token.column) < (call.line, call.column)).count();
    let statement = all[..before].iter().rposition(|token| token.is(";") || token.is("{") || token.is("}"));
    let start = statement.map_or(0, |at| at + 1);
    let Some([_, name]) = all.get(start..start + 2).filter(|pair| pair[0].is_word(&["let", "const"])) else {
        return false;
    };
    let occurrences = all.iter().enumerate().skip(start + 2).filter(|(_, token)| mentions(token, name.text));
    occurrences.into_iter().all(|(at, _)| {
        let assigned = all.get(at + 1).is_some_and(|next| next.is("="));
        let changed = all[at - 1].is("=") && all[at - 2].text == name.text;
        assigned || changed
    })
}

fn mentions(token: &Token<'_>, name: &str) -> bool {
    match token.kind {
        Kind::Word => token.text == name,
        Kind::Template => token.text.contains(name),
        _ => false,
    }
}

fn unused_block(version: &Version) -> Diagnostic {
    let kind = version.kind;
    let is_part = [
        "Container",
        "Gunicorn",
        "HealthCheck",
        "Image",
        "ArchivedImage",
        "RegistryImage",
        "Route",
        "Scaling",
        "Target",
    ]
    .contains(&kind);
    let (message, help) = match kind {
        "Stack" => (
            "this stack is not in the result of the script".to_owned(),
            "let the script end with a list of all stacks: `[one, other]`",
        ),
        _ if is_part => (format!("this {kind} has no effect: no block uses it"), "give it to the block that it is for"),
        _ => (format!("this {} is in no stack", noun(kind)), "add it to a stack with `.add(..)`, or remove it"),
    };
    Diagnostic::new(Code::UnusedBlock, message).at(&version.origin, "nothing uses it").help(help)
}
