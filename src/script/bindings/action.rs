use std::rc::Rc;

use crate::block::{Action, FixedResponse, Redirect};
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic};
use crate::script::call::{Argument, ConversionError, FromScript};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

/// A redirect or a fixed response.
pub(super) struct ActionArg(pub(super) Action);

impl FromScript for ActionArg {
    const EXPECTED: &'static str = "a `Redirect()` or a `FixedResponse(code)`";

    fn take(value: rhai::Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        if let Some(redirect) = value.read_lock::<Rc<Redirect>>() {
            return Ok(Self(Action::Redirect((**redirect).clone())));
        }
        if let Some(response) = value.read_lock::<Rc<FixedResponse>>() {
            return Ok(Self(Action::Respond((**response).clone())));
        }
        if value.is::<Rc<crate::block::FargateService>>() {
            let problem = Diagnostic::new(Code::WrongArgument, format!("`{}` takes no service", argument.call.name));
            return Err(Some(
                problem.help("write `.behind(alb)` on the service: it gets the requests that no route takes"),
            ));
        }
        Err(None)
    }
}

impl ScriptType for Redirect {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a redirect of a load balancer to another address. The parts that are not set stay those of the request. The code
        /// is 301 (permanent) unless `.temporary()` is called.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(Alb("Web")
        ///     .route(Route().host("example.com"), Redirect().host("www.example.com"))))
        /// ```
        fn Redirect() |_at| Redirect::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the protocol of the new address.
        ///
        /// ```rhai
        /// redirect.protocol("HTTPS").port(443)
        /// ```
        #[one_of = Redirect::PROTOCOLS]
        fn protocol(protocol: String) |redirect, at| redirect.protocol = at.set(protocol);
        /// Sets the host of the new address. `#{host}` in it is that of the request.
        ///
        /// ```rhai
        /// redirect.host("www.#{host}")
        /// ```
        fn host(host: TemplateString) |redirect, at| redirect.host = at.set(host);
        /// Sets the port of the new address.
        ///
        /// ```rhai
        /// redirect.port(8443)
        /// ```
        fn port(port: i64) |redirect, at| redirect.port = at.set(port);
        /// Sets the path of the new address. `#{path}` in it is that of the request, without the first slash.
        ///
        /// ```rhai
        /// redirect.path("/v2/#{path}")
        /// ```
        fn path(path: String) |redirect, at| redirect.path = at.set(path);
        /// Sets the query of the new address. `#{query}` in it is that of the request.
        ///
        /// ```rhai
        /// redirect.query("from=old&#{query}").path("/new")
        /// ```
        fn query(query: String) |redirect, at| redirect.query = at.set(query);
        /// Makes the redirect temporary: the code is 302, and clients ask the old address again.
        ///
        /// ```rhai
        /// redirect.path("/maintenance").temporary()
        /// ```
        fn temporary() |redirect, at| redirect.temporary = at.flag();
    };
}

impl ScriptType for FixedResponse {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates an answer that a load balancer gives itself, with a status code from 200 to 299 or from 400 to 599.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(Alb("Web").default_action(FixedResponse(403)), "/api/*"))
        /// ```
        fn FixedResponse(status: i64) |at| FixedResponse::new(at.put(status));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the body, of 1,024 bytes at most.
        ///
        /// ```rhai
        /// response.body("nothing here")
        /// ```
        fn body(text: TemplateString) |response, at| response.body = at.set(text);
        /// Sets the type of the body.
        ///
        /// ```rhai
        /// response.body("{\"error\": \"not found\"}").content_type("application/json")
        /// ```
        #[default = "text/plain"]
        #[one_of = FixedResponse::CONTENT_TYPES]
        fn content_type(kind: String) |response, at| response.content_type = at.set(kind);
    };
}
