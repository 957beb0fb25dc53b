use serde_json::Value as Json;

use super::style::{bad, bold, faint, warning};
use crate::cli::table::cut;
use crate::deploy::api::{DriftStatus, ResourceDrift, StackResource};
use crate::deploy::plan::property_comparison::PropertyComparison;

/// A resource as it is deployed beside what the script says: `~` before what a deployment would change, `!` before what
/// somebody changed beside CloudFormation.
pub(crate) fn beside(
    title: &str,
    kind: &str,
    live: Option<&StackResource>,
    rows: &[PropertyComparison],
    drift: Option<&ResourceDrift>,
    width: usize,
) -> String {
    let mut text = format!("{}  {kind}\n", bold(title));
    match live {
        Some(live) => {
            let id = live.physical_id.as_deref().unwrap_or("-");
            text.push_str(&format!("  {}  {}\n", live.status, faint(id)));
        }
        None => text.push_str(&format!("  {}\n", warning("is not deployed"))),
    }
    if let Some(said) = drift.and_then(|drift| fate(drift.status)) {
        text.push_str(&format!("  {said}\n"));
    }
    if rows.is_empty() {
        text.push_str(&faint("  no properties\n"));
        return text;
    }
    text.push_str(&table(rows, width));
    let differing = rows.iter().filter(|row| row.differs()).count();
    if differing == 0 && live.is_some() {
        text.push_str(&faint("  deployed as the script says\n"));
    }
    text
}

fn fate(status: DriftStatus) -> Option<String> {
    match status {
        DriftStatus::Deleted => Some(bad("was deleted beside CloudFormation")),
        DriftStatus::NotChecked => Some(faint("CloudFormation cannot tell what others changed in this type")),
        DriftStatus::InSync | DriftStatus::Modified => None,
    }
}

/// Signs, paths, and values in columns; a value that is the same on both sides is written once.
fn table(rows: &[PropertyComparison], width: usize) -> String {
    let widest =
        |of: &dyn Fn(&PropertyComparison) -> usize, least: usize| rows.iter().map(of).max().unwrap_or(0).max(least);
    let path = widest(&|row| row.path.chars().count(), 8).min((width / 2).max(12));
    // Before the values stand a sign, two blanks, the path and two blanks; between them stand two more.
    let room = width.saturating_sub(path + 7).max(16);
    let scripts = widest(&|row| script(row).chars().count(), 6).min(room / 2);
    let there = widest(&|row| deployed(row).chars().count(), 8).min(room - scripts);
    let line = |sign: &str, name: &str, deployed: &str, script: &str| {
        let line =
            format!("{sign}  {:<path$}  {:<there$}  {}", tail(name, path), cut(deployed, there), cut(script, scripts));
        line.trim_end().to_owned()
    };
    let mut text = line(" ", "PROPERTY", "DEPLOYED", "SCRIPT") + "\n";
    for row in rows {
        let (deployed, script) = (deployed(row), script(row));
        text.push_str(&match row {
            row if row.changed.is_some() => bad(&line("!", &row.path, &deployed, &script)),
            row if row.differs() => warning(&line("~", &row.path, &deployed, &script)),
            _ => line(" ", &row.path, &deployed, &script),
        });
        text.push('\n');
    }
    text
}

fn deployed(row: &PropertyComparison) -> String {
    let Some(change) = &row.changed else { return shown(row.deployed.as_ref()) };
    let actual = change.actual.as_deref().unwrap_or("gone");
    format!("{actual} (deployed as {})", change.expected.as_deref().unwrap_or("nothing"))
}

fn script(row: &PropertyComparison) -> String {
    if row.differs() { shown(row.wanted.as_ref()) } else { "=".to_owned() }
}

/// A value on one line: texts without quotes, and `-` for none.
fn shown(value: Option<&Json>) -> String {
    match value {
        None => "-".to_owned(),
        Some(Json::String(text)) => text.replace('\n', " "),
        Some(value) => value.to_string(),
    }
}

/// The end of a path is what tells properties apart.
fn tail(path: &str, width: usize) -> String {
    let length = path.chars().count();
    if length <= width {
        return path.to_owned();
    }
    "..".chars().chain(path.chars().skip(length - width.saturating_sub(2))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(path: &str, deployed: Option<Json>, wanted: Option<Json>) -> PropertyComparison {
        PropertyComparison { path: path.to_owned(), deployed, wanted, changed: None }
    }

    #[test]
    fn a_narrow_table_keeps_the_ends_of_paths_and_writes_equal_values_once() {
        let long = "NetworkConfiguration.AwsvpcConfiguration.Subnets[0]";
        let rows = [
            row(long, Some(json!({ "Ref": "WebVpcPrivateSubnet1" })), Some(json!({ "Ref": "WebVpcPrivateSubnet1" }))),
            row("DesiredCount", Some(json!(2)), Some(json!(3))),
            row("LaunchType", None, Some(json!("FARGATE"))),
        ];
        let text = anstream::adapter::strip_str(&table(&rows, 60)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{text}");
        assert!(lines[1].contains("Configuration.Subnets[0]  {\"Ref\"") && lines[1].ends_with("  ="), "{text}");
        assert!(lines[2].starts_with("~  DesiredCount") && lines[2].ends_with("  3"), "{text}");
        assert!(lines[3].starts_with("~  LaunchType") && lines[3].contains("  -  "), "{text}");
    }
}
