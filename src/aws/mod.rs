//! AWS itself, over its SDK: the adapter behind every port of an account.
//!
//! A file or folder for each service: `cloud` (CloudFormation; its operations in `stacks`, `change_sets`, `rollbacks`,
//! `drift` and `templates`), `ecs`, `logs`, `traffic`, `scaling`, `images`. `clients` makes the SDK's clients when they
//! are first needed, `connect` what they share, `profile` knows whose credentials are meant, and `error` says what went
//! wrong.
//!
//! It translates requests, replies and errors, and lets the SDK retry what is transient (standard mode). Events come
//! from `DescribeStackEvents`, which has told the events of a stack since 2010, knows every region and emulator, and
//! tells nested stacks' and former operations' events too; `DescribeEvents` (of one operation) adds nothing that
//! [`StackEvent::operation`](super::ports::StackEvent::operation) does not give.
//!
//! Nothing is loaded before [`Aws::connect`], and nothing goes over the network before the first call.
//!
//! *Invariant*: the only module that names a crate `aws_*`; it decides nothing, and no type of the SDK leaves it.

mod change_sets;
mod clients;
mod clock;
mod cloudformation;
mod connect;
mod convert;
mod drift;
mod ecs;
mod error;
mod images;
mod load_balancing;
mod logs;
mod profile;
mod rollbacks;
mod scaling;
mod stacks;
mod template_upload;

pub use clock::SystemClock;
pub use connect::{AccessKey, Options};
pub use profile::{NamedBy, Profile};

use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use tokio::sync::OnceCell;

use clients::Clients;

/// An account of AWS and a region, with the user's credentials.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    clients: Arc<Clients>,
    profile: Option<Profile>,
    /// The bucket for templates that the user named.
    given_bucket: Option<String>,
    /// The bucket for templates in this region, once it is known to be there.
    bucket: Arc<OnceCell<String>>,
    /// Where every registry of images but ECR is, instead of where it says.
    registry_url: Option<String>,
}

impl Aws {
    /// Reads the profile, the environment and the options; speaks to nobody yet.
    pub async fn connect(options: Options) -> Aws {
        let (profile, given_bucket) = (options.profile.clone(), options.template_bucket.clone());
        let registry_url = options.registry_url.clone();
        let config = connect::load(options).await;
        Aws { config, clients: Arc::default(), profile, given_bucket, bucket: Arc::default(), registry_url }
    }

    /// The region of the stacks that name none, where one is set.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }
}
