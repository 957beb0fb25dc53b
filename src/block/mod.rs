//! The typed building blocks of scripts, and how they are lowered into resources.
//!
//! A block is an immutable value with one public field for each setter of the script language, each with the origin
//! of the setting. Setters check nothing: the problems of a block are found when it is lowered, so that methods may
//! come in any order and every problem is collected. The attributes of a block (`alb.dns_name()`) know names alone.
//!
//! *Invariant*: imports `diag` and `cfn` only, and is pure: a block's logical ids and properties follow from what the
//! script wrote, never from the order of statements, from a neighbour, or from the time.

mod action;
mod alarms;
mod alb;
mod authentication;
mod calls;
mod cluster;
mod dashboard;
mod data;
mod depends_on;
mod express;
mod gunicorn;
mod health_check;
mod iam_role;
mod image;
mod int_or_ref;
mod job;
mod json_text;
mod kind;
mod link;
mod log_group;
mod lower;
mod lowering;
mod lowering_context;
mod name;
mod nlb;
mod number;
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
mod strategy;
mod target;
mod task;
mod users;
mod vpc;

use std::rc::Rc;

pub use action::{Action, FixedResponse, Redirect};
pub use alarms::AlarmSet;
pub use alb::{AccessLogs, Alb, AlbRoute, Domain, ExistingAlb, MutualTls};
pub use authentication::{Authentication, IdentityProvider, OidcClient};
pub use calls::ServiceCall;
pub use cluster::Cluster;
pub use dashboard::Dashboard;
pub use data::{
    Bucket, Cache, CrossOrigin, Database, Expiry, FileSystem, KeyAttribute, Queue, Repository, StoredSecret, Table,
    TableIndex, Topic,
};
pub use express::ExpressService;
pub use gunicorn::Gunicorn;
pub use health_check::{HealthCheck, Probe};
pub use image::{ArchivedImage, Image, ImageSource, RegistryImage, name_in_template};
pub use int_or_ref::IntOrRef;
pub use job::{BeforeDeploy, Job, JobSchedule};
pub use link::Link;
pub use lowering::LoweredBlock;
pub use lowering_context::{BlockId, BlockLocation, LoweringContext};
pub use name::{Name, Ownership};
pub use nlb::{Nlb, NlbListener, NlbPort, TlsListener};
pub use parameter::Parameter;
pub use property_origins::PropertyOrigins;
pub use raw::RawResource;
pub use route::{Header, Query, Route, RoutePriority, RoutedService};
pub use scaling::{Change, Metric, QueueBacklog, Scaling, Schedule, Side, Step, StepPolicy, TrackedMetric};
pub use service::{AllowedSource, FargateService, LoadBalancerAttachment, NlbAttachment};
pub use stack::{Program, ReferencedBlocks, Section, Stack, StackOutput, Tag};
pub use strategy::{
    DeploymentHook, DeploymentPause, DeploymentStrategy, EarlySuccess, StrategyKind, TrafficShift, TrafficStep,
};
pub use target::{Stickiness, Target, TargetPort};
pub use task::{
    Container, ContainerDependency, EfsMount, EnvVar, LinuxParameter, LogDriver, LogRouter, NamedPort, Permission,
    PortRange, RestartPolicy, Secret, SharedVolumes, Task, TaskSubnets, Ulimit, Volume, VolumeMount,
};
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
            ExpressService(ExpressService) "A service of ECS Express Mode."
            Job(Job) "A task that ends."
            Alb(Alb) "An Application Load Balancer."
            Nlb(Nlb) "A Network Load Balancer."
            Database(Database) "A database of RDS or Aurora."
            Cache(Cache) "A cache of `ElastiCache`."
            Bucket(Bucket) "A bucket of S3."
            Queue(Queue) "A queue of SQS."
            Topic(Topic) "A topic of SNS."
            Table(Table) "A table of `DynamoDB`."
            FileSystem(FileSystem) "A file system of EFS."
            Secret(StoredSecret) "A secret of Secrets Manager."
            Repository(Repository) "A repository of ECR."
            Dashboard(Dashboard) "A dashboard of CloudWatch."
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
