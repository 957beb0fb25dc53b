//! The cluster and the network that scripts set for stacks.

use std::collections::HashMap;
use std::rc::Rc;

use crate::block::{Program, Vpc};
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};

/// Reports networks of stacks that have no effect, because the cluster of the stack has another one.
pub(super) fn problems(program: &Program) -> Sink {
    let mut networks: HashMap<*const crate::block::Cluster, &WithOrigin<Rc<Vpc>>> = HashMap::new();
    let mut problems = Sink::new();
    for stack in &program.stacks {
        let (Some(vpc), Some(cluster)) = (&stack.vpc, &stack.cluster) else { continue };
        let first = networks.entry(Rc::as_ptr(&cluster.value)).or_insert(vpc);
        let other = cluster.value.vpc.as_ref().or((*first != vpc).then_some(*first));
        problems.extend(other.map(|other| without_effect(&vpc.origin, &other.origin)));
    }
    problems
}

fn without_effect(vpc: &Origin, other: &Origin) -> Diagnostic {
    Diagnostic::new(Code::UnusedStackVpc, "`.vpc` of the stack has no effect: its cluster has a VPC")
        .at(vpc, "has no effect")
        .at(other, "the VPC of the cluster is set here")
        .help("leave one of the two out")
}
