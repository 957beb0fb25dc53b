//! Step scaling: an alarm on each side of a metric, and how many tasks its steps add or remove.

use super::FargateService;
use crate::block::lowering::Lowering;
use crate::block::number::number;
use crate::block::{Change, Scaling, Side, Step, StepPolicy};
use crate::cfn;
use crate::cfn::type_names::{ALARM, SCALING_POLICY};
use crate::cfn::{Map, PropertyPath, Ref, Resource, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// Steps of a policy ("Service quotas for Application Auto Scaling").
const MOST_STEPS: usize = 20;
/// Seconds of a data point of the alarm, unless the metric has another.
const PERIOD: i64 = 60;
/// Data points beyond the threshold before tasks are added, and before they are removed.
const POINTS_OUT: i64 = 1;
const POINTS_IN: i64 = 5;

/// Adds a policy and an alarm for each side on which a metric has steps.
pub(super) fn lower(service: &FargateService, scaling: &Scaling, lowering: &mut Lowering<'_>) {
    for policy in &scaling.steps {
        let (steps, problems) = parsed(policy);
        lowering.report_all(problems);
        for side in [Side::Above, Side::Below] {
            let steps: Vec<Step> = steps.iter().filter(|step| step.side == side).copied().collect();
            if let Some(first) = steps.first() {
                add(service, scaling, policy, (side, first), &steps, lowering);
            }
        }
    }
}

/// Returns the steps of a policy, on each side those nearest to the middle first, and the problems of the others.
fn parsed(policy: &WithOrigin<StepPolicy>) -> (Vec<Step>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut steps = Vec::new();
    for (key, change) in &policy.value.steps {
        match Step::parse(key, change) {
            Some(step) => steps.push(step),
            None => problems.push(malformed(key, origin_of(policy, key))),
        }
    }
    steps.sort_by(|one, other| match one.side.cmp(&other.side) {
        std::cmp::Ordering::Equal if one.side == Side::Below => other.threshold.total_cmp(&one.threshold),
        std::cmp::Ordering::Equal => one.threshold.total_cmp(&other.threshold),
        order => order,
    });
    problems.extend(mixed(policy, &steps));
    problems.extend(twice(policy, &steps));
    problems.extend(overlapping(policy, &steps));
    problems.extend(too_many(policy, &steps));
    if policy.value.steps.is_empty() {
        problems.push(problem("a policy needs at least one step".to_owned(), &policy.origin));
    }
    (steps, problems)
}

fn origin_of<'p>(policy: &'p WithOrigin<StepPolicy>, key: &str) -> &'p Origin {
    let path = PropertyPath::attribute(key);
    let found = policy.value.origins.iter().find(|(known, _)| *known == path);
    found.map_or(&policy.origin, |(_, origin)| origin)
}

fn problem(message: String, origin: &Origin) -> Diagnostic {
    Diagnostic::new(Code::ScalingSteps, message)
        .at(origin, "")
        .help("write the value of the metric and the change: `#{ \">= 100\": 2, \">= 500\": 5, \"<= 10\": -1 }`")
}

fn malformed(key: &str, origin: &Origin) -> Diagnostic {
    problem(
        format!("`{key}` is not a step, or its change is neither a number of tasks other than 0 nor a percentage"),
        origin,
    )
}

/// Reports changes of tasks next to changes in percent: a policy has one kind (`AdjustmentType`).
fn mixed(policy: &WithOrigin<StepPolicy>, steps: &[Step]) -> Option<Diagnostic> {
    let mixed = [Side::Above, Side::Below].into_iter().any(|side| {
        let mut kinds = steps.iter().filter(|step| step.side == side).map(|step| step.change.adjustment_type());
        kinds.next().is_some_and(|first| kinds.any(|kind| kind != first))
    });
    mixed.then(|| problem("the steps of one side change both tasks and percent".to_owned(), &policy.origin))
}

#[allow(clippy::float_cmp, reason = "thresholds are written in the script, not computed")]
fn twice(policy: &WithOrigin<StepPolicy>, steps: &[Step]) -> Option<Diagnostic> {
    let same = |pair: &[Step]| pair[0].side == pair[1].side && pair[0].threshold == pair[1].threshold;
    let pair = steps.windows(2).find(|pair| same(pair))?;
    Some(problem(format!("two steps begin at {}", pair[0].threshold), &policy.origin))
}

/// Reports sides that overlap: tasks would be added and removed for one value.
fn overlapping(policy: &WithOrigin<StepPolicy>, steps: &[Step]) -> Option<Diagnostic> {
    let first = |side: Side| steps.iter().find(|step| step.side == side);
    let (above, below) = (first(Side::Above)?, first(Side::Below)?);
    (below.threshold >= above.threshold).then(|| {
        let message = format!("both `<= {}` and `>= {}` hold for one value", below.threshold, above.threshold);
        problem(message, &policy.origin)
    })
}

fn too_many(policy: &WithOrigin<StepPolicy>, steps: &[Step]) -> Option<Diagnostic> {
    let most = [Side::Above, Side::Below].map(|side| steps.iter().filter(|step| step.side == side).count());
    let most = most.into_iter().max().filter(|count| *count > MOST_STEPS)?;
    Some(problem(format!("a policy has {MOST_STEPS} steps at most, not {most}"), &policy.origin))
}

fn add(
    service: &FargateService,
    scaling: &Scaling,
    policy: &WithOrigin<StepPolicy>,
    (side, first): (Side, &Step),
    steps: &[Step],
    lowering: &mut Lowering<'_>,
) {
    let (word, operator) = match side {
        Side::Above => ("Above", "GreaterThanOrEqualToThreshold"),
        Side::Below => ("Below", "LessThanOrEqualToThreshold"),
    };
    let id = service.part(&format!("{}{word}", policy.value.metric.stem()));
    let adds = first.change.amount() > 0;
    let cooldown = if adds { &scaling.scale_out_after } else { &scaling.scale_in_after };
    let mut configuration = Map::from_iter([
        ("AdjustmentType".to_owned(), first.change.adjustment_type().into()),
        ("MetricAggregationType".to_owned(), "Average".into()),
        ("StepAdjustments".to_owned(), adjustments(side, steps)),
    ]);
    configuration.extend(cooldown.as_ref().map(|seconds| ("Cooldown".to_owned(), seconds.value.into())));
    // A percentage of few tasks would round to none.
    let percent = matches!(first.change, Change::Percent(_));
    configuration.extend(percent.then(|| ("MinAdjustmentMagnitude".to_owned(), 1_i64.into())));
    let resource = Resource::new(SCALING_POLICY, policy.origin.clone())
        .with("PolicyName", id.as_str())
        .with("PolicyType", "StepScaling")
        .with("ScalingTargetId", Ref::to(service.part("ScalableTarget")))
        .with("StepScalingPolicyConfiguration", configuration);
    lowering.add(
        format!("{id}Alarm"),
        alarm(policy, operator, first, adds).with("AlarmActions", cfn!([Ref::to(id.clone())])),
    );
    lowering.add(id, resource);
}

/// Returns the steps as differences from the threshold of the alarm, which is that of the first.
fn adjustments(side: Side, steps: &[Step]) -> Value {
    let base = steps.first().map_or(0.0, |step| step.threshold);
    let difference = |step: &Step| number(step.threshold - base);
    let mut listed = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let mut adjustment = Map::new();
        let (near, far) = match side {
            Side::Above => ("MetricIntervalLowerBound", "MetricIntervalUpperBound"),
            Side::Below => ("MetricIntervalUpperBound", "MetricIntervalLowerBound"),
        };
        adjustment.insert(near.to_owned(), difference(step));
        adjustment.extend(steps.get(at + 1).map(|next| (far.to_owned(), difference(next))));
        adjustment.insert("ScalingAdjustment".to_owned(), step.change.amount().into());
        listed.push(Value::Map(adjustment));
    }
    Value::List(listed)
}

fn alarm(policy: &WithOrigin<StepPolicy>, operator: &str, first: &Step, adds: bool) -> Resource {
    let mut alarm = Resource::new(ALARM, policy.origin.clone());
    alarm.properties = policy.value.metric.listed();
    policy.value.metric.origins.apply_to(&mut alarm);
    let metric = &policy.value.metric.properties;
    let single = !metric.contains_key("Metrics");
    let given = |key: &str| metric.contains_key(key);
    if single && !given("Statistic") && !given("ExtendedStatistic") {
        alarm = alarm.with("Statistic", "Average");
    }
    if single && !given("Period") {
        alarm = alarm.with("Period", PERIOD);
    }
    if !given("EvaluationPeriods") {
        alarm = alarm.with("EvaluationPeriods", if adds { POINTS_OUT } else { POINTS_IN });
    }
    if !given("TreatMissingData") {
        alarm = alarm.with("TreatMissingData", "notBreaching");
    }
    alarm.with("ComparisonOperator", operator).with("Threshold", number(first.threshold))
}
