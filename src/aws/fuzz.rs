//! The fuzz target of the adapter: any answer of AWS is mapped or refused, and never ends the program.
//!
//! The first byte of an input chooses the call, the second the status, and the rest is the body of every answer.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;

use super::Aws;
use crate::deploy::api::{
    AutoScaling, AwsError, ChangeSetId, CloudFormation, ContainerOverride, Ecs, LoadBalancing, LogQuery, Logs,
    TaskFilter,
};

/// The statuses of answers. Other 5xx differ in nothing.
const STATUSES: [u16; 8] = [200, 200, 200, 200, 400, 403, 404, 500];

/// The number of calls, each of which maps another answer.
const CALLS: u8 = 25;

/// Answers every request of one call with the body in an input.
///
/// # Panics
///
/// If the adapter does.
pub(crate) fn answers(input: &[u8]) {
    let [call, status, body @ ..] = input else { return };
    let status = STATUSES[usize::from(status % 8)];
    let aws = answering(status, body.to_vec());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let limit = Duration::from_hours(24);
    let call = async { tokio::time::timeout(limit, send(&aws, call % CALLS)).await };
    let ended = runtime.expect("a runtime").block_on(call);
    if let Err(error) = ended.expect("a call ends when its answers do") {
        assert!(!error.code.is_empty(), "an error without a code: {error:?}");
        assert!(!error.to_string().is_empty(), "an error without a text: {error:?}");
    }
}

/// Returns an account in which every request has the same answer.
fn answering(status: u16, body: Vec<u8>) -> Aws {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://localhost")
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "given")))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .http_client(client(status, body))
        .build();
    Aws::of(config)
}

fn client(status: u16, body: Vec<u8>) -> SharedHttpClient {
    let answer = SharedHttpConnector::new(Answer { status, body });
    http_client_fn(move |_, _| answer.clone())
}

/// The answer to every request.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl HttpConnector for Answer {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let status = self.status.try_into().expect("the status is one of HTTP");
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        // CloudWatch answers in the protocol of the request.
        if let Some(protocol) = request.headers().get("smithy-protocol") {
            response.headers_mut().insert("smithy-protocol", protocol.to_owned());
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Sends one of the calls that map an answer.
async fn send(aws: &Aws, call: u8) -> Result<(), AwsError> {
    match call {
        0 => aws.environment().await.map(drop),
        1 => aws.describe_stack("web").await.map(drop),
        2 => aws.template("web").await.map(drop),
        3 => aws.resources("web").await.map(drop),
        4 => aws.events("web", None).await.map(drop),
        5 => aws.describe_change_set(&ChangeSetId("set".to_owned())).await.map(drop),
        6 => aws.change_sets("web").await.map(drop),
        7 => aws.detect_drift("web").await.map(drop),
        8 => aws.drift_detection("id").await.map(drop),
        9 => aws.drifts("web").await.map(drop),
        10 => aws.exports().await.map(drop),
        11 => aws.imports("export").await.map(drop),
        12 => aws.upload_template("web", "Resources: {}").await.map(drop),
        13 => aws.set_termination_protection("web", true).await,
        call => send_to_services(aws, call).await,
    }
}

async fn send_to_services(aws: &Aws, call: u8) -> Result<(), AwsError> {
    const SERVICE: &str = "arn:aws:ecs:us-east-1:123456789012:service/main/web";
    const TASK: &str = "arn:aws:ecs:us-east-1:123456789012:task/main/1";
    match call {
        14 => aws.services(&[SERVICE.to_owned()]).await.map(drop),
        15 => aws.tasks(SERVICE, TaskFilter::Stopped).await.map(drop),
        16 => aws.task(TASK).await.map(drop),
        17 => aws.task_definition("web:1").await.map(drop),
        18 => {
            let edit: Vec<ContainerOverride> = Vec::new();
            aws.revise("web:1", &edit).await.map(drop)
        }
        19 => aws.execute_command(TASK, "web", "sh").await.map(drop),
        20 => aws.target_health("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1").await.map(drop),
        21 => aws.tail("logs", "stream", 20).await.map(drop),
        22 => aws.search(&LogQuery { group: "logs".to_owned(), ..LogQuery::default() }).await.map(drop),
        23 => aws.scalable_target("service/main/web").await.map(drop),
        _ => aws.alarms(&["a".to_owned()], &["b".to_owned()]).await.map(drop),
    }
}
