use serde::{Deserialize, Serialize};

use super::{AwsError, Timestamp};

/// CloudWatch Logs in one account and region.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait Logs: Clone {
    /// Calls `GetLogEvents`. Returns the last lines of a stream, oldest first; none if the group or stream does not exist.
    async fn tail(&self, group: &str, stream: &str, lines: usize) -> Result<Vec<LogLine>, AwsError>;

    /// Calls `FilterLogEvents`. Returns one page of a group's lines, oldest first; none if the group does not exist.
    async fn search(&self, query: &LogQuery) -> Result<LogPage, AwsError>;
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LogLine {
    /// Its stream.
    pub stream: String,
    /// The time at which it was written.
    pub time: Timestamp,
    /// The text, without its line end.
    pub text: String,
}

/// The lines of a log group to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogQuery {
    /// The group's name.
    pub group: String,
    /// The prefix of the streams' names.
    pub prefix: Option<String>,
    /// The time of the first line.
    pub since: Option<Timestamp>,
    /// CloudWatch's filter pattern.
    pub pattern: Option<String>,
    /// The token of the page.
    pub page: Option<String>,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// The token of the next page.
    pub next: Option<String>,
}
