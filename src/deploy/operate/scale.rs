//! Changes of the number of tasks of a service, or of the bounds of its scaling.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::services::StackService;
use crate::cfn::graph::Graph;
use crate::cfn::schema::Schema;
use crate::cfn::type_names::{EXPRESS_SERVICE, SCALABLE_TARGET};
use crate::cfn::{LogicalId, PropertyPath, Resource, Template, Value, check};
use crate::deploy::api::{AwsApi, AwsError, ScalableTarget, UpdateServiceRequest};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

/// The most tasks of a service (Amazon ECS service quotas, "Tasks per service"; it cannot be raised).
const MAX_TASKS: u32 = 5000;

/// The number of tasks to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleTarget {
    /// This number of tasks.
    Exactly(u32),
    /// The bounds between which scaling chooses the number.
    Between(ScalableTarget),
}

/// The number of tasks that is set now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CurrentScale {
    /// The desired count.
    pub desired: u32,
    /// The bounds between which it scales, if it does.
    pub range: Option<ScalableTarget>,
}

impl CurrentScale {
    /// Returns the numbers after a change.
    pub fn with(self, target: ScaleTarget) -> Self {
        match target {
            ScaleTarget::Exactly(desired) => Self { desired, ..self },
            ScaleTarget::Between(range) => Self { range: Some(range), ..self },
        }
    }
}

/// A change of the number of tasks that is possible.
#[derive(Debug, Clone)]
pub struct ScaleChange {
    /// A sentence about the count and scaling after the change.
    pub effect: String,
    /// Warnings about other numbers in the script.
    pub warnings: Vec<Diagnostic>,
}

impl FromStr for ScaleTarget {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let wrong = "expected a number such as `3`, or a range such as `2..10`";
        let number = |text: &str| match text.trim().parse::<u32>() {
            Ok(tasks) if tasks > MAX_TASKS => {
                Err(format!("Amazon ECS runs at most {MAX_TASKS} tasks for each service"))
            }
            Ok(tasks) => Ok(tasks),
            Err(_) => Err(wrong.to_owned()),
        };
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

/// Returns the effect of a change of scale, with warnings if the script has other numbers.
///
/// # Errors
///
/// Scaling would undo the count at once, or the bounds are for a service that does not scale.
pub fn scale_change(
    service: &StackService,
    now: CurrentScale,
    to: ScaleTarget,
    template: &Template,
) -> Result<ScaleChange, Diagnostic> {
    let resource = template.resources.get(service.logical_id.as_str());
    let effect = effect(service, now, to).map_err(|problem| match resource {
        Some(resource) => problem.at(&resource.origin, "this service"),
        None => problem,
    })?;
    let warnings = match to {
        ScaleTarget::Exactly(count) => {
            resource.and_then(|resource| difference(service, resource, "DesiredCount", count)).into_iter().collect()
        }
        ScaleTarget::Between(range) => {
            let target = scalable_target(template, &service.logical_id);
            let (target_id, target) = (target.map(|(id, _)| id), target.map(|(_, target)| target));
            if let Some(service_resource) = resource.filter(|it| it.kind.as_str() == EXPRESS_SERVICE) {
                let bounds = [("ScalingTarget.MinTaskCount", range.min), ("ScalingTarget.MaxTaskCount", range.max)];
                let differing = |(name, bound)| difference(service, service_resource, name, bound);
                return Ok(ScaleChange { effect, warnings: bounds.into_iter().filter_map(differing).collect() });
            }
            let bounds = [("MinCapacity", range.min), ("MaxCapacity", range.max)];
            let differing = |(name, bound): (&str, u32)| difference(service, target?, name, bound);
            let asleep = (range.min == 0 && range.max > 0)
                .then(|| never_wakes(service, range.max, target_id?, template))
                .flatten();
            bounds.into_iter().filter_map(differing).chain(asleep).collect()
        }
    };
    Ok(ScaleChange { effect, warnings })
}

/// Sets the number of tasks or the bounds of scaling.
pub async fn apply(cloud: &impl AwsApi, service: &StackService, to: ScaleTarget) -> Result<(), AwsError> {
    match to {
        ScaleTarget::Exactly(count) => {
            let change = UpdateServiceRequest { desired: Some(count), ..UpdateServiceRequest::default() };
            cloud.update_service(&service.service.arn, &change).await
        }
        ScaleTarget::Between(range) => cloud.set_scalable_target(&service.scalable_resource(), range).await,
    }
}

/// Returns a sentence about the count and scaling after the change. (`RegisterScalableTarget` brings the capacity into the
/// bounds.)
fn effect(service: &StackService, now: CurrentScale, to: ScaleTarget) -> Result<String, Diagnostic> {
    let id = &service.logical_id;
    match (to, now.range) {
        (ScaleTarget::Exactly(_), None) => Ok(format!("{id} has {} and no auto scaling", count(now.desired))),
        (ScaleTarget::Exactly(tasks), Some(ScalableTarget { min, max })) if (min..=max).contains(&tasks) => {
            let now = count(now.desired);
            Ok(format!("{id} has {now}; auto scaling between {min} and {max} may change the count again"))
        }
        (ScaleTarget::Exactly(tasks), Some(ScalableTarget { min, max })) => {
            let message = format!("{tasks} is not between {min} and {max}, the bounds in which `{id}` scales");
            let wider = format!("{}..{}", min.min(tasks), max.max(tasks));
            Err(Diagnostic::new(Code::ScaleOutOfBounds, message)
                .note("scaling would bring the count back into its bounds at once")
                .help(Hint::from("change the bounds: ").command(CommandName::Scale.of(id).arg(wider))))
        }
        (ScaleTarget::Between(range), Some(before)) => {
            let clamped = now.desired.clamp(range.min, range.max);
            let change = if clamped == now.desired { String::new() } else { format!("; the count becomes {clamped}") };
            Ok(format!("{id} scales between {} and {} and has {}{change}", before.min, before.max, count(now.desired)))
        }
        (ScaleTarget::Between(_), None) => {
            Err(Diagnostic::new(Code::ServiceNotScaling, format!("`{id}` has no auto scaling, so it has no bounds"))
                .help(
                    Hint::from("set a number: ")
                        .command(CommandName::Scale.of(id).arg("3"))
                        .text(", or add `.scaling(..)` to the script"),
                ))
        }
    }
}

fn count(tasks: u32) -> String {
    ScaleTarget::Exactly(tasks).to_string()
}

/// Returns a warning if the script sets this property to another number.
fn difference(service: &StackService, resource: &Resource, property: &str, number: u32) -> Option<Diagnostic> {
    let (name, rest) = property.split_once('.').unwrap_or((property, ""));
    let value = resource.properties.get(name)?;
    let value = if rest.is_empty() { value } else { value.get(rest)? };
    let written = value.as_int().or_else(|| value.as_str()?.parse().ok())?;
    if written == i64::from(number) {
        return None;
    }
    let id = &service.logical_id;
    let message = format!("the script sets `{property}` of `{id}` to {written}, not {number}");
    let origin = resource.origin_of(&PropertyPath::property(property));
    Some(
        Diagnostic::new(Code::ScaleDiffers, message)
            .at(origin, format!("the next deployment that changes it restores {written}"))
            .help(format!("write {number} here to keep it")),
    )
}

/// Returns the scalable target of a service in the template.
fn scalable_target<'t>(template: &'t Template, service: &str) -> Option<(&'t LogicalId, &'t Resource)> {
    let graph = Graph::of(template);
    let is_target = |kind: &str| kind == SCALABLE_TARGET;
    let mut targets = template.resources.iter().filter(|(_, resource)| is_target(resource.kind.as_str()));
    let scales = |id: &LogicalId| graph.needs(id).any(|(need, _)| need.as_str() == service);
    targets.find(|(id, target)| scales(id) && target.properties.get("ResourceId").is_some_and(|id| refers(id, service)))
}

/// Returns a warning if nothing in the script would raise the count again from 0: metrics of tasks have no data then.
fn never_wakes(service: &StackService, most: u32, target: &LogicalId, template: &Template) -> Option<Diagnostic> {
    let mut changed = template.clone();
    let bounds = &mut changed.resources.get_mut(target)?.properties;
    bounds.insert("MinCapacity".to_owned(), Value::Int(0));
    let problem = check::stays_at_zero(&changed, target, Schema::embedded())?;
    let message = format!("`{}` may scale in to 0 tasks, and nothing scales it out again", service.logical_id);
    Some(Diagnostic { message, ..problem }.help(
        Hint::from("keep one task: ").command(CommandName::Scale.of(&service.logical_id).arg(format!("1..{most}"))),
    ))
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
    Properties: { ResourceId: !Sub 'service/main/${Web.Name}', MinCapacity: 1, MaxCapacity: 4, ScalableDimension: 'ecs:service:DesiredCount' }
  WebPolicy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      ScalingTargetId: !Ref WebScaling
      TargetTrackingScalingPolicyConfiguration: { PredefinedMetricSpecification: { PredefinedMetricType: ECSServiceAverageCPUUtilization } }
";

    fn change(desired: u32, range: Option<(u32, u32)>, to: &str) -> Result<ScaleChange, Diagnostic> {
        let template = parse::template("app.yaml", TEMPLATE).value.expect("a template");
        let range = range.map(|(min, max)| ScalableTarget { min, max });
        let to = to.parse().expect("a count");
        scale_change(&service("app", "Web", "app-web"), CurrentScale { desired, range }, to, &template)
    }

    #[test]
    fn scale_target_is_a_number_or_a_range() {
        assert_eq!("3".parse(), Ok(ScaleTarget::Exactly(3)));
        assert_eq!("2..10".parse(), Ok(ScaleTarget::Between(ScalableTarget { min: 2, max: 10 })));
        assert_eq!("10..2".parse::<ScaleTarget>(), Err("10 is more than 2: write `2..10`".to_owned()));
        for tasks in ["5001", "1..5001"] {
            assert!(tasks.parse::<ScaleTarget>().is_err_and(|why| why.contains("at most 5000 tasks")), "{tasks}");
        }
        for wrong in ["two", "2..", "..3", "-1", "", "1...4"] {
            assert!(wrong.parse::<ScaleTarget>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn count_other_than_the_scripts_is_a_warning_at_its_line() {
        let changed = change(2, None, "5").expect("a change");
        let warning = &changed.warnings[0];
        assert_eq!((warning.code.as_str(), warning.labels[0].origin.line), ("scale-differs", 5));
        assert!(warning.labels[0].message.contains("restores 2"), "{}", warning.labels[0].message);
        assert!(change(1, None, "2").expect("a change").warnings.is_empty());
    }

    #[test]
    fn count_out_of_bounds_is_refused_with_wider_bounds() {
        let refused = change(2, Some((1, 4)), "6").expect_err("scaling would undo it");
        assert_eq!(
            (refused.code.as_str(), refused.hints[0].to_string().as_str()),
            ("scale-out-of-bounds", "change the bounds: `scale Web 1..6`")
        );
        let within = change(2, Some((1, 4)), "3").expect("a change");
        assert!(within.effect.contains("auto scaling between 1 and 4"), "{}", within.effect);
    }

    #[test]
    fn bounds_are_compared_with_the_services_own_scalable_target() {
        let scaling = change(2, Some((1, 4)), "3..8").expect("a change");
        assert_eq!(scaling.effect, "Web scales between 1 and 4 and has 2 tasks; the count becomes 3");
        let messages: Vec<&str> = scaling.warnings.iter().map(|warning| warning.message.as_str()).collect();
        let min = "the script sets `MinCapacity` of `Web` to 1, not 3";
        assert_eq!(messages, [min, "the script sets `MaxCapacity` of `Web` to 4, not 8"]);
        assert_eq!(change(2, None, "1..4").expect_err("it does not scale").code, "service-not-scaling");
    }

    #[test]
    fn minimum_of_zero_that_no_policy_leaves_is_a_warning() {
        let codes = |to: &str| -> Vec<Code> {
            change(2, Some((1, 4)), to).expect("a change").warnings.iter().map(|warning| warning.code).collect()
        };
        assert_eq!(codes("0..4"), [Code::ScaleDiffers, Code::ScalingFromZero]);
        assert!(!codes("0..0").contains(&Code::ScalingFromZero), "it is stopped on purpose");
        assert!(codes("1..4").is_empty());
    }
}
