//! `DependsOn` on a resource that may not exist.
//!
//! CloudFormation refuses it: "Unresolved resource dependencies [..] in the Resources block of the template".

use super::condition_logic::Possibility;
use super::context::CheckContext;
use crate::cfn::{PathSegment, PropertyPath};
use crate::diag::{Code, Diagnostic, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for found in scope.resources() {
        let own = found.resource.condition.as_deref();
        for (at, id) in found.resource.depends_on.iter().enumerate() {
            let target = scope.template.resources.get(id);
            let Some(condition) = target.and_then(|target| target.condition.as_deref()) else { continue };
            let assumptions: Vec<_> = own.map(|own| (own, true)).into_iter().chain([(condition, false)]).collect();
            if own == Some(condition) || scope.possibility(&assumptions) != Possibility::Possible {
                continue;
            }
            let path = PropertyPath::attribute("DependsOn").then(PathSegment::Index(at));
            let message = format!("`{}` depends on `{id}`, which exists only if `{condition}` holds", found.id);
            let problem = Diagnostic::new(Code::ConditionalDependency, message);
            let problem = problem.at(found.resource.origin_of(&path), "");
            sink.push(problem.help(format!(
                "set `Condition: {condition}` on `{}` too, or refer to `{id}` inside an `Fn::If` instead",
                found.id
            )));
        }
    }
}
