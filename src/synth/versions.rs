//! Two blocks with one logical id.
//!
//! A setter returns a new version of its block. A script that uses both versions is shown the setter that the two differ
//! in, and the place that uses each version.

use crate::block::{Block, FargateService};
use crate::cfn::LogicalId;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

const CHANGED: &str = "this setter creates another version";

/// Creates the diagnostic of two blocks with one logical id, each with the place that uses it.
pub(super) fn duplicate_block(id: &LogicalId, second: &WithOrigin<Block>, first: &WithOrigin<Block>) -> Diagnostic {
    if second.value.origin() != first.value.origin() {
        return duplicate_name(id, second.value.origin(), first.value.origin());
    }
    let problem = Diagnostic::new(Code::DuplicateName, format!("two versions of `{id}` are in use"));
    let (problem, with, without) = match (setter(&second.value, &first.value), setter(&first.value, &second.value)) {
        (Some(setter), _) => (problem.at(setter, CHANGED), second, first),
        (None, Some(setter)) => (problem.at(setter, CHANGED), first, second),
        (None, None) => return problem.at(second.value.origin(), "both are created here").help(ONE_VERSION),
    };
    let problem = if with.origin == without.origin {
        problem.at(&with.origin, "both versions are added here")
    } else {
        problem
            .at(&without.origin, "the version without it is used here")
            .at(&with.origin, "the version with it is used here")
    };
    problem.help_if(circle(&with.value)).help(ONE_VERSION)
}

/// Returns the remedy for two services that call each other: the first cannot call the second, which does not exist yet.
fn circle(block: &Block) -> Option<String> {
    let Block::FargateService(service) = block else { return None };
    let own = block.logical_ids().into_iter().next();
    let calls_back = |called: &FargateService| {
        called.calls.iter().any(|call| call.value.service.logical_ids().into_iter().next() == own)
    };
    let called = service.calls.iter().find_map(|call| match &call.value.service {
        Block::FargateService(called) if calls_back(called) => Some(called),
        _ => None,
    })?;
    let (first, second) = (&service.name.value, &called.name.value);
    Some(format!(
        "services that call each other are written at the second one: `{second}` calls `{first}` with `.calls(..)`, and admits it with \
         `.allow_from(..)`"
    ))
}

const ONE_VERSION: &str = "use the value of the last setter everywhere";

/// Creates the diagnostic of two versions of a block of which none was added to the stack.
pub(super) fn conflicting_versions(id: &LogicalId, second: &Block, first: &Block) -> Diagnostic {
    let message = format!("two different versions of `{id}` are referenced, and neither is in the stack");
    let problem = Diagnostic::new(Code::ConflictingVersions, message);
    let problem = match setter(second, first).or_else(|| setter(first, second)) {
        Some(setter) if second.origin() == first.origin() => {
            problem.at(setter, CHANGED).at(first.origin(), "the block is created here")
        }
        _ if second.origin() == first.origin() => problem.at(first.origin(), "both are created here"),
        _ => problem.at(second.origin(), "the second").at(first.origin(), "the first"),
    };
    problem.help("add the one that is meant to the stack: `.add(block)`")
}

/// Creates the diagnostic of two blocks, or resources of two blocks, with one logical id.
pub(super) fn duplicate_name(id: &LogicalId, second: &Origin, first: &Origin) -> Diagnostic {
    let message = format!("two different blocks or resources are named `{id}`");
    let problem = Diagnostic::new(Code::DuplicateName, message).at(second, "the second");
    let problem = if second == first { problem } else { problem.at(first, "the first") };
    let is_of_stack = ["Cluster", "Vpc"].contains(&id.as_str());
    let problem = if is_of_stack {
        problem
            .note("services without `.cluster(..)` run in the cluster and network of their stack, `Cluster` and `Vpc`")
    } else {
        problem
    };
    problem
        .help("give one of them another name; if they are meant to be one, use the value of the last setter everywhere")
}

/// Returns the last setter of a block that another version of it does not have.
fn setter<'b>(block: &'b Block, other: &Block) -> Option<&'b Origin> {
    let known = other.setting_origins();
    block.setting_origins().into_iter().filter(|origin| origin.is_known() && !known.contains(origin)).max()
}
