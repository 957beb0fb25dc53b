//! The typed building blocks: what a script asks for, and how it becomes resources.
//!
//! A block is an immutable value with one public field for each setter of the script language, each with the place
//! that set it. Setters check nothing: whatever is wrong with a block is found when it is lowered, so that methods may
//! come in any order and every problem is collected. The attributes of a block (`alb.dns_name()`) know names alone.
//!
//! *Invariant*: imports `diag` and `cfn` only, and is pure: a block's logical ids and properties follow from what the
//! script wrote, never from the order of statements, from a neighbour, or from the time.

mod alb;
mod cluster;
mod container;
mod gunicorn;
mod health_check;
mod iam_role;
mod image;
mod int_or_ref;
mod log_group;
mod lowering;
mod lowering_context;
mod name;
mod overrides;
mod parameter;
mod range_checks;
mod raw;
mod route;
mod route_priority;
mod scaling;
mod service;
mod stack;
mod vpc;

use std::rc::Rc;

pub use alb::{AccessLogs, Alb, Domain};
pub use cluster::Cluster;
pub use container::{Container, ContainerDependency, EnvVar, Secret};
pub use gunicorn::Gunicorn;
pub use health_check::{HealthCheck, Probe};
pub use image::{Image, ImageSource};
pub use int_or_ref::IntOrRef;
pub use lowering::LoweredBlock;
pub use lowering_context::{BlockId, BlockLocation, LoweringContext};
pub use name::{Name, Ownership};
pub use parameter::Parameter;
pub use raw::{PropertyOrigins, RawResource};
pub use route::{Header, Route};
pub use route_priority::{RoutePriority, RoutedService};
pub use scaling::{Scaling, Schedule};
pub use service::{EfsMount, FargateService, LoadBalancerAttachment, Permission};
pub use stack::{Program, ReferencedBlocks, Stack, StackOutput, Tag};
pub use vpc::Vpc;

use crate::cfn::{LogicalId, Map, TypeName};
use crate::diag::{Origin, WithOrigin};

/// A setter without an argument: set, and where.
pub type Flag = Option<WithOrigin<()>>;

/// A block that makes resources. The pointer is the value's identity: two are one resource when they are the same
/// pointer, or equal.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A network.
    Vpc(Rc<Vpc>),
    /// An ECS cluster.
    Cluster(Rc<Cluster>),
    /// An ECS service on Fargate.
    FargateService(Rc<FargateService>),
    /// An Application Load Balancer.
    Alb(Rc<Alb>),
    /// A resource as CloudFormation writes it.
    Resource(Rc<RawResource>),
    /// A parameter of the template.
    Parameter(Rc<Parameter>),
}

impl Block {
    /// Where the script made it.
    pub fn origin(&self) -> &Origin {
        match self {
            Block::Vpc(vpc) => vpc.identity.origin(),
            Block::Cluster(cluster) => cluster.identity.origin(),
            Block::FargateService(service) => &service.name.origin,
            Block::Alb(alb) => &alb.name.origin,
            Block::Resource(resource) => &resource.name.origin,
            Block::Parameter(parameter) => &parameter.name.origin,
        }
    }

    /// The logical ids that the block's attributes refer to, its own first; none for what exists already.
    pub fn handles(&self) -> Vec<LogicalId> {
        match self {
            Block::Vpc(vpc) => vpc.identity.made().map(|_| vpc.logical_id()).into_iter().collect(),
            Block::Cluster(cluster) => cluster.identity.made().map(|_| cluster.logical_id()).into_iter().collect(),
            Block::FargateService(service) => {
                vec![service.logical_id(), service.security_group(), service.task_role()]
            }
            Block::Alb(alb) => vec![alb.logical_id(), alb.security_group()],
            Block::Resource(resource) => vec![resource.logical_id()],
            Block::Parameter(parameter) => vec![parameter.logical_id()],
        }
    }

    /// True for the very same value of the script.
    pub fn same(&self, other: &Block) -> bool {
        match (self, other) {
            (Block::Vpc(a), Block::Vpc(b)) => Rc::ptr_eq(a, b),
            (Block::Cluster(a), Block::Cluster(b)) => Rc::ptr_eq(a, b),
            (Block::FargateService(a), Block::FargateService(b)) => Rc::ptr_eq(a, b),
            (Block::Alb(a), Block::Alb(b)) => Rc::ptr_eq(a, b),
            (Block::Resource(a), Block::Resource(b)) => Rc::ptr_eq(a, b),
            (Block::Parameter(a), Block::Parameter(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

macro_rules! blocks {
    ($($variant:ident)*) => {
        $(impl From<$variant> for Block {
            fn from(block: $variant) -> Self { Self::$variant(Rc::new(block)) }
        }
        impl From<Rc<$variant>> for Block {
            fn from(block: Rc<$variant>) -> Self { Self::$variant(block) }
        })*
    };
}

blocks!(Vpc Cluster FargateService Alb Parameter);

impl From<RawResource> for Block {
    fn from(resource: RawResource) -> Self {
        Self::Resource(Rc::new(resource))
    }
}

impl From<Rc<RawResource>> for Block {
    fn from(resource: Rc<RawResource>) -> Self {
        Self::Resource(resource)
    }
}

/// Properties that `.override(type, map)` merges into every resource of that type which the block makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// The type of the resources.
    pub kind: TypeName,
    /// What to merge; objects are merged key by key, everything else is replaced.
    pub properties: Map,
    /// Where these stand in the script.
    pub marks: PropertyOrigins,
}
