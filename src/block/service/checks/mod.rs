//! What can be wrong with a service, said in the script's lines.

mod command_and_env;
mod containers;
mod gunicorn;
mod health;
mod range_checks;
mod scaling;
mod size;
mod traffic;

use super::FargateService;
use crate::block::lowering::Lowering;

/// Everything that the settings of a service show.
pub(super) fn all(service: &FargateService, scope: &mut Lowering<'_>) {
    scope.problems(size::fargate(service));
    scope.problems(range_checks::out_of_range(service));
    scope.problems(containers::all(service));
    scope.problems(gunicorn::workers(service));
    scope.problems(health::all(service));
    scope.problems(scaling::all(service));
    scope.problems(traffic::all(service));
    scope.problems(command_and_env::all(service));
}
