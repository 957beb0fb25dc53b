//! Faults as the user writes them.
//!
//! A resource: `X`, `X:words`, `X:create-fails`; a service: `S:oom`, `S:exit=1`; the whole account: `throttle=0.3`.

use crate::cfn::type_names::SERVICE;
use std::time::Duration;

use super::health_check::never_unwell;
use super::{ApiFaults, FaultPlan, FaultPoint, ResourceFault, ServiceFault, TaskFault};
use crate::cfn::{LogicalId, Resource, Template};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};

/// What goes wrong in a rehearsal, and when the process ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultSpec {
    /// What goes wrong.
    pub faults: FaultPlan,
    /// After how much time of the rehearsal the process ends without a word.
    pub kill_at: Option<Duration>,
}

/// Faults of one step of a resource.
pub(super) const STEPS: [(&str, FaultPoint); 4] = [
    ("create-fails", FaultPoint::Create),
    ("update-fails", FaultPoint::Update),
    ("delete-fails", FaultPoint::Delete),
    ("rollback-fails", FaultPoint::Restore),
];

/// Troubles of a service's tasks; `exit` and `unhealthy` take a number.
const TROUBLES: [&str; 10] = [
    "image-not-found",
    "image-denied",
    "no-route",
    "secret-unreadable",
    "oom",
    "exit",
    "unhealthy",
    "silent",
    "no-capacity",
    "rolled-back-by-ecs",
];

/// Faults of the whole account.
const ACCOUNT: [&str; 4] = ["throttle", "poll-errors", "lost-connection", "kill-at"];

impl FaultSpec {
    /// Reads faults of resources of these templates, and of the whole account.
    pub fn parse(written: &[String], templates: &[&Template]) -> Result<FaultSpec, Vec<Diagnostic>> {
        let (mut asked, mut problems) = (FaultSpec::default(), Vec::new());
        for (at, one) in written.iter().enumerate() {
            let before = written[..at].iter().find(|before| subject(before) == subject(one));
            let added = match before.filter(|_| subject(one).is_some()) {
                Some(before) => Err(two_of_one_kind(before, one)),
                None => asked.add(one, templates),
            };
            if let Err(problem) = added {
                problems.push(problem);
            }
        }
        if problems.is_empty() { Ok(asked) } else { Err(problems) }
    }

    fn add(&mut self, written: &str, templates: &[&Template]) -> Result<(), Diagnostic> {
        let (name, what) = match written.split_once(':') {
            Some((name, what)) => (name, Some(what)),
            None => (written, None),
        };
        let known = templates.iter().find_map(|template| Some((*template, template.resources.get(name)?)));
        if let Some((template, resource)) = known {
            return self.of_resource(name, template, resource, what.unwrap_or_default());
        }
        let (account, value) = split(written);
        if ACCOUNT.contains(&account) {
            return self.of_account(account, value);
        }
        Err(unknown(if what.is_some() { name } else { account }, templates))
    }

    fn of_resource(
        &mut self,
        id: &str,
        template: &Template,
        resource: &Resource,
        what: &str,
    ) -> Result<(), Diagnostic> {
        if let Some((kind, moment)) = STEPS.iter().find(|(kind, _)| *kind == what) {
            let words = format!("failed on request (--fault {id}:{kind})");
            self.faults.steps.push(ResourceFault::once(id, *moment, &words));
            return Ok(());
        }
        let (kind, value) = split(what);
        if TROUBLES.contains(&kind) {
            let resource_type = resource.kind.as_str();
            if resource_type != SERVICE {
                let message = format!("`{kind}` is a trouble of a service's tasks, and `{id}` is an {resource_type}");
                let help = format!("let it fail as it is made or changed: `--fault {id}:create-fails`");
                return Err(Diagnostic::new(Code::FaultValue, message).help(help));
            }
            let trouble = trouble(kind, value)?;
            if let Some(problem) = never_unwell(template, id, resource, trouble) {
                return Err(problem);
            }
            self.faults.services.push(ServiceFault { service: id.to_owned(), trouble });
            return Ok(());
        }
        let kinds = STEPS.iter().map(|(kind, _)| *kind).chain(TROUBLES);
        if !what.is_empty() && !what.contains(' ') {
            let message = format!("there is no fault `{kind}` of a resource");
            let problem = Diagnostic::new(Code::UnknownFault, message).help_if(did_you_mean(kind, kinds));
            return Err(problem
                .help("words of your own, several of them, become AWS's: `--fault X:it will not start`")
                .help(format!("of a service's tasks there are {}", TROUBLES.join(", "))));
        }
        let words = if what.is_empty() { "failed on request (--fault)" } else { what };
        self.faults
            .steps
            .extend([FaultPoint::Create, FaultPoint::Update].map(|moment| ResourceFault::once(id, moment, words)));
        Ok(())
    }

    fn of_account(&mut self, kind: &str, value: Option<&str>) -> Result<(), Diagnostic> {
        let weather: &mut ApiFaults = &mut self.faults.weather;
        match (kind, value) {
            ("throttle", Some(value)) => weather.throttle = part(kind, value)?,
            ("poll-errors", None) => weather.poll_errors = 0.5,
            ("poll-errors", Some(value)) => weather.poll_errors = part(kind, value)?,
            ("lost-connection", None) => weather.lost = Some((Duration::from_secs(30), Duration::from_mins(1))),
            ("lost-connection", Some(value)) => weather.lost = Some(span(value)?),
            ("kill-at", Some(value)) => self.kill_at = Some(duration(kind, value)?),
            (kind, _) => {
                let example = if kind == "throttle" { "throttle=0.3" } else { "kill-at=42s" };
                return Err(wrong(kind, "", example));
            }
        }
        Ok(())
    }
}

/// What can be asked for once only: the troubles of one service's tasks, or one kind of weather.
fn subject(written: &str) -> Option<&str> {
    match written.split_once(':') {
        Some((name, what)) => TROUBLES.contains(&split(what).0).then_some(name),
        None => ACCOUNT.iter().find(|kind| **kind == split(written).0).copied(),
    }
}

fn two_of_one_kind(before: &str, after: &str) -> Diagnostic {
    let message = match after.split_once(':') {
        Some((service, _)) => format!("the tasks of `{service}` cannot come to grief by `{before}` and by `{after}`"),
        None => format!("`{before}` and `{after}` say different things of the whole account"),
    };
    Diagnostic::new(Code::FaultValue, message).help("rehearse one after the other, in two runs")
}

/// A name and what stands behind `=`.
fn split(written: &str) -> (&str, Option<&str>) {
    written.split_once('=').map_or((written, None), |(name, value)| (name, Some(value)))
}

fn trouble(kind: &str, value: Option<&str>) -> Result<TaskFault, Diagnostic> {
    Ok(match (kind, value) {
        ("image-not-found", None) => TaskFault::ImageNotFound,
        ("image-denied", None) => TaskFault::ImageDenied,
        ("no-route", None) => TaskFault::NoRoute,
        ("secret-unreadable", None) => TaskFault::SecretUnreadable,
        ("oom", None) => TaskFault::OutOfMemory,
        ("silent", None) => TaskFault::Silent,
        ("no-capacity", None) => TaskFault::NoCapacity,
        ("rolled-back-by-ecs", None) => TaskFault::RolledBackByEcs,
        ("exit", None) => TaskFault::Exit(1),
        ("exit", Some(code)) => {
            let code = code.parse().ok().filter(|code| (0..=255).contains(code));
            TaskFault::Exit(code.ok_or_else(|| wrong(kind, value.unwrap_or_default(), "exit=137"))?)
        }
        ("unhealthy", None) => TaskFault::Unhealthy(503),
        ("unhealthy", Some(status)) => {
            let status = status.parse().ok().filter(|status| (100..=599).contains(status));
            TaskFault::Unhealthy(status.ok_or_else(|| wrong(kind, value.unwrap_or_default(), "unhealthy=500"))?)
        }
        (kind, value) => return Err(wrong(kind, value.unwrap_or_default(), kind)),
    })
}

/// A part of one, or of a hundred: `0.3`, `30%`.
fn part(kind: &str, value: &str) -> Result<f64, Diagnostic> {
    let number = match value.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().map(|percent| percent / 100.0),
        None => value.parse(),
    };
    // A connection that never gets through is another fault.
    let number = number.ok().filter(|number| (0.0..=0.95).contains(number));
    number.ok_or_else(|| wrong(kind, value, &format!("{kind}=0.3")).help("from 0 to 0.95"))
}

/// From when on, and for how long: `60s+120s`.
fn span(value: &str) -> Result<(Duration, Duration), Diagnostic> {
    let example = || wrong("lost-connection", value, "lost-connection=60s+120s");
    let (from, lasts) = value.split_once('+').ok_or_else(example)?;
    Ok((duration_of(from).ok_or_else(example)?, duration_of(lasts).ok_or_else(example)?))
}

fn duration(kind: &str, value: &str) -> Result<Duration, Diagnostic> {
    duration_of(value).ok_or_else(|| wrong(kind, value, &format!("{kind}=42s")))
}

/// `42s`, `3m`, `1h`, `1.5m`, or seconds without a unit; up to a day.
fn duration_of(written: &str) -> Option<Duration> {
    let (number, unit) = match written.chars().last()? {
        's' => (&written[..written.len() - 1], 1.0),
        'm' => (&written[..written.len() - 1], 60.0),
        'h' => (&written[..written.len() - 1], 3600.0),
        _ => (written, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * unit;
    (0.0..=86_400.0).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

fn wrong(kind: &str, value: &str, example: &str) -> Diagnostic {
    let message = match value {
        "" => format!("the fault `{kind}` needs a value"),
        value => format!("`{value}` is no value of the fault `{kind}`"),
    };
    Diagnostic::new(Code::FaultValue, message).help(format!("write `--fault {example}`"))
}

fn unknown(name: &str, templates: &[&Template]) -> Diagnostic {
    let message = format!("no stack has the resource `{name}` of `--fault`");
    let ids = templates.iter().flat_map(|template| template.resources.keys().map(LogicalId::as_str));
    let names = ids.chain(ACCOUNT);
    let hint = did_you_mean(name, names);
    Diagnostic::new(Code::UnknownFault, message)
        .help_if(hint)
        .help(Hint::from("use a logical id from the output of ").command(CommandName::Synth.alone()))
        .help(format!("or a fault of the whole account: {}", ACCOUNT.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn asked(written: &str) -> FaultSpec {
        parse(&[written]).unwrap_or_else(|problems| panic!("{written}: {problems:?}"))
    }

    fn refused(written: &str) -> Diagnostic {
        parse(&[written]).expect_err(written).remove(0)
    }

    #[test]
    fn a_resource_fails_at_a_step_or_wherever_it_is_made_or_changed() {
        let moments = |written| {
            let steps = asked(written).faults.steps;
            steps.into_iter().map(|fault| (fault.resource, fault.moment, fault.reason)).collect::<Vec<_>>()
        };
        assert_eq!(moments("Logs:rollback-fails")[0].1, FaultPoint::Restore);
        assert_eq!(moments("Logs:delete-fails").len(), 1);
        let words = |moment| ("Logs".to_owned(), moment, "the name: taken".to_owned());
        assert_eq!(moments("Logs:the name: taken"), [words(FaultPoint::Create), words(FaultPoint::Update)]);
        assert_eq!(moments("Logs").len(), 2);
    }

    #[test]
    fn a_service_comes_to_grief_in_each_of_its_ways() {
        let trouble = |written: &str| asked(&format!("Api:{written}")).faults.services[0].trouble;
        assert_eq!(trouble("image-not-found"), TaskFault::ImageNotFound);
        assert_eq!(trouble("oom"), TaskFault::OutOfMemory);
        assert_eq!(trouble("exit=3"), TaskFault::Exit(3));
        assert_eq!(
            (trouble("unhealthy"), trouble("unhealthy=500")),
            (TaskFault::Unhealthy(503), TaskFault::Unhealthy(500))
        );
        for kind in TROUBLES {
            trouble(kind);
        }
    }

    #[test]
    fn the_whole_account_has_bad_weather() {
        let weather = |written| asked(written).faults.weather;
        assert!((weather("throttle=0.3").throttle - weather("throttle=30%").throttle).abs() < 1e-9);
        assert!(weather("poll-errors").poll_errors > 0.0);
        let minutes = (Duration::from_mins(1), Duration::from_mins(2));
        assert_eq!(weather("lost-connection=60s+2m").lost, Some(minutes));
        assert!(weather("lost-connection").lost.is_some());
        assert_eq!(asked("kill-at=42s").kill_at, Some(Duration::from_secs(42)));
    }

    #[test]
    fn what_is_misspelt_or_does_not_fit_is_told() {
        let hint = |written| refused(written).hints.iter().map(Hint::to_string).collect::<Vec<_>>().join(" ");
        assert!(hint("Api:image-notfound").contains("did you mean `image-not-found`?"));
        assert!(hint("Api:image-not-fund").contains("did you mean `image-not-found`?"));
        assert!(hint("Ap:image-not-found").contains("did you mean `Api`?"));
        assert_eq!(refused("Logs:gibberish").code, "unknown-fault", "one word is a misspelling, whatever it is like");
        assert!(hint("Lgos:create-fails").contains("did you mean `Logs`?"));
        assert!(hint("trottle=0.3").contains("did you mean `throttle`?"));
        assert_eq!(refused("Logs:oom").code, "fault-value");
        for written in ["throttle=2", "throttle", "Api:exit=many", "Api:oom=1", "lost-connection=60s", "kill-at=-1s"] {
            assert_eq!(refused(written).code, "fault-value", "{written}");
        }
    }

    #[test]
    fn two_troubles_of_one_service_and_two_weathers_of_one_kind_exclude_each_other() {
        for two in [["Api:oom", "Api:exit=3"], ["Api:oom", "Api:oom"], ["throttle=0.1", "throttle=0.5"]] {
            assert_eq!(parse(&two).expect_err(two[0])[0].code, "fault-value", "{two:?}");
        }
        for two in [["Api:oom", "Worker:oom"], ["Api:oom", "Api:update-fails"], ["throttle=0.1", "poll-errors"]] {
            assert!(parse(&two).is_ok(), "{two:?}");
        }
    }

    #[test]
    fn a_status_that_counts_as_healthy_makes_nothing_unhealthy() {
        for healthy in [200, 203, 302] {
            let problem = refused(&format!("Api:unhealthy={healthy}"));
            assert!(problem.message.contains("healthy") && problem.origin().is_some(), "{problem:?}");
        }
        for unwell in ["Api:unhealthy=205", "Api:unhealthy=301", "Api:unhealthy", "Api:silent"] {
            asked(unwell);
        }
        for unchecked in ["Worker:unhealthy", "Worker:silent"] {
            assert!(refused(unchecked).message.contains("no health check"), "{unchecked}");
        }
        asked("Worker:oom");
    }
}
