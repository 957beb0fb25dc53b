//! A service of ECS Express Mode: a container behind a shared load balancer, which ECS creates and manages.
//!
//! Source: "Resources created by Amazon ECS Express Mode services" of the ECS developer guide. The tasks need an execution role, ECS
//! an infrastructure role; subnets decide whether the load balancer is public, and security groups are added to that of ECS.

mod checks;
mod lower;

use super::task::Task;
use super::{Name, Scaling};
use crate::cfn::{Function, LogicalId, Ref, TemplateString, Value};
use crate::diag::WithOrigin;

/// A service of Express Mode.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressService {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The tasks: their container, size, network and roles.
    pub task: Task,
    /// The path of the health check, `/` unless set.
    pub health_check: Option<WithOrigin<TemplateString>>,
    /// The number of tasks and the metric that changes it.
    pub scaling: Option<WithOrigin<Scaling>>,
}

impl ExpressService {
    /// Creates a service of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self { task: Task::new(name.clone()), name, health_check: None, scaling: None }
    }

    /// Returns the logical id of the service.
    pub fn logical_id(&self) -> LogicalId {
        self.task.part("ExpressService")
    }

    /// Returns the logical id of the role with which ECS manages the load balancer and the scaling.
    pub(crate) fn infrastructure_role(&self) -> LogicalId {
        self.task.part("InfrastructureRole")
    }

    /// Returns the logical id of its security group, which is added to that of ECS.
    pub fn security_group(&self) -> LogicalId {
        self.task.part("ExpressServiceSecurityGroup")
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        Ref::attribute(self.security_group(), "GroupId").into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its host name, as CloudFormation gives it.
    pub fn endpoint(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Endpoint").into()
    }

    /// Returns the address that users open. The endpoint may begin with `https://` already: other texts are joined again as
    /// they were.
    pub fn url(&self) -> Value {
        let parts = Value::call(Function::Split, Value::list([Value::from("https://"), self.endpoint().into()]));
        let host = Value::call(Function::Join, Value::list([Value::from(""), parts]));
        Value::call(Function::Join, Value::list([Value::from(""), Value::list([Value::from("https://"), host])]))
    }
}
