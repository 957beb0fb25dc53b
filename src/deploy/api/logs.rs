use serde::{Deserialize, Serialize};

use super::{AwsError, Timestamp};

/// CloudWatch Logs in one account and region.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait Logs: Clone {
    /// `GetLogEvents`: the last lines of a stream, oldest first; none where group or stream are not there (yet).
    async fn tail(&self, group: &str, stream: &str, lines: usize) -> Result<Vec<LogLine>, AwsError>;

    /// `FilterLogEvents`: one page of a group's lines, oldest first; none where the group is not there.
    async fn search(&self, query: &LogQuery) -> Result<LogPage, AwsError>;
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogLine {
    /// Its stream.
    pub stream: String,
    /// When it was written.
    pub time: Timestamp,
    /// The text, without its line end.
    pub text: String,
}

/// Which lines of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogQuery {
    /// The group's name.
    pub group: String,
    /// Only streams whose names begin so.
    pub prefix: Option<String>,
    /// Only lines from this moment on.
    pub since: Option<Timestamp>,
    /// CloudWatch's filter pattern.
    pub pattern: Option<String>,
    /// The page to go on with.
    pub page: Option<String>,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// What to ask for the next page with.
    pub next: Option<String>,
}
