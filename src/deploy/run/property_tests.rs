//! Whatever the template and whatever goes wrong: a run ends, never calls a failure a success, and the next one converges.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;

use super::scenario::{Stage, stack};
use crate::deploy::desired::DesiredStack;
use crate::deploy::outcome::Ending;
use crate::deploy::rehearsal::{Fault, Moment};

/// A resource: what it is, what it needs (by distance backwards), and a value that can change.
type Sketch = (usize, Vec<usize>, u8);

const KINDS: [(&str, &str); 4] = [
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::SSM::Parameter", "Value"),
    ("AWS::EC2::VPC", "CidrBlock"),
    ("AWS::ECS::Cluster", "ClusterName"),
];

/// The name of a resource tells its type, which never changes under one name.
fn id(sketches: &[Sketch], at: usize) -> String {
    sketches.get(at).map_or_else(String::new, |(kind, ..)| format!("R{at}K{kind}"))
}

/// A stack of log groups, parameters, networks and clusters that refer backwards. A changed value updates a parameter in
/// place and replaces a network; names make the others new ones.
fn drawn(sketches: &[Sketch]) -> DesiredStack {
    let mut yaml = "Resources:\n".to_owned();
    for (at, (kind, needs, value)) in sketches.iter().enumerate() {
        let (kind, property) = KINDS[*kind];
        let needs: Vec<_> =
            needs.iter().filter(|_| at > 0).map(|need| id(sketches, (at - 1).saturating_sub(*need))).collect();
        let text = match kind {
            "AWS::EC2::VPC" => format!("10.{value}.0.0/16"),
            _ => needs.iter().fold(format!("n{at}v{value}"), |text, need| format!("{text}-${{{need}}}")),
        };
        let extra = if kind == "AWS::SSM::Parameter" { "\n      Type: String" } else { "" };
        let depends = needs.first().map_or_else(String::new, |need| format!("\n    DependsOn: {need}"));
        let id = id(sketches, at);
        write!(yaml, "  {id}:\n    Type: {kind}{depends}\n    Properties:{extra}\n      {property}: !Sub '{text}'\n")
            .expect("a string takes it");
    }
    stack("drawn", &yaml)
}

fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
    vec((0..4_usize, vec(0..6_usize, 0..3), 0..3_u8), 1..9)
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let moment = prop_oneof![Just(Moment::Create), Just(Moment::Update), Just(Moment::Restore), Just(Moment::Delete)];
    let fault = (0..9_usize, moment, 0..40_u64).prop_map(|(at, moment, after)| Fault {
        after: (after < 20).then(|| std::time::Duration::from_secs(after)),
        ..Fault::once(&at.to_string(), moment, "it was asked to fail")
    });
    vec(fault, 0..4)
}

/// The account holds what the template says and nothing else.
fn is_whole(stage: &Stage, wanted: &[Sketch]) -> bool {
    stage.things() == wanted.len()
        && stage.status("drawn").is_some_and(|status| status.ends_with("_COMPLETE") && !status.contains("ROLLBACK"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_tells_the_truth_and_the_next_one_converges(
        seed in 0..1000_u64,
        first in sketches(),
        second in sketches(),
        at_first in faults(),
        at_second in faults(),
    ) {
        let stage = Stage::new(seed);
        for (wanted, faults) in [(&first, at_first), (&second, at_second)] {
            let named = |fault: Fault| Fault { resource: id(wanted, fault.resource.parse().unwrap_or(0)), ..fault };
            let asked: Vec<_> = faults.into_iter().map(named).collect();
            stage.faults.replace(asked.clone());
            let before = stage.state.borrow().things();
            let played = stage.deploy(&[drawn(wanted)]);
            stage.faults.take();
            stage.state.borrow_mut().sweep();
            let outcome = &played.outcome.stacks[0];
            let status = stage.status("drawn");
            if outcome.ending.is_good() {
                prop_assert!(is_whole(&stage, wanted), "{:?} {status:?} after {asked:?}", outcome.ending);
            } else {
                prop_assert!(!outcome.problems.is_empty(), "{:?} without a word", outcome.ending);
                prop_assert!(outcome.problems.iter().all(|problem| problem.origin().is_some()), "a problem without a place");
            }
            if outcome.ending == Ending::RolledBack {
                prop_assert_eq!(stage.state.borrow().things(), before, "what is undone leaves things as they were");
            }
            if asked.is_empty() && outcome.ending == Ending::RolledBack {
                prop_assert!(false, "rolled back though nothing failed: {:?}", outcome.problems);
            }
        }
        if stage.status("drawn").is_some_and(|status| status.ends_with("_FAILED")) {
            stage.destroy(&[drawn(&second)]);
            prop_assert_eq!(stage.status("drawn"), None, "a stack that is stuck can be destroyed");
        }
        let last = stage.deploy(&[drawn(&second)]);
        prop_assert!(last.outcome.is_good(), "{:?}: {:?}", last.outcome.stacks[0].ending, last.outcome.stacks[0].problems);
        let again = stage.deploy(&[drawn(&second)]);
        prop_assert_eq!(&again.outcome.stacks[0].ending, &Ending::Unchanged);
    }
}
