//! The attributes of a target group (`TargetGroupAttribute`, Elastic Load Balancing API).

use super::Stickiness;
use crate::block::service::ServiceTarget;
use crate::cfn;
use crate::cfn::Value;
use crate::diag::Origin;

/// Seconds that a target may take to finish its requests, unless set.
pub(crate) const DEREGISTRATION_DELAY: i64 = 30;

/// An attribute with the place of its setter.
struct Attribute<'a> {
    key: &'static str,
    value: String,
    origin: Option<&'a Origin>,
}

/// Returns the attributes of the target group of a target, and the origins of those that are set.
pub(crate) fn attributes<'a>(target: &ServiceTarget<'a>) -> (Value, Vec<(usize, &'a Origin)>) {
    let drain = target.drain();
    let seconds = drain.map_or(DEREGISTRATION_DELAY, |set| set.value).to_string();
    let mut all = vec![Attribute {
        key: "deregistration_delay.timeout_seconds",
        value: seconds,
        origin: drain.map(|set| &set.origin),
    }];
    all.extend(stickiness(target));
    let number = |key, set: &'a crate::diag::WithOrigin<i64>| Attribute {
        key,
        value: set.value.to_string(),
        origin: Some(&set.origin),
    };
    all.extend(target.set(|it| &it.slow_start).map(|set| number("slow_start.duration_seconds", set)));
    all.extend(target.set(|it| &it.algorithm).map(|set| Attribute {
        key: "load_balancing.algorithm.type",
        value: set.value.clone(),
        origin: Some(&set.origin),
    }));
    all.extend(target.set(|it| &it.anomaly_mitigation).map(|set| Attribute {
        key: "load_balancing.algorithm.anomaly_mitigation",
        value: "on".to_owned(),
        origin: Some(&set.origin),
    }));
    let origins = all.iter().enumerate().filter_map(|(at, it)| Some((at, it.origin?))).collect();
    let values = all.into_iter().map(|it| cfn!({ "Key": it.key, "Value": it.value })).collect();
    (Value::List(values), origins)
}

fn stickiness<'a>(target: &ServiceTarget<'a>) -> Vec<Attribute<'a>> {
    let Some(set) = target.set(|it| &it.sticky) else {
        return vec![Attribute { key: "stickiness.enabled", value: "false".to_owned(), origin: None }];
    };
    let Stickiness { seconds, cookie } = &set.value;
    let attribute = |key, value: &str| Attribute { key, value: value.to_owned(), origin: Some(&set.origin) };
    let enabled = attribute("stickiness.enabled", "true");
    let seconds = seconds.to_string();
    match cookie {
        None => vec![
            enabled,
            attribute("stickiness.type", "lb_cookie"),
            attribute("stickiness.lb_cookie.duration_seconds", &seconds),
        ],
        Some(cookie) => vec![
            enabled,
            attribute("stickiness.type", "app_cookie"),
            attribute("stickiness.app_cookie.cookie_name", cookie),
            attribute("stickiness.app_cookie.duration_seconds", &seconds),
        ],
    }
}
