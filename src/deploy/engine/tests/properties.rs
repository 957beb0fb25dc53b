//! Whatever the template and whatever goes wrong: a run ends, never calls a failure a success, and the next one converges.

use std::fmt::Write;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::deploy::engine::EngineOptions;
use crate::deploy::engine::outcome::StackResult;
use crate::rehearsal::{ApiFaults, FaultPoint, ResourceFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, stack};

/// A resource: what it is, what it needs (by distance backwards), and a value that can change.
type ResourceSketch = (usize, Vec<usize>, u8);

const KINDS: [(&str, &str); 4] = [
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::SSM::Parameter", "Value"),
    ("AWS::EC2::VPC", "CidrBlock"),
    ("AWS::ECS::Cluster", "ClusterName"),
];

/// The name of a resource tells its type, which never changes under one name.
fn id(sketches: &[ResourceSketch], at: usize) -> String {
    sketches.get(at).map_or_else(String::new, |(kind, ..)| format!("R{at}K{kind}"))
}

/// A stack of log groups, parameters, networks and clusters that refer backwards. A changed value updates a parameter in
/// place and replaces a network; names make the others new ones.
fn drawn(sketches: &[ResourceSketch]) -> DesiredStack {
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

fn sketches() -> impl Strategy<Value = Vec<ResourceSketch>> + Clone {
    vec((0..4_usize, vec(0..6_usize, 0..3), 0..3_u8), 1..9)
}

fn faults() -> impl Strategy<Value = Vec<ResourceFault>> + Clone {
    let moment = prop_oneof![
        Just(FaultPoint::Create),
        Just(FaultPoint::Update),
        Just(FaultPoint::Restore),
        Just(FaultPoint::Delete)
    ];
    let fault = (0..9_usize, moment, 0..40_u64).prop_map(|(at, moment, after)| ResourceFault {
        after: (after < 20).then(|| Duration::from_secs(after)),
        ..ResourceFault::once(&at.to_string(), moment, "it was asked to fail")
    });
    vec(fault, 0..4)
}

/// The account holds what the template says and nothing else.
fn is_whole(stage: &Harness, wanted: &[ResourceSketch]) -> bool {
    stage.resource_count() == wanted.len()
        && stage.status("drawn").is_some_and(|status| status.ends_with("_COMPLETE") && !status.contains("ROLLBACK"))
}

/// What happens to a run beside its faults.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Disturbance {
    Calm,
    Kept,
    Killed(u64),
    Stormy { throttle: f64, poll_errors: f64, from: u64, lasts: u64 },
}

fn killed() -> impl Strategy<Value = Disturbance> + Clone {
    (0..90_u64).prop_map(Disturbance::Killed)
}

fn stormy() -> impl Strategy<Value = Disturbance> + Clone {
    (0..30_u32, 0..30_u32, 0..60_u64, 0..90_u64).prop_map(|(throttle, poll_errors, from, lasts)| Disturbance::Stormy {
        throttle: f64::from(throttle) / 100.0,
        poll_errors: f64::from(poll_errors) / 100.0,
        from,
        lasts,
    })
}

fn any() -> impl Strategy<Value = Disturbance> + Clone {
    prop_oneof![Just(Disturbance::Calm), Just(Disturbance::Kept), killed(), stormy()]
}

/// Two versions of a stack, each with what goes wrong as it is deployed.
#[derive(Debug, Clone)]
struct Case {
    seed: u64,
    versions: [(Vec<ResourceSketch>, Vec<ResourceFault>, Disturbance); 2],
    /// Whether what is stuck is taken back, or deleted.
    back: bool,
}

fn case(lot: impl Strategy<Value = Disturbance> + Clone) -> impl Strategy<Value = Case> {
    let version = (sketches(), faults(), lot);
    (0..1000_u64, version.clone(), version, proptest::bool::ANY).prop_map(|(seed, first, second, back)| Case {
        seed,
        versions: [first, second],
        back,
    })
}

fn prepare(stage: &Harness, lot: Disturbance) {
    stage.options.replace(EngineOptions { disable_rollback: lot == Disturbance::Kept, ..EngineOptions::new("") });
    stage.weather.set(match lot {
        Disturbance::Stormy { throttle, poll_errors, from, lasts } => {
            let lost = Some((Duration::from_secs(from), Duration::from_secs(lasts)));
            ApiFaults { throttle, poll_errors, lost, denied: None }
        }
        _ => ApiFaults::default(),
    });
    let second = if let Disturbance::Killed(second) = lot { Some(Duration::from_secs(second)) } else { None };
    stage.kill_after.set(second);
}

/// One run, and that it tells the truth.
fn truthful(
    stage: &Harness,
    wanted: &[ResourceSketch],
    faults: &[ResourceFault],
    lot: Disturbance,
) -> Result<(), TestCaseError> {
    let named = |fault: &ResourceFault| ResourceFault {
        resource: id(wanted, fault.resource.parse().unwrap_or(0)),
        ..fault.clone()
    };
    let asked: Vec<_> = faults.iter().map(named).collect();
    let idle =
        !stage.status("drawn").is_some_and(|status| status.ends_with("_IN_PROGRESS") || status.ends_with("_FAILED"));
    stage.faults.replace(asked.clone());
    let before = stage.state.borrow().existing_resources();
    prepare(stage, lot);
    let played = stage.deploy(&[drawn(wanted)]);
    prepare(stage, Disturbance::Calm);
    stage.faults.take();
    stage.state.borrow_mut().delete_leftovers();
    if let Disturbance::Killed(_) = lot {
        // The next one comes at once.
        stage.state.borrow_mut().now = stage.now() - Duration::from_mins(1);
    }
    let Some(outcome) = played.outcome.stacks.first() else { return Ok(()) };
    if outcome.result.is_success() {
        prop_assert!(is_whole(stage, wanted), "{:?} {:?} after {asked:?}", outcome.result, stage.status("drawn"));
    } else {
        prop_assert!(!outcome.problems.is_empty(), "{:?} without a word", outcome.result);
        prop_assert!(outcome.problems.iter().all(|problem| problem.origin().is_some()), "a problem without a place");
    }
    if outcome.result == StackResult::RolledBack && idle {
        prop_assert_eq!(stage.state.borrow().existing_resources(), before, "what is undone leaves things as they were");
        prop_assert!(!asked.is_empty(), "rolled back though nothing failed: {:?}", outcome.problems);
    }
    Ok(())
}

/// Whatever happens to the runs: the account can be brought to what is wanted, and holds nothing else then.
fn converges(case: &Case) -> Result<(), TestCaseError> {
    let stage = Harness::new(case.seed);
    for (wanted, faults, lot) in &case.versions {
        truthful(&stage, wanted, faults, *lot)?;
    }
    let wanted = &case.versions[1].0;
    // What runs ends, and what was left under way is let be.
    let later = stage.now() + Duration::from_hours(1);
    stage.state.borrow_mut().now = later;
    let failed = |status: &String| status.ends_with("_FAILED");
    let takes_back = |status: &str| matches!(status, "CREATE_FAILED" | "UPDATE_FAILED" | "UPDATE_ROLLBACK_FAILED");
    match stage.status("drawn").filter(failed) {
        Some(status) if case.back && takes_back(&status) => {
            let back = stage.rollback(&[drawn(wanted)], &[], None);
            prop_assert_eq!(&back.outcome.stacks[0].result, &StackResult::RolledBackOnRequest, "from {}", status);
        }
        Some(status) if !matches!(status.as_str(), "CREATE_FAILED" | "UPDATE_FAILED") => {
            stage.destroy(&[drawn(wanted)]);
            prop_assert_eq!(stage.status("drawn"), None, "a stack that is stuck can be destroyed");
            stage.state.borrow_mut().delete_leftovers();
            prop_assert_eq!(stage.resource_count(), 0, "nothing is left of it");
        }
        _ => {}
    }
    // What a killed run's operation could not delete since, a person deletes by hand.
    stage.status("drawn");
    stage.state.borrow_mut().delete_leftovers();
    let last = stage.deploy(&[drawn(wanted)]);
    stage.state.borrow_mut().delete_leftovers();
    prop_assert!(
        last.outcome.is_success(),
        "{:?}: {:?}",
        last.outcome.stacks[0].result,
        last.outcome.stacks[0].problems
    );
    let whole = stage.resource_count() == wanted.len();
    prop_assert!(whole, "{:?} beside {} resources", stage.state.borrow().existing_resources(), wanted.len());
    let again = stage.deploy(&[drawn(wanted)]);
    prop_assert_eq!(&again.outcome.stacks[0].result, &StackResult::Unchanged);
    Ok(())
}

// Four tests, so that they run in parallel.
proptest! {
    #![proptest_config(crate::testing::property_tests())]

    #[test]
    fn a_run_tells_the_truth_and_the_next_one_converges(case in case(prop_oneof![Just(Disturbance::Calm), Just(Disturbance::Kept)])) {
        converges(&case)?;
    }

    #[test]
    fn wherever_runs_are_killed_the_next_one_converges(case in case(killed())) {
        converges(&case)?;
    }

    #[test]
    fn in_any_weather_a_run_tells_the_truth(case in case(stormy())) {
        converges(&case)?;
    }

    #[test]
    fn whatever_follows_upon_whatever_it_converges(case in case(any())) {
        converges(&case)?;
    }
}
