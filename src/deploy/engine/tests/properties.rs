//! Properties of runs with any template and any fault: a run ends, reports a failure as one, and the next one converges.

use std::fmt::Write;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::deploy::engine::EngineOptions;
use crate::deploy::engine::outcome::StackResult;
use crate::rehearsal::{ApiFaults, FaultPoint, ResourceFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, stack};

/// A resource: its type, its references (by distance backwards), and a value that can change.
type ResourceSketch = (usize, Vec<usize>, u8);

const KINDS: [(&str, &str); 4] = [
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::SSM::Parameter", "Value"),
    ("AWS::EC2::VPC", "CidrBlock"),
    ("AWS::ECS::Cluster", "ClusterName"),
];

/// Returns a logical id that contains the type, which never changes under one id.
fn id(sketches: &[ResourceSketch], at: usize) -> String {
    sketches.get(at).map_or_else(String::new, |(kind, ..)| format!("R{at}K{kind}"))
}

/// Returns a stack of log groups, parameters, networks and clusters that refer backwards. A changed value updates a parameter in
/// place and replaces a network; names make the others new ones.
fn template_of(sketches: &[ResourceSketch]) -> DesiredStack {
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
    stack("template_of", &yaml)
}

fn sketches() -> impl Strategy<Value = Vec<ResourceSketch>> + Clone {
    vec((0..4_usize, vec(0..6_usize, 0..3), 0..3_u8), 1..9)
}

fn faults() -> impl Strategy<Value = Vec<ResourceFault>> + Clone {
    let point = prop_oneof![
        Just(FaultPoint::Create),
        Just(FaultPoint::Update),
        Just(FaultPoint::Restore),
        Just(FaultPoint::Delete)
    ];
    let fault = (0..9_usize, point, 0..40_u64).prop_map(|(at, point, after)| ResourceFault {
        after: (after < 20).then(|| Duration::from_secs(after)),
        ..ResourceFault::once(&at.to_string(), point, "an injected failure")
    });
    vec(fault, 0..4)
}

/// Returns whether the account has the resources of the template and no others.
fn is_complete(harness: &Harness, desired: &[ResourceSketch]) -> bool {
    harness.resource_count() == desired.len()
        && harness
            .status("template_of")
            .is_some_and(|status| status.ends_with("_COMPLETE") && !status.contains("ROLLBACK"))
}

/// A disturbance of a run in addition to its faults.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Disturbance {
    None,
    RollbackDisabled,
    Killed(u64),
    ApiFaults { throttle: f64, poll_errors: f64, from: u64, lasts: u64 },
}

fn killed() -> impl Strategy<Value = Disturbance> + Clone {
    (0..90_u64).prop_map(Disturbance::Killed)
}

fn api_faults_strategy() -> impl Strategy<Value = Disturbance> + Clone {
    (0..30_u32, 0..30_u32, 0..60_u64, 0..90_u64).prop_map(|(throttle, poll_errors, from, lasts)| {
        Disturbance::ApiFaults {
            throttle: f64::from(throttle) / 100.0,
            poll_errors: f64::from(poll_errors) / 100.0,
            from,
            lasts,
        }
    })
}

fn any() -> impl Strategy<Value = Disturbance> + Clone {
    prop_oneof![Just(Disturbance::None), Just(Disturbance::RollbackDisabled), killed(), api_faults_strategy()]
}

/// Two versions of a stack, each with the faults of its deployment.
#[derive(Debug, Clone)]
struct Case {
    seed: u64,
    versions: [(Vec<ResourceSketch>, Vec<ResourceFault>, Disturbance); 2],
    /// Whether a stack that needs recovery is rolled back, or deleted.
    roll_back: bool,
}

fn case(disturbance: impl Strategy<Value = Disturbance> + Clone) -> impl Strategy<Value = Case> {
    let version = (sketches(), faults(), disturbance);
    (0..1000_u64, version.clone(), version, proptest::bool::ANY).prop_map(|(seed, first, second, roll_back)| Case {
        seed,
        versions: [first, second],
        roll_back,
    })
}

fn prepare(harness: &Harness, disturbance: Disturbance) {
    harness.options.replace(EngineOptions {
        disable_rollback: disturbance == Disturbance::RollbackDisabled,
        ..EngineOptions::new("")
    });
    harness.api_faults.set(match disturbance {
        Disturbance::ApiFaults { throttle, poll_errors, from, lasts } => {
            let lost = Some((Duration::from_secs(from), Duration::from_secs(lasts)));
            ApiFaults { throttle, poll_errors, lost, ..ApiFaults::default() }
        }
        _ => ApiFaults::default(),
    });
    let second = if let Disturbance::Killed(second) = disturbance { Some(Duration::from_secs(second)) } else { None };
    harness.kill_after.set(second);
}

/// Makes one run, and checks that its result agrees with the account.
fn check_run(
    harness: &Harness,
    desired: &[ResourceSketch],
    faults: &[ResourceFault],
    disturbance: Disturbance,
) -> Result<(), TestCaseError> {
    let with_id = |fault: &ResourceFault| ResourceFault {
        resource: id(desired, fault.resource.parse().unwrap_or(0)),
        ..fault.clone()
    };
    let named_faults: Vec<_> = faults.iter().map(with_id).collect();
    let idle = !harness
        .status("template_of")
        .is_some_and(|status| status.ends_with("_IN_PROGRESS") || status.ends_with("_FAILED"));
    harness.faults.replace(named_faults.clone());
    let before = harness.state.borrow().existing_resources();
    prepare(harness, disturbance);
    let report = harness.deploy(&[template_of(desired)]);
    prepare(harness, Disturbance::None);
    harness.faults.take();
    harness.state.borrow_mut().delete_leftovers();
    if let Disturbance::Killed(_) = disturbance {
        // The next run starts at once.
        harness.state.borrow_mut().now = harness.now() - Duration::from_mins(1);
    }
    let Some(outcome) = report.outcome.stacks.first() else { return Ok(()) };
    if outcome.result.is_success() {
        prop_assert!(
            is_complete(harness, desired),
            "{:?} {:?} after {named_faults:?}",
            outcome.result,
            harness.status("template_of")
        );
    } else {
        prop_assert!(!outcome.problems.is_empty(), "{:?} without a problem", outcome.result);
        prop_assert!(outcome.problems.iter().all(|problem| problem.origin().is_some()), "a problem without an origin");
    }
    if outcome.result == StackResult::RolledBack && idle {
        prop_assert_eq!(harness.state.borrow().existing_resources(), before, "a rollback restores the resources");
        prop_assert!(!named_faults.is_empty(), "rolled back though nothing failed: {:?}", outcome.problems);
    }
    Ok(())
}

/// Checks that the template can be deployed after any runs, and that the account then has no other resources.
fn converges(case: &Case) -> Result<(), TestCaseError> {
    let harness = Harness::new(case.seed);
    for (desired, faults, disturbance) in &case.versions {
        check_run(&harness, desired, faults, *disturbance)?;
    }
    let desired = &case.versions[1].0;
    // Running operations end; leftovers remain.
    let later = harness.now() + Duration::from_hours(1);
    harness.state.borrow_mut().now = later;
    let failed = |status: &String| status.ends_with("_FAILED");
    let can_roll_back = |status: &str| matches!(status, "CREATE_FAILED" | "UPDATE_FAILED" | "UPDATE_ROLLBACK_FAILED");
    match harness.status("template_of").filter(failed) {
        Some(status) if case.roll_back && can_roll_back(&status) => {
            let roll_back = harness.rollback(&[template_of(desired)], &[], None);
            prop_assert_eq!(&roll_back.outcome.stacks[0].result, &StackResult::RolledBackOnRequest, "from {}", status);
        }
        Some(status) if !matches!(status.as_str(), "CREATE_FAILED" | "UPDATE_FAILED") => {
            harness.destroy(&[template_of(desired)]);
            prop_assert_eq!(harness.status("template_of"), None, "a stack that is stuck can be destroyed");
            harness.state.borrow_mut().delete_leftovers();
            prop_assert_eq!(harness.resource_count(), 0, "nothing is left of it");
        }
        _ => {}
    }
    // Resources that the operation of a killed run could not delete are deleted by hand.
    harness.status("template_of");
    harness.state.borrow_mut().delete_leftovers();
    let last = harness.deploy(&[template_of(desired)]);
    harness.state.borrow_mut().delete_leftovers();
    prop_assert!(
        last.outcome.is_success(),
        "{:?}: {:?}",
        last.outcome.stacks[0].result,
        last.outcome.stacks[0].problems
    );
    let complete = harness.resource_count() == desired.len();
    prop_assert!(complete, "{:?} and {} resources", harness.state.borrow().existing_resources(), desired.len());
    let again = harness.deploy(&[template_of(desired)]);
    prop_assert_eq!(&again.outcome.stacks[0].result, &StackResult::Unchanged);
    Ok(())
}

// Four tests, so that they run in parallel.
proptest! {
    #![proptest_config(crate::testing::property_tests())]

    #[test]
    fn run_reports_its_result_correctly_and_the_next_one_converges(case in case(prop_oneof![Just(Disturbance::None), Just(Disturbance::RollbackDisabled)])) {
        converges(&case)?;
    }

    #[test]
    fn run_after_a_killed_one_converges(case in case(killed())) {
        converges(&case)?;
    }

    #[test]
    fn run_with_api_faults_reports_its_result_correctly(case in case(api_faults_strategy())) {
        converges(&case)?;
    }

    #[test]
    fn any_sequence_of_disturbances_converges(case in case(any())) {
        converges(&case)?;
    }
}
