//! The services of a stack.

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::cfn::StackJob;
use crate::cfn::type_names::is_service;
use crate::deploy::api::{AwsApi, AwsError, Ecs, EcsService, StackResource, Task, TaskFilter, family};
use crate::diag::{Code, Diagnostic, did_you_mean};

/// A service of a stack, or a job in the form of a service that has no tasks of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackService {
    /// The stack's name.
    pub stack: String,
    /// The service's name in the template; of a job that of its task definition.
    #[serde(rename = "service")]
    pub logical_id: String,
    /// The name of the job in the script; null for a service.
    #[serde(default)]
    pub job: Option<String>,
    /// The description by ECS.
    #[serde(flatten)]
    pub service: EcsService,
}

impl StackService {
    /// Creates what `run-task` runs for a job: its task definition, and no service.
    pub(super) fn of_job(stack: &str, job: &StackJob, service: EcsService) -> Self {
        let (stack, logical_id) = (stack.to_owned(), job.task_definition.to_string());
        Self { stack, logical_id, job: Some(job.name.clone()), service }
    }

    /// Returns its tasks: those of a service, or of the family of a job.
    pub async fn tasks(&self, cloud: &impl Ecs, which: TaskFilter) -> Result<Vec<Task>, AwsError> {
        match self.job {
            None => cloud.tasks(&self.service.arn, which).await,
            Some(_) => cloud.tasks_of_family(self.cluster(), family(&self.service.task_definition), which).await,
        }
    }

    /// Returns the name of its cluster, from its ARN (`arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME`).
    pub fn cluster(&self) -> &str {
        let mut parts = self.service.arn.rsplit('/').skip(1);
        // The old form of the ARN has no cluster.
        parts.next().filter(|cluster| !cluster.starts_with("arn:")).unwrap_or("default")
    }

    /// Returns its `ResourceId` in Application Auto Scaling.
    pub fn scalable_resource(&self) -> String {
        format!("service/{}/{}", self.cluster(), self.service.name)
    }

    /// Returns whether a pattern names it: its name in the script, its logical id, its name in ECS or a glob of these.
    pub(super) fn matches(&self, pattern: &str) -> bool {
        is_named(&self.logical_id, pattern) || WildMatch::new(pattern).matches(&self.service.name)
    }

    /// Returns the name that a block in the script has, from which the logical id is made.
    fn name_in_script(&self) -> Option<&str> {
        name_in_script(&self.logical_id)
    }
}

/// Returns whether a pattern names the service or job with a logical id: a glob of the logical id, or the name in the script (`Api`
/// or `api` of `ApiService`, `web-api` of `WebApiService` or `WebApiExpressService`, `clean` of `CleanTask`).
pub fn is_named(logical_id: &str, pattern: &str) -> bool {
    let is_name = || name_in_script(logical_id).is_some_and(|own| own == in_camel_case(pattern));
    WildMatch::new(pattern).matches(logical_id) || is_name()
}

fn name_in_script(logical_id: &str) -> Option<&str> {
    let name = ["ExpressService", "Service", "Task"].iter().find_map(|role| logical_id.strip_suffix(role));
    name.filter(|name| !name.is_empty())
}

/// Returns a name in kebab-case in `CamelCase`, as in logical ids.
fn in_camel_case(name: &str) -> String {
    let capitalized = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(capitalized).collect()
}

/// Returns the services among the resources of a stack, in the stack's order, without those that do not exist any more.
pub async fn services(
    cloud: &impl AwsApi,
    stack: &str,
    resources: &[StackResource],
) -> Result<Vec<StackService>, AwsError> {
    let created = resources.iter().filter(|resource| is_service(&resource.kind));
    let created: Vec<(&str, &str)> =
        created.filter_map(|it| Some((it.logical_id.as_str(), it.physical_id.as_deref()?))).collect();
    if created.is_empty() {
        return Ok(Vec::new());
    }
    let arns: Vec<String> = created.iter().map(|(_, arn)| (*arn).to_owned()).collect();
    let found = cloud.services(&arns).await?;
    let known = created.iter().filter_map(|(logical_id, arn)| {
        let service = found.iter().find(|service| service.arn == *arn)?.clone();
        Some(StackService { stack: stack.to_owned(), logical_id: (*logical_id).to_owned(), job: None, service })
    });
    Ok(known.collect())
}

/// Returns the indices of the services that a pattern matches: a name in the script, a logical id, a name in ECS or a glob.
/// Without a pattern, returns all.
///
/// # Errors
///
/// The pattern matches no service.
pub fn choose(services: &[StackService], pattern: Option<&str>) -> Result<Vec<usize>, Diagnostic> {
    let Some(pattern) = pattern else { return Ok((0..services.len()).collect()) };
    let chosen: Vec<usize> = (0..services.len()).filter(|at| services[*at].matches(pattern)).collect();
    if chosen.is_empty() { Err(unknown(services, pattern)) } else { Ok(chosen) }
}

/// Returns the index of the service that a pattern matches.
///
/// # Errors
///
/// The pattern matches no service, or several.
pub fn choose_one(services: &[StackService], pattern: &str) -> Result<usize, Diagnostic> {
    match choose(services, Some(pattern))?.as_slice() {
        [one] => Ok(*one),
        several => {
            let names = several.iter().map(|at| format!("{}/{}", services[*at].stack, services[*at].logical_id));
            let problem =
                Diagnostic::new(Code::AmbiguousService, format!("`{pattern}` matches {} services", several.len()))
                    .note(format!("they are {}", names.collect::<Vec<_>>().join(", ")));
            Err(problem.help("name one of them by its logical id, and its stack with `--stack`"))
        }
    }
}

fn unknown(services: &[StackService], pattern: &str) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownService, format!("no deployed stack has the service `{pattern}`"));
    let names = || {
        services.iter().flat_map(|service| {
            [service.logical_id.as_str(), service.service.name.as_str()].into_iter().chain(service.name_in_script())
        })
    };
    let id = |service: &StackService| service.job.clone().unwrap_or_else(|| service.logical_id.clone());
    let ids: Vec<String> = services.iter().map(id).collect();
    match did_you_mean(pattern, names()) {
        Some(hint) => problem.help(hint),
        None if ids.is_empty() => problem.help("the deployed stacks have no services and no jobs"),
        None if ids.len() == 1 => problem.help(format!("the only service is `{}`", ids[0])),
        None => problem.help(format!("the services are {}", ids.join(", "))),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::deploy::api::revision;
    use crate::testing::fixtures;

    /// Returns a service that runs normally.
    pub(in crate::deploy::operate) fn service(stack: &str, logical_id: &str, name: &str) -> StackService {
        let service = EcsService {
            arn: format!("arn:aws:ecs:eu-central-1:123456789012:service/main/{name}"),
            name: name.to_owned(),
            task_definition: fixtures::task_definition(name, 3),
            ..fixtures::service(3)
        };
        StackService { stack: stack.to_owned(), logical_id: logical_id.to_owned(), job: None, service }
    }

    #[test]
    fn service_is_chosen_by_id_name_or_glob() {
        let services = [service("app", "WebService", "app-web-1x"), service("jobs", "WorkerService", "jobs-worker-2y")];
        assert_eq!(choose(&services, None), Ok(vec![0, 1]));
        assert_eq!(choose(&services, Some("WebService")), Ok(vec![0]));
        assert_eq!(choose(&services, Some("jobs-worker-2y")), Ok(vec![1]));
        assert_eq!(choose(&services, Some("*Service")), Ok(vec![0, 1]));
        assert_eq!(choose(&services, Some("Web")), Ok(vec![0]), "the name in the script");
        assert_eq!(choose(&services, Some("worker")), Ok(vec![1]), "the name in the script, in kebab-case");
        assert!(choose(&services, Some("Service")).is_err());
        assert_eq!(services[0].cluster(), "main");
        assert_eq!(services[0].scalable_resource(), "service/main/app-web-1x");
        assert_eq!(revision(&services[0].service.task_definition), "app-web-1x:3");
    }

    #[test]
    fn pattern_without_one_match_reports_the_candidates() {
        let services = [service("app", "WebService", "a"), service("jobs", "WebService", "b")];
        let unknown = choose_one(&services, "WebServise").expect_err("no such service");
        assert_eq!(
            (unknown.code, unknown.hints[0].to_string().as_str()),
            (Code::UnknownService, "did you mean `WebService`?")
        );
        let several = choose_one(&services, "WebService").expect_err("two services");
        assert_eq!(several.code, Code::AmbiguousService);
        assert!(several.notes[0].contains("app/WebService, jobs/WebService"), "{:?}", several.notes);
        assert_eq!(choose_one(&services, "b"), Ok(1));
    }
}
