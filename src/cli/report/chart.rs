use std::time::Duration;

use super::charset::Charset;
use super::format::{clock, duration};
use super::style::{bold, faint, warning};
use crate::cli::text_width::{cut, pad, width as columns};
use crate::deploy::api::Timestamp;
use crate::deploy::diagnose::timeline::{Span, SpanKind, Timeline};
use crate::printable::one_line;

/// The narrowest bar next to a long name.
const SHORTEST_BAR: usize = 16;

/// The columns of a chart in a pipe, whose names are whole.
const PAGE: usize = 80;

/// Draws an operation as a chart: a row for each step from its start to its end; `*` marks the critical path.
pub(crate) fn chart(stack: &str, timeline: &Timeline, width: usize, charset: Charset) -> String {
    let stack = &*one_line(stack);
    let (Some(from), Some(to)) =
        (timeline.spans.iter().map(|span| span.from).min(), timeline.spans.iter().map(|span| span.to).max())
    else {
        return format!("{} has no steps\n", bold(stack));
    };
    let longest = timeline.spans.iter().map(|span| columns(&span.logical_id)).max().unwrap_or(0);
    let width = if width == usize::MAX { PAGE.max(longest + 14 + SHORTEST_BAR) } else { width };
    // The sign, the mark and gaps take five columns, the duration nine.
    let room = width.saturating_sub(14);
    let name = longest.min(room.saturating_sub(SHORTEST_BAR.min(room / 2)).max(4));
    let scale = TimeAxis { from, total: to.since(from), columns: room.saturating_sub(name).max(8) };
    let mut text = format!("{} took {}\n", bold(stack), duration(timeline.total));
    text.push_str(&faint(&axis(&scale, name)));
    for (at, span) in timeline.spans.iter().enumerate() {
        text.push_str(&row(span, timeline.critical.contains(&at), name, &scale, charset));
    }
    let released = if charset == Charset::Unicode { "\u{2508}" } else { "." };
    let legend = format!("* critical path   {released} dependents may start; AWS waits for stabilization");
    text.push_str(&faint(if legend.chars().count() <= width { &legend } else { "* critical path" }));
    text.push('\n');
    text
}

/// Maps times to columns.
struct TimeAxis {
    from: Timestamp,
    total: Duration,
    columns: usize,
}

impl TimeAxis {
    fn column(&self, moment: Timestamp) -> usize {
        let part = moment.since(self.from).as_secs_f64() / self.total.as_secs_f64().max(0.001);
        let columns = f64::from(u16::try_from(self.columns).unwrap_or(u16::MAX));
        // A share of a few hundred columns: neither sign nor size can be lost.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of columns"
        )]
        let column = (part * columns).round() as usize;
        column.min(self.columns)
    }
}

/// Returns the times at the left, in the middle and at the right.
fn axis(scale: &TimeAxis, name: usize) -> String {
    let [start, middle, end] = [Duration::ZERO, scale.total / 2, scale.total].map(clock);
    let half = scale.columns / 2;
    let left = format!("{start:<half$}");
    let right = scale.columns.saturating_sub(half);
    let end = format!("{end:>}");
    let gap = right.saturating_sub(middle.len() + end.len());
    let middle = if right > middle.len() + end.len() {
        format!("{middle}{}", " ".repeat(gap))
    } else {
        " ".repeat(right.saturating_sub(end.len()))
    };
    format!("{:>indent$}{left}{middle}{end}\n", "", indent = name + 5)
}

fn row(span: &Span, critical: bool, name: usize, scale: &TimeAxis, charset: Charset) -> String {
    let sign = match span.work {
        SpanKind::Create => '+',
        SpanKind::Update => '~',
        SpanKind::Delete => '-',
        SpanKind::Run => '>',
    };
    let mark = if critical { '*' } else { ' ' };
    let (begin, released, end) = (scale.column(span.from), scale.column(span.released), scale.column(span.to));
    // A step of no duration is visible, too.
    let begin = begin.min(scale.columns - 1);
    let end = end.max(begin + 1);
    let worked = released.clamp(begin + 1, end);
    let (work, rest) = strokes(critical, charset);
    let bar = format!("{}{}", work.repeat(worked - begin), rest.repeat(end - worked));
    let bar = if critical { warning(&bar) } else { bar };
    let (before, after) = (" ".repeat(begin), " ".repeat(scale.columns - end));
    let id = cut(&span.logical_id, name);
    format!("{sign} {} {mark} {before}{bar}{after} {:>8}\n", pad(&id, name), duration(span.duration()))
}

/// Returns the stroke while dependents wait, and the one after that.
fn strokes(critical: bool, charset: Charset) -> (&'static str, &'static str) {
    match (charset, critical) {
        (Charset::Unicode, true) => ("\u{2588}", "\u{2508}"),
        (Charset::Unicode, false) => ("\u{2501}", "\u{2508}"),
        (Charset::Ascii, true) => ("#", "."),
        (Charset::Ascii, false) => ("=", "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        let span = |id: &str, work, from: i64, released: i64, to: i64| Span {
            logical_id: id.to_owned(),
            kind: "AWS::X::Y".to_owned(),
            work,
            from: Timestamp::from_secs(from),
            released: Timestamp::from_secs(released),
            to: Timestamp::from_secs(to),
        };
        let spans = vec![
            span("Vpc", SpanKind::Create, 1000, 1005, 1015),
            span("Alb", SpanKind::Create, 1016, 1140, 1140),
            span("Topic", SpanKind::Create, 1001, 1001, 1001),
            span("AVeryLongNameOfAServiceWithMore", SpanKind::Update, 1141, 1203, 1203),
            span("Old", SpanKind::Delete, 1203, 1204, 1204),
        ];
        Timeline { total: Duration::from_secs(206), spans, critical: vec![0, 1, 3] }
    }

    fn drawn(width: usize, charset: Charset) -> String {
        crate::printable::plain(&chart("web", &timeline(), width, charset))
    }

    #[test]
    fn chart_fits_eighty_columns() {
        let expected = "\
web took 3 m 26 s
                                    0:00             1:42          3:24
+ Vpc                             * #..                                     15 s
+ Alb                             *    #####################            2 m 04 s
+ Topic                             =                                        0 s
~ AVeryLongNameOfAServiceWithMore *                         ########### 1 m 02 s
- Old                                                                 =      1 s
* critical path   . dependents may start; AWS waits for stabilization
";
        assert_eq!(drawn(80, Charset::Ascii), expected);
    }

    #[test]
    fn lines_fit_the_terminal() {
        for width in [30, 40, 60, 80, 132] {
            for charset in [Charset::Ascii, Charset::Unicode] {
                let text = drawn(width, charset);
                let widest = text.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(width), "{width}:\n{text}");
                assert!(charset == Charset::Unicode || text.is_ascii(), "{text}");
            }
        }
    }

    #[test]
    fn operation_without_steps_has_a_message() {
        let empty = Timeline { total: Duration::ZERO, spans: Vec::new(), critical: Vec::new() };
        assert!(chart("web", &empty, 80, Charset::Ascii).contains("has no steps"));
    }
}
