//! Each operation of the ports, against ministack.

use std::time::Duration;

use rtiler::deploy::api::status::{ChangeSetStatus, StackStatus};
use rtiler::deploy::api::{
    Action, ArtifactStore, AwsError, ChangeSet, ChangeSetKind, ChangeSetRequest, ClientRequestToken, CloudFormation,
    DeploymentMode, Ecs, EventStatus, INLINE_TEMPLATE_BYTES, ParameterValue, StackDescription, StackEvent, TaskFilter,
    TemplateSource,
};
use serde_json::{Value, json};

use super::{Account, create_template_bucket, wait};
use crate::harness::Emulator;

/// Builds a queue whose name comes from a parameter, and a topic.
fn queue_template() -> Value {
    json!({
        "Parameters": { "Suffix": { "Type": "String", "Default": "one" } },
        "Resources": {
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Fn::Sub": "jobs-${Suffix}" } } },
            "Topic": { "Type": "AWS::SNS::Topic" }
        },
        "Outputs": {
            "QueueUrl": { "Description": "where jobs go", "Value": { "Ref": "Queue" }, "Export": { "Name": "jobs" } }
        }
    })
}

fn request(stack: &str, kind: ChangeSetKind, template: TemplateSource) -> ChangeSetRequest {
    let name = match kind {
        ChangeSetKind::Create => "rtiler-create",
        ChangeSetKind::Update => "rtiler-update",
        ChangeSetKind::Import => "rtiler-import",
    };
    ChangeSetRequest {
        mode: DeploymentMode::Standard,
        import: Vec::new(),
        stack: stack.to_owned(),
        name: name.to_owned(),
        kind,
        template,
        parameters: [("Suffix".to_owned(), ParameterValue::Given("two".to_owned()))].into_iter().collect(),
        tags: [("Project".to_owned(), "tiles".to_owned())].into_iter().collect(),
        capabilities: Vec::new(),
        token: ClientRequestToken(format!("token-of-{name}")),
    }
}

/// Waits until no operation runs and returns the stack.
async fn settled(cloud: &impl CloudFormation, stack: &str) -> Result<Option<StackDescription>, AwsError> {
    loop {
        match cloud.describe_stack(stack).await? {
            Some(live) if !live.status.is_settled() => tokio::time::sleep(Duration::from_millis(20)).await,
            settled => return Ok(settled),
        }
    }
}

/// Writes and executes a change set, and waits for its end.
async fn deploy(
    cloud: &impl CloudFormation,
    request: &ChangeSetRequest,
) -> Result<(ChangeSet, StackDescription), AwsError> {
    let id = cloud.create_change_set(request).await?;
    let written = cloud.describe_change_set(&id).await?;
    cloud.execute_change_set(&id, &request.token, false).await?;
    let live = settled(cloud, &request.stack).await?;
    Ok((written, live.expect("the stack is there")))
}

fn body(template: &Value) -> TemplateSource {
    TemplateSource::Body(template.to_string())
}

#[test]
fn missing_stack_is_none_and_not_an_error() {
    let account = Account::new(Emulator::Ministack);
    assert_eq!(wait(account.aws.describe_stack("nowhere")), Ok(None));
}

#[test]
fn created_stack_has_its_parameters_tags_outputs_resources_and_template() {
    let account = Account::new(Emulator::Ministack);
    let (template, aws) = (queue_template(), &account.aws);
    let request = request("jobs", ChangeSetKind::Create, body(&template));
    let (written, live) = wait(deploy(aws, &request)).unwrap();
    assert_eq!(written.status, ChangeSetStatus::CreateComplete);
    assert!(written.changes.iter().all(|change| change.action == Action::Add), "{:?}", written.changes);
    assert_eq!(live.status, StackStatus::CreateComplete);
    assert_eq!((&*live.parameters["Suffix"], &*live.tags["Project"]), ("two", "tiles"));
    assert_eq!(live.outputs[0].export.as_deref(), Some("jobs"));
    let resources = wait(aws.resources("jobs")).unwrap();
    let mut kinds: Vec<&str> = resources.iter().map(|resource| &*resource.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["AWS::SNS::Topic", "AWS::SQS::Queue"]);
    let text = wait(aws.template("jobs")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), template);
    let queues = account.boto.call("sqs", "list_queues", &json!({}));
    assert_eq!(queues["QueueUrls"].as_array().map(Vec::len), Some(1));
    assert!(queues["QueueUrls"][0].as_str().unwrap().ends_with("/jobs-two"), "{queues}");
    assert!(live.outputs[0].value.ends_with("/jobs-two"), "{}", live.outputs[0].value);
}

#[test]
fn events_of_an_operation_carry_its_token_and_all_pages_are_read() {
    let account = Account::new(Emulator::Ministack);
    let topics = (0..60).map(|number| (format!("Topic{number}"), json!({ "Type": "AWS::SNS::Topic" })));
    let template = json!({ "Resources": topics.collect::<serde_json::Map<_, _>>() });
    let request = ChangeSetRequest {
        parameters: indexmap::IndexMap::new(),
        ..request("many", ChangeSetKind::Create, body(&template))
    };
    let events = wait(async {
        deploy(&account.aws, &request).await?;
        let (mut events, mut page): (Vec<StackEvent>, Option<String>) = (Vec::new(), None);
        loop {
            let read = account.aws.events("many", page.as_deref()).await?;
            events.extend(read.events);
            page = read.next;
            if page.is_none() {
                return Ok::<_, AwsError>(events);
            }
        }
    });
    let events = events.unwrap();
    assert!(account.proxy.count("DescribeStackEvents") > 1, "one page holds {} events", events.len());
    assert_eq!(events[0].status, EventStatus::Stack(StackStatus::CreateComplete));
    assert_eq!(events.last().unwrap().status, EventStatus::Stack(StackStatus::ReviewInProgress));
    assert!(events.is_sorted_by_key(|event| std::cmp::Reverse(event.time)));
    let (ours, others): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.token == Some(request.token.clone()));
    assert_eq!(others.len(), 1, "the review alone came before the execution: {others:?}");
    let complete = |event: &&StackEvent| event.kind == "AWS::SNS::Topic" && event.status.as_str() == "CREATE_COMPLETE";
    assert_eq!(ours.into_iter().filter(complete).count(), 60);
}

#[test]
fn update_without_changes_fails_with_the_message_of_aws() {
    let account = Account::new(Emulator::Ministack);
    let written = wait(async {
        let template = queue_template();
        deploy(&account.aws, &request("jobs", ChangeSetKind::Create, body(&template))).await?;
        let id = account.aws.create_change_set(&request("jobs", ChangeSetKind::Update, body(&template))).await?;
        let written = account.aws.describe_change_set(&id).await?;
        account.aws.delete_change_set(&id).await?;
        account.aws.delete_change_set(&id).await?;
        Ok::<_, AwsError>(written)
    });
    let written = written.unwrap();
    assert_eq!(written.status, ChangeSetStatus::Failed);
    assert!(written.reason.unwrap().contains("didn't contain changes"));
}

#[test]
fn removed_tag_is_removed_from_the_stack() {
    let account = Account::new(Emulator::Ministack);
    let untagged = |request: ChangeSetRequest| ChangeSetRequest { tags: indexmap::IndexMap::new(), ..request };
    let live = wait(async {
        deploy(&account.aws, &request("jobs", ChangeSetKind::Create, body(&queue_template()))).await?;
        let mut changed = queue_template();
        changed["Resources"]["More"] = json!({ "Type": "AWS::SNS::Topic" });
        deploy(&account.aws, &untagged(request("jobs", ChangeSetKind::Update, body(&changed)))).await
    });
    assert!(live.unwrap().1.tags.is_empty());
}

#[test]
fn deleted_stack_is_found_by_id_only() {
    let account = Account::new(Emulator::Ministack);
    let (by_name, by_id) = wait(async {
        let (_, live) = deploy(&account.aws, &request("jobs", ChangeSetKind::Create, body(&queue_template()))).await?;
        account.aws.delete_stack("jobs", &ClientRequestToken("going".to_owned()), &[]).await?;
        let by_id = settled(&account.aws, &live.id).await?;
        Ok::<_, AwsError>((account.aws.describe_stack("jobs").await?, by_id))
    })
    .unwrap();
    assert_eq!(by_name, None);
    assert_eq!(by_id.unwrap().status, StackStatus::DeleteComplete);
    let queues = account.boto.call("sqs", "list_queues", &json!({}));
    assert_eq!(queues["QueueUrls"].as_array().map_or(0, Vec::len), 0, "{queues}");
}

#[test]
fn protected_stack_is_deleted_only_after_the_protection_is_removed() {
    let account = Account::new(Emulator::Ministack);
    let token = ClientRequestToken("going".to_owned());
    let (refusal, live) = wait(async {
        deploy(&account.aws, &request("jobs", ChangeSetKind::Create, body(&queue_template()))).await?;
        account.aws.set_termination_protection("jobs", true).await?;
        let refusal = account.aws.delete_stack("jobs", &token, &[]).await;
        let live = account.aws.describe_stack("jobs").await?.expect("the stack is there");
        account.aws.set_termination_protection("jobs", false).await?;
        account.aws.delete_stack("jobs", &token, &[]).await?;
        Ok::<_, AwsError>((refusal, live))
    })
    .unwrap();
    assert!(live.termination_protection);
    assert!(refusal.unwrap_err().message.contains("TerminationProtection"));
}

#[test]
fn exports_list_their_stack_and_its_importers() {
    let account = Account::new(Emulator::Ministack);
    let user = json!({ "Resources": { "Copy": {
        "Type": "AWS::SSM::Parameter",
        "Properties": { "Type": "String", "Value": { "Fn::ImportValue": "jobs" } }
    } } });
    let (unused, exports, importers, id) = wait(async {
        let aws = &account.aws;
        let (_, live) = deploy(aws, &request("jobs", ChangeSetKind::Create, body(&queue_template()))).await?;
        let unused = aws.imports("jobs").await?;
        let request = ChangeSetRequest {
            parameters: indexmap::IndexMap::new(),
            ..request("user", ChangeSetKind::Create, body(&user))
        };
        deploy(aws, &request).await?;
        Ok::<_, AwsError>((unused, aws.exports().await?, aws.imports("jobs").await?, live.id))
    })
    .unwrap();
    assert_eq!((unused, importers), (Vec::new(), vec!["user".to_owned()]));
    assert_eq!((&*exports[0].name, &exports[0].stack_id), ("jobs", &id));
}

#[test]
fn large_template_is_uploaded_listed_and_deleted() {
    let account = Account::new(Emulator::Ministack);
    let bucket = create_template_bucket(&account);
    let mut template = queue_template();
    template["Metadata"] = json!({ "Filler": "x".repeat(INLINE_TEMPLATE_BYTES) });
    let text = template.to_string();
    let (refusal, first, second, live) = wait(async {
        let aws = &account.aws;
        let refusal = aws.create_change_set(&request("large", ChangeSetKind::Create, body(&template))).await;
        let first = aws.upload_template("large", &text).await?;
        let second = aws.upload_template("large", &text).await?;
        let request = request("large", ChangeSetKind::Create, TemplateSource::Url(first.clone()));
        let live = deploy(aws, &request).await?.1;
        Ok::<_, AwsError>((refusal, first, second, live))
    })
    .unwrap();
    assert!(refusal.is_err(), "AWS takes no body of {} bytes", text.len());
    assert_eq!(first, second, "the same template has the same key");
    assert_eq!(live.status, StackStatus::CreateComplete);
    let objects = account.boto.call("s3", "list_objects_v2", &bucket);
    assert_eq!(objects["KeyCount"], 1);
    assert_eq!(objects["Contents"][0]["Size"], text.len());
    let name = bucket["Bucket"].as_str().unwrap();
    let (stored, left) = wait(async {
        let stored = account.aws.stored_objects(name).await?;
        account.aws.delete_objects(name, &stored).await?;
        Ok::<_, AwsError>((stored, account.aws.stored_objects(name).await?))
    })
    .unwrap();
    assert!(stored.iter().any(|object| object.bytes == text.len() as u64) && left.is_empty(), "{stored:?} {left:?}");
    assert_eq!(wait(account.aws.stored_objects("no-such-bucket-1")), Ok(Vec::new()));
}

#[test]
fn another_region_has_its_own_stacks() {
    let account = Account::new(Emulator::Ministack);
    let abroad = wait(async {
        deploy(&account.aws, &request("jobs", ChangeSetKind::Create, body(&queue_template()))).await?;
        let abroad = account.aws.in_region("eu-central-1");
        Ok::<_, AwsError>((abroad.environment().await?, abroad.describe_stack("jobs").await?))
    });
    let (place, stack) = abroad.unwrap();
    let us = account.boto.call("sts", "get_caller_identity", &json!({}));
    assert_eq!((&*place.region, &*place.partition), ("eu-central-1", "aws"));
    assert_eq!(us["Account"], *place.account);
    assert_eq!(stack, None);
}

#[test]
fn service_has_its_desired_count_and_its_deployment_state() {
    let account = Account::new(Emulator::Ministack);
    let template = json!({ "Resources": {
        "Cluster": { "Type": "AWS::ECS::Cluster" },
        "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": {
            "Family": "web", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
            "ContainerDefinitions": [{ "Name": "web", "Image": "localhost/none:1" }]
        } },
        "Service": { "Type": "AWS::ECS::Service", "Properties": {
            "Cluster": { "Ref": "Cluster" }, "TaskDefinition": { "Ref": "Task" }, "DesiredCount": 2
        } }
    } });
    let request = ChangeSetRequest {
        parameters: indexmap::IndexMap::new(),
        ..request("web", ChangeSetKind::Create, body(&template))
    };
    let (services, stopped, gone) = wait(async {
        let aws = &account.aws;
        deploy(aws, &request).await?;
        let resources = aws.resources("web").await?;
        let arn = resources.iter().find(|one| one.logical_id == "Service").and_then(|one| one.physical_id.clone());
        let arn = arn.expect("the service has an ARN");
        let gone = format!("{arn}-of-yesterday");
        let services = aws.services(&[arn.clone(), gone]).await?;
        Ok::<_, AwsError>((services, aws.tasks(&arn, TaskFilter::Stopped).await?, arn))
    })
    .unwrap();
    assert_eq!(services.len(), 1, "{gone}");
    assert_eq!((services[0].desired, services[0].status.as_str()), (2, "ACTIVE"));
    assert_eq!(services[0].deployments[0].status.as_str(), "PRIMARY");
    assert!(services[0].deployments[0].task_definition.contains(":task-definition/web:"));
    assert!(stopped.iter().all(|task| task.task_definition.contains("/web:")), "{stopped:?}");
}
