//! The menu of completions below the line.

use anstyle::Style;

use crate::cli::repl::style::of_sort;
use crate::cli::report::{faint, styled};
use crate::cli::table::cut;
use crate::script::session::{Candidate, Completion};

/// Candidates for a place, with the lines that choosing one after the other gives.
pub(super) struct Menu {
    /// The line before the place, and behind it.
    head: String,
    tail: String,
    candidates: Vec<Candidate>,
    /// What all candidates that fit begin with; none where that is a candidate itself.
    common: Option<String>,
}

/// What a line is to a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineMatch {
    /// It is another line: the menu is over.
    Another,
    /// It is the menu's, and nothing is chosen.
    Open,
    /// A candidate stands in it.
    Chosen(usize),
}

/// A text below the line: as it is measured, and as it is shown.
#[derive(Default)]
pub(super) struct MenuPanel {
    pub(super) plain: String,
    pub(super) painted: String,
}

impl Menu {
    /// The menu for a cursor in a line; none where there is nothing to choose.
    pub(super) fn new(line: &str, cursor: usize, completion: Completion) -> Option<Self> {
        let (head, begun) = (&line[..completion.range.start], &line[completion.range.start..cursor]);
        let common = common(&completion.candidates).filter(|common| extends(common, begun));
        let common = common.unwrap_or(begun).to_owned();
        let is_candidate = completion.candidates.first().is_some_and(|first| first.text == common);
        let menu = Self {
            head: head.to_owned(),
            tail: line[cursor..].to_owned(),
            common: (!is_candidate).then_some(common),
            candidates: completion.candidates,
        };
        (!menu.candidates.is_empty()).then_some(menu)
    }

    /// What the editor puts in the place, one after the other: first what all have in common, so that nothing is chosen
    /// before the user has seen what there is.
    pub(super) fn choices(&self) -> Vec<String> {
        let several = self.candidates.len() > 1;
        let common = self.common.iter().filter(|_| several).cloned();
        common.chain(self.candidates.iter().map(|candidate| candidate.text.clone())).collect()
    }

    /// True where there is one candidate only.
    pub(super) fn is_sole(&self) -> bool {
        self.candidates.len() == 1
    }

    /// What a line is to the menu.
    pub(super) fn standing(&self, line: &str, cursor: usize) -> LineMatch {
        let put = line.strip_prefix(&self.head).and_then(|rest| rest.strip_suffix(&self.tail));
        let Some(put) = put.filter(|put| self.head.len() + put.len() == cursor) else { return LineMatch::Another };
        match self.candidates.iter().position(|candidate| candidate.text == put) {
            Some(at) => LineMatch::Chosen(at),
            None if self.common.as_deref() == Some(put) => LineMatch::Open,
            None => LineMatch::Another,
        }
    }

    /// The candidates with their descriptions, one on a line, those around the chosen one where there are too many.
    pub(super) fn panel(&self, chosen: Option<usize>, columns: usize, rows: usize) -> MenuPanel {
        let total = self.candidates.len();
        let shown = if total > rows { rows.saturating_sub(1).max(1) } else { total };
        let first = chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(shown));
        let window = &self.candidates[first..first + shown];
        let longest = window.iter().map(|candidate| candidate.text.chars().count()).max().unwrap_or(0);
        // A narrow window is for the names, and what is left of it for descriptions.
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
    /// Puts a line below the others.
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
        let about = candidate.description.lines().next().unwrap_or("");
        let about = if left < 8 || about.is_empty() { String::new() } else { cut(about, left) };
        let style = if is_chosen { Style::new().bold().invert() } else { of_sort(candidate.sort) };
        let gap = if about.is_empty() { "" } else { "  " };
        self.line(
            format!("{mark}{name}{blanks}{gap}{about}").trim_end(),
            &format!("{mark}{}{blanks}{gap}{}", styled(&name, style), faint(&about)),
        );
    }
}

/// The letters that all candidates begin with.
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

/// True where a text says as much as what was begun, or more; capitals may differ.
fn extends(text: &str, begun: &str) -> bool {
    text.to_lowercase().starts_with(&begun.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::session::CandidateKind;

    fn menu(line: &str, cursor: usize, start: usize, names: &[&str]) -> Menu {
        let one = |name: &&str| Candidate {
            text: (*name).to_owned(),
            sort: CandidateKind::Method,
            description: "what it does, in a few words".to_owned(),
        };
        let completion = Completion { range: start..cursor, candidates: names.iter().map(one).collect() };
        Menu::new(line, cursor, completion).expect("there are candidates")
    }

    #[test]
    fn the_first_choice_is_what_all_have_in_common() {
        assert_eq!(menu("x.he", 4, 2, &["health_check", "health_path"]).choices()[0], "health_");
        assert_eq!(menu("x.cpu", 5, 2, &["cpu", "cpu_limit"]).choices(), ["cpu", "cpu_limit"]);
        assert_eq!(menu("al", 2, 0, &["Alb", "AlbX"]).choices(), ["Alb", "AlbX"]);
        // Letters inside of names: nothing is taken away from what was typed.
        assert_eq!(menu("x.check", 7, 2, &["health_check", "deep_check"]).choices()[0], "check");
        assert_eq!(menu("x.he", 4, 2, &["health"]).choices(), ["health"]);
    }

    #[test]
    fn a_line_tells_which_candidate_stands_in_it() {
        let menu = menu("f(x.he)", 6, 4, &["health_check", "health_path"]);
        assert_eq!(menu.standing("f(x.health_)", 11), LineMatch::Open);
        assert_eq!(menu.standing("f(x.health_path)", 15), LineMatch::Chosen(1));
        assert_eq!(menu.standing("f(x.health_path()", 16), LineMatch::Another);
        assert_eq!(menu.standing("f(x.hea)", 7), LineMatch::Another);
    }

    #[test]
    fn no_row_is_wider_than_the_window_and_the_chosen_one_is_seen() {
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
