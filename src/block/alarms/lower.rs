use super::alarm::{GoesOff, Metric, alarm, watching};
use super::kinds::{self, AlarmKind};
use super::{AlarmSet, kinds::problems};
use crate::block::lowering::Lowering;
use crate::block::{Block, FargateService, Queue};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// Requests a minute below which the rate of errors is not judged: one failed request of two says little.
const LEAST_REQUESTS: i64 = 20;

/// Adds the alarms of a service in a cluster.
pub(crate) fn lower(service: &FargateService, cluster: &TemplateString, lowering: &mut Lowering<'_>) {
    let Some(set) = &service.alarms else { return };
    lowering.report_all(problems(set));
    let alarms = ServiceAlarms { service, set, cluster };
    lowering.report_all(alarms.without_effect());
    for (id, made) in alarms.all() {
        lowering.add(id, made);
    }
}

/// Returns the alarms that roll a deployment back: those about failed requests and targets. CPU and memory rise whenever tasks
/// start, running tasks are the matter of the circuit breaker, and a queue also grows by its senders.
pub(crate) fn rollback(service: &FargateService) -> Vec<LogicalId> {
    let Some(set) = &service.alarms else { return Vec::new() };
    let of = |kind: AlarmKind, role: &str| {
        let ids = service.target_groups().into_iter().map(|(group, _)| part(&group, role)).collect::<Vec<_>>();
        if set.value.threshold(kind, None).is_some() { ids } else { Vec::new() }
    };
    of(kinds::ERRORS, "ErrorsAlarm").into_iter().chain(of(kinds::UNHEALTHY, "UnhealthyAlarm")).collect()
}

/// Returns the logical id of an alarm about a target group.
fn part(group: &LogicalId, role: &str) -> LogicalId {
    format!("{}{role}", group.as_str().trim_end_matches("TargetGroup")).into()
}

struct ServiceAlarms<'a> {
    service: &'a FargateService,
    set: &'a WithOrigin<AlarmSet>,
    cluster: &'a TemplateString,
}

impl ServiceAlarms<'_> {
    fn all(&self) -> Vec<(LogicalId, Resource)> {
        let mut made = Vec::new();
        for (group, balancer) in self.service.target_groups() {
            made.extend(self.errors(&group, &balancer));
            made.extend(self.unhealthy(&group, (APPLICATION, &balancer)));
        }
        for (group, balancer) in self.service.nlb_target_groups() {
            made.extend(self.unhealthy(&group, (NETWORK, &balancer)));
        }
        made.extend(self.running());
        made.extend(self.utilization((kinds::CPU, "CPU"), "CpuAlarm", "CPUUtilization"));
        made.extend(self.utilization((kinds::MEMORY, "memory"), "MemoryAlarm", "MemoryUtilization"));
        for queue in self.queues() {
            made.extend(self.queue_age(queue));
            made.extend(self.dead_letters(queue));
        }
        made
    }

    /// Returns the queues that the tasks read.
    fn queues(&self) -> impl Iterator<Item = &Queue> {
        let reads = self.service.task.link.iter().filter(|link| link.value.mode().reads());
        reads.filter_map(|link| if let Block::Queue(queue) = &link.value.target { Some(&**queue) } else { None })
    }

    /// Reports thresholds of alarms that this service does not have.
    fn without_effect(&self) -> Vec<Diagnostic> {
        let behind_alb = !self.service.behind.is_empty();
        let has_target = self.service.has_load_balancer();
        let has_queue = self.queues().next().is_some();
        let has_dead_letters = self.queues().any(|queue| queue.no_dead_letter.is_none());
        let needed = [
            (kinds::ERRORS, behind_alb, "no Application Load Balancer counts its answers", ".behind(alb)"),
            (kinds::UNHEALTHY, has_target, "no load balancer checks its tasks", ".behind(alb)"),
            (kinds::QUEUE_AGE, has_queue, "it reads no queue", ".link(queue)"),
            (kinds::DEAD_LETTERS, has_dead_letters, "it reads no queue with a dead-letter queue", ".link(queue)"),
        ];
        let unused = needed.into_iter().filter(|(kind, has_it, ..)| !has_it && self.set.value.has(*kind));
        let problem = |(kind, _, why, setter): (AlarmKind, bool, &str, &str)| {
            let message = format!("the threshold of the alarm `{}` has no effect: {why}", kind.name);
            let origin = self.set.value.origin_of(kind.name, &self.set.origin);
            let problem = Diagnostic::new(Code::AlarmThreshold, message).as_warning().at(origin, "");
            problem.help(format!("leave it out, or add `{setter}` to the service"))
        };
        unused.map(problem).collect()
    }

    /// Returns an alarm of a kind, unless it is left out.
    fn alarm(
        &self,
        (kind, otherwise): (AlarmKind, Option<f64>),
        goes_off: GoesOff,
        describe: impl Fn(f64) -> String,
    ) -> Option<Resource> {
        let threshold = self.set.value.threshold(kind, otherwise)?;
        let origin = self.set.value.origin_of(kind.name, &self.set.origin);
        let resource = alarm(&self.set.value, describe(threshold), (goes_off, threshold), &self.set.origin);
        Some(resource.record_origin("Threshold", origin))
    }

    fn errors(&self, group: &LogicalId, balancer: &TemplateString) -> Option<(LogicalId, Resource)> {
        let name = &self.service.name.value;
        let describe = |percent: f64| format!("Over {percent}% of the requests to {name} are answered with 5xx");
        let alarm = self.alarm((kinds::ERRORS, None), GoesOff::Above, describe)?;
        let rate = cfn!({
            "Id": "rate",
            "Label": "Errors in percent",
            "Expression": format!("IF(requests >= {LEAST_REQUESTS}, 100 * FILL(errors, 0) / requests, 0)"),
            "ReturnData": true,
        });
        let errors = target(group, (APPLICATION, balancer), ("HTTPCode_Target_5XX_Count", "Sum")).query("errors");
        let requests = target(group, (APPLICATION, balancer), ("RequestCount", "Sum")).query("requests");
        Some((part(group, "ErrorsAlarm"), alarm.with("Metrics", cfn!([errors, requests, rate]))))
    }

    fn unhealthy(&self, group: &LogicalId, balancer: (&'static str, &TemplateString)) -> Option<(LogicalId, Resource)> {
        let name = &self.service.name.value;
        let describe = |targets: f64| format!("At least {targets} targets of {name} fail their health check");
        let alarm = self.alarm((kinds::UNHEALTHY, None), GoesOff::AtLeast, describe)?;
        let metric = target(group, balancer, ("UnHealthyHostCount", "Maximum"));
        Some((part(group, "UnhealthyAlarm"), watching(alarm, &metric)))
    }

    fn of_service<'m>(&self, name: &'m str, statistic: &'m str) -> Metric<'m> {
        let dimensions = vec![("ClusterName", self.cluster.clone()), ("ServiceName", self.service.name())];
        Metric { namespace: "AWS/ECS", name, dimensions, statistic }
    }

    /// Returns the alarm about too few tasks. Each running task sends one value of its CPU a minute, so their number is that of
    /// the values; the metric of running tasks would need Container Insights ("Amazon ECS service utilization metrics", ECS
    /// developer guide).
    fn running(&self) -> Option<(LogicalId, Resource)> {
        let name = &self.service.name.value;
        let describe = |tasks: f64| format!("Fewer than {tasks} tasks of {name} run");
        let alarm = self.alarm((kinds::RUNNING, self.least_tasks()), GoesOff::Below, describe)?;
        Some((self.service.part("RunningAlarm"), watching(alarm, &self.of_service("CPUUtilization", "SampleCount"))))
    }

    /// Returns the least number of tasks that run, if it is known and not zero.
    #[allow(clippy::cast_precision_loss, reason = "a service has a few thousand tasks at most")]
    fn least_tasks(&self) -> Option<f64> {
        let tasks = match (&self.service.scaling, &self.service.count) {
            (Some(scaling), _) => {
                let scheduled = scaling.value.schedule.iter().map(|schedule| *schedule.value.tasks.start());
                scheduled.chain([*scaling.value.tasks.value.start()]).min()?
            }
            (None, Some(count)) => count.value.literal()?,
            (None, None) => 1,
        };
        (tasks > 0).then_some(tasks as f64)
    }

    fn utilization(&self, (kind, what): (AlarmKind, &str), role: &str, metric: &str) -> Option<(LogicalId, Resource)> {
        let name = &self.service.name.value;
        let describe = |percent: f64| format!("The tasks of {name} use over {percent}% of their {what}");
        let alarm = self.alarm((kind, None), GoesOff::Above, describe)?;
        Some((self.service.part(role), watching(alarm, &self.of_service(metric, "Average"))))
    }

    fn of_queue(&self, queue: &Queue, role: &str) -> LogicalId {
        self.service.part(&format!("{}{role}", queue.name.value.stem()))
    }

    fn queue_age(&self, queue: &Queue) -> Option<(LogicalId, Resource)> {
        let name = &queue.name.value;
        let describe = |seconds: f64| format!("The oldest message of {name} waits for over {seconds} seconds");
        let alarm = self.alarm((kinds::QUEUE_AGE, None), GoesOff::Above, describe)?;
        let metric = queue_metric("ApproximateAgeOfOldestMessage", queue.name());
        Some((self.of_queue(queue, "AgeAlarm"), watching(alarm, &metric)))
    }

    fn dead_letters(&self, queue: &Queue) -> Option<(LogicalId, Resource)> {
        let name = &queue.name.value;
        if queue.no_dead_letter.is_some() {
            return None;
        }
        let describe = |messages: f64| format!("At least {messages} messages of {name} failed");
        let alarm = self.alarm((kinds::DEAD_LETTERS, None), GoesOff::AtLeast, describe)?;
        let metric = queue_metric("ApproximateNumberOfMessagesVisible", queue.dead_letter_name());
        Some((self.of_queue(queue, "DeadLettersAlarm"), watching(alarm, &metric)))
    }
}

fn queue_metric(name: &str, queue: TemplateString) -> Metric<'_> {
    Metric { namespace: "AWS/SQS", name, dimensions: vec![("QueueName", queue)], statistic: "Maximum" }
}

/// The namespaces of metrics about target groups ("CloudWatch metrics for your Network Load Balancer", Elastic Load Balancing user
/// guide, and that for Application Load Balancers).
const APPLICATION: &str = "AWS/ApplicationELB";
const NETWORK: &str = "AWS/NetworkELB";

fn target<'m>(
    group: &LogicalId,
    (namespace, balancer): (&'m str, &TemplateString),
    (name, statistic): (&'m str, &'m str),
) -> Metric<'m> {
    let group: TemplateString = Ref::attribute(group.clone(), "TargetGroupFullName").into();
    let dimensions = vec![("LoadBalancer", balancer.clone()), ("TargetGroup", group)];
    Metric { namespace, name, dimensions, statistic }
}
