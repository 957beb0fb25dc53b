use serde_json::Value as Json;

use super::style::{bad, bold, faint, warning};
use crate::cli::table::{cut, cut_start, pad, width as columns};
use crate::deploy::api::{DriftStatus, ResourceDrift, StackResource};
use crate::deploy::plan::property_comparison::PropertyComparison;

/// A resource as deployed and in the script.
pub(crate) struct Comparison<'a> {
    /// The name of the stack and the resource.
    pub(crate) title: &'a str,
    /// The type of the resource.
    pub(crate) kind: &'a str,
    /// The deployed resource.
    pub(crate) live: Option<&'a StackResource>,
    /// The properties.
    pub(crate) rows: &'a [PropertyComparison],
    /// The changes made outside of CloudFormation, if they were detected.
    pub(crate) drift: Option<&'a ResourceDrift>,
}

/// Returns a comparison as a table: `~` marks what a deployment would change, `!` what was changed outside of
/// CloudFormation.
pub(crate) fn comparison(comparison: &Comparison<'_>, width: usize) -> String {
    let Comparison { title, kind, live, rows, drift } = comparison;
    let mut text = format!("{}  {kind}\n", bold(title));
    match live {
        Some(live) => {
            let id = live.physical_id.as_deref().unwrap_or("-");
            text.push_str(&format!("  {}  {}\n", live.status, faint(id)));
        }
        None => text.push_str(&format!("  {}\n", warning("is not deployed"))),
    }
    if let Some(note) = drift.and_then(|drift| drift_note(drift.status)) {
        text.push_str(&format!("  {note}\n"));
    }
    if rows.is_empty() {
        text.push_str(&faint("  no properties\n"));
        return text;
    }
    text.push_str(&table(rows, width));
    if live.is_some() && !rows.iter().any(PropertyComparison::differs) {
        text.push_str(&faint("  no differences between the script and the deployed resource\n"));
    }
    text
}

fn drift_note(status: DriftStatus) -> Option<String> {
    match status {
        DriftStatus::Deleted => Some(bad("was deleted outside of CloudFormation")),
        DriftStatus::NotChecked => Some(faint("CloudFormation cannot detect drift of this type")),
        DriftStatus::InSync | DriftStatus::Modified => None,
    }
}

/// Returns the table of signs, paths and values; an equal value is written once.
fn table(rows: &[PropertyComparison], width: usize) -> String {
    let widest =
        |of: &dyn Fn(&PropertyComparison) -> usize, least: usize| rows.iter().map(of).max().unwrap_or(0).max(least);
    let path = widest(&|row| columns(&row.path), 8).min((width / 2).max(12));
    // A sign, two blanks, the path and two blanks are before the values, and two blanks between them.
    let room = width.saturating_sub(path + 7).max(16);
    let scripts = widest(&|row| columns(&script(row)), 6).min(room / 2);
    let actual = widest(&|row| columns(&deployed(row)), 8).min(room - scripts);
    let line = |sign: &str, name: &str, deployed: &str, script: &str| {
        // The end of a path distinguishes properties.
        let (name, deployed) = (pad(&cut_start(name, path), path), pad(&cut(deployed, actual), actual));
        format!("{sign}  {name}  {deployed}  {}", cut(script, scripts)).trim_end().to_owned()
    };
    let mut text = line(" ", "PROPERTY", "DEPLOYED", "SCRIPT") + "\n";
    for row in rows {
        let (deployed, script) = (deployed(row), script(row));
        text.push_str(&match row {
            row if row.drift.is_some() => bad(&line("!", &row.path, &deployed, &script)),
            row if row.differs() => warning(&line("~", &row.path, &deployed, &script)),
            _ => line(" ", &row.path, &deployed, &script),
        });
        text.push('\n');
    }
    text
}

fn deployed(row: &PropertyComparison) -> String {
    let Some(change) = &row.drift else { return shown(row.deployed.as_ref()) };
    let actual = change.actual.as_deref().unwrap_or("deleted");
    format!("{actual} (deployed as {})", change.expected.as_deref().unwrap_or("nothing"))
}

fn script(row: &PropertyComparison) -> String {
    if row.differs() { shown(row.desired.as_ref()) } else { "=".to_owned() }
}

/// Returns a value on one line: text without quotes, and `-` for none.
fn shown(value: Option<&Json>) -> String {
    match value {
        None => "-".to_owned(),
        Some(Json::String(text)) => text.replace('\n', " "),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(path: &str, deployed: Option<Json>, desired: Option<Json>) -> PropertyComparison {
        PropertyComparison { path: path.to_owned(), deployed, desired, drift: None }
    }

    #[test]
    fn narrow_table_keeps_the_ends_of_paths_and_writes_equal_values_once() {
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
