//! Loads deployed stacks of a real account into the rehearsal.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::Account;
use crate::cfn::emit::json;
use crate::cfn::graph::Graph;
use crate::cfn::{LogicalId, Template};
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{
    AwsEnvironment, AwsError, CloudFormation, Export, StackDescription, StackResource, Timestamp,
};
use crate::rehearsal::cloudformation::property_diff::tag;
use crate::rehearsal::cloudformation::validate::{fetch, is_ssm_parameter};
use crate::rehearsal::state::{ResourceState, Stack, StackSpec};

/// The age of the tasks of services: long enough that each service is stable.
const TASK_AGE: Duration = Duration::from_hours(3);

/// A deployed stack.
#[derive(Debug, Clone)]
pub struct DeployedSnapshot {
    /// The account and region.
    pub place: AwsEnvironment,
    /// The stack.
    pub stack: StackDescription,
    /// The text of its template.
    pub body: String,
    /// The resources of the stack.
    pub resources: Vec<StackResource>,
    /// The exports of the region.
    pub exports: Vec<Export>,
}

impl DeployedSnapshot {
    /// Reads a stack. Returns `None` if it does not exist or an operation is in progress.
    pub async fn read(cloud: &impl CloudFormation, stack: &str) -> Result<Option<DeployedSnapshot>, AwsError> {
        let Some(stack) = cloud.describe_stack(stack).await?.filter(|stack| stack.status.is_settled()) else {
            return Ok(None);
        };
        Ok(Some(DeployedSnapshot {
            place: cloud.environment().await?,
            body: cloud.template(&stack.id).await?,
            resources: cloud.resources(&stack.id).await?,
            exports: cloud.exports().await?,
            stack,
        }))
    }
}

impl Account {
    /// Loads a deployed stack, which replaces the rehearsed one. Returns false if an operation on the rehearsed stack is
    /// in progress; the operation then continues.
    pub(in crate::rehearsal) fn import_deployed(&mut self, deployed: &DeployedSnapshot, now: Timestamp) -> bool {
        let region = deployed.place.region.clone();
        let known = self.state.stacks.iter().position(|stack| stack.is(&region, &deployed.stack.name));
        if known.is_some_and(|at| self.state.stacks[at].operation.is_some()) {
            return false;
        }
        if let Some(at) = known {
            let replaced = self.state.stacks.remove(at);
            replaced.resources.values().for_each(|existing| self.remove_from_ecs(&region, existing));
        }
        self.state.account.clone_from(&deployed.place.account);
        let foreign = deployed.exports.iter().map(|export| (format!("{region}/{}", export.name), export.value.clone()));
        self.state.foreign_exports.get_or_insert_default().extend(foreign);
        let template = self.template(&deployed.body);
        let mut stack = empty(deployed, &template);
        let ssm = self.ssm(&stack);
        for (name, value) in &mut stack.desired.resolved {
            let parameter = template.parameters.get(name.as_str());
            if parameter.is_some_and(is_ssm_parameter) {
                let assumed = self.assumed(&template, &deployed.place);
                *value = parameter
                    .and_then(|parameter| fetch(&name.as_str().into(), parameter, value, &ssm, assumed))
                    .unwrap_or_default();
            }
        }
        self.load_resources(&mut stack, &template, &deployed.resources, now);
        self.state.stacks.push(stack);
        true
    }

    /// Loads the resources of a stack, in the order of their dependencies.
    fn load_resources(&mut self, stack: &mut Stack, template: &Template, live: &[StackResource], now: Timestamp) {
        let spec = stack.desired.clone();
        let conditions = self.conditions(template, &stack.region, &stack.name, &spec);
        let graph = Graph::after(template, &conditions);
        for id in ordered(&graph) {
            let deployed = live.iter().find(|resource| resource.logical_id == id.as_str());
            let Some((deployed, resource)) = deployed.zip(template.resources.get(&id)) else { continue };
            let resolved = self.with_context(stack, &spec, template, |context| context.map(&resource.properties));
            // Properties that cannot be resolved are compared as they are in the template.
            let written = || json::to_json(&resource.properties.clone().into());
            let (mut properties, imports) = match resolved {
                Ok((properties, imports)) => (Json::Object(properties), imports),
                Err(_) => (written(), BTreeSet::new()),
            };
            tag(resource.kind.as_str(), &mut properties, &spec.tags);
            stack.imports.extend(imports);
            let existing = ResourceState {
                kind: resource.kind.to_string(),
                physical_id: deployed.physical_id.clone().filter(|_| deployed.status != ResourceStatus::DeleteComplete),
                properties,
                attributes: json::to_json(&resource.attributes.clone().into()),
                status: deployed.status.clone(),
                reason: deployed.reason.clone(),
                updated: deployed.updated.unwrap_or(now),
                needs: graph.needs(&id).map(|(need, _)| need.to_string()).collect(),
                generation: 0,
            };
            stack.resources.insert(id.to_string(), existing);
            self.load_into_ecs(stack, id.as_str(), now - TASK_AGE);
            self.record_contents(stack.resources.get(id.as_str()));
        }
    }
}

/// Returns the ids in an order in which each comes after the ids that it needs.
fn ordered(graph: &Graph) -> Vec<LogicalId> {
    let mut left: Vec<LogicalId> = graph.ids().cloned().collect();
    let mut done: Vec<LogicalId> = Vec::new();
    while !left.is_empty() {
        let ready = |id: &LogicalId| graph.needs(id).all(|(need, _)| need == id || !left.contains(need));
        // A cycle cannot be deployed; the first id breaks it.
        let at = left.iter().position(ready).unwrap_or(0);
        done.push(left.remove(at));
    }
    done
}

/// Returns the stack without resources.
fn empty(deployed: &DeployedSnapshot, template: &Template) -> Stack {
    let StackDescription { id, name, status, status_reason, parameters, outputs, tags, .. } = deployed.stack.clone();
    let declared = |name: &String| template.parameters.contains_key(name.as_str());
    let parameters: IndexMap<String, String> = parameters.into_iter().filter(|(name, _)| declared(name)).collect();
    Stack {
        region: deployed.place.region.clone(),
        id,
        name,
        status,
        reason: status_reason,
        desired: StackSpec { body: deployed.body.clone(), resolved: parameters.clone(), parameters, tags },
        protected: deployed.stack.termination_protection,
        created: deployed.stack.created.unwrap_or_default(),
        updated: deployed.stack.updated,
        resources: IndexMap::new(),
        leftovers: Vec::new(),
        outputs,
        imports: BTreeSet::new(),
        change_sets: Vec::new(),
        events: Vec::new(),
        operation: None,
        rollback_state: None,
        drifts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::{Ecs, TaskFilter};
    use crate::deploy::engine::outcome::StackResult;
    use crate::testing::harness::{Harness, stack};

    const WEB: &str = "Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: '256'
      Memory: '512'
      ContainerDefinitions: [{Name: web, Image: 'nginx:1'}]
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
Outputs:
  Name: {Value: !GetAtt Web.Name, Export: {Name: web-name}}
";

    const READER: &str = "Resources:
  Note:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !ImportValue web-name}
";

    fn deployed(state: &Harness, name: &str) -> DeployedSnapshot {
        state.with_api(async |cloud| DeployedSnapshot::read(&cloud, name).await.expect("an answer").expect("a stack"))
    }

    #[test]
    fn deployed_stack_is_loaded_and_can_be_updated() {
        let real = Harness::new(41);
        let web = stack("web", WEB);
        assert!(real.deploy(std::slice::from_ref(&web)).outcome.is_success());
        let snapshot = deployed(&real, "web");
        let arn = snapshot.resources.iter().find(|it| it.logical_id == "Web").and_then(|it| it.physical_id.clone());

        let rehearsed = Harness::new(42);
        assert!(rehearsed.with_api(async |cloud| cloud.import_deployed(&snapshot)));
        assert_eq!(
            rehearsed.deploy(&[web]).outcome.stacks[0].result,
            StackResult::Unchanged,
            "the template is the deployed one"
        );
        let arn = arn.expect("an ARN");
        let running =
            rehearsed.with_api(async |cloud| cloud.tasks(&arn, TaskFilter::Running).await.expect("an answer"));
        assert_eq!(running.len(), 2, "its tasks run");

        let next = stack("web", &WEB.replace("nginx:1", "nginx:2"));
        let report = rehearsed.deploy(&[next]);
        assert_eq!(report.outcome.stacks[0].result, StackResult::Updated);
        let service =
            rehearsed.with_api(async |cloud| cloud.services(std::slice::from_ref(&arn)).await.expect("an answer"));
        assert!(service[0].task_definition.ends_with("web:2"), "{}", service[0].task_definition);
    }

    #[test]
    fn deployed_stack_with_imports_is_loaded_unless_an_operation_runs() {
        let real = Harness::new(43);
        assert!(real.deploy(&[stack("web", WEB)]).outcome.is_success());
        assert!(real.deploy(&[stack("reader", READER)]).outcome.is_success());
        let reader = deployed(&real, "reader");
        let rehearsed = Harness::new(44);
        assert!(rehearsed.with_api(async |cloud| cloud.import_deployed(&reader)));
        assert_eq!(rehearsed.deploy(&[stack("reader", READER)]).outcome.stacks[0].result, StackResult::Unchanged);

        rehearsed.stop_after.set(Some(std::time::Duration::from_secs(6)));
        let changed = stack("reader", &READER.replace("!ImportValue web-name", "other"));
        rehearsed.deploy(std::slice::from_ref(&changed));
        let loaded = rehearsed.with_api(async |cloud| {
            let running = cloud.describe_stack("reader").await.expect("an answer").expect("a stack");
            (running.status, cloud.import_deployed(&reader))
        });
        assert!(loaded.1 == loaded.0.is_settled(), "{loaded:?}");
    }
}
