use std::rc::Rc;

use crate::block::{Block, Header, Route};
use crate::script::registration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Route {
    const NAME: &'static str = "Route";
    const WHAT: &'static str = "a Route";

    const FUNCTIONS: &'static [Function] = functions! {
        /// The requests that a load balancer hands to a service; say which with `.path`, `.host` and `.header`.
        ///
        /// ```rhai
        /// Route().path("/api/*").host("api.example.com")
        /// ```
        fn Route() |_at| Route::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// A pattern of the path: `/api/*`. Repeatable; one must match.
        ///
        /// ```rhai
        /// Route().path("/api/*").path("/v2/*")
        /// ```
        fn path(pattern: String) |route, at| route.path.push(at.put(pattern));
        /// A pattern of the host: `api.example.com`, `*.example.com`. Repeatable; one must match.
        ///
        /// ```rhai
        /// Route().host("*.example.com")
        /// ```
        fn host(pattern: String) |route, at| route.host.push(at.put(pattern));
        /// A pattern of the value of a header. Repeatable; all must match.
        ///
        /// ```rhai
        /// Route().header("X-Stage", "beta")
        /// ```
        fn header(name: String, value: String) |route, at| route.header.push(at.put(Header { name, value }));
        /// The rank among the routes of a load balancer, 1 to 50000, the lowest first; by order of use unless set.
        ///
        /// ```rhai
        /// route.priority(10)
        /// ```
        fn priority(priority: i64) |route, at| route.priority = at.set(priority);
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
