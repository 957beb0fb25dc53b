use crate::cfn::type_names::SCALABLE_TARGET;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::services::StackService;
use crate::cfn::graph::Graph;
use crate::cfn::{LogicalId, PropertyPath, Resource, Template, Value};
use crate::deploy::api::{AwsApi, AwsError, ScalableTarget, UpdateServiceRequest};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

/// How many tasks are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleTarget {
    /// So many.
    Exactly(u32),
    /// As many as scaling chooses between these.
    Between(ScalableTarget),
}

/// How many tasks there should be now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CurrentScale {
    /// The desired count.
    pub desired: u32,
    /// Between which bounds it scales; none where it does not.
    pub range: Option<ScalableTarget>,
}

/// A change of scale that can be made.
#[derive(Debug, Clone)]
pub struct ScaleChange {
    /// In words: how scaling and the count play together.
    pub effect: String,
    /// Where the script says otherwise.
    pub warnings: Vec<Diagnostic>,
}

impl FromStr for ScaleTarget {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let wrong = "a number such as `3`, or a range such as `2..10`, is wanted";
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong.to_owned());
        match written.split_once("..") {
            None => number(written).map(ScaleTarget::Exactly),
            Some((min, max)) => match (number(min)?, number(max)?) {
                (min, max) if min > max => Err(format!("{min} is more than {max}: write `{max}..{min}`")),
                (min, max) => Ok(ScaleTarget::Between(ScalableTarget { min, max })),
            },
        }
    }
}

impl fmt::Display for ScaleTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScaleTarget::Exactly(1) => write!(out, "1 task"),
            ScaleTarget::Exactly(count) => write!(out, "{count} tasks"),
            ScaleTarget::Between(range) => write!(out, "{} to {} tasks", range.min, range.max),
        }
    }
}

/// What a change of scale does, beside what the script says.
///
/// # Errors
///
/// A count that scaling would undo at once, or bounds for a service that does not scale.
pub fn scaling(
    service: &StackService,
    now: CurrentScale,
    wanted: ScaleTarget,
    template: &Template,
) -> Result<ScaleChange, Diagnostic> {
    let resource = template.resources.get(service.logical_id.as_str());
    let effect = effect(service, now, wanted).map_err(|problem| match resource {
        Some(resource) => problem.at(&resource.origin, "this service"),
        None => problem,
    })?;
    let warnings = match wanted {
        ScaleTarget::Exactly(count) => {
            resource.and_then(|resource| differs(service, resource, "DesiredCount", count)).into_iter().collect()
        }
        ScaleTarget::Between(range) => {
            let target = scalable_target(template, &service.logical_id);
            let bounds = [("MinCapacity", range.min), ("MaxCapacity", range.max)];
            let differing = |(name, wanted): (&str, u32)| differs(service, target?, name, wanted);
            bounds.into_iter().filter_map(differing).collect()
        }
    };
    Ok(ScaleChange { effect, warnings })
}

/// Makes the change.
pub async fn apply(cloud: &impl AwsApi, service: &StackService, wanted: ScaleTarget) -> Result<(), AwsError> {
    match wanted {
        ScaleTarget::Exactly(count) => {
            let change = UpdateServiceRequest { desired: Some(count), ..UpdateServiceRequest::default() };
            cloud.update_service(&service.service.arn, &change).await
        }
        ScaleTarget::Between(range) => cloud.set_scalable_target(&service.scalable_resource(), range).await,
    }
}

/// How scaling and the count play together. (`RegisterScalableTarget`: the capacity is brought into the bounds.)
fn effect(service: &StackService, now: CurrentScale, wanted: ScaleTarget) -> Result<String, Diagnostic> {
    let id = &service.logical_id;
    match (wanted, now.range) {
        (ScaleTarget::Exactly(_), None) => {
            Ok(format!("it has {} now, and does not scale by itself", count(now.desired)))
        }
        (ScaleTarget::Exactly(wanted), Some(ScalableTarget { min, max })) if (min..=max).contains(&wanted) => {
            Ok(format!(
                "it has {} now; scaling goes on between {min} and {max} and may change it again",
                count(now.desired)
            ))
        }
        (ScaleTarget::Exactly(wanted), Some(ScalableTarget { min, max })) => {
            let message = format!("{wanted} is not between {min} and {max}, the bounds in which `{id}` scales");
            let wider = format!("{}..{}", min.min(wanted), max.max(wanted));
            Err(Diagnostic::new(Code::ScaleOutOfBounds, message)
                .note("scaling would bring the count back into its bounds at once")
                .help(Hint::from("change the bounds: ").command(CommandName::Scale.of(id).arg(wider))))
        }
        (ScaleTarget::Between(range), Some(before)) => {
            let brought = now.desired.clamp(range.min, range.max);
            let moved = if brought == now.desired { String::new() } else { format!("; the count becomes {brought}") };
            Ok(format!("it scales between {} and {} now and has {}{moved}", before.min, before.max, count(now.desired)))
        }
        (ScaleTarget::Between(_), None) => Err(Diagnostic::new(
            Code::ServiceNotScaling,
            format!("`{id}` does not scale by itself, so it has no bounds"),
        )
        .help(
            Hint::from("give a number, ")
                .command(CommandName::Scale.of(id).arg("3"))
                .text(", or add `.scaling(..)` to the script"),
        )),
    }
}

fn count(tasks: u32) -> String {
    ScaleTarget::Exactly(tasks).to_string()
}

/// A warning where the script has a number for this property that is another one.
fn differs(service: &StackService, resource: &Resource, property: &str, wanted: u32) -> Option<Diagnostic> {
    let value = resource.properties.get(property)?;
    let written = value.as_int().or_else(|| value.as_str()?.parse().ok())?;
    if written == i64::from(wanted) {
        return None;
    }
    let id = &service.logical_id;
    let message = format!("the script gives `{id}` the {property} {written}, and not {wanted}");
    let origin = resource.origin_of(&PropertyPath::property(property));
    Some(
        Diagnostic::new(Code::ScaleDiffers, message)
            .at(origin, format!("the next deployment that changes it brings back {written}"))
            .help(format!("write {wanted} here if it is to stay")),
    )
}

/// The scalable target in the template that a service scales by.
fn scalable_target<'t>(template: &'t Template, service: &str) -> Option<&'t Resource> {
    let graph = Graph::of(template);
    let is_target = |kind: &str| kind == SCALABLE_TARGET;
    let mut targets = template.resources.iter().filter(|(_, resource)| is_target(resource.kind.as_str()));
    let scales = |id: &LogicalId| graph.needs(id).any(|(need, _)| need.as_str() == service);
    targets
        .find(|(id, target)| scales(id) && target.properties.get("ResourceId").is_some_and(|id| refers(id, service)))
        .map(|(_, target)| target)
}

fn refers(value: &Value, service: &str) -> bool {
    let mut found = false;
    value.each_ref(&mut |reference| found |= reference.id.as_str() == service);
    found
}

#[cfg(test)]
mod tests {
    use super::super::services::tests::service;
    use super::*;
    use crate::cfn::parse;

    const TEMPLATE: &str = r"
Resources:
  Web:
    Type: AWS::ECS::Service
    Properties: { TaskDefinition: web, DesiredCount: 2 }
  Other:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: { ResourceId: service/main/other, MinCapacity: 1, MaxCapacity: 1 }
  WebScaling:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: { ResourceId: !Sub 'service/main/${Web.Name}', MinCapacity: 1, MaxCapacity: 4 }
";

    fn judged(desired: u32, range: Option<(u32, u32)>, wanted: &str) -> Result<ScaleChange, Diagnostic> {
        let template = parse::template("app.yaml", TEMPLATE).value.expect("a template");
        let range = range.map(|(min, max)| ScalableTarget { min, max });
        let wanted = wanted.parse().expect("a count");
        scaling(&service("app", "Web", "app-web"), CurrentScale { desired, range }, wanted, &template)
    }

    #[test]
    fn counts_are_numbers_or_ranges() {
        assert_eq!("3".parse(), Ok(ScaleTarget::Exactly(3)));
        assert_eq!("2..10".parse(), Ok(ScaleTarget::Between(ScalableTarget { min: 2, max: 10 })));
        assert_eq!("10..2".parse::<ScaleTarget>(), Err("10 is more than 2: write `2..10`".to_owned()));
        for wrong in ["two", "2..", "..3", "-1", "", "1...4"] {
            assert!(wrong.parse::<ScaleTarget>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_count_that_the_script_does_not_know_is_warned_of_at_its_line() {
        let scaling = judged(2, None, "5").expect("a change");
        let warning = &scaling.warnings[0];
        assert_eq!((warning.code.as_str(), warning.labels[0].origin.line), ("scale-differs", 5));
        assert!(warning.labels[0].message.contains("brings back 2"), "{}", warning.labels[0].message);
        assert!(judged(1, None, "2").expect("a change").warnings.is_empty());
    }

    #[test]
    fn a_count_beyond_the_bounds_is_refused_with_bounds_that_hold_it() {
        let refused = judged(2, Some((1, 4)), "6").expect_err("scaling would undo it");
        assert_eq!(
            (refused.code.as_str(), refused.hints[0].to_string().as_str()),
            ("scale-out-of-bounds", "change the bounds: `scale Web 1..6`")
        );
        let within = judged(2, Some((1, 4)), "3").expect("a change");
        assert!(within.effect.contains("goes on between 1 and 4"), "{}", within.effect);
    }

    #[test]
    fn bounds_are_those_of_the_target_that_scales_this_service() {
        let scaling = judged(2, Some((1, 4)), "3..8").expect("a change");
        assert_eq!(scaling.effect, "it scales between 1 and 4 now and has 2 tasks; the count becomes 3");
        let said: Vec<&str> = scaling.warnings.iter().map(|warning| warning.message.as_str()).collect();
        let min = "the script gives `Web` the MinCapacity 1, and not 3";
        assert_eq!(said, [min, "the script gives `Web` the MaxCapacity 4, and not 8"]);
        assert_eq!(judged(2, None, "1..4").expect_err("it does not scale").code, "service-not-scaling");
    }
}
