//! CloudWatch Logs of containers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::deploy::api::{LogLine, LogPage, LogQuery, Timestamp};

/// The number of lines that a group keeps; the oldest are dropped.
const LINES_PER_GROUP: usize = 4000;

/// The number of lines on a page of a search.
const PAGE: usize = 1000;

/// The log lines, by region and group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct LogStore {
    groups: BTreeMap<String, Vec<LogLine>>,
}

/// Returns the key of a log group.
fn key(region: &str, group: &str) -> String {
    format!("{region} {group}")
}

impl LogStore {
    /// Adds a line in the order of time.
    pub(super) fn write(&mut self, region: &str, group: &str, line: LogLine) {
        let lines = self.groups.entry(key(region, group)).or_default();
        let at = lines.partition_point(|other| other.time <= line.time);
        lines.insert(at, line);
        let over = lines.len().saturating_sub(LINES_PER_GROUP);
        lines.drain(..over);
    }

    /// Deletes a log group with its lines.
    pub(super) fn delete_group(&mut self, region: &str, group: &str) {
        self.groups.remove(&key(region, group));
    }

    /// Returns the lines of a log group until now.
    fn lines(&self, region: &str, group: &str, now: Timestamp) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.groups.get(&key(region, group)).into_iter().flatten().filter(move |line| line.time <= now)
    }

    /// Returns the last lines of a log stream.
    pub(super) fn tail(
        &self,
        (region, group): (&str, &str),
        stream: &str,
        count: usize,
        now: Timestamp,
    ) -> Vec<LogLine> {
        let mut lines: Vec<_> =
            self.lines(region, group, now).rev().filter(|line| line.stream == stream).take(count).cloned().collect();
        lines.reverse();
        lines
    }

    /// Performs `FilterLogEvents`.
    pub(super) fn search(&self, region: &str, query: &LogQuery, now: Timestamp) -> LogPage {
        let pattern = Pattern::parse(query.pattern.as_deref().unwrap_or_default());
        let prefix = query.prefix.as_deref().unwrap_or_default();
        let fits = |line: &&LogLine| {
            line.stream.starts_with(prefix)
                && query.since.is_none_or(|since| line.time >= since)
                && pattern.matches(&line.text)
        };
        let start: usize = query.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(0);
        let mut found = self.lines(region, &query.group, now).filter(fits).skip(start);
        let lines: Vec<_> = found.by_ref().take(PAGE).cloned().collect();
        let next = found.next().map(|_| (start + PAGE).to_string());
        LogPage { lines, next }
    }
}

/// A filter pattern of CloudWatch for plain text ("Filter pattern syntax"): every term, `?` any of them, `-` none of them,
/// quotes around phrases, `%` around a regular expression.
struct Pattern<'p> {
    all: Vec<&'p str>,
    any: Vec<&'p str>,
    none: Vec<&'p str>,
    expressions: Vec<regex::Regex>,
}

impl<'p> Pattern<'p> {
    /// Parses a pattern.
    fn parse(text: &'p str) -> Self {
        let mut pattern = Self { all: Vec::new(), any: Vec::new(), none: Vec::new(), expressions: Vec::new() };
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let sign = rest.chars().next().filter(|it| matches!(it, '?' | '-'));
            rest = &rest[sign.map_or(0, char::len_utf8)..];
            let quote = rest.chars().next().filter(|it| matches!(it, '"' | '%'));
            let (term, after) = match quote {
                Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
                None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            };
            rest = after.trim_start();
            match (sign, quote) {
                (_, Some('%')) => pattern.expressions.extend(regex::Regex::new(term).ok()),
                (Some('?'), _) => pattern.any.push(term),
                (Some(_), _) => pattern.none.push(term),
                _ => pattern.all.push(term),
            }
        }
        pattern
    }

    /// Returns whether a text matches.
    fn matches(&self, text: &str) -> bool {
        self.all.iter().all(|term| text.contains(term))
            && (self.any.is_empty() || self.any.iter().any(|term| text.contains(term)))
            && !self.none.iter().any(|term| text.contains(term))
            && self.expressions.iter().all(|expression| expression.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_pattern_matches_as_in_cloudwatch() {
        for (pattern, text, matches) in [
            ("", "anything", true),
            ("ERROR worker", "ERROR in worker 7", true),
            ("ERROR worker", "ERROR in thread 7", false),
            ("\"worker 7\"", "ERROR in worker 7", true),
            ("?ERROR ?WARN", "WARN: slow", true),
            ("ERROR -Timeout", "ERROR Timeout", false),
            ("%5[0-9]{2}%", "GET / 503", true),
            ("%5[0-9]{2}%", "GET / 200", false),
        ] {
            assert_eq!(Pattern::parse(pattern).matches(text), matches, "{pattern} in {text}");
        }
    }

    #[test]
    fn search_pages_are_in_order_and_tail_returns_the_last_lines() {
        let mut logs = LogStore::default();
        for second in 0..1500 {
            let line =
                LogLine { stream: "web/1".to_owned(), time: Timestamp::from_secs(second), text: format!("{second}") };
            logs.write("eu-west-1", "group", line);
        }
        let query =
            LogQuery { group: "group".to_owned(), since: Some(Timestamp::from_secs(100)), ..LogQuery::default() };
        let now = Timestamp::from_secs(1398);
        let first = logs.search("eu-west-1", &query, now);
        let second = logs.search("eu-west-1", &LogQuery { page: first.next.clone(), ..query.clone() }, now);
        assert_eq!((first.lines.len(), second.lines.len(), second.next), (1000, 299, None));
        assert_eq!((first.lines[0].text.as_str(), second.lines[298].text.as_str()), ("100", "1398"));
        let tail = logs.tail(("eu-west-1", "group"), "web/1", 2, now);
        assert_eq!(tail.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["1397", "1398"]);
        assert!(logs.tail(("us-east-1", "group"), "web/1", 2, now).is_empty());
    }
}
