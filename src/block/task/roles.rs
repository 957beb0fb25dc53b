//! The task role and the execution role of a task, with the least permissions.

use std::borrow::Cow;

use super::{Container, Permission, Secret, Task, logs, secrets};
use crate::block::LoweringContext;
use crate::block::iam_role;
use crate::block::iam_role::Statement;
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn::{PropertyPath, Ref, TemplateString, Value};
use crate::diag::{Diagnostic, Origin, WithOrigin};

const TASKS: &str = "ecs-tasks.amazonaws.com";
/// The permissions that ECS Exec needs (ECS Developer Guide, "Monitor containers with ECS Exec").
const EXEC: [&str; 4] = [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];
/// The actions that a pull from ECR needs besides a token (ECR User Guide, "Private repository policies").
const PULL: [&str; 3] = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Adds the roles that the script does not bring itself.
pub(super) fn lower(task: &Task, lowering: &mut Lowering<'_>) {
    if task.task_role.is_none() {
        task_role(task, lowering);
    }
    execution_role(task, lowering);
}

fn task_role(task: &Task, lowering: &mut Lowering<'_>) {
    let allowed = task.allow.iter().map(|set| WithOrigin::new(statement(&set.value), set.origin.clone()));
    let exec = task.exec.iter().map(|exec| WithOrigin::new(Statement::allow(&EXEC, "*"), exec.origin.clone()));
    let statements: Vec<WithOrigin<Statement>> = allowed.chain(exec).chain(logs::permissions(task)).collect();
    let policies = task.managed_policy.iter().map(|policy| &policy.value);
    let mut role = iam_role::role(&task.name.origin, TASKS, statements.iter().map(|statement| &statement.value))
        .with_some("ManagedPolicyArns", (!task.managed_policy.is_empty()).then(|| Value::list(policies)))
        .with_origin("Policies", &task.exec);
    for (at, statement) in statements.iter().enumerate() {
        role.add_origin(statement_path(at), &statement.origin);
    }
    for (at, policy) in task.managed_policy.iter().enumerate() {
        role = role.record_origin(&format!("ManagedPolicyArns.{at}"), &policy.origin);
    }
    lowering.add(task.task_role_id(), role);
}

fn execution_role(task: &Task, lowering: &mut Lowering<'_>) {
    let mut problems = Vec::new();
    let mut statements = needed_to_start(task, lowering.context, &mut problems);
    lowering.report_all(problems);
    if task.execution_role.is_some() {
        return;
    }
    statements
        .extend(task.allow_execution.iter().map(|set| WithOrigin::new(statement(&set.value), set.origin.clone())));
    let mut role = iam_role::role(&task.name.origin, TASKS, statements.iter().map(|statement| &statement.value));
    for (at, statement) in statements.iter().enumerate().filter(|(_, statement)| statement.origin.is_known()) {
        role.add_origin(statement_path(at), &statement.origin);
    }
    lowering.add(task.execution_role_id(), role);
}

/// Returns what ECS needs to start the task, and reports the problems of its secrets. A statement about a file has the origin of
/// its setter.
pub(super) fn needed_to_start(
    task: &Task,
    context: &LoweringContext,
    problems: &mut Vec<Diagnostic>,
) -> Vec<WithOrigin<Statement>> {
    let unknown = Origin::unknown();
    let logs = Ref::attribute(task.logs_id(), "Arn");
    let write_logs = Statement::allow(&["logs:CreateLogStream", "logs:PutLogEvents"], logs);
    let mut statements = vec![WithOrigin::new(write_logs, unknown.clone())];
    for container in task.containers() {
        for secret in secrets_of(container) {
            match secrets::permissions(&secret, context) {
                Ok(needed) => needed.into_iter().for_each(|it| add(&mut statements, it, &unknown)),
                Err(problem) => problems.push(problem),
            }
            if !decrypts(task) {
                problems.extend(secrets::unknown_key(&secret, context));
            }
        }
        for file in &container.env_file {
            object(&file.value).into_iter().for_each(|it| add(&mut statements, it, &file.origin));
        }
        if let Some(file) = &container.credential_spec {
            specification(&file.value).into_iter().for_each(|it| add(&mut statements, it, &file.origin));
        }
        if let Some(image) = container.image.as_ref().and_then(|image| image.value.name()) {
            pulls(&image).into_iter().for_each(|statement| add(&mut statements, statement, &unknown));
        }
    }
    statements
}

/// Returns whether the execution role may decrypt something because the script says so.
fn decrypts(task: &Task) -> bool {
    let is_decrypt = |action: &TemplateString| matches!(action.as_str(), Some("kms:Decrypt" | "kms:*" | "*"));
    task.execution_role.is_some() || task.allow_execution.iter().any(|it| it.value.actions.iter().any(is_decrypt))
}

/// Returns what ECS reads for a container from Secrets Manager and SSM: its variables, the options of its log driver, and
/// the credentials of its registry ("Private registry authentication" of the ECS developer guide).
fn secrets_of(container: &Container) -> impl Iterator<Item = Cow<'_, WithOrigin<Secret>>> {
    let credentials = container.registry_credentials.iter().map(|arn| {
        let name = "the credentials of the registry".to_owned();
        let secret = Secret { name, arn: arn.value.clone(), json_key: None };
        Cow::Owned(WithOrigin::new(secret, arn.origin.clone()))
    });
    container.secret.iter().chain(&container.log_secret).map(Cow::Borrowed).chain(credentials)
}

/// Returns what ECS needs to read an object of S3 ("Pass environment variables to an Amazon ECS container", ECS developer
/// guide).
fn object(arn: &TemplateString) -> Vec<Statement> {
    let bucket = arn.split('/').into_iter().next().unwrap_or_default();
    vec![Statement::allow(&["s3:GetObject"], arn.clone()), Statement::allow(&["s3:GetBucketLocation"], bucket)]
}

/// Returns what ECS needs to read a credential specification in S3 or SSM ("Using gMSA for Linux containers on Fargate", ECS
/// developer guide).
fn specification(arn: &TemplateString) -> Vec<Statement> {
    match arn.split(':').get(2).and_then(TemplateString::as_str) {
        Some("ssm") => vec![Statement::allow(&["ssm:GetParameters"], arn.clone())],
        _ => object(arn),
    }
}

fn statement(permission: &Permission) -> Statement {
    Statement { actions: permission.actions.clone(), resources: permission.resources.clone() }
}

fn statement_path(at: usize) -> PropertyPath {
    PropertyPath::property(&format!("Policies.0.PolicyDocument.Statement.{at}"))
}

fn add(statements: &mut Vec<WithOrigin<Statement>>, statement: Statement, origin: &Origin) {
    if !statements.iter().any(|known| known.value == statement) {
        statements.push(WithOrigin::new(statement, origin.clone()));
    }
}

/// Returns what ECS needs to pull an image of a private repository of ECR; nothing for other registries.
fn pulls(image: &TemplateString) -> Vec<Statement> {
    let Some(repository) = repository(image) else { return Vec::new() };
    vec![Statement::allow(&["ecr:GetAuthorizationToken"], "*"), Statement::allow(&PULL, repository)]
}

/// Returns the ARN of the repository of an image of ECR: of `123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1`, or of
/// a repository of the stack (`${repository.RepositoryUri}:1`).
fn repository(image: &TemplateString) -> Option<TemplateString> {
    let made_here = image.refs().find(|reference| reference.attribute.as_deref() == Some("RepositoryUri"));
    if let Some(reference) = made_here {
        return Some(Ref::attribute(reference.id.clone(), "Arn").into());
    }
    let text = image.to_placeholder();
    let (account, rest) = text.split_once(".dkr.ecr.").or_else(|| text.split_once(".dkr.ecr-fips."))?;
    let suffix = format!(".{}", TemplateString::from(Ref::to("AWS::URLSuffix")).to_placeholder());
    let (region, rest) = rest.split_once(".amazonaws.com").or_else(|| rest.split_once(&suffix))?;
    let path = rest.split_once('/')?.1;
    let name = path.split(['@', ':']).next()?;
    let part = |text: &str| TemplateString::parse(text).ok();
    let arn = TemplateString::from("arn:").with(Ref::to("AWS::Partition")).with(":ecr:").join(part(region)?);
    Some(arn.with(":").join(part(account)?).with(":repository/").join(part(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(image: &str) -> Option<String> {
        repository(&TemplateString::from_sub(image)).map(|arn| arn.to_string())
    }

    #[test]
    fn ecr_image_gets_permission_for_its_repository() {
        let expected = "arn:${AWS::Partition}:ecr:eu-west-1:123456789012:repository/team/app";
        assert_eq!(arn("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.2").as_deref(), Some(expected));
        assert_eq!(arn("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:ab").as_deref(), Some(expected));
    }

    #[test]
    fn ecr_image_without_account_and_region_uses_those_of_the_deployment() {
        let found = arn("${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:1").expect("of ECR");
        assert_eq!(found, "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/app");
        let found = arn("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/app:1").expect("of ECR");
        assert_eq!(found, "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/app");
        assert_eq!(arn("${Images.RepositoryUri}:1").as_deref(), Some("${Images.Arn}"));
    }

    #[test]
    fn image_of_another_registry_needs_no_permission() {
        for image in ["ghcr.io/developmentseed/titiler:1", "nginx", "public.ecr.aws/nginx/nginx:1", "${Image}"] {
            assert_eq!(arn(image), None, "{image}");
        }
    }
}
