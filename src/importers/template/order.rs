//! The resources of a template in the order in which a script can name them.

use std::collections::HashSet;

use crate::cfn::{LogicalId, Ref, Template};

/// Returns the ids of the resources: those that others refer to come first. A cycle, which CloudFormation refuses, is cut.
pub(super) fn resources(template: &Template) -> Vec<LogicalId> {
    let (mut seen, mut ordered) = (HashSet::new(), Vec::new());
    for id in template.resources.keys() {
        let mut open = vec![(id.clone(), false)];
        while let Some((id, is_ready)) = open.pop() {
            if is_ready {
                ordered.push(id);
                continue;
            }
            if !seen.insert(id.clone()) {
                continue;
            }
            let Some(resource) = template.resources.get(&id) else { continue };
            open.push((id, true));
            let mut needed = Vec::new();
            resource.each_ref(&mut |reference: &Ref| needed.push(reference.id.clone()));
            needed.extend(resource.depends_on.iter().cloned());
            needed.retain(|id| template.resources.contains_key(id) && !seen.contains(id));
            open.extend(needed.into_iter().rev().map(|id| (id, false)));
        }
    }
    ordered
}
