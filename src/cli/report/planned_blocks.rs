//! The resources of a plan, by the blocks that create them.

use indexmap::IndexMap;

use super::format::counted;
use super::plan::property;
use super::style::{bad, faint, good, warning};
use crate::cli::terminal::Detail;
use crate::cli::text_width::{pad, width as columns};
use crate::deploy::api::{Action, Replacement};
use crate::deploy::plan::stateful::data_noun;
use crate::deploy::plan::{DataEffect, PlannedChange};
use crate::printable::one_line;

/// The number of changed resources of a block that are listed one by one.
const FEW: usize = 4;

/// The resources of a plan as text.
pub(super) struct BlocksText {
    pub(super) text: String,
    /// Whether a line is about several resources.
    pub(super) is_folded: bool,
}

/// Returns a line for each block, and one for each resource that needs a look.
pub(super) fn blocks(changes: &[PlannedChange], detail: Detail) -> BlocksText {
    let mut lines = BlocksText { text: String::new(), is_folded: false };
    if detail.verbose {
        lines.list(&changes.iter().collect::<Vec<_>>(), 2, detail);
        return lines;
    }
    let mut groups: IndexMap<Owner<'_>, Vec<&PlannedChange>> = IndexMap::new();
    for change in changes {
        groups.entry(Owner::of(change)).or_default().push(change);
    }
    // Resources that the script writes itself, one after the other, are aligned.
    let mut single: Vec<&PlannedChange> = Vec::new();
    for (owner, changes) in &groups {
        let title = match owner {
            Owner::Block(label) => label,
            Owner::Kind(kind) if changes.len() > FEW => kind,
            Owner::Kind(_) => {
                single.extend(changes);
                continue;
            }
        };
        lines.list(&std::mem::take(&mut single), 2, detail);
        lines.block(title, changes, detail);
    }
    lines.list(&single, 2, detail);
    lines
}

/// The owner of a resource: its block, or its type if the script writes it itself.
#[derive(PartialEq, Eq, Hash)]
enum Owner<'p> {
    Block(&'p str),
    Kind(&'p str),
}

impl<'p> Owner<'p> {
    fn of(change: &'p PlannedChange) -> Self {
        change.block.as_deref().map_or(Owner::Kind(&change.kind), Owner::Block)
    }
}

impl BlocksText {
    /// Adds a block: what its resources share on one line, then those that need a look.
    fn block(&mut self, title: &str, changes: &[&PlannedChange], detail: Detail) {
        let created = changes.iter().filter(|change| is_addition(change)).count();
        let in_place = changes.iter().copied().filter(|change| is_in_place(change));
        let (mut alike, few): (Vec<&PlannedChange>, Vec<&PlannedChange>) =
            in_place.partition(|it| has_new_tags_only(it));
        if few.len() > FEW {
            alike.extend(few);
        }
        let is_folded = |change: &PlannedChange| alike.iter().any(|it| it.logical_id == change.logical_id);
        let listed = changes.iter().copied().filter(|change| !is_addition(change) && !is_folded(change));
        let listed: Vec<&PlannedChange> = listed.collect();
        if created == 0 && alike.is_empty() {
            // Every change has a line, so the block needs none.
            return self.list(&listed, 2, detail);
        }
        let mut parts = Vec::new();
        if created > 0 {
            parts.push(format!("{} to create", counted(created, "resource")));
        }
        if !alike.is_empty() {
            parts.push(format!("{} to change ({})", counted(alike.len(), "resource"), properties(&alike)));
        }
        let sign = if changes.len() == created { good("+") } else { warning("~") };
        self.text.push_str(&format!("  {sign} {}: {}\n", one_line(title), one_line(&parts.join(", "))));
        self.is_folded = true;
        self.list(&listed, 4, detail);
    }

    /// Adds a line for each resource, with its properties.
    fn list(&mut self, changes: &[&PlannedChange], indent: usize, detail: Detail) {
        let width = changes.iter().map(|change| columns(&change.logical_id)).max().unwrap_or(0);
        changes.iter().for_each(|change| self.text.push_str(&resource(change, indent, width, detail)));
    }
}

fn is_addition(change: &PlannedChange) -> bool {
    matches!(change.action, Action::Add | Action::Import)
}

fn is_in_place(change: &PlannedChange) -> bool {
    let may_be_replaced = change.replacement.is_some_and(|replacement| replacement != Replacement::False);
    matches!(change.action, Action::Modify | Action::Dynamic) && !may_be_replaced
}

/// Returns whether only the tags of a resource change: a tag of the stack changes nearly all of them.
fn has_new_tags_only(change: &PlannedChange) -> bool {
    !change.details.is_empty() && properties(&[change]) == "Tags"
}

/// Returns the names of the properties that change in several resources.
fn properties(changes: &[&PlannedChange]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for detail in changes.iter().flat_map(|change| &change.details) {
        let path = detail.path.strip_prefix("Properties.").unwrap_or(&detail.path);
        let name = path.split(['.', '[']).next().unwrap_or(path);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn resource(change: &PlannedChange, indent: usize, width: usize, detail: Detail) -> String {
    let sign = match (change.action, change.replacement) {
        (Action::Add | Action::Import, _) => good("+"),
        (Action::Remove, _) => bad("-"),
        (_, Some(Replacement::True)) => bad("~"),
        _ => warning("~"),
    };
    let mut text =
        format!("{:indent$}{sign} {}  {}", "", pad(&change.logical_id, width), faint(&one_line(&change.kind)));
    if let Some(replacement) = replacement(change) {
        text.push_str(&format!("  {}", bad(&one_line(&replacement))));
    }
    match data(change) {
        Some(effect) => text.push_str(&format!("  {effect}")),
        None if change.retained => text.push_str(&format!("  {}", warning("the old one is retained"))),
        None => {}
    }
    text.push('\n');
    if change.action == Action::Modify || change.action == Action::Dynamic {
        change.details.iter().for_each(|one| text.push_str(&property(one, indent + 4, detail)));
    }
    text
}

/// Returns the effect on the data of a resource.
fn data(change: &PlannedChange) -> Option<String> {
    let noun = data_noun(&change.kind)?;
    Some(match change.data? {
        DataEffect::Lost => bad(&format!("its {noun} are lost")),
        DataEffect::MayBeLost => bad(&format!("its {noun} may be lost")),
        DataEffect::EmptyButRetained => bad(&format!("starts without {noun}; the old one is retained")),
        DataEffect::EmptyButSnapshot => bad(&format!("starts without {noun}; a snapshot of the old one is kept")),
        DataEffect::Retained => warning(&format!("retained with its {noun}")),
        DataEffect::Snapshot => warning("a snapshot is kept"),
    })
}

/// Returns whether and why a resource is replaced.
fn replacement(change: &PlannedChange) -> Option<String> {
    let causes = if change.causes.is_empty() { String::new() } else { format!(": {}", change.causes.join(", ")) };
    match change.replacement? {
        Replacement::False => None,
        Replacement::True if change.delete_first => Some(format!("replaced (the old one is deleted first){causes}")),
        Replacement::True => Some(format!("replaced{causes}")),
        Replacement::Conditional => Some(format!("may be replaced{causes}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::plan::PropertyChange;

    const PLAIN: Detail = Detail { verbose: false, width: usize::MAX, values: None };

    fn change(id: &str, action: Action, block: Option<&str>) -> PlannedChange {
        PlannedChange {
            action,
            logical_id: id.to_owned(),
            kind: "AWS::SQS::Queue".to_owned(),
            block: block.map(str::to_owned),
            replacement: None,
            delete_first: false,
            retained: false,
            snapshot: false,
            data: None,
            details: Vec::new(),
            causes: Vec::new(),
            origin: None,
            cause_origin: None,
        }
    }

    fn changed(id: &str, block: &str, path: &str) -> PlannedChange {
        let detail = PropertyChange { path: path.to_owned(), before: Some("a".into()), after: Some("b".into()) };
        PlannedChange { details: vec![detail], ..change(id, Action::Modify, Some(block)) }
    }

    fn text(changes: &[PlannedChange], detail: Detail) -> String {
        crate::printable::plain(&blocks(changes, detail).text)
    }

    #[test]
    fn created_resources_of_a_block_are_one_line_unless_all_are_listed() {
        let created: Vec<_> = (1..=22).map(|n| change(&format!("Net{n}"), Action::Add, Some("Vpc Shop"))).collect();
        assert_eq!(text(&created, PLAIN), "  + Vpc Shop: 22 resources to create\n");
        let all = text(&created, Detail { verbose: true, ..PLAIN });
        assert_eq!(all.lines().count(), 22, "{all}");
    }

    #[test]
    fn replaced_and_deleted_resources_have_lines_below_their_folded_block() {
        let mut changes: Vec<_> = (1..=3).map(|n| change(&format!("Net{n}"), Action::Add, Some("Vpc Shop"))).collect();
        changes.push(PlannedChange {
            replacement: Some(Replacement::True),
            ..changed("Net", "Vpc Shop", "Properties.Cidr")
        });
        changes.push(change("Old", Action::Remove, None));
        let expected = [
            "  ~ Vpc Shop: 3 resources to create",
            "    ~ Net  AWS::SQS::Queue  replaced",
            "        Cidr: \"a\" -> \"b\"",
            "  - Old  AWS::SQS::Queue",
        ];
        assert_eq!(text(&changes, PLAIN).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn few_changes_in_place_show_their_values_and_many_only_their_properties() {
        let few = [changed("Web", "FargateService Web", "Properties.ContainerDefinitions[web].Image")];
        assert!(text(&few, PLAIN).contains("ContainerDefinitions[web].Image: \"a\" -> \"b\""), "{}", text(&few, PLAIN));
        let tag = [changed("Web", "FargateService Web", "Properties.Tags[Owner].Value")];
        assert_eq!(text(&tag, PLAIN), "  ~ FargateService Web: 1 resource to change (Tags)\n");
        let many: Vec<_> =
            (1..=9).map(|n| changed(&format!("N{n}"), "Vpc Shop", "Properties.Tags[Owner].Value")).collect();
        assert_eq!(text(&many, PLAIN), "  ~ Vpc Shop: 9 resources to change (Tags)\n");
    }
}
