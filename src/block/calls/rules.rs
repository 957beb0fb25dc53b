//! The rules that admit the callers of services, and the order.

use std::rc::Rc;

use super::ServiceCall;
use crate::block::link::LinkingTasks;
use crate::block::lowering::Lowering;
use crate::block::range_checks::is_port;
use crate::block::service::reachability;
use crate::block::{AllowedSource, Block, FargateService, Name, TargetPort, Vpc};
use crate::cfn::LogicalId;
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// The tasks that call services.
pub(crate) struct CallingTasks<'a> {
    /// The name of the service or job.
    pub(crate) name: &'a WithOrigin<Name>,
    /// The service or job with its security group.
    pub(crate) tasks: LinkingTasks<'a>,
    /// The network of the tasks.
    pub(crate) network: &'a Rc<Vpc>,
}

/// Adds a rule for each call. Returns the resources that the tasks wait for: the rules, and services of the same stack.
pub(crate) fn lower(
    calls: &[WithOrigin<ServiceCall>],
    caller: &CallingTasks<'_>,
    lowering: &mut Lowering<'_>,
) -> Vec<LogicalId> {
    calls.iter().flat_map(|call| lower_call(call, caller, lowering)).collect()
}

fn lower_call(
    call: &WithOrigin<ServiceCall>,
    caller: &CallingTasks<'_>,
    lowering: &mut Lowering<'_>,
) -> Vec<LogicalId> {
    let Block::FargateService(server) = &call.value.service else { return Vec::new() };
    let port = match problem(call, server, caller, lowering) {
        Some(problem) => Err(problem),
        None => port(call, server),
    };
    let port = match port {
        Ok(port) if is_port(port) => port,
        // A port out of range is reported where it is set.
        Ok(_) => return Vec::new(),
        Err(problem) => {
            lowering.report(problem);
            return Vec::new();
        }
    };
    let suffix = reachability::port_suffix(server, port);
    let id = LogicalId::from(format!("{}To{}{suffix}", caller.tasks.id, server.logical_id()));
    let source = AllowedSource { source: caller.tasks.security_group.clone(), port: None };
    lowering.add(id.clone(), reachability::ingress(server.security_group_id(), &source, port, &call.origin));
    let other = Block::FargateService(server.clone());
    let is_near = lowering.context.in_same_stack(caller.tasks.block, &other);
    std::iter::once(id).chain(is_near.then(|| server.logical_id())).collect()
}

/// Returns the called port.
fn port(call: &WithOrigin<ServiceCall>, server: &FargateService) -> Result<i64, Diagnostic> {
    match &call.value.port {
        None => server.container_port().ok_or_else(|| {
            let message = format!("`{}` has no port that others could call", server.name.value);
            Diagnostic::new(Code::ServiceCall, message)
                .at(&call.origin, "called here")
                .at(&server.name.origin, "the service")
                .help("add `.port(8080)` to it")
        }),
        Some(TargetPort::Number(number)) => Ok(*number),
        Some(TargetPort::Name(name)) => {
            let named = || server.task.containers().flat_map(|container| &container.named_port);
            let found = named().find(|port| port.value.name == *name).map(|port| port.value.port);
            found.ok_or_else(|| {
                let message = format!("`{}` has no port with the name `{name}`", server.name.value);
                Diagnostic::new(Code::ServiceCall, message)
                    .at(&call.origin, "called here")
                    .at(&server.name.origin, "the service")
                    .help_if(did_you_mean(name, named().map(|port| port.value.name.as_str())))
                    .help(format!("add `.port(\"{name}\", 9090)` to it, or call a number"))
            })
        }
    }
}

fn problem(
    call: &WithOrigin<ServiceCall>,
    server: &Rc<FargateService>,
    caller: &CallingTasks<'_>,
    lowering: &Lowering<'_>,
) -> Option<Diagnostic> {
    let name = &caller.name.value;
    let problem = |message: String| Diagnostic::new(Code::ServiceCall, message).at(&call.origin, "called here");
    let is_itself = matches!(caller.tasks.block, Block::FargateService(_)) && server.name.value.stem() == name.stem();
    if is_itself {
        return Some(problem(format!("`{name}` calls itself")).help("leave the call out"));
    }
    let other = lowering.context.network(server)?;
    (!lowering.context.is_same_network(caller.network, other)).then(|| {
        problem(format!("`{name}` and `{}` are in different networks", server.name.value))
            .at(caller.network.identity.origin(), "the network of the caller")
            .at(other.identity.origin(), "the network of the called service")
            .help("give both one cluster, `.cluster(cluster)`, or their stacks one network, `Stack(..).vpc(net)`")
    })
}
