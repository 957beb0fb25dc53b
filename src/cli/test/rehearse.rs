//! A rehearsal of a test: an empty account of its own, in virtual time. Nothing is read from `.rtiler/` or written there.

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::cfn::{Template, Value};
use crate::deploy::plan::ApprovalPolicy;
use crate::deploy::{Engine, EngineOptions, Outcome, StackOutcome, StackResult, StopSignal};
use crate::diag::{Code, Diagnostic, Severity};
use crate::rehearsal::{AccountState, Assumptions, FaultSpec, FaultyApi, Rehearsal, RehearsalClock};
use crate::script::testing::{RehearsalRequest, RehearsedStack};
use crate::synth::DesiredStack;

/// The region of the account.
const REGION: &str = "us-east-1";

/// Deploys the stacks of a request.
pub(super) fn run(request: &RehearsalRequest<'_>) -> Result<Vec<RehearsedStack>, Vec<Diagnostic>> {
    let templates: Vec<&Template> = request.stacks.iter().map(|stack| &*stack.template).collect();
    let faults = FaultSpec::parse(&request.faults, &templates)?;
    if faults.kill_at.is_some() {
        let problem = Diagnostic::new(Code::UnknownFault, "a test cannot end its own process with `kill-at`");
        return Err(vec![problem.help("a program that exits ends a deployment, too: `WebService:exit=1`")]);
    }
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    LocalSet::new().block_on(&runtime.expect("the system provides a runtime"), async {
        let before = AccountRun::new(AccountState::new(request.seed), &FaultSpec::default(), request);
        if !request.deployed.is_empty() {
            succeeded(&before.deploy(request.deployed).await)?;
        }
        let run = AccountRun::new(before.account.state(), &faults, request);
        let outcome = run.deploy(request.stacks).await;
        match run.unused_faults() {
            unused if !unused.is_empty() => Err(unused),
            _ if !outcome.problems.is_empty() => Err(outcome.problems),
            _ => Ok(outcome.stacks.into_iter().map(result).collect()),
        }
    })
}

/// A deployment to the account.
struct AccountRun {
    account: Rehearsal<RehearsalClock>,
    clock: RehearsalClock,
    faults: FaultSpec,
    seed: u64,
}

impl AccountRun {
    /// Continues with the state of an account.
    fn new(state: AccountState, faults: &FaultSpec, request: &RehearsalRequest<'_>) -> Self {
        let clock = RehearsalClock::new(state.now, 1.0);
        let account = Rehearsal::new(state, clock, REGION, faults.faults.clone());
        account.assume(&Assumptions { given: request.assumed.clone(), own_exports: exports(request.stacks) });
        Self { account, clock, faults: faults.clone(), seed: request.seed }
    }

    async fn deploy(&self, stacks: &[DesiredStack]) -> Outcome {
        let api = FaultyApi::new(self.account.clone(), self.clock, self.faults.faults.api, self.seed, |_| ());
        let options = EngineOptions {
            approval: ApprovalPolicy::Never,
            jitter_seed: Some(self.seed),
            allow_replace: vec!["*".to_owned()],
            ..EngineOptions::new(format!("test-{}", self.account.revision()))
        };
        let engine = Engine::new(api, self.clock, options, |_| (), StopSignal::none());
        engine.deploy(stacks, &async |_| true).await
    }

    /// Returns the faults that had no effect: a test that requests one expects its effect.
    fn unused_faults(&self) -> Vec<Diagnostic> {
        let mut unused = self.account.unused_faults();
        unused.iter_mut().for_each(|problem| problem.severity = Severity::Error);
        unused
    }
}

/// Returns the names of the exports of stacks.
fn exports(stacks: &[DesiredStack]) -> Vec<String> {
    let outputs = stacks.iter().flat_map(|stack| stack.template.outputs.values());
    outputs.filter_map(|output| output.export.as_ref().and_then(Value::as_str).map(str::to_owned)).collect()
}

/// Returns the problems of the deployment of the earlier stacks, which a test takes as given.
fn succeeded(before: &Outcome) -> Result<(), Vec<Diagnostic>> {
    if before.is_success() {
        return Ok(());
    }
    let of_stacks = before.stacks.iter().filter(|stack| !stack.result.is_success()).flat_map(|stack| &stack.problems);
    let problems = before.problems.iter().chain(of_stacks).cloned();
    Err(problems.map(|problem| problem.note("this is the deployment of `from`, before the rehearsal")).collect())
}

fn result(outcome: StackOutcome) -> RehearsedStack {
    let StackOutcome { stack, result, problems, outputs, duration, .. } = outcome;
    RehearsedStack {
        stack,
        is_success: result.is_success(),
        result: words(&result).to_owned(),
        duration,
        problems,
        outputs: outputs.into_iter().map(|output| (output.key, output.value)).collect(),
    }
}

fn words(result: &StackResult) -> &'static str {
    match result {
        StackResult::Created => "created",
        StackResult::Updated => "updated",
        StackResult::Imported => "imported",
        StackResult::Unchanged => "unchanged",
        StackResult::Deleted => "deleted",
        StackResult::NotDeployed => "not deployed",
        StackResult::Declined => "declined",
        StackResult::Interrupted => "interrupted",
        StackResult::RolledBackOnRequest | StackResult::RolledBack => "rolled back",
        StackResult::Failed => "failed",
        StackResult::Rejected => "rejected",
        StackResult::Blocked => "blocked",
        StackResult::Skipped => "skipped",
        StackResult::Detached => "detached",
        StackResult::ConnectionLost => "connection lost",
    }
}
