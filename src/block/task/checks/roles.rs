use crate::block::task::Task;
use crate::diag::{Code, Diagnostic, Origin};

/// Reports permissions that nothing gets, because the script brings the role itself.
pub(super) fn all(task: &Task) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if let Some(own) = &task.task_role {
        let allowed = task.allow.iter().map(|set| ("allow", &set.origin));
        let policies = task.managed_policy.iter().map(|set| ("managed_policy", &set.origin));
        problems.extend(allowed.chain(policies).map(|set| without_role(set, ("task", "task_role"), &own.origin)));
    }
    if let Some(own) = &task.execution_role {
        let allowed = task.allow_execution.iter().map(|set| ("allow_execution", &set.origin));
        problems.extend(allowed.map(|set| without_role(set, ("execution", "execution_role"), &own.origin)));
    }
    problems
}

fn without_role((setter, at): (&str, &Origin), (role, own): (&str, &str), set: &Origin) -> Diagnostic {
    let message = format!("`.{setter}` changes the {role} role that rtiler makes, and the script brings its own");
    Diagnostic::new(Code::OwnRole, message)
        .at(at, "allows something to a role that does not exist")
        .at(set, format!("the {role} role is set here"))
        .help(format!("add the permission where this role is made, or leave `.{own}` out"))
}
