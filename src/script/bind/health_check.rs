use std::rc::Rc;

use crate::block::{Block, HealthCheck, Probe};
use crate::script::method::{Function, Method, Scripted, functions, methods};

impl Scripted for HealthCheck {
    const NAME: &'static str = "HealthCheck";
    const WHAT: &'static str = "a HealthCheck";

    const FUNCTIONS: &'static [Function] = functions! {
        /// A health check of a path (for a load balancer) or of a command (for a container).
        fn HealthCheck(probe: Probe) |at| HealthCheck::new(at.put(probe));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Seconds between two checks.
        fn interval(seconds: i64) |check, at| check.interval = at.set(seconds);
        /// Seconds to wait for an answer; less than the interval.
        fn timeout(seconds: i64) |check, at| check.timeout = at.set(seconds);
        /// Good answers in a row that make a target healthy.
        fn healthy(answers: i64) |check, at| check.healthy = at.set(answers);
        /// Bad answers in a row that make a target unhealthy; for a container, its retries.
        fn unhealthy(answers: i64) |check, at| check.unhealthy = at.set(answers);
        /// HTTP codes of good answers: `200`, `200,204`, `200-299`.
        fn codes(codes: String) |check, at| check.codes = at.set(codes);
        /// The port asked, where it is not that of the traffic.
        fn port(port: i64) |check, at| check.port = at.set(port);
        /// Seconds in which a starting container may fail without consequence.
        fn start_period(seconds: i64) |check, at| check.start_period = at.set(seconds);
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
