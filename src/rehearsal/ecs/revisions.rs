//! The revisions of task definitions, of resources and outside CloudFormation.

use serde_json::Value as Json;

use super::state::EcsState;
use super::task_definition::TaskDefinitionRecord;
use crate::deploy::api::ContainerOverride;

impl EcsState {
    /// Returns the number of a family's next revision.
    pub(in crate::rehearsal) fn next_revision(&mut self, region: &str, family: &str) -> u32 {
        let latest = self.revisions.entry(format!("{region}/{family}")).or_default();
        *latest += 1;
        *latest
    }

    /// Records a revision that AWS has registered, so that the next one gets a higher number.
    pub(in crate::rehearsal) fn record_revision(&mut self, region: &str, arn: &str) {
        let name = arn.rsplit('/').next().and_then(|name| name.rsplit_once(':'));
        if let Some((family, Ok(revision))) = name.map(|(family, revision)| (family, revision.parse::<u32>())) {
            let latest = self.revisions.entry(format!("{region}/{family}")).or_default();
            *latest = revision.max(*latest);
        }
    }

    /// Performs `RegisterTaskDefinition` for a resource.
    pub(in crate::rehearsal) fn register(&mut self, arn: &str, properties: &Json) {
        self.definitions.insert(arn.to_owned(), TaskDefinitionRecord::read(arn, properties));
    }

    /// Performs `DeregisterTaskDefinition`: running tasks continue.
    pub(in crate::rehearsal) fn deregister(&mut self, arn: &str) {
        if let Some(definition) = self.definitions.get_mut(arn) {
            "INACTIVE".clone_into(&mut definition.reported.status);
        }
    }

    /// Returns whether a task definition was deregistered.
    pub(in crate::rehearsal) fn is_deregistered(&self, arn: &str) -> bool {
        self.definitions.get(arn).is_some_and(|definition| definition.reported.status == "INACTIVE")
    }

    /// Returns the images of a task definition.
    pub(in crate::rehearsal) fn images(&self, arn: &str) -> Vec<String> {
        let containers = self.definitions.get(arn).into_iter().flat_map(|definition| &definition.reported.containers);
        containers.map(|container| container.image.clone()).collect()
    }

    /// Registers the next revision of a task definition, with edits. Returns its ARN, or `None` if the task definition does
    /// not exist.
    pub(in crate::rehearsal) fn revise(&mut self, arn: &str, edits: &[ContainerOverride]) -> Option<String> {
        let mut definition = self.definitions.get(arn)?.clone();
        let (family, _) = arn.rsplit_once(':')?;
        let region = arn.split(':').nth(3).unwrap_or_default().to_owned();
        let name = family.rsplit('/').next().unwrap_or(family);
        let next = format!("{family}:{}", self.next_revision(&region, name));
        definition.reported.arn.clone_from(&next);
        "ACTIVE".clone_into(&mut definition.reported.status);
        for edit in edits {
            let edited = definition.reported.containers.iter_mut().filter(|it| it.name == edit.container);
            for container in edited {
                container.image = edit.image.clone().unwrap_or_else(|| container.image.clone());
                container.environment.extend(edit.set.clone());
                container.environment.retain(|name, _| !edit.unset.contains(name));
            }
        }
        self.definitions.insert(next.clone(), definition);
        Some(next)
    }

    /// Returns the ARN of a task definition given as an ARN, `family:revision`, or a family (its latest revision).
    pub(in crate::rehearsal) fn resolve_arn(&self, near: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let home: Vec<_> = near.splitn(6, ':').take(5).collect();
        let revision = name.rsplit_once(':').and_then(|(_, revision)| revision.parse::<u32>().ok());
        let region = home.get(3).copied().unwrap_or_default();
        let latest = self.revisions.get(&format!("{region}/{name}")).copied().unwrap_or(1);
        let tail = if revision.is_some() { name.to_owned() } else { format!("{name}:{latest}") };
        format!("{}:task-definition/{tail}", home.join(":"))
    }
}
