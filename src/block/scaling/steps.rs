use super::Metric;
use crate::block::PropertyOrigins;
use crate::cfn::Map;

/// Changes of the number of tasks by the value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct StepPolicy {
    /// The metric.
    pub metric: Metric,
    /// The steps, as the script writes them.
    pub steps: Map,
    /// The origins of the steps.
    pub origins: PropertyOrigins,
}

/// The side of a threshold on which a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// At the threshold and above it.
    Above,
    /// At the threshold and below it.
    Below,
}

/// A change of the number of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Tasks added, or removed if negative.
    Tasks(i64),
    /// Percent of the tasks added, or removed if negative.
    Percent(i64),
}

/// A step: the side of a threshold, and the change there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The side.
    pub side: Side,
    /// The value of the metric from which the step holds.
    pub threshold: f64,
    /// The change.
    pub change: Change,
}

impl Change {
    /// Returns the number of the change.
    pub(crate) fn amount(self) -> i64 {
        match self {
            Change::Tasks(amount) | Change::Percent(amount) => amount,
        }
    }

    /// Returns the `AdjustmentType` of the change.
    pub(crate) fn adjustment_type(self) -> &'static str {
        match self {
            Change::Tasks(_) => "ChangeInCapacity",
            Change::Percent(_) => "PercentChangeInCapacity",
        }
    }
}

impl Step {
    /// Parses a step as scripts write it: `">= 100"` with `2`, or `"<= 5"` with `"-10%"`.
    pub(crate) fn parse(key: &str, change: &crate::cfn::Value) -> Option<Self> {
        let (side, number) = match key.trim().split_at_checked(2)? {
            (">=", number) => (Side::Above, number),
            ("<=", number) => (Side::Below, number),
            _ => return None,
        };
        let threshold = number.trim().parse::<f64>().ok().filter(|number| number.is_finite())?;
        let change = match change.as_int() {
            Some(tasks) => Change::Tasks(tasks),
            None => Change::Percent(change.as_str()?.trim().strip_suffix('%')?.trim_end().parse().ok()?),
        };
        (change.amount() != 0).then_some(Self { side, threshold, change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::Value;

    #[test]
    fn step_has_a_side_a_threshold_and_a_change_of_tasks_or_percent() {
        let step = |key: &str, change: Value| Step::parse(key, &change);
        let expected = Step { side: Side::Above, threshold: 100.0, change: Change::Tasks(2) };
        assert_eq!(step(">= 100", Value::Int(2)), Some(expected));
        let expected = Step { side: Side::Below, threshold: 0.5, change: Change::Percent(-10) };
        assert_eq!(step("<=0.5", "-10%".into()), Some(expected));
        for (key, change) in [
            ("> 100", Value::Int(1)),
            ("100", Value::Int(1)),
            (">= many", Value::Int(1)),
            (">= inf", Value::Int(1)),
            (">= 1", Value::Int(0)),
            (">= 1", "ten".into()),
            (">= 1", Value::Bool(true)),
            ("€= 1", Value::Int(1)),
        ] {
            assert_eq!(step(key, change.clone()), None, "{key} {change:?}");
        }
    }
}
