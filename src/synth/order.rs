//! The order in which stacks are deployed.

use std::collections::{HashMap, HashSet};

use super::template_builder::TemplateBuilder;
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

/// Completes `after` with the stacks of `.after`; reports stacks that wait for each other.
pub(super) fn stacks(stacks: &mut [TemplateBuilder]) -> Sink {
    let positions: HashMap<String, usize> =
        stacks.iter().enumerate().map(|(position, builder)| (builder.stack.name.value.clone(), position)).collect();
    let mut problems = Sink::new();
    for builder in &mut *stacks {
        for first in &builder.stack.after {
            if !positions.contains_key(&first.value) {
                problems.push(
                    Diagnostic::new(Code::UnknownStack, format!("the script has no stack `{}`", first.value))
                        .at(&first.origin, "")
                        .help_if(did_you_mean(&first.value, positions.keys().map(String::as_str)))
                        .help("return it from the script too: `[first, second]`"),
                );
            } else if !builder.after.contains(&first.value) {
                builder.after.push(first.value.clone());
            }
        }
        builder.after.sort_by_key(|name| positions[name]);
    }
    let needs: Vec<Vec<usize>> =
        stacks.iter().map(|builder| builder.after.iter().map(|name| positions[name]).collect()).collect();
    problems.extend(cycle(&needs).map(|cycle| stack_cycle(&cycle, stacks)));
    problems
}

/// Returns the first cycle, in the order of waiting.
fn cycle(needs: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut done: HashSet<usize> = HashSet::new();
    for start in 0..needs.len() {
        // The path from `start`, each with the next of its needs to look at.
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            let Some(&need) = needs[at].get(*next).filter(|_| !done.contains(&at)) else {
                done.insert(at);
                path.pop();
                continue;
            };
            *next += 1;
            if let Some(first) = path.iter().position(|(known, _)| *known == need) {
                return Some(path[first..].iter().map(|(stack, _)| *stack).collect());
            }
            path.push((need, 0));
        }
    }
    None
}

fn stack_cycle(cycle: &[usize], stacks: &[TemplateBuilder]) -> Diagnostic {
    let name = |stack: usize| &stacks[stack].stack.name;
    let waits = |stack: &usize| format!("`{}`", name(*stack).value);
    let path: Vec<String> = cycle.iter().chain(cycle.first()).map(waits).collect();
    let problem = Diagnostic::new(Code::StackCycle, format!("stacks wait for each other: {}", path.join(" -> ")));
    let labelled = cycle.iter().zip(cycle.iter().cycle().skip(1)).fold(problem, |problem, (stack, first)| {
        problem.at(&name(*stack).origin, format!("waits for `{}`", name(*first).value))
    });
    labelled.help("add the shared blocks to one of them, or to a stack of their own")
}
