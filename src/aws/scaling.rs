use std::collections::HashSet;

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, StateValue};

use super::pages::Pages;
use super::{Aws, convert};
use crate::deploy::api::status::AlarmState;
use crate::deploy::api::{Alarm, ApiCall, AutoScaling, AwsError, ScalableTarget};

/// The maximal number of names in a call of `DescribeAlarms` (API reference).
const ALARMS_A_CALL: usize = 100;

impl AutoScaling for Aws {
    async fn scalable_target(&self, resource: &str) -> Result<Option<ScalableTarget>, AwsError> {
        let call = self.auto_scaling().describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
        let call = call.resource_ids(resource).scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        let reply = call.send().await;
        let reply = reply.map_err(|error| self.api_error(ApiCall::DescribeScalableTargets, &error))?;
        let target = reply.scalable_targets.into_iter().flatten().find(|target| target.resource_id == resource);
        let count = |number: i32| u32::try_from(number).unwrap_or(0);
        Ok(target.map(|target| ScalableTarget { min: count(target.min_capacity), max: count(target.max_capacity) }))
    }

    async fn set_scalable_target(&self, resource: &str, range: ScalableTarget) -> Result<(), AwsError> {
        let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let call = self.auto_scaling().register_scalable_target().service_namespace(ServiceNamespace::Ecs);
        let call = call.resource_id(resource).scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        let reply = call.min_capacity(count(range.min)).max_capacity(count(range.max)).send().await;
        let refused = |error| self.api_error(ApiCall::RegisterScalableTarget, &error);
        reply.map(|_| ()).map_err(refused)
    }

    async fn alarms(&self, names: &[String], prefixes: &[String]) -> Result<Vec<Alarm>, AwsError> {
        let mut alarms = Vec::new();
        for names in names.chunks(ALARMS_A_CALL) {
            alarms.extend(described(self, Some(names.to_vec()), None).await?);
        }
        for prefix in prefixes {
            alarms.extend(described(self, None, Some(prefix.clone())).await?);
        }
        let mut seen = HashSet::new();
        alarms.retain(|alarm| seen.insert(alarm.name.clone()));
        Ok(alarms)
    }
}

/// Returns the alarms with these names or this prefix, every page. AWS accepts one of the two, and returns all without
/// both.
async fn described(aws: &Aws, names: Option<Vec<String>>, prefix: Option<String>) -> Result<Vec<Alarm>, AwsError> {
    let (mut alarms, mut pages) = (Vec::new(), Pages::of(ApiCall::DescribeAlarms));
    loop {
        let call = aws.cloudwatch().describe_alarms().set_alarm_names(names.clone());
        let call = call.set_alarm_name_prefix(prefix.clone()).set_next_token(pages.token());
        let call = call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
        let reply = call.send().await.map_err(|error| aws.api_error(ApiCall::DescribeAlarms, &error))?;
        alarms.extend(reply.metric_alarms.into_iter().flatten().map(metric));
        alarms.extend(reply.composite_alarms.into_iter().flatten().map(composite));
        if !pages.advance(reply.next_token)? {
            return Ok(alarms);
        }
    }
}

fn metric(alarm: MetricAlarm) -> Alarm {
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        state: state(alarm.state_value.as_ref()),
        reason: convert::non_empty(alarm.state_reason),
        since: alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp).map(convert::time),
    }
}

fn composite(alarm: CompositeAlarm) -> Alarm {
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        state: state(alarm.state_value.as_ref()),
        reason: convert::non_empty(alarm.state_reason),
        since: alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp).map(convert::time),
    }
}

fn state(state: Option<&StateValue>) -> AlarmState {
    state.map_or("", StateValue::as_str).into()
}
