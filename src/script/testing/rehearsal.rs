//! `rehearse`: deploys stacks to a simulated account, and returns the result as a map.

use rhai::{Array, Dynamic, Map};

use super::arguments::{AnyMap, Stacks, session, synthesized};
use super::session::{RehearsalRequest, RehearsedStack};
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::script::call::Call;
use crate::script::describe::describe;
use crate::synth::DesiredStack;

/// The options of `rehearse`.
const OPTIONS: [&str; 4] = ["assume", "faults", "from", "seed"];

/// The options of one call.
struct Options {
    faults: Vec<String>,
    deployed: Vec<DesiredStack>,
    assumed: Vec<(String, String)>,
    seed: u64,
}

/// Runs a rehearsal.
pub(super) fn run(call: &mut Call<'_>, has_options: bool) -> Option<Dynamic> {
    let given: Stacks = call.take("stack")?;
    let options: Option<AnyMap> = if has_options { call.take("options")? } else { None };
    let options = options.map_or_else(Map::new, |options| options.0);
    let Options { faults, deployed, assumed, seed } = match parsed(call, &options)? {
        Ok(options) => options,
        Err(problem) => {
            call.report(problem);
            return None;
        }
    };
    let (stacks, _) = synthesized(call, given.stacks)?;
    let request = RehearsalRequest { stacks: &stacks, deployed: &deployed, faults, assumed, seed };
    match session(call.state).host.rehearse(&request) {
        Ok(results) => Some(described(&results).into()),
        Err(problems) => {
            problems.into_iter().for_each(|problem| call.report(problem));
            None
        }
    }
}

/// Returns the options; nothing if the synthesis of the earlier stacks reported errors.
fn parsed(call: &Call<'_>, options: &Map) -> Option<Result<Options, Diagnostic>> {
    let mut parsed = Options { faults: Vec::new(), deployed: Vec::new(), assumed: Vec::new(), seed: 1 };
    for (name, value) in options {
        let value = value.clone().flatten();
        match name.as_str() {
            "faults" => match value.into_typed_array::<String>() {
                Ok(faults) => parsed.faults = faults,
                Err(_) => return Some(Err(wrong("`faults` takes a list of texts", "faults: [\"WebService:exit=1\"]"))),
            },
            "from" => match Stacks::of(&value) {
                Some(given) => parsed.deployed = synthesized(call, given.stacks)?.0,
                None => return Some(Err(wrong("`from` takes a stack, or a list of stacks", "from: app::stack(#{})"))),
            },
            "assume" => match value.try_cast::<Map>() {
                Some(values) => {
                    parsed.assumed = values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
                }
                None => return Some(Err(wrong("`assume` takes a map", "assume: #{ \"/net/vpc\": \"vpc-0a1b2c3d\" }"))),
            },
            "seed" => match value.as_int().ok().and_then(|seed| u64::try_from(seed).ok()) {
                Some(seed) => parsed.seed = seed,
                None => return Some(Err(wrong(&format!("`seed` cannot be {}", describe(&value)), "seed: 7"))),
            },
            other => {
                let problem = Diagnostic::new(Code::WrongArgument, format!("`rehearse` has no option `{other}`"));
                let problem = problem.help_if(did_you_mean(other, OPTIONS));
                return Some(Err(problem.help(format!("the options are {}", OPTIONS.join(", ")))));
            }
        }
    }
    Some(Ok(parsed))
}

fn wrong(message: &str, example: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongArgument, message).help(format!("write `rehearse(stack, #{{ {example} }})`"))
}

/// Returns the result of a rehearsal: that of the first stack that failed, else of the last one; and each stack's.
fn described(results: &[RehearsedStack]) -> Map {
    let decisive = results.iter().find(|result| !result.is_success).or(results.last());
    let mut whole = decisive.map_or_else(Map::new, of_stack);
    let total: f64 = results.iter().map(|result| result.duration.as_secs_f64()).fold(0.0, f64::max);
    whole.insert("duration".into(), seconds(total));
    let stacks = results.iter().map(|result| (result.stack.as_str().into(), of_stack(result).into()));
    whole.insert("stacks".into(), stacks.collect::<Map>().into());
    whole
}

fn of_stack(result: &RehearsedStack) -> Map {
    let text = |text: &str| Dynamic::from(text.to_owned());
    let cause = result.problems.first().filter(|_| !result.is_success);
    let problem = |problem: &Diagnostic| -> Dynamic {
        let entries = [("code", text(problem.code.as_str())), ("message", text(&problem.message))];
        entries.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>().into()
    };
    let outputs = result.outputs.iter().map(|(name, value)| (name.as_str().into(), text(value)));
    let entries: [(&str, Dynamic); 6] = [
        ("result", text(&result.result)),
        ("duration", seconds(result.duration.as_secs_f64())),
        ("cause", cause.map_or(Dynamic::UNIT, |cause| text(&cause.message))),
        ("code", cause.map_or(Dynamic::UNIT, |cause| text(cause.code.as_str()))),
        ("problems", result.problems.iter().map(problem).collect::<Array>().into()),
        ("outputs", outputs.collect::<Map>().into()),
    ];
    entries.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// Returns a time in whole seconds, as scripts write times.
fn seconds(seconds: f64) -> Dynamic {
    #[allow(clippy::cast_possible_truncation, reason = "a rehearsal takes hours at most")]
    Dynamic::from(seconds.round() as i64)
}
