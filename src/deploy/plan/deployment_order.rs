//! The order in which stacks are deployed and deleted.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::synth::DesiredStack;

/// The stacks that each stack of a script waits for, as positions in the script.
#[derive(Debug, Clone)]
pub struct DeploymentOrder {
    /// For each stack, the stacks that must be deployed first.
    pub needs: Vec<BTreeSet<usize>>,
}

impl DeploymentOrder {
    /// Returns the order of stacks. Names of stacks outside of the list are ignored: they are deployed already, or were not
    /// selected.
    ///
    /// # Errors
    ///
    /// Returns an error if stacks wait for one another, or if two stacks of a region have the same name.
    pub fn of(stacks: &[DesiredStack]) -> Result<DeploymentOrder, Vec<Diagnostic>> {
        let mut problems: Vec<_> =
            stacks.iter().enumerate().filter_map(|(at, stack)| duplicate(stacks, at, stack)).collect();
        let position = |name: &str| stacks.iter().position(|stack| stack.name == name);
        let needs = stacks.iter().map(|stack| stack.after.iter().filter_map(|name| position(name)).collect());
        let order = DeploymentOrder { needs: needs.collect() };
        problems.extend(order.cycle().map(|cycle| cycle_error(stacks, &cycle)));
        if problems.is_empty() { Ok(order) } else { Err(problems) }
    }

    /// Returns the reverse order, for deletion.
    #[must_use]
    pub fn reversed(&self) -> DeploymentOrder {
        let users = |at: usize| (0..self.needs.len()).filter(move |other| self.needs[*other].contains(&at));
        DeploymentOrder { needs: (0..self.needs.len()).map(|at| users(at).collect()).collect() }
    }

    /// Returns stacks that wait for one another, if any.
    fn cycle(&self) -> Option<Vec<usize>> {
        let mut left: BTreeSet<usize> = (0..self.needs.len()).collect();
        loop {
            let free: Vec<_> = left.iter().copied().filter(|at| self.needs[*at].is_disjoint(&left)).collect();
            if left.is_empty() {
                return None;
            }
            if free.is_empty() {
                return Some(self.follow(*left.first()?, &left));
            }
            left.retain(|at| !free.contains(at));
        }
    }

    /// Follows the needs of stacks that all wait, until one repeats.
    fn follow(&self, from: usize, waiting: &BTreeSet<usize>) -> Vec<usize> {
        let mut path = vec![from];
        while let Some(next) = path.last().and_then(|at| self.needs[*at].iter().find(|need| waiting.contains(need))) {
            if let Some(start) = path.iter().position(|at| at == next) {
                return path.split_off(start);
            }
            path.push(*next);
        }
        path
    }
}

fn duplicate(stacks: &[DesiredStack], at: usize, stack: &DesiredStack) -> Option<Diagnostic> {
    let first = stacks[..at].iter().find(|other| other.name == stack.name && other.region == stack.region)?;
    let problem = Diagnostic::new(Code::DuplicateStack, format!("two stacks are named `{}`", stack.name));
    Some(problem.at(&stack.origin, "the second one").at(&first.origin, "the first one").help("give one another name"))
}

fn cycle_error(stacks: &[DesiredStack], cycle: &[usize]) -> Diagnostic {
    let names: Vec<_> = cycle.iter().chain(cycle.first()).map(|at| format!("`{}`", stacks[*at].name)).collect();
    let problem = Diagnostic::new(Code::StackCycle, format!("stacks wait for one another: {}", names.join(" after ")));
    let labelled = cycle.iter().fold(problem, |problem, at| problem.at(&stacks[*at].origin, "one of them"));
    labelled.help("remove one `.after(..)`, or move what both need to a stack of its own")
}

/// Returns the positions of the stacks that match the names or globs; all without patterns.
///
/// # Errors
///
/// Returns an error if a pattern matches no stack.
pub fn choose_stacks(names: &[&str], patterns: &[String]) -> Result<Vec<usize>, Vec<Diagnostic>> {
    if patterns.is_empty() {
        return Ok((0..names.len()).collect());
    }
    let is_used = |pattern: &String| names.iter().any(|name| WildMatch::new(pattern).matches(name));
    let problems: Vec<_> =
        patterns.iter().filter(|pattern| !is_used(pattern)).map(|pattern| unknown(pattern, names)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok((0..names.len())
        .filter(|at| patterns.iter().any(|pattern| WildMatch::new(pattern).matches(names[*at])))
        .collect())
}

fn unknown(pattern: &str, names: &[&str]) -> Diagnostic {
    Diagnostic::new(Code::UnknownStack, format!("the script has no stack `{pattern}`"))
        .help_if(did_you_mean(pattern, names.iter().copied()))
        .note(format!("its stacks: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::Template;
    use crate::diag::Origin;

    fn is_match(pattern: &str, name: &str) -> bool {
        WildMatch::new(pattern).matches(name)
    }

    fn stack(name: &str, after: &[&str]) -> DesiredStack {
        let after = after.iter().map(|name| (*name).to_owned()).collect();
        DesiredStack { after, ..DesiredStack::new(name, Template::default(), Origin::unknown()) }
    }

    #[test]
    fn reversed_order_is_that_of_deletion() {
        let order = DeploymentOrder::of(&[stack("web", &["net"]), stack("net", &[])]).unwrap();
        assert_eq!(order.needs, [BTreeSet::from([1]), BTreeSet::new()]);
        assert_eq!(order.reversed().needs, [BTreeSet::new(), BTreeSet::from([0])]);
    }

    #[test]
    fn cycle_names_its_stacks_only() {
        let problems =
            DeploymentOrder::of(&[stack("a", &["b"]), stack("b", &["c"]), stack("c", &["b"]), stack("d", &[])])
                .unwrap_err();
        assert_eq!(problems[0].code, "stack-cycle");
        assert!(problems[0].message.contains("`b`") && !problems[0].message.contains("`a`"));
    }

    #[test]
    fn two_stacks_with_one_name_are_an_error() {
        assert_eq!(DeploymentOrder::of(&[stack("a", &[]), stack("a", &[])]).unwrap_err()[0].code, "duplicate-stack");
    }

    #[test]
    fn stacks_are_selected_by_name_and_glob() {
        let names = ["web-dev", "web-prod", "net"];
        let chosen =
            |patterns: &[&str]| choose_stacks(&names, &patterns.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(chosen(&[]), Ok(vec![0, 1, 2]));
        assert_eq!(chosen(&["web-*"]), Ok(vec![0, 1]));
        assert_eq!(chosen(&["ne?", "web-dev"]), Ok(vec![0, 2]));
        assert_eq!(chosen(&["nett"]).unwrap_err()[0].code, "unknown-stack");
        assert!(!is_match(&"*a".repeat(40), &"a".repeat(39)));
    }
}
