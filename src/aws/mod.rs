//! The adapter of the AWS APIs over the AWS SDK.
//!
//! A file or folder for each service: `cloudformation` (its operations in `stacks`, `change_sets`, `rollbacks`, `drift` and
//! `template_upload`), `artifacts`, `account_facts`, `ecs`, `logs`, `load_balancing`, `scaling`, `images`, `cloud_control`. `clients` creates the SDK's
//! clients when they are first used, `connect` their configuration, `profile` selects the credentials, and `error` converts errors.
//! `plain_request` and `signed_request` are requests without the SDK. `limits` has the time and size limits of every call; `proxy`
//! chooses the requests that go through a proxy; `guarded_http` reads every answer, and `odd_answer` recognises those that are not
//! AWS's.
//!
//! It translates requests, replies and errors, and lets the SDK retry what is transient (standard mode). Events come
//! from `DescribeStackEvents`, which is available in every region and emulator, and includes
//! the events of nested stacks and previous operations; `DescribeEvents` (of one operation) adds nothing to
//! [`StackEvent::operation`](crate::deploy::api::StackEvent::operation).
//!
//! Nothing is loaded before [`Aws::connect`], and nothing is sent over the network before the first call.
//!
//! *Invariant*: the only module that names a crate `aws_*`; it decides nothing, and no type of the SDK leaves it.

mod account_facts;
mod artifacts;
mod change_sets;
mod clients;
mod clock;
mod cloud_control;
mod cloudformation;
mod connect;
mod convert;
mod drift;
mod ecs;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod guarded_http;
mod images;
mod limits;
mod load_balancing;
mod logs;
mod odd_answer;
mod pages;
mod plain_request;
mod profile;
mod proxy;
mod rollbacks;
mod scaling;
mod signed_request;
mod stacks;
mod template_upload;
mod timed_credentials;
mod transport;

pub use clock::SystemClock;
pub use connect::{AccessKey, Options};
pub use profile::{NamedBy, Profile};

use std::sync::Arc;

use aws_config::{Region, SdkConfig};

use clients::Clients;

use crate::deploy::api::ImageDigests;

/// An account of AWS and a region, with the user's credentials.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    clients: Arc<Clients>,
    profile: Option<Profile>,
    /// The bucket for templates that the user named.
    named_bucket: Option<String>,
    /// The role that CloudFormation uses in place of the caller's rights.
    execution_role: Option<String>,
    /// The registries of images other than ECR.
    registries: Option<Arc<dyn ImageDigests>>,
}

impl Aws {
    /// Reads the profile, the environment and the options; opens no connection.
    pub async fn connect(options: Options) -> Aws {
        let (profile, named_bucket) = (options.profile.clone(), options.template_bucket.clone());
        let (registries, execution_role) = (options.registries.clone(), options.execution_role.clone());
        let config = connect::load(options).await;
        Aws { profile, named_bucket, execution_role, registries, ..Aws::of(config) }
    }

    /// Creates an account of this configuration.
    fn of(config: SdkConfig) -> Aws {
        Aws {
            config,
            clients: Arc::default(),
            profile: None,
            named_bucket: None,
            execution_role: None,
            registries: None,
        }
    }

    /// Returns the region of stacks that name none, if one is set.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }
}
