//! Queues, topics, functions and parameters.

use super::{accepts_each, reasons, refuses_each, template};
use crate::testing::harness::{Harness, stack};

#[test]
fn queue_with_the_name_of_one_that_was_just_deleted_is_refused() {
    let harness = Harness::new(3);
    let jobs =
        |name: &str| stack(name, &template(&["  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}\n"]));
    assert!(harness.deploy(&[jobs("one")]).outcome.is_success());
    harness.state.borrow_mut().now = harness.now();
    let both = harness.run(async |run| {
        let deleted = run.destroy(&[jobs("one")]).await;
        assert!(deleted.is_success());
        run.deploy(&[jobs("two")], &async |_| true).await
    });
    let refused = reasons(&both, "two");
    assert!(refused.iter().any(|it| it.contains("QueueDeletedRecently")), "{refused:?}");
    harness.with_api(async |_| tokio::time::sleep(std::time::Duration::from_mins(2)).await);
    assert!(harness.destroy(&[jobs("two")]).outcome.is_success());
    assert!(harness.deploy(&[jobs("two")]).outcome.is_success(), "a minute later, the name is free");
}

#[test]
fn queue_or_topic_that_does_not_fit_its_type_is_refused() {
    let queue = |properties: &str| format!("  Queue: {{Type: AWS::SQS::Queue, Properties: {{{properties}}}}}\n");
    let topic = |properties: &str| format!("  Topic: {{Type: AWS::SNS::Topic, Properties: {{{properties}}}}}\n");
    let value = "InvalidParameterValue";
    let dead_letters = |fifo: &str| {
        format!(
            "
  Dead: {{Type: AWS::SQS::Queue}}
  Queue: {{Type: AWS::SQS::Queue, Properties: {{{fifo}RedrivePolicy: {{deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}}}}
"
        )
    };
    let subscription = "
  Queue: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Topic: {Type: AWS::SNS::Topic}
  It: {Type: AWS::SNS::Subscription, Properties: {Protocol: sqs, TopicArn: !Ref Topic, Endpoint: !GetAtt Queue.Arn}}
";
    refuses_each(&[
        (&queue("QueueName: jobs, FifoQueue: true"), "Queue", value, "must end with .fifo suffix"),
        (&queue("QueueName: my.jobs"), "Queue", value, "Can only include alphanumeric characters"),
        (&dead_letters("FifoQueue: true, "), "Queue", value, "Dead-letter queue must be same type of queue"),
        (
            &topic("TopicName: news, FifoTopic: true"),
            "Topic",
            "InvalidParameter",
            "Fifo Topic names must end with .fifo",
        ),
        (
            &dead_letters("").replace("maxReceiveCount: 3", "maxReceiveCount: 3000"),
            "Queue",
            value,
            "Invalid value for maxReceiveCount: 3000",
        ),
        (&topic("TopicName: my news"), "Topic", "InvalidParameter", "Invalid parameter: Topic Name"),
        (subscription, "It", "InvalidParameter", "FIFO SQS Queues can not be subscribed to standard SNS topics"),
    ]);
    accepts_each(&[&queue("QueueName: jobs.fifo, FifoQueue: true"), &dead_letters(""), &topic("TopicName: news")]);
}

#[test]
fn function_that_lambda_does_not_accept_is_refused() {
    let function = |service: &str, rest: &str| {
        format!(
            "
  Role:
    Type: AWS::IAM::Role
    Properties: {{AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: {service}}}, Action: 'sts:AssumeRole'}}]}}}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {{Role: !GetAtt Role.Arn, Code: {{ZipFile: x}}, Handler: index.handler, Runtime: python3.13, Timeout: 60{rest}}}
"
        )
    };
    let source = |timeout: u32| {
        format!(
            "{}
  Jobs: {{Type: AWS::SQS::Queue, Properties: {{VisibilityTimeout: {timeout}}}}}
  Source: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}}}}
",
            function("lambda.amazonaws.com", "")
        )
    };
    let value = "InvalidParameterValueException";
    refuses_each(&[
        (&function("ecs-tasks.amazonaws.com", ""), "Function", value, "cannot be assumed by Lambda."),
        (
            &function("lambda.amazonaws.com", ", Environment: {Variables: {AWS_REGION: x}}"),
            "Function",
            value,
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            &source(30),
            "Source",
            value,
            "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
        ),
    ]);
    accepts_each(&[&source(60)]);
}

#[test]
fn parameter_that_systems_manager_does_not_accept_is_refused() {
    let parameter =
        |properties: &str| format!("  It: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, {properties}}}}}\n");
    let long = "x".repeat(4097);
    refuses_each(&[
        (
            &parameter("Name: /aws/mine, Value: x"),
            "It",
            "AccessDeniedException",
            "No access to reserved parameter name: /aws/mine.",
        ),
        (&parameter("Name: ssm-mine, Value: x"), "It", "ValidationException", "can't be prefixed with"),
        (&parameter("Name: my value, Value: x"), "It", "ValidationException", "a mix of letters, numbers"),
        (&parameter("Name: app/key, Value: x"), "It", "ValidationException", "must be a fully qualified name."),
        (&parameter("Value: ''"), "It", "ValidationException", "Member must have length greater than or equal to 1"),
        (
            "  It: {Type: AWS::SecretsManager::Secret, Properties: {Name: my secret}}\n",
            "It",
            "ValidationException",
            "Invalid name. Must be a valid name",
        ),
        (&parameter(&format!("Value: {long}")), "It", "ValidationException", "maximum parameter value of 4096"),
        (
            &format!("{}{}", parameter("Name: /a, Value: x"), parameter("Name: /a, Value: y").replace("It", "Second")),
            "",
            "ParameterAlreadyExists",
            "The parameter already exists.",
        ),
    ]);
    accepts_each(&[&parameter(&format!("Tier: Advanced, Value: {long}"))]);
}

#[test]
fn key_and_alias_that_kms_does_not_accept_are_refused() {
    let key = |principal: &str, action: &str| {
        format!(
            "  Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: [{{Effect: Allow, Principal: {principal}, Action: '{action}', Resource: '*'}}]}}}}}}\n"
        )
    };
    let alias =
        |name: &str| format!("  Alias: {{Type: AWS::KMS::Alias, Properties: {{AliasName: {name}, TargetKeyId: x}}}}\n");
    let root = "{AWS: 'arn:aws:iam::123456789012:root'}";
    let locked = "The new key policy will not allow you to update the key policy in the future.";
    refuses_each(&[
        (&key(root, "kms:Decrypt"), "Key", "MalformedPolicyDocumentException", locked),
        (&key("{Service: logs.amazonaws.com}", "kms:*"), "Key", "MalformedPolicyDocumentException", locked),
        (&alias("mine"), "Alias", "ValidationException", "Alias must start with the prefix"),
    ]);
    accepts_each(&[&key(root, "kms:*"), &alias("alias/mine")]);
}
