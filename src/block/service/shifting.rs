//! The shift of a service's traffic between two target groups of each load balancer.
//!
//! ECS changes the weights of one listener rule of an Application Load Balancer, or of one listener of a Network Load Balancer,
//! with a role of the service ("Application Load Balancer resources for blue/green, linear, and canary deployments" and "Network
//! Load Balancer resources for Amazon ECS blue/green, linear and canary deployments", ECS developer guide). Both target groups
//! belong to the rule from the beginning, with the weights 1 and 0.
//!
//! *Invariant*: the actions of such a rule follow from the service and its load balancer alone, so that a later template leaves
//! the weights as ECS has set them: CloudFormation updates resources whose properties change.

use std::rc::Rc;

use super::target_pair::{alternate, test_ports};
use super::{FargateService, nlb_targets};
use crate::block::alb::ServingListener;
use crate::block::iam_role::{self, Statement};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::number::number;
use crate::block::{Alb, DeploymentHook, DeploymentPause, LoweringContext, StrategyKind, TrafficShift};
use crate::cfn;
use crate::cfn::type_names::LAMBDA_FUNCTION;
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value};
use crate::diag::Origin;

/// The principal of both roles ("Amazon ECS infrastructure IAM role for load balancers", "Permissions required for Lambda
/// functions in Amazon ECS blue/green deployments").
const ECS: &str = "ecs.amazonaws.com";
const POLICY: &str = ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers";

/// The use of a listener by a service whose traffic is shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Requests of users.
    Production,
    /// Requests that test the new tasks.
    Test,
}

/// A target group whose traffic is shifted, with the rules or listeners that ECS may change.
#[derive(Debug)]
pub(super) struct ShiftedGroup<'s> {
    pub(super) group: LogicalId,
    /// The first setting that registers the target group.
    pub(super) origin: &'s Origin,
    pub(super) production: Vec<LogicalId>,
    pub(super) test: Vec<LogicalId>,
}

impl FargateService {
    fn infrastructure_role(&self) -> LogicalId {
        self.part("InfrastructureRole")
    }

    fn hook_role(&self) -> LogicalId {
        self.part("HookRole")
    }

    /// Returns the listeners whose rules forward requests of one `behind` setting to it. Listeners for tests of services have
    /// rules of these services alone.
    pub(super) fn listeners_behind(
        &self,
        alb: &Rc<Alb>,
        context: &LoweringContext,
    ) -> impl Iterator<Item = (ServingListener, Side)> {
        let tests = test_ports(alb, context);
        let own = self.test_port().map(|port| port.value);
        alb.serving().into_iter().filter_map(move |listener| {
            let port = listener.port.parse().ok().filter(|port| tests.contains(port));
            match port {
                None => Some((listener, Side::Production)),
                Some(port) => (own == Some(port)).then_some((listener, Side::Test)),
            }
        })
    }
}

/// Returns the target groups whose traffic is shifted, each once.
pub(super) fn groups<'s>(service: &'s Rc<FargateService>, context: &LoweringContext) -> Vec<ShiftedGroup<'s>> {
    let mut groups: Vec<ShiftedGroup<'s>> = Vec::new();
    let mut add = |group: LogicalId, origin: &'s Origin, (id, side): (LogicalId, Side)| {
        let at = groups.iter().position(|known| known.group == group).unwrap_or_else(|| {
            groups.push(ShiftedGroup { group, origin, production: Vec::new(), test: Vec::new() });
            groups.len() - 1
        });
        match side {
            Side::Production => groups[at].production.push(id),
            Side::Test => groups[at].test.push(id),
        }
    };
    for (at, behind) in service.behind.iter().enumerate() {
        for (listener, side) in service.listeners_behind(&behind.value.alb, context) {
            let Some((id, _)) = service.rule_at(at, &listener, context) else { continue };
            add(service.target_group_at(at), &behind.origin, (id, side));
        }
    }
    let test = service.test_port().map(|port| port.value);
    for (behind, listener, group) in nlb_targets::listeners(service) {
        let side = if test == Some(listener.port) { Side::Test } else { Side::Production };
        add(group, &behind.origin, (behind.value.nlb.listener_id(listener.port), side));
    }
    groups
}

/// Adds what ECS needs to the entries of a service's `LoadBalancers`.
pub(super) fn complete(
    service: &Rc<FargateService>,
    registrations: Vec<Value>,
    context: &LoweringContext,
) -> Vec<Value> {
    if !service.shifts() {
        return registrations;
    }
    let groups = groups(service, context);
    let completed = |registration: Value| {
        let Value::Map(mut entry) = registration else { return registration };
        let registered =
            entry.get("TargetGroupArn").and_then(Value::as_reference).map(|reference| reference.id.clone());
        if let Some(group) = groups.iter().find(|group| Some(&group.group) == registered.as_ref()) {
            entry.insert("AdvancedConfiguration".to_owned(), advanced(service, group));
        }
        Value::Map(entry)
    };
    registrations.into_iter().map(completed).collect()
}

fn advanced(service: &FargateService, group: &ShiftedGroup<'_>) -> Value {
    let mut configuration = Map::from_iter([
        ("AlternateTargetGroupArn".to_owned(), Ref::to(alternate(&group.group)).into()),
        ("RoleArn".to_owned(), Ref::attribute(service.infrastructure_role(), "Arn").into()),
    ]);
    let rules = [("ProductionListenerRule", &group.production), ("TestListenerRule", &group.test)];
    for (name, ids) in rules {
        configuration.extend(ids.first().map(|id| (name.to_owned(), Ref::to(id.clone()).into())));
    }
    configuration.into()
}

/// Adds the roles: one with which ECS changes rules and registers targets, one with which it calls functions.
pub(super) fn roles(service: &FargateService, lowering: &mut Lowering<'_>) {
    let Some(strategy) = service.shift() else { return };
    if service.has_load_balancer() {
        let policy = TemplateString::from("arn:").with(Ref::to("AWS::Partition")).with(POLICY);
        let role = iam_role::role(&strategy.origin, ECS, []).with("ManagedPolicyArns", cfn!([policy]));
        lowering.add(service.infrastructure_role(), role);
    }
    let hooks = &strategy.value.shift.hook;
    if hooks.is_empty() {
        return;
    }
    let mut functions: Vec<TemplateString> = Vec::new();
    for function in hooks.iter().map(|hook| function_arn(&hook.value, lowering.context)) {
        if !functions.contains(&function) {
            functions.push(function);
        }
    }
    let statement = Statement { actions: vec!["lambda:InvokeFunction".into()], resources: functions };
    let role = iam_role::role(&strategy.origin, ECS, [&statement]).with_origin("Policies", hooks.first());
    lowering.add(service.hook_role(), role);
}

/// Returns the ARN of the function of a hook: a function that the script makes is given as itself or by its ARN.
fn function_arn(hook: &DeploymentHook, context: &LoweringContext) -> TemplateString {
    let made = hook.function.as_reference().filter(|reference| reference.attribute.is_none());
    let function = made.filter(|reference| {
        context.raw_resource(&reference.id).is_some_and(|resource| resource.kind.as_str() == LAMBDA_FUNCTION)
    });
    function.map_or_else(|| hook.function.clone(), |function| Ref::attribute(function.id.clone(), "Arn").into())
}

/// Adds the strategy to a `DeploymentConfiguration`.
pub(super) fn configure(service: &FargateService, configuration: &mut Map, context: &LoweringContext) {
    let Some(strategy) = service.strategy.first() else { return };
    configuration.insert("Strategy".to_owned(), strategy.value.kind.name().into());
    if !strategy.value.kind.shifts() {
        return;
    }
    let TrafficShift { bake, hook, pause, .. } = &strategy.value.shift;
    let bake = bake.as_ref().map_or(TrafficShift::BAKE_SECONDS, |set| set.value);
    configuration.insert("BakeTimeInMinutes".to_owned(), (bake / 60).into());
    configuration.extend(steps(strategy.value.kind));
    if !hook.is_empty() || !pause.is_empty() {
        let hooks = hook.iter().map(|hook| {
            cfn!({
                "HookTargetArn": function_arn(&hook.value, context),
                "LifecycleStages": cfn!([hook.value.stage.as_str()]),
                "RoleArn": Ref::attribute(service.hook_role(), "Arn"),
            })
        });
        let pauses = pause.iter().map(|pause| paused(&pause.value));
        configuration.insert("LifecycleHooks".to_owned(), Value::List(hooks.chain(pauses).collect()));
    }
}

/// Returns the hook of a pause.
fn paused(pause: &DeploymentPause) -> Value {
    let mut timeout = Map::new();
    timeout.extend(pause.seconds.map(|seconds| ("TimeoutInMinutes".to_owned(), (seconds / 60).into())));
    timeout.extend(pause.then.as_ref().map(|then| ("Action".to_owned(), then.to_uppercase().into())));
    let mut hook = Map::from_iter([
        ("TargetType".to_owned(), "PAUSE".into()),
        ("LifecycleStages".to_owned(), cfn!([pause.stage.as_str()])),
    ]);
    if !timeout.is_empty() {
        hook.insert("TimeoutConfiguration".to_owned(), timeout.into());
    }
    hook.into()
}

/// Returns the rule by which calls with a header reach the new tasks first.
pub(super) fn test_rules(service: &FargateService) -> Option<Value> {
    let (name, value) = &service.shift()?.value.shift.test_header.as_ref()?.value;
    Some(cfn!({ "Header": cfn!({ "Name": name.as_str(), "Value": cfn!({ "Exact": value.as_str() }) }) }))
}

/// Returns the property about the parts of traffic.
fn steps(kind: StrategyKind) -> Option<(String, Value)> {
    let (name, percent, minutes, step) = match kind {
        StrategyKind::Rolling | StrategyKind::BlueGreen => return None,
        StrategyKind::Canary(step) => ("CanaryConfiguration", "CanaryPercent", "CanaryBakeTimeInMinutes", step),
        StrategyKind::Linear(step) => ("LinearConfiguration", "StepPercent", "StepBakeTimeInMinutes", step),
    };
    let entries = [(percent.to_owned(), number(step.percent)), (minutes.to_owned(), (step.seconds / 60).into())];
    Some((name.to_owned(), Value::Map(entries.into_iter().collect())))
}

/// Records the settings behind the strategy of a service.
pub(super) fn origins(service: &FargateService, resource: Resource) -> Resource {
    let Some(strategy) = service.strategy.first() else { return resource };
    let at = |name: &str| format!("DeploymentConfiguration.{name}");
    let resource = resource.record_origin(&at("Strategy"), &strategy.origin);
    if !strategy.value.kind.shifts() {
        return resource;
    }
    let mut resource = resource
        .record_origin(&at("BakeTimeInMinutes"), &strategy.origin)
        .with_origin(&at("BakeTimeInMinutes"), &strategy.value.shift.bake);
    if let Some((name, _)) = steps(strategy.value.kind) {
        resource = resource.record_origin(&at(&name), &strategy.origin);
    }
    let TrafficShift { hook, pause, .. } = &strategy.value.shift;
    let set = hook.iter().map(|hook| &hook.origin).chain(pause.iter().map(|pause| &pause.origin));
    for (position, origin) in set.enumerate() {
        resource = resource.record_origin(&at(&format!("LifecycleHooks.{position}")), origin);
    }
    resource
}
