//! Log lines of the tasks of services.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::services::StackService;
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::status::DeploymentStatus;
use crate::deploy::api::{AwsError, Clock, Ecs, LogDestination, LogLine, LogQuery, Logs, Task, TaskFilter, Timestamp};

/// The time by which lines may arrive late: agents send in batches, and streams are not synchronous.
const LATE: Duration = Duration::from_mins(1);

/// The log streams of one container of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LogSource {
    /// The stack's name.
    pub stack: String,
    /// The service's logical id.
    pub service: String,
    /// The container.
    pub container: String,
    /// The log group.
    pub group: String,
    /// The prefix of the streams' names: `PREFIX/CONTAINER/`, or a whole name.
    pub prefix: String,
}

/// A line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LogEntry {
    /// The stack's name.
    pub stack: String,
    /// The service's logical id.
    pub service: String,
    /// The container.
    pub container: String,
    /// The task's id.
    pub task: String,
    /// The time of the line.
    pub time: Timestamp,
    /// The text.
    pub text: String,
}

/// Returns the log sources of a service's containers, from its task definition. Containers that do not log to CloudWatch
/// have none.
pub async fn log_sources(cloud: &impl Ecs, service: &StackService) -> Result<Vec<LogSource>, AwsError> {
    let Some(definition) = cloud.task_definition(&service.service.task_definition).await? else {
        return Ok(Vec::new());
    };
    let of = |container: &str, log: &LogDestination| LogSource {
        stack: service.stack.clone(),
        service: service.logical_id.clone(),
        container: container.to_owned(),
        group: log.group.clone(),
        prefix: format!("{}/{container}/", log.prefix),
    };
    let logging = definition.containers.iter().filter_map(|container| Some((container, container.log.as_ref()?)));
    Ok(logging.map(|(container, log)| of(&container.name, log)).collect())
}

/// Returns the tasks of a service that have stopped, and those of deployments that are being replaced.
pub async fn previous_tasks(cloud: &impl Ecs, service: &StackService) -> Result<Vec<Task>, AwsError> {
    let mut tasks = service.tasks(cloud, TaskFilter::Stopped).await?;
    let primary = service.service.deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary);
    let is_old = |task: &Task| primary.is_some_and(|primary| task.started_by.as_ref() != Some(&primary.id));
    if service.service.deployments.len() > 1 {
        tasks.extend(service.tasks(cloud, TaskFilter::Running).await?.into_iter().filter(is_old));
    }
    Ok(tasks)
}

/// A reader that returns every line of its sources once.
///
/// Each poll reads again from a little before the newest known line, for lines that arrived late, and returns the new
/// ones. Equal lines of the same time are counted, so that none is lost and none is returned twice.
pub struct LogTail<C> {
    readers: Vec<(C, Reader)>,
}

struct Reader {
    source: LogSource,
    from: Timestamp,
    seen: HashMap<LogLine, usize>,
}

impl<C: Logs> LogTail<C> {
    /// Creates a reader of sources, each with its account, from a time on.
    pub fn new(sources: Vec<(C, LogSource)>, from: Timestamp) -> Self {
        let reader = |(cloud, source)| (cloud, Reader { source, from, seen: HashMap::new() });
        Self { readers: sources.into_iter().map(reader).collect() }
    }

    /// Returns the lines that were not returned before, in the order of their times. After an error none counts as returned.
    pub async fn new_lines(&mut self) -> Result<Vec<LogEntry>, AwsError> {
        let mut read = Vec::new();
        for (cloud, reader) in &self.readers {
            read.push(reader.read(cloud).await?);
        }
        let mut entries: Vec<LogEntry> = Vec::new();
        for ((_, reader), lines) in self.readers.iter_mut().zip(read) {
            entries.extend(reader.new_entries(lines));
        }
        entries.sort_by_key(|entry| entry.time);
        Ok(entries)
    }

    /// Passes on new lines until AWS returns an error that is final, and returns that error.
    /// `on_retry` learns of each error that is retried, with the time since the last answer.
    pub async fn watch(
        &mut self,
        clock: &impl Clock,
        mut on_line: impl FnMut(LogEntry),
        on_retry: impl Fn(&AwsError, Duration),
    ) -> AwsError {
        let (mut interval, mut answered) = (PollInterval::of_events(2), clock.now());
        loop {
            let wait = match self.new_lines().await {
                Ok(entries) => {
                    answered = clock.now();
                    let wait = if entries.is_empty() { interval.on_idle() } else { interval.on_activity() };
                    entries.into_iter().for_each(&mut on_line);
                    wait
                }
                Err(error) => {
                    let unanswered = clock.now().since(answered);
                    let Some(pause) = RetryPolicy::FOLLOW.pause(&error, &mut interval, unanswered) else {
                        return error;
                    };
                    on_retry(&error, unanswered);
                    pause
                }
            };
            clock.sleep(wait).await;
        }
    }
}

impl Reader {
    async fn read(&self, cloud: &impl Logs) -> Result<Vec<LogLine>, AwsError> {
        let (group, prefix) = (self.source.group.clone(), Some(self.source.prefix.clone()));
        let mut query = LogQuery { group, prefix, since: Some(self.from), ..LogQuery::default() };
        let mut lines = Vec::new();
        loop {
            let page = cloud.search(&query).await?;
            lines.extend(page.lines);
            if page.next.is_none() || page.next == query.page {
                return Ok(lines);
            }
            query.page = page.next;
        }
    }

    /// Returns the new entries among these lines, which are all lines from `from` on.
    fn new_entries(&mut self, lines: Vec<LogLine>) -> Vec<LogEntry> {
        let mut counts: HashMap<LogLine, usize> = HashMap::new();
        let mut new = Vec::new();
        for line in lines {
            let count = counts.entry(line.clone()).or_default();
            *count += 1;
            if *count > self.seen.get(&line).copied().unwrap_or(0) {
                new.push(line);
            }
        }
        // A page may lack lines of an earlier one: a line that was returned is not returned again.
        for (line, count) in counts {
            let known = self.seen.entry(line).or_default();
            *known = (*known).max(count);
        }
        let newest = self.seen.keys().map(|line| line.time).max();
        self.from = newest.map_or(self.from, |newest| self.from.max(newest - LATE));
        self.seen.retain(|line, _| line.time >= self.from);
        new.into_iter().map(|line| self.entry(line)).collect()
    }

    fn entry(&self, line: LogLine) -> LogEntry {
        LogEntry {
            stack: self.source.stack.clone(),
            service: self.source.service.clone(),
            container: self.source.container.clone(),
            task: line.stream.rsplit('/').next().unwrap_or_default().to_owned(),
            time: line.time,
            text: line.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::deploy::api::{ApiCall, ErrorKind, LogPage};

    /// A log group whose pages have two lines each.
    #[derive(Clone, Default)]
    struct Group {
        lines: Rc<RefCell<Vec<LogLine>>>,
        broken: Rc<RefCell<bool>>,
    }

    impl Group {
        fn write(&self, stream: &str, seconds: i64, text: &str) {
            let line =
                LogLine { stream: stream.to_owned(), time: Timestamp::from_secs(seconds), text: text.to_owned() };
            self.lines.borrow_mut().push(line);
            self.lines.borrow_mut().sort_by_key(|line| line.time);
        }
    }

    impl Logs for Group {
        async fn tail(&self, _: &str, _: &str, _: usize) -> Result<Vec<LogLine>, AwsError> {
            Ok(Vec::new())
        }

        async fn search(&self, query: &LogQuery) -> Result<LogPage, AwsError> {
            let from: usize = query.page.as_ref().map_or(0, |page| page.parse().expect("a page"));
            if *self.broken.borrow() && from > 0 {
                return Err(AwsError::new(
                    ErrorKind::Throttled,
                    ApiCall::FilterLogEvents,
                    "ThrottlingException",
                    "slow down",
                ));
            }
            let lines = self.lines.borrow();
            let fits = |line: &&LogLine| {
                line.stream.starts_with(query.prefix.as_deref().unwrap_or("")) && Some(line.time) >= query.since
            };
            let page: Vec<LogLine> = lines.iter().filter(fits).skip(from).take(2).cloned().collect();
            let next = (page.len() == 2).then(|| (from + 2).to_string());
            Ok(LogPage { lines: page, next })
        }
    }

    fn tail(group: &Group, prefixes: &[&str]) -> LogTail<Group> {
        let source = |prefix: &&str| LogSource {
            stack: "app".into(),
            service: "Web".into(),
            container: "web".into(),
            group: "/app".into(),
            prefix: (*prefix).into(),
        };
        LogTail::new(
            prefixes.iter().map(|prefix| (group.clone(), source(prefix))).collect(),
            Timestamp::from_secs(1000),
        )
    }

    async fn texts(tail: &mut LogTail<Group>) -> Vec<String> {
        tail.new_lines().await.expect("an answer").into_iter().map(|entry| entry.text).collect()
    }

    #[tokio::test]
    async fn late_and_equal_lines_are_returned_once() {
        let group = Group::default();
        let mut tail = tail(&group, &["web/web/"]);
        group.write("web/web/1", 999, "too old");
        group.write("web/web/1", 1010, "beat");
        group.write("web/web/1", 1010, "beat");
        group.write("other/web/1", 1010, "of another");
        assert_eq!(texts(&mut tail).await, ["beat", "beat"]);
        assert!(texts(&mut tail).await.is_empty());
        group.write("web/web/1", 1010, "beat");
        group.write("web/web/2", 1002, "late");
        assert_eq!(texts(&mut tail).await, ["late", "beat"]);
        group.write("web/web/2", 1500, "later");
        assert_eq!(texts(&mut tail).await, ["later"]);
        assert!(texts(&mut tail).await.is_empty(), "lines before the window are not returned again");
    }

    #[tokio::test]
    async fn failed_poll_loses_no_line() {
        let group = Group::default();
        let mut tail = tail(&group, &["a/", "b/"]);
        for second in 0..3 {
            group.write("a/1", 1001, "a");
            group.write("b/1", 1001 + second, "b");
        }
        *group.broken.borrow_mut() = true;
        assert!(tail.new_lines().await.is_err());
        *group.broken.borrow_mut() = false;
        assert_eq!(texts(&mut tail).await, ["a", "a", "a", "b", "b", "b"]);
    }
}
