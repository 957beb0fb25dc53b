//! The resources that a deletion deletes and keeps, by the blocks of the script.

use indexmap::IndexMap;

use super::format::counted;
use super::style::{bad, bold, faint, warning};
use crate::cli::terminal::Detail;
use crate::cli::text_width::{pad, width as columns};
use crate::deploy::plan::removal::{DeletedResource, Deletion, RemovalPolicy};
use crate::printable::one_line;

/// Returns what the deletion of a stack deletes, with the data that is lost, and what it keeps. The resources of a block are one
/// line, unless everything is listed; those that hold data are listed last, next to the question.
pub(crate) fn deletion(stack: &str, deletion: &Deletion, detail: Detail) -> String {
    let kept = deletion.with_policy(RemovalPolicy::Retain).count();
    let deleted = deletion.resources.len() - kept;
    let count = counted(deleted, "resource");
    let rest = if kept == 0 { String::new() } else { format!(", {} kept", counted(kept, "resource")) };
    let mut text = format!("{} will be deleted: {count}{rest}\n", bold(&one_line(stack)));
    let needs_a_line = |resource: &&DeletedResource| {
        detail.verbose || resource.block.is_none() || resource.data.is_some() || is_kept(resource)
    };
    let (mut listed, folded): (Vec<&DeletedResource>, Vec<_>) = deletion.resources.iter().partition(needs_a_line);
    let mut blocks: IndexMap<&str, usize> = IndexMap::new();
    folded.iter().filter_map(|it| it.block.as_deref()).for_each(|block| *blocks.entry(block).or_default() += 1);
    for (block, count) in &blocks {
        text.push_str(&format!("  {} {block}: {}\n", bad("-"), counted(*count, "resource")));
    }
    listed.sort_by_key(|resource| (is_kept(resource), resource.data.is_some()));
    let width = listed.iter().map(|resource| columns(&resource.logical_id)).max().unwrap_or(0);
    listed.iter().for_each(|resource| text.push_str(&line(resource, width)));
    if !blocks.is_empty() {
        text.push_str(&format!("  {}\n", faint("-v lists every resource")));
    }
    text
}

fn is_kept(resource: &DeletedResource) -> bool {
    resource.policy == RemovalPolicy::Retain
}

fn line(resource: &DeletedResource, width: usize) -> String {
    let sign = if is_kept(resource) { warning("=") } else { bad("-") };
    let id = pad(&resource.logical_id, width);
    let line = format!("  {sign} {id}  {}  {}", faint(&one_line(&resource.kind)), effect(resource));
    format!("{}\n", line.trim_end())
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

    fn resource(id: &str, policy: RemovalPolicy, data: Option<&str>, block: Option<&str>) -> DeletedResource {
        DeletedResource {
            logical_id: id.to_owned(),
            kind: "AWS::X::Y".to_owned(),
            block: block.map(str::to_owned),
            physical_id: Some(id.to_lowercase()),
            policy,
            data: data.map(str::to_owned),
            must_be_empty: data == Some("objects"),
            is_protected: false,
        }
    }

    fn lines(verbose: bool) -> Vec<String> {
        let vpc = Some("Vpc Shop");
        let resources = vec![
            resource("Kept", RemovalPolicy::Retain, Some("items"), None),
            resource("ShopVpc", RemovalPolicy::Delete, None, vpc),
            resource("Media", RemovalPolicy::Delete, Some("objects"), None),
            resource("Role", RemovalPolicy::Delete, None, None),
            resource("ShopVpcSubnet", RemovalPolicy::Delete, None, vpc),
            resource("ShopVpcFlows", RemovalPolicy::Delete, Some("log events"), vpc),
        ];
        let printed = deletion("shop", &Deletion { resources }, Detail { verbose, width: 80, values: None });
        crate::printable::plain(&printed).lines().map(str::to_owned).collect()
    }

    #[test]
    fn resources_of_a_block_are_one_line_and_data_is_listed_last() {
        let expected = [
            "shop will be deleted: 5 resources, 1 resource kept",
            "  - Vpc Shop: 2 resources",
            "  - Role          AWS::X::Y",
            "  - Media         AWS::X::Y  the deletion fails if it has objects",
            "  - ShopVpcFlows  AWS::X::Y  its log events are lost",
            "  = Kept          AWS::X::Y  kept with its items, no longer managed",
            "  -v lists every resource",
        ];
        assert_eq!(lines(false), expected);
    }

    #[test]
    fn every_resource_is_listed_with_verbose() {
        let listed = lines(true);
        assert_eq!(listed.len(), 7);
        assert_eq!(listed[1], "  - ShopVpc        AWS::X::Y");
    }
}
