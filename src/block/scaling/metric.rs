use crate::block::PropertyOrigins;
use crate::cfn::{Map, TemplateString, Value, names};

/// A metric of CloudWatch, written with the keys of CloudFormation.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its keys: `Namespace`, `MetricName`, `Dimensions`, `Statistic`, or `Metrics` for an expression.
    pub properties: Map,
    /// The origins of the keys in the script.
    pub origins: PropertyOrigins,
    /// The name of its policies, if the script gives one.
    pub name: Option<String>,
}

/// A metric with the value to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedMetric {
    /// The metric.
    pub metric: Metric,
    /// The value to keep, in the unit of the metric.
    pub target: f64,
}

/// A queue with the messages that each task may have waiting.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueBacklog {
    /// The name of the queue in metrics.
    pub queue_name: TemplateString,
    /// The stem of the policies: that of the queue.
    pub stem: String,
    /// Visible messages for each running task.
    pub messages_per_task: i64,
}

impl Metric {
    /// Returns the stem of the names of its policies: the name that the script gives, or that of the metric.
    pub(crate) fn stem(&self) -> String {
        let named = self.name.as_deref().or_else(|| self.properties.get("MetricName")?.as_str());
        stem_of(named.unwrap_or("Metric"))
    }

    /// Returns the properties, with `Dimensions` as CloudFormation lists them where the script gives a map.
    pub(crate) fn listed(&self) -> Map {
        let mut properties = self.properties.clone();
        if let Some(Value::Map(dimensions)) = properties.get("Dimensions") {
            let listed = dimensions.iter().map(|(name, value)| dimension(name, value.clone())).collect();
            properties.insert("Dimensions".to_owned(), Value::List(listed));
        }
        properties
    }
}

/// Returns a dimension as CloudFormation writes it.
pub(crate) fn dimension(name: &str, value: impl Into<Value>) -> Value {
    crate::cfn!({ "Name": name, "Value": value.into() })
}

/// Returns the letters and digits of a name as a stem of logical ids.
pub(crate) fn stem_of(name: &str) -> String {
    let dashed: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    names::stem(&dashed)
}
