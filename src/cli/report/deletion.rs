use super::format::counted;
use super::style::{bad, bold, faint, warning};
use crate::cli::text_width::{pad, width as columns};
use crate::deploy::plan::removal::{DeletedResource, Deletion, RemovalPolicy};
use crate::printable::one_line;

/// Returns what the deletion of a stack deletes, with the data that is lost, and what it keeps.
pub(crate) fn deletion(deletion: &Deletion) -> String {
    let kept = deletion.with_policy(RemovalPolicy::Retain).count();
    let deleted = deletion.resources.len() - kept;
    let count = counted(deleted, "resource");
    let rest = if kept == 0 { String::new() } else { format!(", {} kept", counted(kept, "resource")) };
    let mut text = format!("{} will be deleted: {count}{rest}\n", bold(&one_line(&deletion.stack)));
    let width = deletion.resources.iter().map(|resource| columns(&resource.logical_id)).max().unwrap_or(0);
    // Resources that hold data are listed last, next to the question.
    let mut resources: Vec<&DeletedResource> = deletion.resources.iter().collect();
    resources.sort_by_key(|resource| (resource.policy == RemovalPolicy::Retain, resource.data.is_some()));
    for resource in resources {
        let sign = if resource.policy == RemovalPolicy::Retain { warning("=") } else { bad("-") };
        let id = pad(&resource.logical_id, width);
        let line = format!("  {sign} {id}  {}  {}", faint(&one_line(&resource.kind)), effect(resource));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Returns what happens to a resource and to its data.
fn effect(resource: &DeletedResource) -> String {
    match (resource.policy, &resource.data) {
        (RemovalPolicy::Retain, Some(data)) => warning(&format!("kept with its {data}, no longer managed")),
        (RemovalPolicy::Retain, None) => warning("kept, no longer managed"),
        (RemovalPolicy::Snapshot, _) => warning("a snapshot is kept"),
        (RemovalPolicy::Delete, Some(data)) if resource.must_be_empty => {
            bad(&format!("the deletion fails if it has {data}"))
        }
        (RemovalPolicy::Delete, Some(data)) => bad(&format!("its {data} are lost")),
        (RemovalPolicy::Delete, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_resources_and_lost_data_are_listed() {
        let resource = |id: &str, policy, data: Option<&str>, must_be_empty| DeletedResource {
            logical_id: id.to_owned(),
            kind: "AWS::X::Y".to_owned(),
            physical_id: Some(id.to_lowercase()),
            policy,
            data: data.map(str::to_owned),
            must_be_empty,
        };
        let resources = vec![
            resource("Kept", RemovalPolicy::Retain, Some("items"), false),
            resource("Media", RemovalPolicy::Delete, Some("objects"), true),
            resource("Role", RemovalPolicy::Delete, None, false),
            resource("Table", RemovalPolicy::Delete, Some("items"), false),
        ];
        let printed = deletion(&Deletion { stack: "shop".to_owned(), resources });
        let expected = [
            "shop will be deleted: 3 resources, 1 resource kept",
            "  - Role   AWS::X::Y",
            "  - Media  AWS::X::Y  the deletion fails if it has objects",
            "  - Table  AWS::X::Y  its items are lost",
            "  = Kept   AWS::X::Y  kept with its items, no longer managed",
        ];
        let printed = crate::printable::plain(&printed);
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
    }
}
