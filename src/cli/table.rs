//! The table of all commands.
//!
//! In a pipe every cell is whole. On a terminal that is too narrow, columns that the reader can do without are left out
//! (unless `--verbose` is set), then the widest cells are wrapped, and in the end the cells of a row are one below the other. No
//! cell is cut, so each row differs from its neighbours as its data do.
//!
//! May import `cli::{terminal, text_width}`.

use std::borrow::Cow;

use super::terminal::Detail;
use super::text_width::{pad, width, wrap, wrap_cell};
use crate::printable::one_line;

/// The blanks between two columns.
const GAP: usize = 2;

/// The narrowest column that is wrapped.
const NARROWEST: usize = 12;

/// A table.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

struct Column {
    title: &'static str,
    /// The order in which columns are left out, the lowest first; none for a column that is always shown.
    leave_out: Option<u8>,
}

struct Row {
    cells: Vec<String>,
    style: fn(&str) -> String,
}

impl Table {
    /// Creates a table of columns that are always shown.
    pub(crate) fn new(titles: &[&'static str]) -> Self {
        let columns = titles.iter().map(|title| Column { title, leave_out: None }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Lets a narrow table leave columns out, the first of these first.
    #[must_use]
    pub(crate) fn optional(mut self, titles: &[&str]) -> Self {
        for (order, title) in (0..).zip(titles) {
            self.columns.iter_mut().filter(|it| it.title == *title).for_each(|it| it.leave_out = Some(order));
        }
        self
    }

    /// Adds rows.
    #[must_use]
    pub(crate) fn with(mut self, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        rows.into_iter().for_each(|cells| self.push(cells, str::to_owned));
        self
    }

    /// Adds a row in a style.
    pub(crate) fn push(&mut self, cells: Vec<String>, style: fn(&str) -> String) {
        self.rows.push(Row { cells: cells.into_iter().map(one_paragraph).collect(), style });
    }

    /// Returns the lines of the table, within this width if its columns can be left out or wrapped.
    pub(crate) fn render(&self, detail: Detail) -> String {
        let limit = detail.width;
        let shown = self.shown(detail);
        let widths = self.widths(&shown, limit);
        if total(&widths) > limit {
            return self.one_below_the_other(&shown, limit) + wrap(&self.note(&shown), limit, 0).as_str();
        }
        let titles: Vec<&str> = self.columns.iter().map(|column| column.title).collect();
        let mut text = lines(&titles, &shown, &widths).join("\n") + "\n";
        for row in &self.rows {
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
            for line in lines(&cells, &shown, &widths) {
                text.push_str(&(row.style)(&line));
                text.push('\n');
            }
        }
        text.push_str(&wrap(&self.note(&shown), limit, 0));
        text
    }

    /// Returns the rows with a line for each cell: the columns do not fit next to each other.
    fn one_below_the_other(&self, shown: &[usize], limit: usize) -> String {
        let Some((first, others)) = shown.split_first() else { return String::new() };
        let titles = others.iter().map(|at| width(self.columns[*at].title)).max().unwrap_or(0);
        let mut text = String::new();
        for row in &self.rows {
            let cell = |at: &usize| row.cells.get(*at).map_or("", String::as_str);
            let mut lines = wrap_cell(cell(first), limit);
            for at in others.iter().filter(|at| !cell(at).is_empty()) {
                let head = format!("{}{}", " ".repeat(GAP), pad(self.columns[*at].title, titles + GAP));
                let room = limit.saturating_sub(width(&head)).max(1);
                let parts = wrap_cell(cell(at), room).into_iter().enumerate();
                lines.extend(parts.map(|(part, text)| match part {
                    0 => format!("{head}{text}"),
                    _ => format!("{}{text}", " ".repeat(width(&head))),
                }));
            }
            lines.iter().for_each(|line| text.push_str(&format!("{}\n", (row.style)(line))));
        }
        text
    }

    /// Returns a note about the columns that are left out.
    fn note(&self, shown: &[usize]) -> String {
        let left_out = self.columns.iter().enumerate().filter(|(at, _)| !shown.contains(at));
        let titles: Vec<&str> = left_out.map(|(_, column)| column.title).collect();
        if titles.is_empty() { String::new() } else { format!("(-v shows {}, too)\n", titles.join(", ")) }
    }

    /// Returns the columns that fit, by their places; those that are always shown if nothing fits.
    fn shown(&self, detail: Detail) -> Vec<usize> {
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let fits =
            |shown: &[usize]| total(&shown.iter().map(|at| self.widest(*at)).collect::<Vec<_>>()) <= detail.width;
        while !fits(&shown) && !detail.verbose {
            let optional =
                shown.iter().enumerate().filter_map(|(at, column)| Some((self.columns[*column].leave_out?, at)));
            let Some((_, at)) = optional.min() else { break };
            shown.remove(at);
        }
        shown
    }

    /// Returns the widths of the shown columns; the widest are narrowed until the table fits.
    fn widths(&self, shown: &[usize], limit: usize) -> Vec<usize> {
        let least = |at: usize| width(self.columns[shown[at]].title).max(NARROWEST);
        let mut widths: Vec<usize> =
            shown.iter().enumerate().map(|(at, column)| self.widest(*column).min(limit.max(least(at)))).collect();
        while total(&widths) > limit
            && let Some(widest) = (0..widths.len()).filter(|at| widths[*at] > least(*at)).max_by_key(|at| widths[*at])
        {
            widths[widest] -= 1;
        }
        widths
    }

    fn widest(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| width(cell));
        cells.chain([width(self.columns[column].title)]).max().unwrap_or(0)
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Returns a cell on one line, with a sign for each line break and each control character.
fn one_paragraph(cell: String) -> String {
    match one_line(&cell) {
        Cow::Borrowed(_) => cell,
        Cow::Owned(cell) => cell,
    }
}

/// Returns the lines of a row: one, or several if a cell is wrapped.
fn lines(cells: &[&str], shown: &[usize], widths: &[usize]) -> Vec<String> {
    let cell = |(at, width): (&usize, &usize)| wrap_cell(cells.get(*at).copied().unwrap_or_default(), *width);
    let wrapped: Vec<Vec<String>> = shown.iter().zip(widths).map(cell).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
    let line = |at: usize| {
        let parts =
            wrapped.iter().zip(widths).map(|(cell, width)| pad(cell.get(at).map_or("", String::as_str), *width));
        parts.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(width: usize) -> Detail {
        Detail { verbose: false, width, values: None }
    }

    fn resources() -> Table {
        let row = |id: &str| vec![id.to_owned(), "AWS::EC2::RouteTable".to_owned(), format!("rtb-{id}")];
        let ids =
            ["ShopVpcPublicSubnet1RouteTable", "ShopVpcPublicSubnet2RouteTable", "ShopVpcPrivateSubnet1RouteTable"];
        Table::new(&["RESOURCE", "TYPE", "ID"]).optional(&["ID", "TYPE"]).with(ids.map(row))
    }

    #[test]
    fn table_in_a_pipe_is_whole() {
        let text = resources().render(columns(usize::MAX));
        assert!(text.contains("ShopVpcPrivateSubnet1RouteTable  AWS::EC2::RouteTable  rtb-ShopVpcPrivate"), "{text}");
        assert!(!text.contains(".."), "{text}");
    }

    #[test]
    fn narrow_table_leaves_columns_out_and_keeps_names_whole() {
        let text = resources().render(columns(60));
        assert!(text.starts_with("RESOURCE                         TYPE\n"), "{text}");
        let names = resources().render(columns(40));
        assert_eq!(names.lines().count(), 5, "{names}");
        assert!(names.ends_with("(-v shows TYPE, ID, too)\n"), "{names}");
        let all = resources().render(Detail { verbose: true, width: 40, values: None });
        assert!(all.starts_with("RESOURCE      TYPE"), "{all}");
    }

    #[test]
    fn rows_of_the_narrowest_table_differ() {
        for limit in [12, 20, 30, 50] {
            let text = resources().render(columns(limit));
            let whole: String = text.split_whitespace().collect();
            assert!(text.lines().all(|line| width(line) <= limit), "{limit}:\n{text}");
            assert!(whole.contains("ShopVpcPublicSubnet2RouteTable"), "{limit}:\n{text}");
        }
    }

    #[test]
    fn columns_that_do_not_fit_are_one_below_the_other() {
        let table = Table::new(&["SERVICE", "DESIRED", "RUNNING"]);
        let table = table.with([vec!["WebService".to_owned(), "2".to_owned(), "1".to_owned()]]);
        assert_eq!(table.render(columns(20)), "WebService\n  DESIRED  2\n  RUNNING  1\n");
        assert!(table.render(columns(40)).starts_with("SERVICE     DESIRED  RUNNING\n"));
    }

    #[test]
    fn long_text_is_wrapped_between_words() {
        let reason = "Resource handler returned message: the subnet is in another network (Service: Ec2)";
        let table = Table::new(&["RESOURCE", "REASON"]).with([vec!["WebSubnet".to_owned(), reason.to_owned()]]);
        let expected = "\
RESOURCE   REASON
WebSubnet  Resource handler returned
           message: the subnet is in
           another network (Service:
           Ec2)
";
        assert_eq!(table.render(columns(36)), expected);
    }

    #[test]
    fn columns_are_aligned_without_trailing_blanks() {
        let rows = [vec!["task_cpu".into(), "256".into()], vec!["key".into(), String::new()]];
        assert_eq!(
            Table::new(&["NAME", "VALUE"]).with(rows).render(columns(80)),
            "NAME      VALUE\ntask_cpu  256\nkey\n"
        );
    }

    #[test]
    fn cjk_and_emoji_take_two_columns() {
        let rows =
            [vec!["地図".into(), "tiles".into()], vec!["🚀".into(), "rocket".into()], vec!["é".into(), "e".into()]];
        let expected = "NAME  VALUE\n地図  tiles\n🚀    rocket\né     e\n";
        assert_eq!(Table::new(&["NAME", "VALUE"]).with(rows).render(columns(80)), expected);
    }
}
