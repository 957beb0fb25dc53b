//! The rest of a script after a statement that ended in an error.
//!
//! Rhai cannot continue after an error. The statement is replaced by a value with an error, and the script is evaluated again,
//! so that one run shows the mistakes of the further statements. Of the last statement, which is the result, `last_statement`
//! leaves out a part.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Dynamic, Engine, ImmutableString, Module, NativeCallContext, Shared};

use super::eval_state::EvalState;
use super::lexer::{Kind, tokens};
use super::lint::{TopLevelStatement, statement_at};
use super::poison::Poison;
use super::{EvalOutput, Input, bindings, evaluate, last_statement, poison};
use crate::block::Stack;
use crate::budget::Budget;
use crate::diag::Diagnostic;
use crate::script::global_functions::GlobalFunctions;

/// The maximum number of statements that are replaced.
const MAX_STATEMENTS: usize = 8;

/// The part of the time limit that an evaluation may have taken to be repeated.
const PART_OF_TIME: u32 = 16;

thread_local! {
    /// The value with the methods of every block.
    static FUNCTIONS: Shared<Module> = functions().shared();
}

/// Registers the value with the methods of every block.
pub(super) fn register(engine: &mut Engine) {
    FUNCTIONS.with(|functions| engine.register_global_module(Shared::clone(functions)));
}

fn functions() -> GlobalFunctions {
    let mut globals = GlobalFunctions::new();
    globals.register_type_with_name::<Poison>(poison::TYPE);
    globals.register_fn(poison::FUNCTION, |ctx: NativeCallContext| {
        EvalState::of(&ctx).has_poison.set(true);
        Poison
    });
    globals.register_indexer_get(|_: &mut Poison, _: ImmutableString| Poison);
    for name in ["to_string", "to_debug"] {
        globals.register_fn(name, |_: &mut Poison| String::new());
    }
    globals.register_fn("+", |text: ImmutableString, _: Poison| text);
    globals.register_fn("+", |_: Poison, text: ImmutableString| text);
    let types = bindings::types();
    let methods: BTreeSet<(&str, usize)> =
        types.iter().flat_map(|kind| &kind.methods).map(|method| (method.name, method.parameters.len())).collect();
    for (name, parameters) in methods {
        let mut types = vec![TypeId::of::<Poison>()];
        types.extend((0..parameters).map(|_| TypeId::of::<Dynamic>()));
        globals.register_raw_fn(name, &types, |_, _| Ok(Poison));
    }
    globals
}

/// Evaluates the rest of a script whose evaluation an error ended. Returns the last evaluation, with the problems of all.
pub(super) fn continued(first: EvalOutput, input: &Input<'_>, budget: &Budget) -> EvalOutput {
    let mut run = first;
    let mut text = input.text.to_owned();
    let mut has_part_left_out = false;
    for _ in 0..MAX_STATEMENTS {
        let is_slow = budget.has_passed(PART_OF_TIME);
        let ended_at = run.state.ended_at.take().filter(|_| run.value.is_none() && !run.interrupted && !is_slow);
        let Some(at) = ended_at else { break };
        let without = match without_statement(&text, at) {
            Some(without) => without,
            None => match last_statement::without_part(&text, at, |name| holds_stack(&run, name)) {
                Some(without) => {
                    has_part_left_out = true;
                    without
                }
                None => break,
            },
        };
        text = without;
        let limits = input.limits.clone();
        let again =
            Input { name: input.name, text: &text, files: input.files.clone(), given: input.given.clone(), limits };
        let next = evaluate(&again, None, budget);
        if next.interrupted {
            break;
        }
        if has_part_left_out {
            next.state.has_poison.set(true);
        }
        add_problems(&next.state, run.state.problems.take());
        // A data file with a mistake is not read again.
        next.state.sources.borrow_mut().extend(&run.state.sources.borrow());
        run = next;
    }
    run.state.sources.borrow_mut().add(input.name, input.text);
    run
}

fn holds_stack(run: &EvalOutput, name: &str) -> bool {
    run.variables.iter().rfind(|(known, _)| known == name).is_some_and(|(_, value)| value.is::<Rc<Stack>>())
}

/// Adds the problems of an earlier evaluation that the later one did not find again.
fn add_problems(state: &EvalState, earlier: Vec<Diagnostic>) {
    let mut problems = state.problems.borrow_mut();
    let place =
        |problem: &Diagnostic| problem.origin().map(|origin| (origin.source.clone(), origin.line, origin.column));
    for problem in earlier {
        let is_known = problems.iter().any(|known| {
            (known.code, &known.message, place(known)) == (problem.code, &problem.message, place(&problem))
        });
        if !is_known {
            problems.push(problem);
        }
    }
}

/// Returns a text in which the statement at a position declares or assigns a value with an error. Nothing else moves. A loop or
/// branch that cannot run becomes assignments of its variables. None if the position is in no statement, or in the last one, which is
/// the result.
fn without_statement(text: &str, position: (u32, u32)) -> Option<String> {
    let found = statement_at(text, position).filter(|found| !found.is_last && position <= found.statement.end)?;
    let statement = &found.statement;
    let (start, end) = (offset(text, (statement.line, statement.column))?, offset(text, statement.end)?);
    let replaced = text.get(start..end)?;
    let value = format!("{}()", poison::FUNCTION);
    let new = match (declared(statement, replaced), &found.assigned) {
        (_, Some(assigned)) => {
            let declared = variables(&text[..start]);
            let known = assigned.iter().filter(|name| declared.contains(*name));
            known.map(|name| format!("{name} = {value}; ")).collect::<String>() + value.as_str() + ";"
        }
        (Some(name), None) if ["let", "const"].contains(&statement.kind.as_str()) => {
            format!("{} {name} = {value}", statement.kind)
        }
        (Some(name), None) => format!("{name} = {value}"),
        (None, None) if statement.is_expression => value,
        (None, None) => return None,
    };
    let lines = "\n".repeat(replaced.matches('\n').count());
    Some(format!("{}{new}{lines}{}", &text[..start], &text[end..]))
}

/// Returns the variables that a text declares.
fn variables(text: &str) -> BTreeSet<String> {
    let words: Vec<_> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let declared = words.windows(2).filter(|pair| pair[0].is_word(&["let"]) && pair[1].kind == Kind::Word);
    declared.map(|pair| pair[1].text.to_owned()).collect()
}

/// Returns the variable that a statement declares or assigns.
fn declared(statement: &TopLevelStatement, text: &str) -> Option<String> {
    if ["let", "const"].contains(&statement.kind.as_str()) {
        return statement.name.clone();
    }
    let mut words = tokens(text).filter(|token| token.kind != Kind::Comment);
    let (first, second) = (words.next()?, words.next()?);
    (first.kind == Kind::Word && second.is("=")).then(|| first.text.to_owned())
}

/// Returns the offset of a line and column in bytes.
fn offset(text: &str, (line, column): (u32, u32)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let inside = text.get(start..)?.char_indices().map(|(at, _)| at).chain([text.len() - start]).nth(column)?;
    Some(start + inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statement_is_replaced_and_nothing_else_moves() {
        let text = "let a = f(\n  1);\nb = b.c(a);\ng(b);\nlast";
        let value = "value_with_an_error__()";
        let of = |at| without_statement(text, at);
        assert_eq!(of((2, 3)).expect("a statement"), format!("let a = {value}\n;\nb = b.c(a);\ng(b);\nlast"));
        assert_eq!(of((3, 7)).expect("a statement"), format!("let a = f(\n  1);\nb = {value};\ng(b);\nlast"));
        assert_eq!(of((4, 1)).expect("a statement"), format!("let a = f(\n  1);\nb = b.c(a);\n{value};\nlast"));
        assert_eq!(of((5, 1)), None);
    }

    #[test]
    fn statement_inside_of_a_loop_or_branch_is_replaced_alone() {
        let value = "value_with_an_error__()";
        let text = "for x in [1] { let y = x.z(); f(y); }\nlast";
        let expected = format!("for x in [1] {{ let y = {value}; f(y); }}\nlast");
        assert_eq!(without_statement(text, (1, 25)), Some(expected));
        let text = "if a { b = c.d(); } else { e(); }\nlast";
        assert_eq!(without_statement(text, (1, 28)), Some(format!("if a {{ b = c.d(); }} else {{ {value}; }}\nlast")));
    }

    #[test]
    fn loop_that_cannot_run_leaves_its_variables_without_a_value() {
        let value = "value_with_an_error__()";
        let text = "let n = 1;\nfor x in y {\n  n += x;\n  z = 2;\n}\nlast";
        assert_eq!(without_statement(text, (2, 10)), Some(format!("let n = 1;\nn = {value}; {value};\n\n\n\nlast")));
        let text = "let n = 1;\nwhile n < 3 { n = n.f(); }\nlast";
        assert_eq!(without_statement(text, (2, 19)), Some(format!("let n = 1;\nn = {value}; {value};\nlast")));
    }
}
