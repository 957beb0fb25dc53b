//! The typed building blocks of scripts, and how they are lowered into resources.
//!
//! A block is an immutable value with one public field for each setter of the script language, each with the origin
//! of the setting. Setters check nothing: the problems of a block are found when it is lowered, so that methods may
//! come in any order and every problem is collected. The attributes of a block (`alb.dns_name()`) know names alone.
//!
//! *Invariant*: imports `diag` and `cfn` only, and is pure: a block's logical ids and properties follow from what the
//! script wrote, never from the order of statements, from a neighbour, or from the time.

mod alb;
mod cluster;
mod depends_on;
mod gunicorn;
mod health_check;
mod iam_role;
mod image;
mod int_or_ref;
mod kind;
mod log_group;
mod lower;
mod lowering;
mod lowering_context;
mod name;
mod overrides;
mod parameter;
mod property_origins;
mod range_checks;
mod raw;
mod repeated;
mod route;
pub(crate) mod scaling;
mod service;
mod setting_origins;
mod stack;
mod task;
mod vpc;

use std::rc::Rc;

pub use alb::{AccessLogs, Alb, Domain};
pub use cluster::Cluster;
pub use gunicorn::Gunicorn;
pub use health_check::{HealthCheck, Probe};
pub use image::{ArchivedImage, Image, ImageSource, RegistryImage};
pub use int_or_ref::IntOrRef;
pub use lowering::LoweredBlock;
pub use lowering_context::{BlockId, BlockLocation, LoweringContext};
pub use name::{Name, Ownership};
pub use parameter::Parameter;
pub use property_origins::PropertyOrigins;
pub use raw::RawResource;
pub use route::{Header, Route, RoutePriority, RoutedService};
pub use scaling::{Change, Metric, QueueBacklog, Scaling, Schedule, Side, Step, StepPolicy, TrackedMetric};
pub use service::{AllowedSource, FargateService, LoadBalancerAttachment};
pub use stack::{Program, ReferencedBlocks, Section, Stack, StackOutput, Tag};
pub use task::{Container, ContainerDependency, EfsMount, EnvVar, Permission, Secret, Task};
pub use vpc::Vpc;

use crate::cfn::Value;
use crate::diag::WithOrigin;

/// A setter without an argument: set, and where.
pub type Flag = Option<WithOrigin<()>>;

/// Calls a macro with every kind of block: the variant of [`Block`], its type and its documentation.
///
/// A new block is declared here, in its bindings, and by its `BlockKind`.
macro_rules! for_each_block {
    ($callback:ident) => {
        $callback! {
            Vpc(Vpc) "A network."
            Cluster(Cluster) "An ECS cluster."
            FargateService(FargateService) "An ECS service on Fargate."
            Alb(Alb) "An Application Load Balancer."
            Resource(RawResource) "A resource as CloudFormation writes it."
            Parameter(Parameter) "A parameter of the template."
        }
    };
}
pub(crate) use for_each_block;

macro_rules! declare_block {
    ($($variant:ident($kind:ident) $doc:literal)*) => {
        /// A block that is lowered into resources. Two blocks are one resource if they are the same value of the
        /// script, or equal.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Block {
            $(#[doc = $doc] $variant(Rc<$kind>),)*
        }
    };
}
for_each_block!(declare_block);

/// Properties of one resource of a block, set by the script.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// The role of the resource, or its type: `TaskDefinition`, `AWS::ECS::Service`.
    pub role: String,
    /// The path of the property that is set: `ContainerDefinitions[web].Ulimits`. None: the value is a map of properties that
    /// is merged.
    pub path: Option<String>,
    /// The value.
    pub value: Value,
    /// The origins of the keys and items of the value in the script.
    pub origins: PropertyOrigins,
}
