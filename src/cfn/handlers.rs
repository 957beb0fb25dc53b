//! The permissions of the handlers of each resource type: `stdlib/permissions.bin`, made by `tools/checks/permissions.py`.
//!
//! It is one frame, unpacked when it is first read: only `permissions` reads it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

static PACK: &[u8] = include_bytes!("../../stdlib/permissions.bin");

/// The actions that CloudFormation calls for each resource type.
pub(crate) struct Handlers {
    types: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Handlers {
    /// Returns the permissions inside the binary.
    pub(crate) fn embedded() -> &'static Self {
        static HANDLERS: OnceLock<Handlers> = OnceLock::new();
        HANDLERS.get_or_init(|| Self::of(unpacked()))
    }

    fn of(text: &'static str) -> Self {
        let mut types: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut kind = "";
        for line in text.lines() {
            if line.contains("::") {
                kind = line;
            } else {
                types.entry(kind).or_default().push(line);
            }
        }
        Self { types }
    }

    /// Returns the actions of a type, sorted, some with `*`: `ecs:CreateService`, `ec2:Describe*`; `None` if its schema lists none.
    pub(crate) fn actions(&self, kind: &str) -> Option<impl Iterator<Item = &'static str> + use<'_>> {
        // The digit in front says which handlers call it; an operation may call each of them.
        Some(self.types.get(kind)?.iter().map(|line| &line[1..]))
    }
}

fn unpacked() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let (size, frame) = PACK.split_first_chunk::<4>().expect("the pack starts with its size");
        let bytes = zstd::bulk::decompress(frame, u32::from_le_bytes(*size) as usize).expect("the pack is intact");
        String::from_utf8(bytes).expect("the pack is UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use wildmatch::WildMatch;

    use super::*;
    use crate::cfn::iam_actions::ActionList;

    #[test]
    fn service_of_ecs_needs_its_actions() {
        let actions: Vec<&str> = Handlers::embedded().actions("AWS::ECS::Service").expect("listed").collect();
        assert!(
            ["ecs:CreateService", "ecs:UpdateService", "ecs:DeleteService"].iter().all(|name| actions.contains(name))
        );
    }

    #[test]
    fn iam_knows_every_action_of_every_type() {
        let list = ActionList::embedded();
        let mut names: Vec<&str> = Handlers::embedded().types.values().flatten().map(|line| &line[1..]).collect();
        names.sort_unstable();
        names.dedup();
        let (mut prefix, mut known) = ("", Vec::new());
        let mut unknown = Vec::new();
        for name in &names {
            let (service, action) = name.split_once(':').expect("an action has a service");
            if service != prefix {
                prefix = service;
                known = list.actions(service).expect("a service").map(|action| action.name).collect();
            }
            let pattern = WildMatch::new_case_insensitive(action);
            if !known.iter().any(|known| pattern.matches(known)) {
                unknown.push(*name);
            }
        }
        assert!(unknown.is_empty() && names.len() > 7000, "{} {unknown:?}", names.len());
    }
}
