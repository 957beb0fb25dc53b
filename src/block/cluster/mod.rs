//! An ECS cluster.

mod lower;

use std::rc::Rc;

use super::{Block, Flag, Name, Ownership, Vpc};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::{Origin, WithOrigin};

/// An ECS cluster with the network that its services run in.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its name, or the physical name of the one that exists.
    pub identity: Ownership,
    /// The network; else the cluster makes its own, of its name.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// Availability zones of its own network, 2 unless set.
    pub azs: Option<WithOrigin<i64>>,
    /// CloudWatch Container Insights.
    pub container_insights: Flag,
    /// The capacity providers FARGATE and `FARGATE_SPOT`.
    pub spot: Flag,
    /// The namespace of Service Connect.
    pub namespace: Option<WithOrigin<TemplateString>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
}

impl Cluster {
    /// Creates a cluster of this name, made by the stack.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self::with(Ownership::Managed(name))
    }

    /// Creates the cluster of this physical name.
    pub fn existing(name: WithOrigin<TemplateString>) -> Self {
        Self::with(Ownership::Existing(name))
    }

    /// Creates the cluster of a stack, in which services run that set no other. It offers Fargate Spot, so that it changes
    /// with no service: ECS refuses to remove a capacity provider that tasks still use (`PutClusterCapacityProviders`).
    pub(crate) fn of_stack(stack: &Origin) -> Self {
        let name = WithOrigin::new(Name::of_stack(), stack.clone());
        Self { spot: Some(WithOrigin::new((), stack.clone())), ..Self::new(name) }
    }

    fn with(identity: Ownership) -> Self {
        Self {
            identity,
            vpc: None,
            azs: None,
            container_insights: None,
            spot: None,
            namespace: None,
            depends_on: Vec::new(),
        }
    }

    /// Returns the logical id of the cluster that the stack makes.
    pub fn logical_id(&self) -> LogicalId {
        format!("{}Cluster", self.identity.managed_name().map(Name::stem).unwrap_or_default()).into()
    }

    /// Returns the cluster's physical name.
    pub fn name(&self) -> TemplateString {
        match &self.identity {
            Ownership::Managed(_) => Ref::to(self.logical_id()).into(),
            Ownership::Existing(name) => name.value.clone(),
        }
    }

    /// Returns the cluster's ARN.
    pub fn arn(&self) -> TemplateString {
        match &self.identity {
            Ownership::Managed(_) => Ref::attribute(self.logical_id(), "Arn").into(),
            Ownership::Existing(name) => TemplateString::from("arn:")
                .with(Ref::to("AWS::Partition"))
                .with(":ecs:")
                .with(Ref::to("AWS::Region"))
                .with(":")
                .with(Ref::to("AWS::AccountId"))
                .with(":cluster/")
                .join(name.value.clone()),
        }
    }
}
