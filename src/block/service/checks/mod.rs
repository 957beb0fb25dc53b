//! What can be wrong with a service, said in the script's lines.

mod containers;
mod gunicorn;
mod health;
mod numbers;
mod scaling;
mod size;
mod traffic;
mod words;

use super::FargateService;
use crate::block::scope::Scope;

/// Everything that the settings of a service show.
pub(super) fn all(service: &FargateService, scope: &mut Scope<'_>) {
    scope.problems(size::fargate(service));
    scope.problems(numbers::out_of_range(service));
    scope.problems(containers::all(service));
    scope.problems(gunicorn::workers(service));
    scope.problems(health::all(service));
    scope.problems(scaling::all(service));
    scope.problems(traffic::all(service));
    scope.problems(words::all(service));
}
