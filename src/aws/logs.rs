use std::collections::VecDeque;

use super::Aws;
use crate::deploy::api::{ApiCall, AwsError, LogLine, LogPage, LogQuery, Logs, Timestamp};

/// `GetLogEvents` may return empty pages before those with lines ("Filter and search": pages may be empty).
const PAGES: usize = 8;

/// The maximal number of lines in an answer of `GetLogEvents`.
const LINES_A_CALL: usize = 10_000;

impl Logs for Aws {
    async fn tail(&self, group: &str, stream: &str, lines: usize) -> Result<Vec<LogLine>, AwsError> {
        let (mut tail, mut page) = (VecDeque::new(), None::<String>);
        for _ in 0..PAGES {
            let limit = i32::try_from((lines - tail.len()).min(LINES_A_CALL)).unwrap_or(i32::MAX);
            let call = self.logs().get_log_events().log_group_name(group).log_stream_name(stream).limit(limit);
            let reply = call.start_from_head(false).set_next_token(page.clone()).send().await;
            let reply = match reply.map_err(|error| self.api_error(ApiCall::GetLogEvents, &error)) {
                Err(error) if is_missing(&error) => return Ok(Vec::new()),
                other => other?,
            };
            for event in reply.events.into_iter().flatten().rev().take(lines - tail.len()) {
                tail.push_front(line(stream.to_owned(), event.timestamp, event.message));
            }
            // The token of the page before the first is that of the first.
            let is_first = reply.next_backward_token.is_none() || reply.next_backward_token == page;
            if tail.len() == lines || is_first {
                break;
            }
            page = reply.next_backward_token;
        }
        Ok(tail.into())
    }

    async fn search(&self, query: &LogQuery) -> Result<LogPage, AwsError> {
        let call = self.logs().filter_log_events().log_group_name(&query.group);
        let call = call.set_log_stream_name_prefix(query.prefix.clone()).set_filter_pattern(query.pattern.clone());
        let call = call.set_start_time(query.since.map(|moment| moment.0)).set_next_token(query.page.clone());
        let reply = match call.send().await.map_err(|error| self.api_error(ApiCall::FilterLogEvents, &error)) {
            Err(error) if is_missing(&error) => return Ok(LogPage::default()),
            other => other?,
        };
        let lines = reply.events.into_iter().flatten();
        let lines = lines.map(|event| line(event.log_stream_name.unwrap_or_default(), event.timestamp, event.message));
        Ok(LogPage { lines: lines.collect(), next: reply.next_token })
    }
}

/// Returns whether the group or the stream does not exist (yet).
fn is_missing(error: &AwsError) -> bool {
    error.code == "ResourceNotFoundException"
}

fn line(stream: String, time: Option<i64>, message: Option<String>) -> LogLine {
    let text = message.unwrap_or_default();
    LogLine { stream, time: Timestamp(time.unwrap_or_default()), text: text.trim_end_matches(['\r', '\n']).to_owned() }
}
