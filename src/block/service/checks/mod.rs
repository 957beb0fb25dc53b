//! The checks of a service, reported at the lines of the script.

mod gunicorn;
mod health;
mod range_checks;
mod scaling;
mod strategy;
mod targets;
mod timeouts;
mod traffic;

use std::rc::Rc;

use super::FargateService;
use crate::block::lowering::Lowering;

/// Reports every problem that the settings of a service show.
pub(super) fn all(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) {
    lowering.report_all(range_checks::out_of_range(service));
    lowering.report_all(gunicorn::workers(service));
    lowering.report_all(health::all(service));
    lowering.report_all(scaling::all(service));
    lowering.report_all(traffic::all(service, lowering.context));
    lowering.report_all(targets::all(service));
    lowering.report_all(strategy::all(service, lowering.context));
    lowering.report_all(timeouts::all(service, lowering.context));
}
