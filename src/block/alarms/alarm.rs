//! Alarms of `CloudWatch` as resources.

use super::AlarmSet;
use crate::cfn;
use crate::cfn::type_names::ALARM;
use crate::cfn::{Resource, TemplateString, Value};
use crate::diag::Origin;

/// Metrics of ECS and of load balancers have one value a minute ("`CloudWatch` metrics", ECS and Elastic Load Balancing guides).
const PERIOD_SECONDS: i64 = 60;
/// An alarm goes off when three of five minutes are over its threshold: one slow minute is not an incident.
const PERIODS: i64 = 5;
const DATAPOINTS: i64 = 3;

/// The side of the threshold on which an alarm goes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GoesOff {
    Above,
    AtLeast,
    Below,
}

/// A metric with its dimensions.
pub(super) struct Metric<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) dimensions: Vec<(&'a str, TemplateString)>,
    pub(super) statistic: &'a str,
}

impl Metric<'_> {
    fn dimensions(&self) -> Value {
        let pairs = self.dimensions.iter().map(|(name, value)| cfn!({ "Name": *name, "Value": value }));
        Value::List(pairs.collect())
    }

    /// Returns the metric as an input of an expression.
    pub(super) fn query(&self, id: &str) -> Value {
        cfn!({
            "Id": id,
            "MetricStat": cfn!({
                "Metric": cfn!({
                    "Namespace": self.namespace,
                    "MetricName": self.name,
                    "Dimensions": self.dimensions(),
                }),
                "Period": PERIOD_SECONDS,
                "Stat": self.statistic,
            }),
            "ReturnData": false,
        })
    }
}

/// Returns an alarm without its metric.
pub(super) fn alarm(
    set: &AlarmSet,
    description: String,
    (goes_off, threshold): (GoesOff, f64),
    origin: &Origin,
) -> Resource {
    let operator = match goes_off {
        GoesOff::Above => "GreaterThanThreshold",
        GoesOff::AtLeast => "GreaterThanOrEqualToThreshold",
        GoesOff::Below => "LessThanThreshold",
    };
    // Too few tasks send no value; a service without requests is not broken.
    let missing = if goes_off == GoesOff::Below { "breaching" } else { "notBreaching" };
    Resource::new(ALARM, origin.clone())
        .with("AlarmActions", cfn!([set.topic.arn()]))
        .with("AlarmDescription", description)
        .with("ComparisonOperator", operator)
        .with("DatapointsToAlarm", DATAPOINTS)
        .with("EvaluationPeriods", PERIODS)
        .with("OKActions", cfn!([set.topic.arn()]))
        .with("Threshold", whole_or_float(threshold))
        .with("TreatMissingData", missing)
}

/// Returns an alarm that watches one metric.
pub(super) fn watching(alarm: Resource, metric: &Metric<'_>) -> Resource {
    alarm
        .with("Dimensions", metric.dimensions())
        .with("MetricName", metric.name)
        .with("Namespace", metric.namespace)
        .with("Period", PERIOD_SECONDS)
        .with("Statistic", metric.statistic)
}

#[allow(clippy::cast_possible_truncation, reason = "only whole numbers of the ranges of thresholds are converted")]
fn whole_or_float(number: f64) -> Value {
    if number.fract().abs() < f64::EPSILON { Value::Int(number as i64) } else { Value::Float(number) }
}
