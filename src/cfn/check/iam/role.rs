//! Roles: the services that assume them, and their names.

use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::{ROLE, TASK_DEFINITION};
use crate::diag::{Code, Sink};

/// Properties that take a role, and the service that assumes it.
const ASSUMED: [(&str, &str, &str); 6] = [
    (TASK_DEFINITION, "ExecutionRoleArn", "ecs-tasks.amazonaws.com"),
    (TASK_DEFINITION, "TaskRoleArn", "ecs-tasks.amazonaws.com"),
    ("AWS::Lambda::Function", "Role", "lambda.amazonaws.com"),
    ("AWS::CodeBuild::Project", "ServiceRole", "codebuild.amazonaws.com"),
    ("AWS::StepFunctions::StateMachine", "RoleArn", "states.amazonaws.com"),
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for (kind, property, service) in ASSUMED {
        scope.all(kind).for_each(|found| assumed(found, property, service, scope, sink));
    }
    for project in scope.all("AWS::CodeBuild::Project") {
        path(project, "ServiceRole", scope, sink);
    }
}

/// Checks the path of a role: its name alone identifies it only if the path is `/`.
fn path(found: ResourceEntry<'_>, property: &str, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(value) = found.get(property) else { return };
    let Some(role) =
        scope.target(value, ROLE).filter(|_| value.as_reference().is_some_and(|it| it.attribute.is_none()))
    else {
        return;
    };
    if let Some(path) = role.text("Path").filter(|path| *path != "/") {
        let message = format!("the name of `{}` does not find it, because its path is `{path}`", role.id);
        let problem = found.error(Code::RolePath, property, message);
        sink.push(problem.help(format!("use `!GetAtt {}.Arn`", role.id)));
    }
}

/// Checks that the role trusts a service.
fn assumed(found: ResourceEntry<'_>, property: &str, service: &str, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(role) = found.get(property).and_then(|value| scope.target(value, ROLE)) else { return };
    let trusted = trusted(role);
    if let Some(services) = trusted.filter(|services| !services.iter().any(|known| *known == service || *known == "*"))
    {
        let message = format!("`{}` cannot assume the role `{}`: it trusts {}", service, role.id, services.join(", "));
        let problem = found.error(Code::RoleTrust, property, message);
        sink.push(problem.at(role.origin("AssumeRolePolicyDocument"), format!("allow `{service}` here")));
    }
}

/// Returns the services that may assume a role; nothing where they are not all written out.
fn trusted(role: ResourceEntry<'_>) -> Option<Vec<&str>> {
    let mut services = Vec::new();
    for statement in role.get("AssumeRolePolicyDocument.Statement")?.as_list()? {
        match statement.get("Principal")? {
            Value::Map(kinds) => {
                for (kind, who) in kinds {
                    match who {
                        _ if kind != "Service" => return None,
                        Value::List(names) => {
                            for name in names {
                                services.push(name.as_str()?);
                            }
                        }
                        name => services.push(name.as_str()?),
                    }
                }
            }
            _ => return None,
        }
    }
    (!services.is_empty()).then_some(services)
}
