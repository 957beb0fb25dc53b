use serde_json::Value as Json;

use super::style::{bad, bold, faint, warning};
use crate::cfn::sensitive::GuardedValue;
use crate::cli::table::Table;
use crate::cli::terminal::Detail;
use crate::deploy::api::{DriftStatus, ResourceDrift, StackResource};
use crate::deploy::plan::property_comparison::PropertyComparison;
use crate::printable::one_line;

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
pub(crate) fn comparison(comparison: &Comparison<'_>, detail: Detail) -> String {
    let Comparison { title, kind, live, rows, drift } = comparison;
    let mut text = format!("{}  {}\n", bold(&one_line(title)), one_line(kind));
    match live {
        Some(live) => {
            let id = live.physical_id.as_deref().unwrap_or("-");
            text.push_str(&format!("  {}  {}\n", one_line(live.status.as_str()), faint(&one_line(id))));
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
    text.push_str(&table(rows, detail));
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
fn table(rows: &[PropertyComparison], detail: Detail) -> String {
    let mut table = Table::new(&["", "PROPERTY", "DEPLOYED", "SCRIPT"]);
    for row in rows {
        let (sign, style): (&str, fn(&str) -> String) = match row {
            row if row.drift.is_some() => ("!", bad),
            row if row.differs() => ("~", warning),
            _ => ("", str::to_owned),
        };
        table.push(vec![sign.to_owned(), row.path.clone(), deployed(row, detail), script(row, detail)], style);
    }
    table.render(detail)
}

fn deployed(row: &PropertyComparison, detail: Detail) -> String {
    let Some(change) = &row.drift else { return shown(row.deployed.as_ref(), detail) };
    let actual = change.actual.as_deref().unwrap_or("deleted");
    format!("{actual} (deployed as {})", change.expected.as_deref().unwrap_or("nothing"))
}

fn script(row: &PropertyComparison, detail: Detail) -> String {
    if row.differs() { shown(row.desired.as_ref(), detail) } else { "=".to_owned() }
}

/// Returns a value on one line: text without quotes, and `-` for none.
fn shown(value: Option<&GuardedValue>, detail: Detail) -> String {
    match value.map(|value| detail.part_of(value)) {
        None => "-".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(path: &str, deployed: Option<Json>, desired: Option<Json>) -> PropertyComparison {
        let [deployed, desired] = [deployed, desired].map(|value| value.map(GuardedValue::from));
        PropertyComparison { path: path.to_owned(), deployed, desired, drift: None }
    }

    #[test]
    fn narrow_table_keeps_whole_paths_and_writes_equal_values_once() {
        let long = "NetworkConfiguration.AwsvpcConfiguration.Subnets[0]";
        let rows = [
            row(long, Some(json!({ "Ref": "WebVpcPrivateSubnet1" })), Some(json!({ "Ref": "WebVpcPrivateSubnet1" }))),
            row("DesiredCount", Some(json!(2)), Some(json!(3))),
            row("LaunchType", None, Some(json!("FARGATE"))),
        ];
        let text = crate::printable::plain(&table(&rows, Detail { verbose: false, width: 60, values: None }));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{text}");
        let words: String = text.split_whitespace().collect();
        assert!(lines[1].starts_with("   NetworkConfiguration.") && words.contains("Subnets[0]"), "{text}");
        assert_eq!(text.matches("WebVpcPrivate").count(), 1, "{text}");
        assert!(text.contains("\n~  DesiredCount") && text.contains("\n~  LaunchType"), "{text}");
    }
}
