use crate::block::{HealthCheck, Probe};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for HealthCheck {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a health check of a path (for a load balancer) or of a command (for a container).
        ///
        /// ```rhai
        /// HealthCheck("/health").interval(15).timeout(5).healthy(2)
        /// ```
        fn HealthCheck(probe: Probe) |at| HealthCheck::new(at.put(probe));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the seconds between two checks.
        ///
        /// ```rhai
        /// check.interval(15)
        /// ```
        fn interval(seconds: i64) |check, at| check.interval = at.set(seconds);
        /// Sets the seconds to wait for a response. Must be less than the interval.
        ///
        /// ```rhai
        /// check.interval(30).timeout(5)
        /// ```
        fn timeout(seconds: i64) |check, at| check.timeout = at.set(seconds);
        /// Sets how many checks must succeed in a row before a target is healthy.
        ///
        /// ```rhai
        /// check.healthy(2)
        /// ```
        fn healthy(answers: i64) |check, at| check.healthy = at.set(answers);
        /// Sets how many checks must fail in a row before a target is unhealthy; for a container, its retries.
        ///
        /// ```rhai
        /// check.unhealthy(3)
        /// ```
        fn unhealthy(answers: i64) |check, at| check.unhealthy = at.set(answers);
        /// Sets the HTTP status codes of a healthy response.
        ///
        /// ```rhai
        /// check.codes("200-299")
        /// ```
        #[such_as = ["200", "200,204", "200-299"]]
        fn codes(codes: String) |check, at| check.codes = at.set(codes);
        /// Sets the port to check, if it is not the port that receives the traffic.
        ///
        /// ```rhai
        /// check.port(8081)
        /// ```
        fn port(port: i64) |check, at| check.port = at.set(port);
        /// Sets the seconds after its start in which failed checks of a container are ignored.
        ///
        /// ```rhai
        /// Stack("web").add(service.container_health_check(HealthCheck("pgrep nginx").start_period(60)))
        /// ```
        fn start_period(seconds: i64) |check, at| check.start_period = at.set(seconds);
    };
}
