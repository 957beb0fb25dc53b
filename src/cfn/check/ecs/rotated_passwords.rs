//! Containers that get a password which RDS rotates.
//!
//! Sources: "Password management with Amazon RDS and AWS Secrets Manager" (RDS user guide): RDS rotates a managed password every
//! seven days. "Pass Secrets Manager secrets through Amazon ECS environment variables" (ECS developer guide): a
//! container has the value of its start, also after a rotation.

use super::task_definition::{containers_of, path};
use crate::cfn::check::context::{CheckContext, ResourceEntry, is_true};
use crate::cfn::{Ref, Segment, Value};
use crate::diag::{Code, Diagnostic, Sink};

const DATABASES: [&str; 2] = ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"];

pub(super) fn check(task: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    for (at, _) in containers_of(task) {
        for (index, secret) in task.list(&path(at, "Secrets")).iter().enumerate() {
            let managed = secret.get("ValueFrom").and_then(managed_secret);
            let Some(database) = managed.and_then(|reference| database(reference, scope)) else { continue };
            let name = secret.get("Name").and_then(Value::as_str).unwrap_or_default();
            sink.push(problem(task, &path(at, &format!("Secrets.{index}")), database, name));
        }
    }
}

/// Returns the reference to the secret of a managed password.
fn managed_secret(value: &Value) -> Option<&Ref> {
    let Value::Text(text) = value else { return None };
    let references = text.pieces().iter().filter_map(|piece| match piece {
        Segment::Ref(reference) => Some(reference),
        _ => None,
    });
    references.into_iter().find(|reference| reference.attribute.as_deref() == Some("MasterUserSecret.SecretArn"))
}

fn database<'a>(reference: &Ref, scope: &CheckContext<'a>) -> Option<ResourceEntry<'a>> {
    let mut databases = DATABASES.iter().flat_map(|kind| scope.all(kind));
    databases
        .find(|database| *database.id == reference.id && database.get("ManageMasterUserPassword").is_some_and(is_true))
}

fn problem(task: ResourceEntry<'_>, place: &str, database: ResourceEntry<'_>, variable: &str) -> Diagnostic {
    let id = database.id;
    let message = format!("containers get the password of `{id}` when they start, and RDS rotates it every 7 days");
    task.warning(Code::RotatedPassword, place, message)
        .at(database.origin("ManageMasterUserPassword"), "the password is managed here")
        .note(format!("a running task keeps the old value of `{variable}`, with which it opens no new connection"))
        .help("leave `.managed_password()` out: the password stays, and a link gives it")
        .help(
            "or let the code read the secret when it connects, in place of the link: `.env(\"DB_SECRET_ARN\", db.secret_arn)` and \
             `.allow(\"secretsmanager:GetSecretValue\", db.secret_arn)`",
        )
}
