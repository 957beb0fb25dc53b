//! The two target groups between which the traffic of a service is shifted.
//!
//! *Invariant*: the id and the actions follow from the service and its load balancer alone, so that a later template leaves the
//! weights as ECS has set them.

use std::rc::Rc;

use super::FargateService;
use crate::block::{Alb, DeploymentStrategy, LoweringContext};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Value};
use crate::diag::WithOrigin;

/// Returns the logical id of the second target group of a target.
pub(crate) fn alternate(group: &LogicalId) -> LogicalId {
    format!("{}AlternateTargetGroup", group.as_str().trim_end_matches("TargetGroup")).into()
}

/// Returns the action that forwards to a target group and its alternate one; ECS changes the weights.
fn weighted(group: &LogicalId) -> Value {
    let entry = |id: LogicalId, weight: i64| cfn!({ "TargetGroupArn": Ref::to(id), "Weight": weight });
    let groups = cfn!([entry(group.clone(), 1), entry(alternate(group), 0)]);
    cfn!({ "Type": "forward", "ForwardConfig": cfn!({ "TargetGroups": groups }) })
}

/// Returns the action that forwards to the target group of a service.
pub(crate) fn action(service: &FargateService, group: LogicalId) -> Value {
    if service.shifts() { weighted(&group) } else { cfn!({ "Type": "forward", "TargetGroupArn": Ref::to(group) }) }
}

impl FargateService {
    /// Returns its strategy, if it shifts traffic.
    pub(crate) fn shift(&self) -> Option<&WithOrigin<DeploymentStrategy>> {
        self.strategy.first().filter(|set| set.value.kind.shifts())
    }

    /// Returns whether its deployments shift traffic between two sets of tasks.
    pub(crate) fn shifts(&self) -> bool {
        self.shift().is_some()
    }

    /// Returns the port of the listener of its test traffic.
    pub(crate) fn test_port(&self) -> Option<&WithOrigin<i64>> {
        self.shift()?.value.shift.test_listener.as_ref()
    }
}

/// Returns the ports of the listeners that services behind a load balancer use for tests.
pub(crate) fn test_ports(alb: &Rc<Alb>, context: &LoweringContext) -> Vec<i64> {
    let services = context.routed_services(alb).iter().filter_map(|routed| Some(routed.service()?.0));
    services.filter_map(|service| Some(service.test_port()?.value)).collect()
}
