use std::rc::Rc;

use rhai::Dynamic;

use crate::block::{Authentication, Header, Query, Route};
use crate::script::call::{Argument, ConversionError, FromScript};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};
use crate::settings::known_secrets;

/// A pattern of a value, which may be a secret setting.
struct Pattern {
    text: String,
    is_secret: bool,
}

impl FromScript for Pattern {
    const EXPECTED: &'static str = String::EXPECTED;

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        let text = String::take(value, argument)?;
        let secrets = known_secrets(argument.call.state.settings.borrow().settings());
        let is_secret = secrets.known_in(&text) != text;
        Ok(Self { text, is_secret })
    }
}

impl ScriptType for Route {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a rule for the requests that a load balancer forwards to a service, with `.path`, `.host`, `.header`,
        /// `.query`, `.method` and `.source_ip`. A rule has five values at most.
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
        fn header(name: String, value: Pattern) |route, at| {
            let Pattern { text: value, is_secret } = value;
            route.header.push(at.put(Header { name, value, is_secret }));
        };
        /// Adds a parameter of the query and a pattern of its value. All of them must match.
        ///
        /// ```rhai
        /// Route().path("/tiles/*").query("version", "2*")
        /// ```
        #[adds = "a parameter"]
        fn query(name: String, value: Pattern) |route, at| {
            let Pattern { text: value, is_secret } = value;
            route.query.push(at.put(Query { name, value, is_secret }));
        };
        /// Adds an HTTP method in capital letters. One of them must match.
        ///
        /// ```rhai
        /// Route().path("/upload").method("POST").method("PUT")
        /// ```
        #[adds = "a method"]
        #[such_as = ["GET", "POST", "PUT", "DELETE"]]
        fn method(method: String) |route, at| route.method.push(at.put(method));
        /// Adds a range of IP addresses of clients. One of them must match. It is the address that connects to the load balancer,
        /// not that of `X-Forwarded-For`.
        ///
        /// ```rhai
        /// Route().path("/admin/*").source_ip("203.0.113.0/24")
        /// ```
        #[adds = "a range"]
        fn source_ip(cidr: String) |route, at| route.source_ip.push(at.put(cidr));
        /// Lets users log in before their requests reach the service. It works with HTTPS only.
        ///
        /// ```rhai
        /// let pool = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI";
        /// let admin = Route().path("/admin/*").authenticate(Authentication::cognito(pool, "1example23456789", "company-login"));
        /// let certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f";
        /// let edge = Alb("Edge").https(certificate).redirect_http();
        /// Stack("web").add(service.port(80).behind(edge).behind(edge, admin))
        /// ```
        #[default = "that of the load balancer"]
        fn authenticate(login: Rc<Authentication>) |route, at| route.authenticate = at.set(login);
        /// Forwards the requests without the login of the load balancer (`Alb.authenticate`): for web hooks and health checks.
        ///
        /// ```rhai
        /// Route().path("/hooks/*").no_authentication()
        /// ```
        fn no_authentication() |route, at| route.no_authentication = at.flag();
        /// Sets the rule priority on the load balancer, 1 to 50000; the lowest is evaluated first.
        ///
        /// ```rhai
        /// route.priority(10)
        /// ```
        #[default = "by its conditions, more specific routes first"]
        fn priority(priority: i64) |route, at| route.priority = at.set(priority);
    };
}
