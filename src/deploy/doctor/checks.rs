use std::collections::BTreeSet;
use std::pin::Pin;

use futures_util::future::join_all;

use super::{Examined, Health, LIMIT, of_error, quotas};
use crate::cfn::service_linked_roles::{ECS_ROLE, service_linked_role};
use crate::deploy::api::{AccountFacts, AwsService, CloudFormation, ErrorKind, Timestamp};
use crate::deploy::bootstrap::{BootstrapState, bootstrap_state, need};
use crate::synth::DesiredStack;

/// The services of every deployment of containers.
const SERVICES: [AwsService; 7] = [
    AwsService::Sts,
    AwsService::CloudFormation,
    AwsService::Ecs,
    AwsService::Ecr,
    AwsService::Logs,
    AwsService::LoadBalancing,
    AwsService::AutoScaling,
];

/// The difference of clocks at which AWS refuses signatures ("Signature Version 4": five minutes), and at which it is worth a
/// warning.
const SKEW_REFUSED: u64 = 300;
const SKEW_WARNING: u64 = 60;

type Check<'a> = Pin<Box<dyn Future<Output = Vec<Examined>> + 'a>>;

/// Runs every check of an account side by side. `now` is the clock of this machine.
pub async fn examine(
    facts: &impl AccountFacts,
    api: &impl CloudFormation,
    region: Option<&str>,
    stacks: &[DesiredStack],
    now: impl Fn() -> Timestamp,
) -> Vec<Examined> {
    let Some(region) = region else {
        let found = Examined::new("region", Health::Failed, "no AWS region is set");
        return vec![found.remedy("pass `--region`, or set `AWS_REGION` or the `region` of the profile")];
    };
    let mut found = vec![Examined::new("region", Health::Ok, region)];
    let now = &now;
    let (here, elsewhere): (Vec<&DesiredStack>, Vec<&DesiredStack>) =
        stacks.iter().partition(|stack| stack.region.as_deref().is_none_or(|own| own == region));
    let mut checks: Vec<(&str, Check<'_>)> = vec![
        ("credentials", Box::pin(credentials(facts))),
        ("clock", Box::pin(clock(facts, now))),
        ("endpoints", Box::pin(endpoints(facts))),
        ("service-linked roles", Box::pin(linked_roles(facts, stacks))),
        ("bootstrap", Box::pin(bootstrap(api, stacks))),
    ];
    if !here.is_empty() {
        checks.push(("quotas", Box::pin(quotas::check(facts, api, &here))));
    }
    let limited = checks.into_iter().map(async |(name, check)| match tokio::time::timeout(LIMIT, check).await {
        Ok(found) => found,
        Err(_) => {
            let text = format!("no answer within {} s", LIMIT.as_secs());
            vec![Examined::new(name, Health::Warning, text).remedy("check the network and the proxy")]
        }
    });
    found.extend(join_all(limited).await.into_iter().flatten());
    found.extend(not_compared(&elsewhere));
    found
}

/// Returns the fact that stacks of other regions were not compared with the quotas there.
fn not_compared(stacks: &[&DesiredStack]) -> Option<Examined> {
    let first = stacks.iter().find_map(|stack| stack.region.as_deref())?;
    let text = format!("{} stacks of other regions were not compared", stacks.len());
    Some(Examined::new("quotas", Health::Unknown, text).remedy(format!("repeat with `--region {first}`")))
}

async fn credentials(api: &impl AccountFacts) -> Vec<Examined> {
    vec![match api.caller().await {
        Ok(caller) => Examined::new("credentials", Health::Ok, format!("account {}, {}", caller.account, caller.arn)),
        Err(error) => {
            let (text, remedy) = match error.kind {
                ErrorKind::Expired => ("have expired".to_owned(), "sign in again, for example with `aws sso login`"),
                ErrorKind::NoCredentials => (
                    "there are none".to_owned(),
                    "name a profile with `--profile`, or set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`",
                ),
                ErrorKind::ClockSkew => {
                    ("the clock of this machine is wrong".to_owned(), "set the clock by a time server")
                }
                _ => (error.message.clone(), "check the network, the region and the profile"),
            };
            let found = Examined::new("credentials", Health::Failed, text);
            found.remedy(error.help.clone().unwrap_or_else(|| remedy.to_owned()))
        }
    }]
}

async fn clock(api: &impl AccountFacts, now: &impl Fn() -> Timestamp) -> Vec<Examined> {
    let Ok(Some(server)) = api.endpoint_time(AwsService::Sts).await else {
        return vec![Examined::new("clock", Health::Unknown, "cannot be compared: AWS does not answer")];
    };
    let own = now();
    let seconds = own.since(server).max(server.since(own)).as_secs();
    let found = |health, text: String| Examined::new("clock", health, text);
    let remedy = "set the clock by a time server: `sudo timedatectl set-ntp true`";
    vec![match seconds {
        0..SKEW_WARNING => found(Health::Ok, format!("differs from that of AWS by {seconds} s")),
        SKEW_WARNING..SKEW_REFUSED => {
            found(Health::Warning, format!("differs from that of AWS by {seconds} s; AWS refuses 5 minutes"))
                .remedy(remedy)
        }
        _ => found(Health::Failed, format!("differs from that of AWS by {seconds} s, so AWS refuses requests"))
            .remedy(remedy),
    }]
}

async fn endpoints(api: &impl AccountFacts) -> Vec<Examined> {
    let answers = join_all(SERVICES.iter().map(async |service| (service, api.endpoint_time(*service).await))).await;
    let silent: Vec<Examined> = (answers.into_iter())
        .filter_map(|(service, answer)| {
            let text = format!("{} does not answer: {}", service.endpoint_prefix(), answer.err()?);
            let found = Examined::new("endpoint", Health::Failed, text);
            Some(found.remedy("check the network, the proxy, the region and `--endpoint-url`"))
        })
        .collect();
    if silent.is_empty() {
        return vec![Examined::new("endpoints", Health::Ok, format!("{} services answer", SERVICES.len()))];
    }
    silent
}

async fn linked_roles(api: &impl AccountFacts, stacks: &[DesiredStack]) -> Vec<Examined> {
    let mut roles: BTreeSet<String> =
        stacks.iter().flat_map(|stack| stack.template.resources.values()).filter_map(service_linked_role).collect();
    if stacks.is_empty() {
        roles.insert(ECS_ROLE.to_owned());
    }
    let answers = join_all(roles.into_iter().map(async |role| (api.has_role(&role).await, role))).await;
    let mut missing = BTreeSet::new();
    for (answer, role) in answers {
        match answer {
            Ok(true) => {}
            Ok(false) => {
                missing.insert(role);
            }
            Err(error) => return vec![of_error("service-linked roles", &error)],
        }
    }
    if missing.is_empty() {
        return vec![Examined::new("service-linked roles", Health::Ok, "exist")];
    }
    let list = missing.into_iter().collect::<Vec<_>>().join(", ");
    let found = Examined::new("service-linked roles", Health::Ok, format!("not yet: {list}"));
    vec![found.remedy("AWS creates them with the first deployment, which needs `iam:CreateServiceLinkedRole`")]
}

async fn bootstrap(api: &impl CloudFormation, stacks: &[DesiredStack]) -> Vec<Examined> {
    let needed = stacks.iter().any(|stack| need(stack, false).is_some());
    let found = |health, text: &str| Examined::new("bootstrap", health, text);
    vec![match bootstrap_state(api).await {
        Ok(BootstrapState::Current) => found(Health::Ok, "exists and is current"),
        Ok(BootstrapState::Missing) if needed => {
            found(Health::Failed, "is missing, and a stack of the script needs it").remedy("run `rtiler bootstrap`")
        }
        Ok(BootstrapState::Missing) => {
            found(Health::Ok, "is not there; only images that rtiler builds and templates over 51,200 bytes need it")
        }
        Ok(BootstrapState::Older(_)) => {
            found(Health::Warning, "is older than this rtiler").remedy("run `rtiler bootstrap`")
        }
        Ok(BootstrapState::Newer(_)) => found(Health::Warning, "is newer than this rtiler").remedy("update rtiler"),
        Err(error) => of_error("bootstrap", &error),
    }]
}
