use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::ports::{AwsError, ChangeSetKind, StackEvent, Token};
use super::progress::Verdict;
use super::readiness::Readiness;
use super::situation::Situation;
use super::status::StackStatus;

/// What a deployment tells while it runs. A screen shows it, a pipe gets it as JSON, a recorder keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// The stack that it is about.
    pub stack: String,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// What was found where the stack should be.
    Found {
        /// What that means.
        situation: Situation,
        /// Its status, where it is there.
        status: Option<StackStatus>,
    },
    /// What an earlier attempt left behind is deleted first.
    ClearsAway {
        /// The status that it was left in.
        status: StackStatus,
    },
    /// Somebody else's operation runs; it is followed to its end.
    Follows {
        /// Its token, where it has one.
        token: Option<Token>,
        /// The stack's status.
        status: StackStatus,
    },
    /// The template is larger than a request may be and goes through S3.
    Uploads {
        /// Its size.
        bytes: usize,
    },
    /// What will happen.
    Planned {
        /// The plan, with AWS's word on it.
        plan: Plan,
    },
    /// How ready the services are to go back to what they run now.
    Readiness {
        /// Those that the plan changes.
        services: Vec<Readiness>,
    },
    /// There is nothing to do.
    Unchanged,
    /// The caller said no; the change set is deleted.
    Declined,
    /// The change set is carried out.
    Started {
        /// Create or update.
        kind: ChangeSetKind,
        /// The token of every event that follows.
        token: Token,
        /// The stack's id.
        stack_id: String,
    },
    /// The stack is being deleted.
    Deletes {
        /// The token of every event that follows.
        token: Token,
        /// The stack's id.
        stack_id: String,
    },
    /// An event of AWS, each once, oldest first.
    Progressed {
        /// The event.
        #[serde(flatten)]
        event: StackEvent,
    },
    /// AWS could not be asked this time; the operation goes on, and so does the watch.
    PollFailed {
        /// Why.
        error: AwsError,
        /// When it is asked again, in milliseconds.
        again_in_ms: u64,
    },
    /// The operation is over.
    Settled {
        /// How it ended.
        verdict: Verdict,
        /// The stack's status, as AWS says.
        status: StackStatus,
    },
    /// Termination protection was set.
    Protected {
        /// On or off.
        on: bool,
    },
    /// It was not started, because a stack that it needs is not there.
    NotStarted {
        /// That stack.
        because: String,
    },
    /// The caller lets go; AWS goes on.
    LeftRunning {
        /// The token to find the operation by.
        token: Option<Token>,
    },
}
