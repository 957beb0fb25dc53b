//! Which stacks go before which.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::synth::DesiredStack;

/// The stacks of a script with what each waits for, as positions in the script.
#[derive(Debug, Clone)]
pub struct DeploymentOrder {
    /// For each stack the stacks that must be there first.
    pub needs: Vec<BTreeSet<usize>>,
}

impl DeploymentOrder {
    /// The order of stacks; a name that no stack has is nobody to wait for (it is deployed already, or the choice of
    /// stacks left it out).
    ///
    /// # Errors
    ///
    /// Stacks that wait for one another, or two stacks of one name in one region.
    pub fn of(stacks: &[DesiredStack]) -> Result<DeploymentOrder, Vec<Diagnostic>> {
        let mut problems: Vec<_> =
            stacks.iter().enumerate().filter_map(|(at, stack)| twin(stacks, at, stack)).collect();
        let position = |name: &str| stacks.iter().position(|stack| stack.name == name);
        let needs = stacks.iter().map(|stack| stack.after.iter().filter_map(|name| position(name)).collect());
        let order = DeploymentOrder { needs: needs.collect() };
        problems.extend(order.circle().map(|circle| circular(stacks, &circle)));
        if problems.is_empty() { Ok(order) } else { Err(problems) }
    }

    /// The reverse: for deleting.
    #[must_use]
    pub fn reversed(&self) -> DeploymentOrder {
        let users = |at: usize| (0..self.needs.len()).filter(move |other| self.needs[*other].contains(&at));
        DeploymentOrder { needs: (0..self.needs.len()).map(|at| users(at).collect()).collect() }
    }

    /// The stacks that wait for one another, where some do.
    fn circle(&self) -> Option<Vec<usize>> {
        let mut left: BTreeSet<usize> = (0..self.needs.len()).collect();
        loop {
            let free: Vec<_> = left.iter().copied().filter(|at| self.needs[*at].is_disjoint(&left)).collect();
            if left.is_empty() {
                return None;
            }
            if free.is_empty() {
                return Some(self.walk(*left.first()?, &left));
            }
            left.retain(|at| !free.contains(at));
        }
    }

    /// Goes from need to need among stacks that are all stuck, until one comes again.
    fn walk(&self, from: usize, stuck: &BTreeSet<usize>) -> Vec<usize> {
        let mut way = vec![from];
        while let Some(next) = way.last().and_then(|at| self.needs[*at].iter().find(|need| stuck.contains(need))) {
            if let Some(start) = way.iter().position(|at| at == next) {
                return way.split_off(start);
            }
            way.push(*next);
        }
        way
    }
}

fn twin(stacks: &[DesiredStack], at: usize, stack: &DesiredStack) -> Option<Diagnostic> {
    let first = stacks[..at].iter().find(|other| other.name == stack.name && other.region == stack.region)?;
    let problem = Diagnostic::new(Code::DuplicateStack, format!("two stacks are named `{}`", stack.name));
    Some(problem.at(&stack.origin, "the second one").at(&first.origin, "the first one").help("give one another name"))
}

fn circular(stacks: &[DesiredStack], circle: &[usize]) -> Diagnostic {
    let names: Vec<_> = circle.iter().chain(circle.first()).map(|at| format!("`{}`", stacks[*at].name)).collect();
    let problem = Diagnostic::new(Code::StackCycle, format!("stacks wait for one another: {}", names.join(" after ")));
    let labelled = circle.iter().fold(problem, |problem, at| problem.at(&stacks[*at].origin, "one of them"));
    labelled.help("take one `.after(..)` away, or move what both need into a stack of its own")
}

/// The positions of the stacks that names or globs choose; all where none is given.
///
/// # Errors
///
/// A pattern that no stack fits.
pub fn chosen(names: &[&str], patterns: &[String]) -> Result<Vec<usize>, Vec<Diagnostic>> {
    if patterns.is_empty() {
        return Ok((0..names.len()).collect());
    }
    let fits = |pattern: &String| names.iter().any(|name| WildMatch::new(pattern).matches(name));
    let problems: Vec<_> =
        patterns.iter().filter(|pattern| !fits(pattern)).map(|pattern| unknown(pattern, names)).collect();
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
    fn deletion_goes_the_other_way_round() {
        let order = DeploymentOrder::of(&[stack("web", &["net"]), stack("net", &[])]).unwrap();
        assert_eq!(order.needs, [BTreeSet::from([1]), BTreeSet::new()]);
        assert_eq!(order.reversed().needs, [BTreeSet::new(), BTreeSet::from([0])]);
    }

    #[test]
    fn stacks_that_wait_for_one_another_are_named_and_others_are_not() {
        let problems =
            DeploymentOrder::of(&[stack("a", &["b"]), stack("b", &["c"]), stack("c", &["b"]), stack("d", &[])])
                .unwrap_err();
        assert_eq!(problems[0].code, "stack-cycle");
        assert!(problems[0].message.contains("`b`") && !problems[0].message.contains("`a`"));
    }

    #[test]
    fn two_stacks_of_one_name_are_refused() {
        assert_eq!(DeploymentOrder::of(&[stack("a", &[]), stack("a", &[])]).unwrap_err()[0].code, "duplicate-stack");
    }

    #[test]
    fn stacks_are_chosen_by_name_and_glob() {
        let names = ["web-dev", "web-prod", "net"];
        let chosen =
            |patterns: &[&str]| chosen(&names, &patterns.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(chosen(&[]), Ok(vec![0, 1, 2]));
        assert_eq!(chosen(&["web-*"]), Ok(vec![0, 1]));
        assert_eq!(chosen(&["ne?", "web-dev"]), Ok(vec![0, 2]));
        assert_eq!(chosen(&["nett"]).unwrap_err()[0].code, "unknown-stack");
        assert!(!is_match(&"*a".repeat(40), &"a".repeat(39)));
    }
}
