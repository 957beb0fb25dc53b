use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::services::StackService;
use crate::deploy::api::status::DeploymentStatus;
use crate::deploy::api::{AwsError, Clock, Ecs, LogDestination, LogLine, LogQuery, Logs, Task, TaskFilter, Timestamp};
use crate::deploy::engine::poll_interval::PollInterval;
use crate::deploy::engine::retry::RetryPolicy;

/// How far behind the newest line others may come in late (agents send in batches, streams are not in step).
const LATE: Duration = Duration::from_mins(1);

/// Where lines come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogSource {
    /// The stack's name.
    pub stack: String,
    /// The service's logical id.
    pub service: String,
    /// The container.
    pub container: String,
    /// The log group.
    pub group: String,
    /// How the streams' names begin: `PREFIX/CONTAINER/`, or a whole name.
    pub prefix: String,
}

/// A line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The stack's name.
    pub stack: String,
    /// The service's logical id.
    pub service: String,
    /// The container.
    pub container: String,
    /// The task's id.
    pub task: String,
    /// When.
    pub time: Timestamp,
    /// The text.
    pub text: String,
}

/// Where the containers of a service write to, by its task definition; none for those that log elsewhere.
pub async fn sources(cloud: &impl Ecs, service: &StackService) -> Result<Vec<LogSource>, AwsError> {
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

/// The tasks of a service that have stopped, or that belong to a deployment that is on its way out.
pub async fn previous_tasks(cloud: &impl Ecs, service: &StackService) -> Result<Vec<Task>, AwsError> {
    let mut tasks = cloud.tasks(&service.service.arn, TaskFilter::Stopped).await?;
    let primary = service.service.deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary);
    let is_old = |task: &Task| primary.is_some_and(|primary| task.started_by.as_ref() != Some(&primary.id));
    if service.service.deployments.len() > 1 {
        tasks.extend(cloud.tasks(&service.service.arn, TaskFilter::Running).await?.into_iter().filter(is_old));
    }
    Ok(tasks)
}

/// A reader that gives every line of its sources once.
///
/// Each look reads again from a little before the newest line that it knows, for lines that came in late, and gives what
/// is more than the last time: equal lines of one moment count, so none is lost and none comes twice.
pub struct LogTail<C> {
    readers: Vec<(C, Reader)>,
}

struct Reader {
    source: LogSource,
    from: Timestamp,
    seen: HashMap<LogLine, usize>,
}

impl<C: Logs> LogTail<C> {
    /// A reader of sources from a moment on, each with the account that it is in.
    pub fn new(sources: Vec<(C, LogSource)>, from: Timestamp) -> Self {
        let reader = |(cloud, source)| (cloud, Reader { source, from, seen: HashMap::new() });
        Self { readers: sources.into_iter().map(reader).collect() }
    }

    /// The lines that were not given before, by their times. After an error nothing counts as given.
    pub async fn fresh(&mut self) -> Result<Vec<LogEntry>, AwsError> {
        let mut read = Vec::new();
        for (cloud, reader) in &self.readers {
            read.push(reader.read(cloud).await?);
        }
        let mut said: Vec<LogEntry> = Vec::new();
        for ((_, reader), lines) in self.readers.iter_mut().zip(read) {
            said.extend(reader.take_in(lines));
        }
        said.sort_by_key(|said| said.time);
        Ok(said)
    }

    /// Gives lines as they come, for as long as it is awaited; ends with what AWS answers when it cannot go on.
    pub async fn watch(&mut self, clock: &impl Clock, mut tell: impl FnMut(LogEntry)) -> AwsError {
        let mut pace = PollInterval::of_events(2);
        loop {
            let wait = match self.fresh().await {
                Ok(said) => {
                    let wait = if said.is_empty() { pace.on_idle() } else { pace.on_activity() };
                    said.into_iter().for_each(&mut tell);
                    wait
                }
                Err(error) => match RetryPolicy::FOLLOW.pause(&error, &mut pace) {
                    Some(pause) => pause,
                    None => return error,
                },
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

    /// What of these lines is new. They are all that there is from `from` on.
    fn take_in(&mut self, lines: Vec<LogLine>) -> Vec<LogEntry> {
        let mut counts: HashMap<LogLine, usize> = HashMap::new();
        let mut fresh = Vec::new();
        for line in lines {
            let count = counts.entry(line.clone()).or_default();
            *count += 1;
            if *count > self.seen.get(&line).copied().unwrap_or(0) {
                fresh.push(line);
            }
        }
        // A page may miss what an earlier one had: what was given stays given.
        for (line, count) in counts {
            let known = self.seen.entry(line).or_default();
            *known = (*known).max(count);
        }
        let newest = self.seen.keys().map(|line| line.time).max();
        self.from = newest.map_or(self.from, |newest| self.from.max(newest - LATE));
        self.seen.retain(|line, _| line.time >= self.from);
        fresh.into_iter().map(|line| self.said(line)).collect()
    }

    fn said(&self, line: LogLine) -> LogEntry {
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

    /// A log group that others write to, two lines a page.
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
        tail.fresh().await.expect("an answer").into_iter().map(|said| said.text).collect()
    }

    #[tokio::test]
    async fn every_line_comes_once_even_late_and_even_when_it_is_like_another() {
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
        assert!(texts(&mut tail).await.is_empty(), "what left the window is not given again");
    }

    #[tokio::test]
    async fn a_broken_look_loses_nothing() {
        let group = Group::default();
        let mut tail = tail(&group, &["a/", "b/"]);
        for second in 0..3 {
            group.write("a/1", 1001, "a");
            group.write("b/1", 1001 + second, "b");
        }
        *group.broken.borrow_mut() = true;
        assert!(tail.fresh().await.is_err());
        *group.broken.borrow_mut() = false;
        assert_eq!(texts(&mut tail).await, ["a", "a", "a", "b", "b", "b"]);
    }
}
