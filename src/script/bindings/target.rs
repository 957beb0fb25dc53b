use crate::block::{Stickiness, Target, TargetPort};
use crate::script::convert::HealthCheckArg;
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

/// The seconds of a sticky session without a number (`stickiness.lb_cookie.duration_seconds` of `TargetGroupAttribute`, Elastic
/// Load Balancing API).
pub(super) const STICKY_SECONDS: i64 = 86_400;

/// Returns the sticky sessions of a cookie of the load balancer.
pub(super) fn sticky(seconds: i64) -> Stickiness {
    Stickiness { seconds, cookie: None }
}

impl ScriptType for Target {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a target of a load balancer: which port of which container gets the requests of a route, and how. Without
        /// `.container` and `.port` it is the port of the service's main container.
        ///
        /// Each container and port gets a target group of its own.
        ///
        /// ```rhai
        /// let envoy = Container("Envoy").image("envoyproxy/envoy:v1.31.0").port(9901);
        /// Stack("web").add(service.port(80).sidecar(envoy).behind(alb)
        ///     .behind(alb, "/envoy/*", Target().container("Envoy").health_check("/ready")))
        /// ```
        fn Target() |_at| Target::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the container that gets the requests, by its name.
        ///
        /// ```rhai
        /// let proxy = Container("Proxy").image("nginx:1.27").port(8080);
        /// Stack("web").add(service.sidecar(proxy).behind(alb, "/*", Target().container("Proxy")))
        /// ```
        #[default = "the main container"]
        fn container(name: String) |target, at| target.container = at.set(name);
        /// Sets the port of the container that gets the requests: a number, or the name of a port.
        ///
        /// ```rhai
        /// target.port(80)
        /// ```
        #[default = "the port of the container"]
        fn port(port: TargetPort) |target, at| target.port = at.set(port);
        /// Sets the protocol of the requests to the container. `http2` and `grpc` need an HTTPS listener.
        ///
        /// The health check of gRPC compares gRPC codes: without a health check the path is `/AWS.ALB/healthcheck` and the
        /// code 12 ("unimplemented"), which every server answers; with a path the code is 0 ("ok") unless `.codes` sets others.
        ///
        /// ```rhai
        /// target.protocol("http")
        /// ```
        #[default = "http"]
        #[one_of = Target::PROTOCOLS]
        fn protocol(protocol: String) |target, at| target.protocol = at.set(protocol);
        /// Sets the health check that the load balancer makes of the target: a path, or a `HealthCheck` with its times.
        ///
        /// ```rhai
        /// target.health_check(HealthCheck("/ready").interval(10).timeout(3))
        /// ```
        #[default = "the path `/`"]
        fn health_check(check: HealthCheckArg) |target, at| target.health_check = at.set(check.0);
        /// Sends the requests of a client to one task for one day, by a cookie of the load balancer.
        ///
        /// ```rhai
        /// target.sticky()
        /// ```
        fn sticky() |target, at| target.sticky = at.set(sticky(STICKY_SECONDS));
        /// Sends the requests of a client to one task, by a cookie of the load balancer that is valid for these seconds.
        ///
        /// ```rhai
        /// target.sticky(3600)
        /// ```
        fn sticky(seconds: i64) |target, at| target.sticky = at.set(sticky(seconds));
        /// Sends the requests of a client to one task for these seconds after the application sets its cookie, given by its name.
        ///
        /// ```rhai
        /// target.sticky(3600, "session")
        /// ```
        fn sticky(seconds: i64, cookie: String) |target, at| {
            target.sticky = at.set(Stickiness { seconds, cookie: Some(cookie) });
        };
        /// Sets the deregistration delay: seconds that a stopping task may take to finish its requests.
        ///
        /// ```rhai
        /// target.drain(120)
        /// ```
        #[default = "that of the service"]
        fn drain(seconds: i64) |target, at| target.drain = at.set(seconds);
        /// Lets the share of requests of a new task grow for these seconds, 30 to 900.
        ///
        /// ```rhai
        /// target.slow_start(60)
        /// ```
        fn slow_start(seconds: i64) |target, at| target.slow_start = at.set(seconds);
        /// Sets how the load balancer selects the task of a request.
        ///
        /// ```rhai
        /// target.algorithm("least_outstanding_requests")
        /// ```
        #[default = "round_robin"]
        #[one_of = Target::ALGORITHMS]
        fn algorithm(name: String) |target, at| target.algorithm = at.set(name);
        /// Sends fewer requests to tasks that answer with more errors than the others. It needs the algorithm `weighted_random`.
        ///
        /// ```rhai
        /// target.algorithm("weighted_random").anomaly_mitigation()
        /// ```
        fn anomaly_mitigation() |target, at| target.anomaly_mitigation = at.flag();
    };
}
