//! Parses faults as the user writes them.
//!
//! Of a resource: `X`, `X:REASON`, `X:create-fails`; of a service: `S:oom`, `S:exit=1`; of the account: `throttle=0.3`.

use std::time::Duration;

use super::health_check::cannot_fail;
use super::kinds::{ACCOUNT, JOB_FAULTS, STEPS, TASK_FAULTS, example, split};
use super::strategy::cannot_judge;
use super::{ApiFaults, DeploymentStage, FaultPlan, FaultPoint, ResourceFault, ServiceFault, TaskFault, unknown};
use crate::cfn::names::stem;
use crate::cfn::type_names::{EXPRESS_SERVICE, SERVICE, TASK_DEFINITION, is_service};
use crate::cfn::{Resource, Template};
use crate::deploy::api::parse_duration;
use crate::diag::{Code, Diagnostic};

/// The faults of a rehearsal, and the time at which the process is killed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultSpec {
    /// The faults.
    pub faults: FaultPlan,
    /// The virtual time after which the process is killed.
    pub kill_at: Option<Duration>,
}

impl FaultSpec {
    /// Parses faults of resources of these templates, and of the whole account.
    pub fn parse(written: &[String], templates: &[&Template]) -> Result<FaultSpec, Vec<Diagnostic>> {
        let written: Vec<String> = written.iter().map(|one| with_logical_id(one, templates)).collect();
        let (mut spec, mut problems) = (FaultSpec::default(), Vec::new());
        for (at, one) in written.iter().enumerate() {
            let before = written[..at].iter().find(|before| subject(before) == subject(one));
            let added = match before.filter(|_| subject(one).is_some()) {
                Some(before) => Err(conflicting(before, one)),
                None => spec.add(one, templates),
            };
            if let Err(problem) = added {
                problems.push(problem);
            }
        }
        if problems.is_empty() { Ok(spec) } else { Err(problems) }
    }

    /// Adds a fault.
    fn add(&mut self, written: &str, templates: &[&Template]) -> Result<(), Diagnostic> {
        let (name, what) = match written.split_once(':') {
            Some((name, what)) => (name, Some(what)),
            None => (written, None),
        };
        let known = templates.iter().find_map(|template| Some((*template, template.resources.get(name)?)));
        if let Some((template, resource)) = known {
            return self.add_resource_fault(name, template, resource, what.unwrap_or_default());
        }
        let (account, value) = split(written);
        if ACCOUNT.contains(&account) {
            return self.add_account_fault(account, value);
        }
        Err(unknown::subject(written, templates))
    }

    /// Adds a fault of a resource.
    fn add_resource_fault(
        &mut self,
        id: &str,
        template: &Template,
        resource: &Resource,
        what: &str,
    ) -> Result<(), Diagnostic> {
        if let Some((kind, point)) = STEPS.iter().find(|(kind, _)| *kind == what) {
            let reason = format!("failed on request (--fault {id}:{kind})");
            self.faults.steps.push(ResourceFault::once(id, *point, &reason));
            return Ok(());
        }
        let (kind, value) = split(what);
        if TASK_FAULTS.contains(&kind) {
            let resource_type = resource.kind.as_str();
            let is_job = resource_type == TASK_DEFINITION && JOB_FAULTS.contains(&kind);
            if is_service(resource_type) && kind == "hangs" {
                let message = format!("`hangs` is a fault of a job's tasks, and `{id}` is a service");
                let help = format!("let nothing answer on its port: `--fault {id}:silent`");
                return Err(Diagnostic::new(Code::FaultValue, message).help(help));
            }
            if !is_service(resource_type) && !is_job {
                let message = format!("`{kind}` is a fault of a service's tasks, and `{id}` is an {resource_type}");
                let help = format!("let its creation fail instead: `--fault {id}:create-fails`");
                return Err(Diagnostic::new(Code::FaultValue, message).help(help));
            }
            let task_fault = task_fault(id, kind, value)?;
            let cannot_fail = cannot_fail(template, id, resource, task_fault).filter(|_| !is_job);
            if let Some(problem) = cannot_fail.or_else(|| cannot_judge(id, resource, task_fault)) {
                return Err(problem);
            }
            self.faults.services.push(ServiceFault { service: id.to_owned(), task_fault });
            return Ok(());
        }
        if !what.is_empty() && !what.contains(' ') {
            return Err(unknown::fault(id, resource, kind));
        }
        let reason = if what.is_empty() { "failed on request (--fault)" } else { what };
        self.faults
            .steps
            .extend([FaultPoint::Create, FaultPoint::Update].map(|point| ResourceFault::once(id, point, reason)));
        Ok(())
    }

    /// Adds a fault of the whole account.
    fn add_account_fault(&mut self, kind: &str, value: Option<&str>) -> Result<(), Diagnostic> {
        let api: &mut ApiFaults = &mut self.faults.api;
        match (kind, value) {
            ("throttle", Some(value)) => api.throttle = part(kind, value)?,
            ("poll-errors", None) => api.poll_errors = 0.5,
            ("poll-errors", Some(value)) => api.poll_errors = part(kind, value)?,
            ("lost-connection", None) => api.lost = Some((Duration::from_secs(30), Duration::from_mins(1))),
            ("lost-connection", Some(value)) => api.lost = Some(span(value)?),
            ("kill-at", Some(value)) => self.kill_at = Some(duration(kind, value)?),
            (kind, _) => return Err(invalid(kind, "", example(kind))),
        }
        Ok(())
    }
}

/// Returns a fault with the logical id of its service or job in place of the name in the script: `web-api:oom` is
/// `WebApiService:oom`, and `migrate:exit=1` is `MigrateTask:exit=1`.
fn with_logical_id(written: &str, templates: &[&Template]) -> String {
    let (name, what) = written.split_once(':').map_or((written, None), |(name, what)| (name, Some(what)));
    let find = |id: &str| templates.iter().find_map(|template| template.resources.get(id));
    if find(name).is_some() || ACCOUNT.contains(&split(name).0) {
        return written.to_owned();
    }
    let roles = [("Service", SERVICE), ("ExpressService", EXPRESS_SERVICE), ("Task", TASK_DEFINITION)];
    let ids = roles.map(|(role, kind)| (format!("{}{role}", stem(name)), kind));
    let known = ids.into_iter().find(|(id, kind)| find(id).is_some_and(|resource| resource.kind.as_str() == *kind));
    match (known, what) {
        (None, _) => written.to_owned(),
        (Some((id, _)), None) => id,
        (Some((id, _)), Some(what)) => format!("{id}:{what}"),
    }
}

/// Returns the subject that only one fault may have: the tasks of one service, or one kind of account fault.
fn subject(written: &str) -> Option<&str> {
    match written.split_once(':') {
        Some((name, what)) => TASK_FAULTS.contains(&split(what).0).then_some(name),
        None => ACCOUNT.iter().find(|kind| **kind == split(written).0).copied(),
    }
}

/// Reports two faults of one subject.
fn conflicting(before: &str, after: &str) -> Diagnostic {
    let message = match after.split_once(':') {
        Some((service, _)) => format!("`{before}` and `{after}` are both faults of the tasks of `{service}`"),
        None => format!("`{before}` and `{after}` contradict each other"),
    };
    Diagnostic::new(Code::FaultValue, message).help("rehearse them one after the other, in two runs")
}

/// Parses a fault of the tasks of a service.
fn task_fault(id: &str, kind: &str, value: Option<&str>) -> Result<TaskFault, Diagnostic> {
    let invalid = || invalid(kind, value.unwrap_or_default(), &format!("{id}:{}", example(kind)));
    Ok(match (kind, value) {
        ("image-not-found", None) => TaskFault::ImageNotFound,
        ("image-denied", None) => TaskFault::ImageDenied,
        ("no-route", None) => TaskFault::NoRoute,
        ("secret-unreadable", None) => TaskFault::SecretUnreadable,
        ("oom", None) => TaskFault::OutOfMemory,
        ("silent", None) => TaskFault::Silent,
        ("hangs", None) => TaskFault::Hangs,
        ("no-capacity", None) => TaskFault::NoCapacity,
        ("rolled-back-by-ecs", None) => TaskFault::RolledBackByEcs,
        ("alarm", None) => TaskFault::AlarmGoesOff,
        ("hook-fails", Some(stage)) => TaskFault::HookFails(DeploymentStage::parse(stage).ok_or_else(invalid)?),
        ("exit", None) => TaskFault::Exit(1),
        ("exit", Some(code)) => {
            let code = code.parse().ok().filter(|code| (0..=255).contains(code));
            TaskFault::Exit(code.ok_or_else(invalid)?)
        }
        ("ready-after", None) => TaskFault::ReadyAfter(180),
        ("ready-after", Some(after)) => {
            let seconds = duration_of(after).and_then(|after| u32::try_from(after.as_secs()).ok());
            TaskFault::ReadyAfter(seconds.ok_or_else(invalid)?)
        }
        ("unhealthy", None) => TaskFault::Unhealthy(503),
        ("unhealthy", Some(status)) => {
            let status = status.parse().ok().filter(|status| (100..=599).contains(status));
            TaskFault::Unhealthy(status.ok_or_else(invalid)?)
        }
        _ => return Err(invalid()),
    })
}

/// Parses a part, such as `0.3` or `30%`.
fn part(kind: &str, value: &str) -> Result<f64, Diagnostic> {
    let number = match value.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().map(|percent| percent / 100.0),
        None => value.parse(),
    };
    // If every call failed, no run could end.
    let number = number.ok().filter(|number| (0.0..=0.95).contains(number));
    number.ok_or_else(|| invalid(kind, value, example(kind)).help("the value is from 0 to 0.95"))
}

/// Parses a start and a duration, such as `60s+120s`.
fn span(value: &str) -> Result<(Duration, Duration), Diagnostic> {
    let invalid = || invalid("lost-connection", value, example("lost-connection"));
    let (start, length) = value.split_once('+').ok_or_else(invalid)?;
    Ok((duration_of(start).ok_or_else(invalid)?, duration_of(length).ok_or_else(invalid)?))
}

/// Parses the duration of a fault.
fn duration(kind: &str, value: &str) -> Result<Duration, Diagnostic> {
    duration_of(value).ok_or_else(|| invalid(kind, value, example(kind)))
}

/// Parses a duration, or seconds without a unit; up to a day.
fn duration_of(written: &str) -> Option<Duration> {
    let duration = parse_duration(written).or_else(|| parse_duration(&format!("{written}s")));
    duration.filter(|duration| *duration <= Duration::from_hours(24))
}

/// Reports a missing or invalid value.
fn invalid(kind: &str, value: &str, example: &str) -> Diagnostic {
    let message = match value {
        "" => format!("the fault `{kind}` needs a value"),
        value => format!("`{value}` is not a valid value of the fault `{kind}`"),
    };
    Diagnostic::new(Code::FaultValue, message).help(format!("write `--fault {example}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Hint;

    const TEMPLATE: &str = "
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Matcher: { HttpCode: '200-204,302' }
  Api:
    Type: AWS::ECS::Service
    Properties:
      LoadBalancers: [{ TargetGroupArn: !Ref Group, ContainerName: api, ContainerPort: 80 }]
  Worker:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
  MailQueueService:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
  Shop:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      DeploymentConfiguration:
        Strategy: BLUE_GREEN
        Alarms: { AlarmNames: [errors], Enable: true, Rollback: true }
        LifecycleHooks: [{ LifecycleStages: [POST_TEST_TRAFFIC_SHIFT] }]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{ Name: worker, Image: worker }]
";

    fn template() -> Template {
        crate::cfn::parse::template("app.yaml", TEMPLATE).value.expect("a template")
    }

    fn parse(written: &[&str]) -> Result<FaultSpec, Vec<Diagnostic>> {
        let written: Vec<_> = written.iter().map(|one| (*one).to_owned()).collect();
        FaultSpec::parse(&written, &[&template()])
    }

    fn parsed(written: &str) -> FaultSpec {
        parse(&[written]).unwrap_or_else(|problems| panic!("{written}: {problems:?}"))
    }

    fn rejected(written: &str) -> Diagnostic {
        parse(&[written]).expect_err(written).remove(0)
    }

    #[test]
    fn resource_fails_at_one_step_or_at_creation_and_update() {
        let points = |written| {
            let steps = parsed(written).faults.steps;
            steps.into_iter().map(|fault| (fault.resource, fault.point, fault.reason)).collect::<Vec<_>>()
        };
        assert_eq!(points("Logs:rollback-fails")[0].1, FaultPoint::Restore);
        assert_eq!(points("Logs:delete-fails").len(), 1);
        let expected = |point| ("Logs".to_owned(), point, "the name: taken".to_owned());
        assert_eq!(points("Logs:the name: taken"), [expected(FaultPoint::Create), expected(FaultPoint::Update)]);
        assert_eq!(points("Logs").len(), 2);
    }

    #[test]
    fn each_task_fault_of_a_service_is_parsed() {
        let task_fault = |written: &str| parsed(&format!("Api:{written}")).faults.services[0].task_fault;
        assert_eq!(task_fault("image-not-found"), TaskFault::ImageNotFound);
        assert_eq!(task_fault("oom"), TaskFault::OutOfMemory);
        assert_eq!(task_fault("exit=3"), TaskFault::Exit(3));
        assert_eq!(
            (task_fault("unhealthy"), task_fault("unhealthy=500")),
            (TaskFault::Unhealthy(503), TaskFault::Unhealthy(500))
        );
        for kind in TASK_FAULTS.into_iter().filter(|kind| !["hangs", "hook-fails", "alarm"].contains(kind)) {
            task_fault(kind);
        }
    }

    #[test]
    fn each_task_fault_of_a_job_is_parsed_and_those_of_services_are_refused() {
        assert_eq!(parsed("Task:hangs").faults.services[0].task_fault, TaskFault::Hangs);
        for kind in TASK_FAULTS {
            let read = parse(&[&format!("Task:{kind}")]);
            assert_eq!(read.is_ok(), JOB_FAULTS.contains(&kind), "{kind}");
        }
        assert_eq!(rejected("Api:hangs").code, "fault-value", "a service is not a job");
    }

    #[test]
    fn faults_of_hooks_and_alarms_need_a_service_that_has_them() {
        let stage = DeploymentStage::PostTestTrafficShift;
        let fault = |written: &str| parsed(written).faults.services[0].task_fault;
        assert_eq!(fault("Shop:hook-fails=POST_TEST_TRAFFIC_SHIFT"), TaskFault::HookFails(stage));
        assert_eq!(fault("Shop:hook-fails=post_test_traffic_shift"), TaskFault::HookFails(stage));
        assert_eq!(fault("Shop:alarm"), TaskFault::AlarmGoesOff);
        let help = |written: &str| {
            let problem = rejected(written);
            problem.hints.iter().map(Hint::to_string).collect::<Vec<_>>().join(" ")
        };
        assert!(help("Shop:hook-fails=PRE_SCALE_UP").contains("--fault Shop:hook-fails=POST_TEST_TRAFFIC_SHIFT"));
        assert!(help("Shop:hook-fails").contains("hook-fails=POST_TEST_TRAFFIC_SHIFT"));
        assert!(help("Shop:hook-fails=POST_TEST").contains("hook-fails=POST_TEST_TRAFFIC_SHIFT"));
        assert!(help("Api:hook-fails=POST_SCALE_UP").contains(".blue_green("));
        assert!(help("Api:alarm").contains(".blue_green()"));
    }

    #[test]
    fn account_faults_are_parsed() {
        let api = |written| parsed(written).faults.api;
        assert!((api("throttle=0.3").throttle - api("throttle=30%").throttle).abs() < 1e-9);
        assert!(api("poll-errors").poll_errors > 0.0);
        let minutes = (Duration::from_mins(1), Duration::from_mins(2));
        assert_eq!(api("lost-connection=60s+2m").lost, Some(minutes));
        assert!(api("lost-connection").lost.is_some());
        assert_eq!(parsed("kill-at=42s").kill_at, Some(Duration::from_secs(42)));
    }

    #[test]
    fn misspelled_and_unsuitable_faults_are_reported() {
        let hint = |written| rejected(written).hints.iter().map(Hint::to_string).collect::<Vec<_>>().join(" ");
        assert!(hint("Api:image-notfound").contains("did you mean `image-not-found`?"));
        assert!(hint("Api:image-not-fund").contains("did you mean `image-not-found`?"));
        assert!(hint("Ap:image-not-found").contains("did you mean `Api`?"));
        assert_eq!(rejected("Logs:gibberish").code, "unknown-fault", "one word is always a misspelling");
        assert!(hint("Lgos:create-fails").contains("did you mean `Logs`?"));
        assert!(hint("trottle=0.3").contains("did you mean `throttle`?"));
        assert_eq!(rejected("Logs:oom").code, "fault-value");
        for written in ["throttle=2", "throttle", "Api:exit=many", "Api:oom=1", "lost-connection=60s", "kill-at=-1s"] {
            assert_eq!(rejected(written).code, "fault-value", "{written}");
        }
    }

    #[test]
    fn help_names_the_subject_as_it_was_typed() {
        for (written, message, help) in [
            ("Api:unhealthy=abc", "`abc` is not a valid value of the fault `unhealthy`", "--fault Api:unhealthy=500`"),
            ("Api:exit=many", "`many` is not a valid value of the fault `exit`", "--fault Api:exit=1`"),
            ("Api:nonsense", "`Api` has no fault `nonsense`", "--fault 'Api:it will not start'`"),
            ("Api:nonsense", "`Api` has no fault `nonsense`", "oom, exit=1, unhealthy=500"),
            ("oom", "`oom` needs a service", "write `--fault Api:oom`"),
            ("exit=3", "`exit` needs a service", "write `--fault Api:exit=3`"),
            ("update-fails", "`update-fails` needs a resource", "write `--fault Logs:update-fails`"),
            ("None:oom", "the script has no resource `None`", "its services are `Api`, `Worker`"),
            ("throttle:0.3", "`throttle` is a fault of the whole account", "write `--fault throttle=0.3`"),
        ] {
            let problem = rejected(written);
            let hints = problem.hints.iter().map(Hint::to_string).collect::<Vec<_>>().join(" ");
            assert!(problem.message == message && hints.contains(help), "{written}: {} {hints}", problem.message);
        }
    }

    #[test]
    fn fault_of_tasks_is_not_offered_to_another_resource() {
        let hints = rejected("Logs:nonsense").hints;
        assert!(hints.iter().all(|hint| !hint.to_string().contains("oom")), "{hints:?}");
    }

    #[test]
    fn two_faults_of_one_service_or_of_one_kind_exclude_each_other() {
        for two in [["Api:oom", "Api:exit=3"], ["Api:oom", "Api:oom"], ["throttle=0.1", "throttle=0.5"]] {
            assert_eq!(parse(&two).expect_err(two[0])[0].code, "fault-value", "{two:?}");
        }
        for two in [["Api:oom", "Worker:oom"], ["Api:oom", "Api:update-fails"], ["throttle=0.1", "poll-errors"]] {
            assert!(parse(&two).is_ok(), "{two:?}");
        }
    }

    #[test]
    fn status_that_counts_as_healthy_is_rejected() {
        for healthy in [200, 203, 302] {
            let problem = rejected(&format!("Api:unhealthy={healthy}"));
            assert!(problem.message.contains("healthy") && problem.origin().is_some(), "{problem:?}");
        }
        for unhealthy in ["Api:unhealthy=205", "Api:unhealthy=301", "Api:unhealthy", "Api:silent"] {
            parsed(unhealthy);
        }
        for unchecked in ["Worker:unhealthy", "Worker:silent"] {
            assert!(rejected(unchecked).message.contains("no health check"), "{unchecked}");
        }
        parsed("Worker:oom");
    }

    #[test]
    fn service_may_be_named_as_in_the_script() {
        let expected = parsed("MailQueueService:oom");
        for name in ["MailQueue", "mail-queue", "MailQueueService"] {
            assert_eq!(parsed(&format!("{name}:oom")), expected, "{name}");
            assert_eq!(parsed(name), parsed("MailQueueService"), "{name}");
        }
        let both = parse(&["mail-queue:oom", "MailQueueService:exit=1"]).expect_err("two faults of one service");
        assert_eq!(both[0].code, Code::FaultValue);
    }
}
