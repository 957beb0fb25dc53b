//! Resources that need each other.

use super::context::CheckContext;
use crate::cfn::graph::Cycle;
use crate::cfn::type_names::SECURITY_GROUP;
use crate::diag::{Code, Diagnostic, Sink};

/// The number of resources that are shown of a circle, and of the others in its group.
const MOST_SHOWN: usize = 12;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let Err(cycles) = scope.graph().order() else { return };
    for found in cycles {
        sink.push(cycle(scope, &found));
    }
}

fn cycle(scope: &CheckContext<'_>, Cycle { path: ids, members }: &Cycle<'_>) -> Diagnostic {
    let origin = |at: usize| &scope.template.resources[ids[at]].origin;
    if let [id] = ids.as_slice() {
        return Diagnostic::new(Code::CircularDependency, format!("`{id}` refers to itself"))
            .at(origin(0), "a resource cannot wait for itself");
    }
    let mut way: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    way.push(format!("`{}`", ids[0]));
    let shown = way.len().min(MOST_SHOWN);
    let more = if way.len() > shown { format!(" -> {} more -> {}", way.len() - shown, way[0]) } else { String::new() };
    let message = format!("resources need each other: {}{more}", way[..shown].join(" -> "));
    let mut problem = Diagnostic::new(Code::CircularDependency, message);
    for at in 0..ids.len().min(MOST_SHOWN) {
        problem = problem.at(origin(at), format!("needs {}", way[at + 1]));
    }
    if members.len() > ids.len() {
        let others = members.iter().filter(|id| !ids.contains(id)).take(MOST_SHOWN).map(|id| format!("`{id}`"));
        let others = others.collect::<Vec<_>>().join(", ");
        problem = problem.note(format!(
            "{} resources are in circles with each other, also {others}{}",
            members.len(),
            if members.len() > ids.len() + MOST_SHOWN { ", .." } else { "" }
        ));
    }
    if members.iter().any(|id| scope.template.resources[*id].kind.as_str() == SECURITY_GROUP) {
        return problem.help("write one of the rules as an `AWS::EC2::SecurityGroupIngress` or `Egress` of its own");
    }
    problem.help("remove one of the references or `DependsOn`")
}
