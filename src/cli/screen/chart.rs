use std::time::Duration;

use super::paint::{bold, faint, warning};
use super::words::{clock_of, duration};
use crate::cli::table::cut;
use crate::deploy::ports::Timestamp;
use crate::deploy::timeline::{Span, Timeline, Work};

/// What bars are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pen {
    /// Lines and blocks of Unicode.
    Unicode,
    /// Letters of ASCII, for terminals of another encoding.
    Ascii,
}

/// The longest name that is not cut.
const LONGEST_NAME: usize = 28;

/// The least room for bars.
const SHORTEST_BAR: usize = 8;

/// An operation as a chart: a row for each step, from its beginning to its end; steps of the critical path are marked.
pub(crate) fn chart(stack: &str, timeline: &Timeline, width: usize, pen: Pen) -> String {
    let (Some(from), Some(to)) =
        (timeline.spans.iter().map(|span| span.from).min(), timeline.spans.iter().map(|span| span.to).max())
    else {
        return format!("{} did nothing\n", bold(stack));
    };
    let longest = timeline.spans.iter().map(|span| span.logical_id.chars().count()).max().unwrap_or(0);
    // Sign, mark and gaps take five columns, the duration nine.
    let room = width.saturating_sub(14);
    let name = longest.min(LONGEST_NAME).min(room.saturating_sub(SHORTEST_BAR).max(4));
    let scale = Scale { from, total: to.since(from), columns: room.saturating_sub(name).max(SHORTEST_BAR) };
    let mut text = format!("{} took {}\n", bold(stack), duration(timeline.total));
    text.push_str(&faint(&axis(&scale, name)));
    for (at, span) in timeline.spans.iter().enumerate() {
        text.push_str(&row(span, timeline.critical.contains(&at), name, &scale, pen));
    }
    let released = if pen == Pen::Unicode { "\u{2508}" } else { "." };
    let legend = format!("* critical path   {released} others may begin, AWS still makes sure");
    text.push_str(&faint(if legend.chars().count() <= width { &legend } else { "* critical path" }));
    text.push('\n');
    text
}

/// From moments to columns.
struct Scale {
    from: Timestamp,
    total: Duration,
    columns: usize,
}

impl Scale {
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

/// The time at the left, in the middle and at the right.
fn axis(scale: &Scale, name: usize) -> String {
    let [start, middle, end] = [Duration::ZERO, scale.total / 2, scale.total].map(clock_of);
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

fn row(span: &Span, critical: bool, name: usize, scale: &Scale, pen: Pen) -> String {
    let sign = match span.work {
        Work::Create => '+',
        Work::Update => '~',
        Work::Delete => '-',
    };
    let mark = if critical { '*' } else { ' ' };
    let (begin, released, end) = (scale.column(span.from), scale.column(span.released), scale.column(span.to));
    // What takes no time to speak of is seen all the same.
    let begin = begin.min(scale.columns - 1);
    let end = end.max(begin + 1);
    let worked = released.clamp(begin + 1, end);
    let (work, rest) = strokes(critical, pen);
    let bar = format!("{}{}", work.repeat(worked - begin), rest.repeat(end - worked));
    let bar = if critical { warning(&bar) } else { bar };
    let (before, after) = (" ".repeat(begin), " ".repeat(scale.columns - end));
    let id = cut(&span.logical_id, name);
    format!("{sign} {id:<name$} {mark} {before}{bar}{after} {:>8}\n", duration(span.duration()))
}

/// The stroke while others wait, and the one after that.
fn strokes(critical: bool, pen: Pen) -> (&'static str, &'static str) {
    match (pen, critical) {
        (Pen::Unicode, true) => ("\u{2588}", "\u{2508}"),
        (Pen::Unicode, false) => ("\u{2501}", "\u{2508}"),
        (Pen::Ascii, true) => ("#", "."),
        (Pen::Ascii, false) => ("=", "."),
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
            span("Vpc", Work::Create, 1000, 1005, 1015),
            span("Alb", Work::Create, 1016, 1140, 1140),
            span("Topic", Work::Create, 1001, 1001, 1001),
            span("AVeryLongNameOfAServiceThatGoesOn", Work::Update, 1141, 1203, 1203),
            span("Old", Work::Delete, 1203, 1204, 1204),
        ];
        Timeline { total: Duration::from_secs(206), spans, critical: vec![0, 1, 3] }
    }

    fn drawn(width: usize, pen: Pen) -> String {
        anstream::adapter::strip_str(&chart("web", &timeline(), width, pen)).to_string()
    }

    #[test]
    fn a_chart_of_eighty_columns() {
        let wanted = "\
web took 3 m 26 s
                                 0:00               1:42           3:24
+ Vpc                          * #..                                        15 s
+ Alb                          *    #######################             2 m 04 s
+ Topic                          =                                           0 s
~ AVeryLongName..iceThatGoesOn *                           ############ 1 m 02 s
- Old                                                                 =      1 s
* critical path   . others may begin, AWS still makes sure
";
        assert_eq!(drawn(80, Pen::Ascii), wanted);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [30, 40, 60, 80, 132] {
            for pen in [Pen::Ascii, Pen::Unicode] {
                let text = drawn(width, pen);
                let widest = text.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(width), "{width}:\n{text}");
                assert!(pen == Pen::Unicode || text.is_ascii(), "{text}");
            }
        }
    }

    #[test]
    fn an_operation_without_steps_is_said_to_be_one() {
        let nothing = Timeline { total: Duration::ZERO, spans: Vec::new(), critical: Vec::new() };
        assert!(chart("web", &nothing, 80, Pen::Ascii).contains("did nothing"));
    }
}
