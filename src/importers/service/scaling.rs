//! Auto scaling of a service.
//!
//! Source: `AWS::ApplicationAutoScaling::ScalableTarget` and `ScalingPolicy` of the CloudFormation template reference.

use serde_json::Value as Json;

use super::properties::{int, literal};
use crate::deploy::operate::ServiceParts;
use crate::importers::draft::Draft;
use crate::importers::writer::Expr;

/// Sets how the service scales.
pub(super) fn write(parts: &ServiceParts, draft: &mut Draft) {
    let Some(target) = &parts.scalable_target else { return };
    let bound = |key: &str| int(&target[key]).unwrap_or_default();
    let mut scaling = Expr::call("Scaling", [Expr::Range(bound("MinCapacity"), bound("MaxCapacity"))]);
    let mut waits = Waits::default();
    for policy in &parts.scaling_policies {
        let tracking = &policy["TargetTrackingScalingPolicyConfiguration"];
        let metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"].as_str().unwrap_or_default();
        let setter = match metric {
            "ECSServiceAverageCPUUtilization" => "cpu",
            "ECSServiceAverageMemoryUtilization" => "memory",
            "ALBRequestCountPerTarget" => "requests_per_target",
            _ => {
                let name = policy["PolicyName"].as_str().unwrap_or_default();
                let configuration =
                    if tracking.is_object() { tracking } else { &policy["StepScalingPolicyConfiguration"] };
                draft.note(0, format!("the policy `{name}` needs `.metric(map, target)` or `.steps(metric, map)` of `Scaling`: {configuration}"));
                continue;
            }
        };
        match int(&tracking["TargetValue"]) {
            Some(value) => scaling = scaling.set(setter, [Expr::Int(value)]),
            None => {
                draft.note(0, format!("the target of `.{setter}` is not a whole number: {}", tracking["TargetValue"]));
            }
        }
        waits.add(tracking);
    }
    scaling = waits.set(scaling, draft);
    for action in target["ScheduledActions"].as_array().into_iter().flatten() {
        let bounds = &action["ScalableTargetAction"];
        let (least, most) = (int(&bounds["MinCapacity"]), int(&bounds["MaxCapacity"]));
        let range =
            Expr::Range(least.unwrap_or_else(|| bound("MinCapacity")), most.unwrap_or_else(|| bound("MaxCapacity")));
        let zone = action["Timezone"].as_str().map(Expr::text);
        let name = crate::importers::names::block_name(action["ScheduledActionName"].as_str().unwrap_or_default());
        let when = [Expr::text(name), literal(&action["Schedule"]), range];
        scaling = scaling.set("schedule", when.into_iter().chain(zone));
    }
    draft.set("scaling", [scaling]);
}

/// The waits of the policies, which a block has for all of them.
#[derive(Default)]
struct Waits {
    outward: Vec<i64>,
    inward: Vec<i64>,
    stays: Vec<bool>,
}

impl Waits {
    fn add(&mut self, tracking: &Json) {
        self.outward.extend(int(&tracking["ScaleOutCooldown"]));
        self.inward.extend(int(&tracking["ScaleInCooldown"]));
        self.stays.push(tracking["DisableScaleIn"] == true);
    }

    fn set(mut self, mut scaling: Expr, draft: &mut Draft) -> Expr {
        self.outward.dedup();
        self.inward.dedup();
        self.stays.dedup();
        if self.outward.len() > 1 || self.inward.len() > 1 || self.stays.len() > 1 {
            draft.note(0, "the policies of a block share their waits: the script has those of the first one");
        }
        for (setter, seconds) in [("scale_out_after", self.outward), ("scale_in_after", self.inward)] {
            if let Some(seconds) = seconds.first() {
                scaling = scaling.set(setter, [Expr::Int(*seconds)]);
            }
        }
        if self.stays.first() == Some(&true) { scaling.set("no_scale_in", []) } else { scaling }
    }
}
