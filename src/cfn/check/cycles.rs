//! Resources that need each other.

use super::context::CheckContext;
use crate::cfn::graph::Cycle;
use crate::cfn::type_names::SECURITY_GROUP;
use crate::diag::{Code, Diagnostic, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let Err(cycles) = scope.graph().order() else { return };
    for found in cycles {
        sink.push(cycle(scope, &found));
    }
}

fn cycle(scope: &CheckContext<'_>, Cycle(ids): &Cycle<'_>) -> Diagnostic {
    let origin = |at: usize| &scope.template.resources[ids[at]].origin;
    if let [id] = ids.as_slice() {
        return Diagnostic::new(Code::CircularDependency, format!("`{id}` refers to itself"))
            .at(origin(0), "a resource cannot wait for itself");
    }
    let mut way: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    way.push(format!("`{}`", ids[0]));
    let problem = Diagnostic::new(Code::CircularDependency, format!("resources need each other: {}", way.join(" -> ")));
    let problem = (0..ids.len()).fold(problem, |problem, at| problem.at(origin(at), format!("needs {}", way[at + 1])));
    if ids.iter().any(|id| scope.template.resources[*id].kind.as_str() == SECURITY_GROUP) {
        return problem.help("write one of the rules as an `AWS::EC2::SecurityGroupIngress` or `Egress` of its own");
    }
    problem.help("remove one of the references or `DependsOn`")
}
