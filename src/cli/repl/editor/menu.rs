//! The menu of completions below the line.

use anstyle::Style;

use crate::cli::repl::style::of_sort;
use crate::cli::report::faint;
use crate::cli::text_width::cut;
use crate::printable::styled;
use crate::script::session::{Candidate, Completion};

/// The candidates for a range of the line.
pub(super) struct Menu {
    /// The line before and after the range.
    head: String,
    tail: String,
    candidates: Vec<Candidate>,
    /// The common prefix of the candidates; none if it is a candidate itself.
    common: Option<String>,
}

/// The relation of a line to a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineMatch {
    /// Another line: the menu is closed.
    Another,
    /// The line of the menu, without a candidate.
    Open,
    /// The line of the menu with this candidate.
    Chosen(usize),
}

/// A text below the line: without colours, to measure it, and with colours.
#[derive(Default)]
pub(super) struct MenuPanel {
    pub(super) plain: String,
    pub(super) painted: String,
}

impl Menu {
    /// Creates the menu for a cursor in a line; returns `None` if there are no candidates.
    pub(super) fn new(line: &str, cursor: usize, completion: Completion) -> Option<Self> {
        let (head, typed) = (&line[..completion.range.start], &line[completion.range.start..cursor]);
        let common = common(&completion.candidates).filter(|common| extends(common, typed));
        let common = common.unwrap_or(typed).to_owned();
        let is_candidate = completion.candidates.first().is_some_and(|first| first.text == common);
        let menu = Self {
            head: head.to_owned(),
            tail: line[cursor..].to_owned(),
            common: (!is_candidate).then_some(common),
            candidates: completion.candidates,
        };
        (!menu.candidates.is_empty()).then_some(menu)
    }

    /// Returns the texts that the editor inserts one after the other: first the common prefix, so that nothing is chosen
    /// before the user has seen the candidates.
    pub(super) fn choices(&self) -> Vec<String> {
        let several = self.candidates.len() > 1;
        let common = self.common.iter().filter(|_| several).cloned();
        common.chain(self.candidates.iter().map(|candidate| candidate.text.clone())).collect()
    }

    /// Returns whether there is only one candidate.
    pub(super) fn is_sole(&self) -> bool {
        self.candidates.len() == 1
    }

    /// Returns the relation of a line to the menu.
    pub(super) fn line_match(&self, line: &str, cursor: usize) -> LineMatch {
        let inserted = line.strip_prefix(&self.head).and_then(|rest| rest.strip_suffix(&self.tail));
        let Some(inserted) = inserted.filter(|text| self.head.len() + text.len() == cursor) else {
            return LineMatch::Another;
        };
        match self.candidates.iter().position(|candidate| candidate.text == inserted) {
            Some(at) => LineMatch::Chosen(at),
            None if self.common.as_deref() == Some(inserted) => LineMatch::Open,
            None => LineMatch::Another,
        }
    }

    /// Renders the candidates with their descriptions, one on a line; those around the chosen one if there are too many.
    pub(super) fn panel(&self, chosen: Option<usize>, columns: usize, rows: usize) -> MenuPanel {
        let total = self.candidates.len();
        let shown = if total > rows { rows.saturating_sub(1).max(1) } else { total };
        let first = chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(shown));
        let window = &self.candidates[first..first + shown];
        let longest = window.iter().map(|candidate| candidate.text.chars().count()).max().unwrap_or(0);
        // In a narrow window, names take precedence over descriptions.
        let width = longest.min(columns.saturating_sub(3));
        let mut panel = MenuPanel::default();
        for (at, candidate) in window.iter().enumerate() {
            panel.row(candidate, Some(first + at) == chosen, width, columns);
        }
        if shown < total {
            let more = cut(&format!("  {} of {total}", first + shown), columns.saturating_sub(1));
            panel.line(&more, &faint(&more));
        }
        panel
    }
}

impl MenuPanel {
    /// Appends a line.
    pub(super) fn line(&mut self, plain: &str, painted: &str) {
        if !self.plain.is_empty() {
            self.plain.push('\n');
            self.painted.push('\n');
        }
        self.plain += plain;
        self.painted += painted;
    }

    fn row(&mut self, candidate: &Candidate, is_chosen: bool, width: usize, columns: usize) {
        let name = cut(&candidate.text, width);
        let blanks = " ".repeat(width - name.chars().count());
        let mark = if is_chosen { "> " } else { "  " };
        let left = columns.saturating_sub(width + 5);
        let description = candidate.description.lines().next().unwrap_or("");
        let description = if left < 8 || description.is_empty() { String::new() } else { cut(description, left) };
        let style = if is_chosen { Style::new().bold().invert() } else { of_sort(candidate.kind) };
        let gap = if description.is_empty() { "" } else { "  " };
        self.line(
            format!("{mark}{name}{blanks}{gap}{description}").trim_end(),
            &format!("{mark}{}{blanks}{gap}{}", styled(&name, style), faint(&description)),
        );
    }
}

/// Returns the common prefix of the candidates.
fn common(candidates: &[Candidate]) -> Option<&str> {
    let (first, rest) = candidates.split_first()?;
    let shared = |text: &str, other: &str| {
        text.char_indices()
            .zip(other.chars())
            .find(|((_, a), b)| a != b)
            .map_or(text.len().min(other.len()), |((at, _), _)| at)
    };
    let end = rest.iter().fold(first.text.len(), |end, other| end.min(shared(&first.text, &other.text)));
    first.text.get(..end)
}

/// Returns whether a text begins with a prefix; case does not matter.
fn extends(text: &str, prefix: &str) -> bool {
    text.to_lowercase().starts_with(&prefix.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::session::CandidateKind;

    fn menu(line: &str, cursor: usize, start: usize, names: &[&str]) -> Menu {
        let one = |name: &&str| Candidate {
            text: (*name).to_owned(),
            kind: CandidateKind::Method,
            description: "what it does, in a few words".to_owned(),
        };
        let completion = Completion { range: start..cursor, candidates: names.iter().map(one).collect() };
        Menu::new(line, cursor, completion).expect("there are candidates")
    }

    #[test]
    fn first_choice_is_the_common_prefix() {
        assert_eq!(menu("x.he", 4, 2, &["health_check", "health_path"]).choices()[0], "health_");
        assert_eq!(menu("x.cpu", 5, 2, &["cpu", "cpu_limit"]).choices(), ["cpu", "cpu_limit"]);
        assert_eq!(menu("al", 2, 0, &["Alb", "AlbX"]).choices(), ["Alb", "AlbX"]);
        // Letters inside of names: the typed text is kept.
        assert_eq!(menu("x.check", 7, 2, &["health_check", "deep_check"]).choices()[0], "check");
        assert_eq!(menu("x.he", 4, 2, &["health"]).choices(), ["health"]);
    }

    #[test]
    fn line_with_a_candidate_matches_it() {
        let menu = menu("f(x.he)", 6, 4, &["health_check", "health_path"]);
        assert_eq!(menu.line_match("f(x.health_)", 11), LineMatch::Open);
        assert_eq!(menu.line_match("f(x.health_path)", 15), LineMatch::Chosen(1));
        assert_eq!(menu.line_match("f(x.health_path()", 16), LineMatch::Another);
        assert_eq!(menu.line_match("f(x.hea)", 7), LineMatch::Another);
    }

    #[test]
    fn rows_fit_the_window_and_include_the_chosen_one() {
        let names: Vec<String> = (0..40).map(|at| format!("a_rather_long_name_{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let menu = menu("a", 1, 0, &names);
        for columns in [10, 20, 40, 80] {
            let panel = menu.panel(Some(30), columns, 8);
            let rows: Vec<&str> = panel.plain.lines().collect();
            assert_eq!(rows.len(), 8, "{}", panel.plain);
            assert!(rows.iter().all(|row| row.chars().count() < columns), "{columns}: {}", panel.plain);
            assert!(rows.iter().any(|row| row.starts_with("> ")), "{}", panel.plain);
        }
        assert!(menu.panel(None, 80, 8).plain.ends_with("7 of 40"));
    }
}
