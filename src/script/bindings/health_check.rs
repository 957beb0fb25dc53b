use std::rc::Rc;

use crate::block::{Block, HealthCheck, Probe};
use crate::script::registration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for HealthCheck {
    const NAME: &'static str = "HealthCheck";
    const WHAT: &'static str = "a HealthCheck";

    const FUNCTIONS: &'static [Function] = functions! {
        /// A health check of a path (for a load balancer) or of a command (for a container).
        ///
        /// ```rhai
        /// HealthCheck("/health").interval(15).timeout(5).healthy(2)
        /// ```
        fn HealthCheck(probe: Probe) |at| HealthCheck::new(at.put(probe));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Seconds between two checks.
        ///
        /// ```rhai
        /// check.interval(15)
        /// ```
        fn interval(seconds: i64) |check, at| check.interval = at.set(seconds);
        /// Seconds to wait for an answer; less than the interval.
        ///
        /// ```rhai
        /// check.interval(30).timeout(5)
        /// ```
        fn timeout(seconds: i64) |check, at| check.timeout = at.set(seconds);
        /// Good answers in a row that make a target healthy.
        ///
        /// ```rhai
        /// check.healthy(2)
        /// ```
        fn healthy(answers: i64) |check, at| check.healthy = at.set(answers);
        /// Bad answers in a row that make a target unhealthy; for a container, its retries.
        ///
        /// ```rhai
        /// check.unhealthy(3)
        /// ```
        fn unhealthy(answers: i64) |check, at| check.unhealthy = at.set(answers);
        /// HTTP codes of good answers: `200`, `200,204`, `200-299`.
        ///
        /// ```rhai
        /// check.codes("200-299")
        /// ```
        fn codes(codes: String) |check, at| check.codes = at.set(codes);
        /// The port asked, where it is not that of the traffic.
        ///
        /// ```rhai
        /// check.port(8081)
        /// ```
        fn port(port: i64) |check, at| check.port = at.set(port);
        /// Seconds in which a starting container may fail without consequence.
        ///
        /// ```rhai
        /// Stack("web").add(service.container_health_check(HealthCheck("pgrep nginx").start_period(60)))
        /// ```
        fn start_period(seconds: i64) |check, at| check.start_period = at.set(seconds);
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
