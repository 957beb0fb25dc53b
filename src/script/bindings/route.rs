use crate::block::{Header, Route};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Route {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a rule for the requests that a load balancer forwards to a service, with `.path`, `.host` and
        /// `.header`.
        ///
        /// ```rhai
        /// Route().path("/api/*").host("api.example.com")
        /// ```
        fn Route() |_at| Route::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Adds a path pattern: `/api/*`. One of them must match.
        ///
        /// ```rhai
        /// Route().path("/api/*").path("/v2/*")
        /// ```
        #[adds = "a pattern"]
        fn path(pattern: String) |route, at| route.path.push(at.put(pattern));
        /// Adds a host pattern: `api.example.com`, `*.example.com`. One of them must match.
        ///
        /// ```rhai
        /// Route().host("*.example.com")
        /// ```
        #[adds = "a pattern"]
        fn host(pattern: String) |route, at| route.host.push(at.put(pattern));
        /// Adds a header and a pattern of its value. All of them must match.
        ///
        /// ```rhai
        /// Route().header("X-Stage", "beta")
        /// ```
        #[adds = "a header"]
        fn header(name: String, value: String) |route, at| route.header.push(at.put(Header { name, value }));
        /// Sets the rule priority on the load balancer, 1 to 50000; the lowest is evaluated first.
        ///
        /// ```rhai
        /// route.priority(10)
        /// ```
        #[default = "by its conditions, more specific routes first"]
        fn priority(priority: i64) |route, at| route.priority = at.set(priority);
    };
}
