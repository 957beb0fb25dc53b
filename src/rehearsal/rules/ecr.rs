//! Amazon ECR: repositories. `task_start` has the rule about images of an empty repository.

use super::view::AccountView;
use super::{DELETION, Refusal, Rule, Subject};
use crate::rehearsal::property_access::boolean;

pub(super) const REPOSITORY: &str = "AWS::ECR::Repository";

pub(super) const RULES: &[Rule] = &[Rule { kind: REPOSITORY, intents: DELETION, check: not_empty }];

/// Refuses the deletion of a repository from which tasks have run, unless it is emptied (`RepositoryNotEmptyException` of
/// `DeleteRepository`, ECR API; `EmptyOnDelete`, CloudFormation; the message is that of moto and of public logs).
fn not_empty(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = subject.physical_id?;
    if boolean(subject.properties, "EmptyOnDelete") || !view.has_content(REPOSITORY, name) {
        return None;
    }
    let text = format!(
        "The repository with name '{name}' in registry with id '{}' cannot be deleted because it still contains images",
        view.account
    );
    Some(Refusal::new("Ecr", "RepositoryNotEmptyException", "ResourceConflict", text))
}
