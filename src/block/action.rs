//! Actions of a load balancer for requests that reach no service: redirects and fixed responses.

use super::Flag;
use super::range_checks::{one_of, port};
use crate::cfn;
use crate::cfn::{Map, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The longest body of a fixed response (`FixedResponseActionConfig`, Elastic Load Balancing API).
const LONGEST_BODY: usize = 1024;

/// An action of a load balancer without a service.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Sends clients to another address.
    Redirect(Redirect),
    /// Answers itself.
    Respond(FixedResponse),
}

/// A redirect; a part of the address that is not set stays as it is in the request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Redirect {
    /// `HTTP` or `HTTPS`.
    pub protocol: Option<WithOrigin<String>>,
    /// The host, which may hold `#{host}`.
    pub host: Option<WithOrigin<TemplateString>>,
    /// The port.
    pub port: Option<WithOrigin<i64>>,
    /// The path, which begins with a slash and may hold `#{path}`.
    pub path: Option<WithOrigin<String>>,
    /// The query, which may hold `#{query}`.
    pub query: Option<WithOrigin<String>>,
    /// Whether clients ask the old address again: the code is 302 and not 301.
    pub temporary: Flag,
}

/// An answer of the load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedResponse {
    /// The HTTP status code.
    pub status: WithOrigin<i64>,
    /// The body.
    pub body: Option<WithOrigin<TemplateString>>,
    /// The type of the body, `text/plain` unless set.
    pub content_type: Option<WithOrigin<String>>,
}

impl Redirect {
    /// The protocols of the new address.
    pub const PROTOCOLS: [&'static str; 2] = ["HTTP", "HTTPS"];

    fn lower(&self) -> Value {
        let mut config = Map::new();
        let mut put = |name: &str, value: Option<Value>| config.extend(value.map(|value| (name.to_owned(), value)));
        put("Protocol", self.protocol.as_ref().map(|set| set.value.as_str().into()));
        put("Host", self.host.as_ref().map(|set| (&set.value).into()));
        put("Port", self.port.as_ref().map(|set| set.value.to_string().into()));
        put("Path", self.path.as_ref().map(|set| set.value.as_str().into()));
        put("Query", self.query.as_ref().map(|set| set.value.as_str().into()));
        put("StatusCode", Some(if self.temporary.is_some() { "HTTP_302" } else { "HTTP_301" }.into()));
        cfn!({ "Type": "redirect", "RedirectConfig": Value::Map(config) })
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let path = self.path.as_ref().filter(|path| !path.value.starts_with('/')).map(|path| {
            Diagnostic::new(Code::RoutePath, format!("`{}` is not a path", path.value))
                .at(&path.origin, "")
                .help(format!("a path begins with a slash: `/{}`", path.value))
        });
        let protocol = self
            .protocol
            .as_ref()
            .and_then(|set| one_of(set, &Self::PROTOCOLS, "the protocol of a redirect", Code::ListenerAction));
        let port = self.port.as_ref().and_then(port);
        path.into_iter().chain(protocol).chain(port).chain(self.wrong_host()).chain(self.wrong_query()).collect()
    }

    /// Reports a URL in the place of a host: each part of the address has its own setter (`RedirectActionConfig`, Elastic Load
    /// Balancing API).
    fn wrong_host(&self) -> Option<Diagnostic> {
        let set = self.host.as_ref()?;
        let text = set.value.as_str()?;
        let (protocol, rest) = text.split_once("://").map_or((None, text), |(protocol, rest)| (Some(protocol), rest));
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
        let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        if text == host {
            return None;
        }
        let mut setters = vec![format!(".host(\"{host}\")")];
        setters.extend(protocol.map(|protocol| format!(".protocol(\"{}\")", protocol.to_uppercase())));
        setters.extend(port.map(|port| format!(".port({port})")));
        setters.extend(path.filter(|path| !path.is_empty()).map(|path| format!(".path(\"/{path}\")")));
        let problem = Diagnostic::new(Code::ListenerAction, format!("`{text}` is not the name of a host"));
        Some(problem.at(&set.origin, "").help(format!("write each part by itself: `{}`", setters.concat())))
    }

    /// Reports a query with its question mark, which the load balancer adds (`RedirectActionConfig`).
    fn wrong_query(&self) -> Option<Diagnostic> {
        let set = self.query.as_ref()?;
        let rest = set.value.strip_prefix('?')?;
        let problem = Diagnostic::new(Code::ListenerAction, "the query of a redirect begins without `?`");
        Some(problem.at(&set.origin, "").help(format!("write `.query(\"{rest}\")`")))
    }
}

impl FixedResponse {
    /// The types of bodies (`FixedResponseActionConfig`, Elastic Load Balancing API).
    pub const CONTENT_TYPES: [&'static str; 5] =
        ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

    /// Creates an answer without a body.
    pub fn new(status: WithOrigin<i64>) -> Self {
        Self { status, body: None, content_type: None }
    }

    fn lower(&self) -> Value {
        let mut config = Map::from_iter([("StatusCode".to_owned(), self.status.value.to_string().into())]);
        if let Some(body) = &self.body {
            let kind = self.content_type.as_ref().map_or("text/plain", |set| set.value.as_str());
            config.insert("ContentType".to_owned(), kind.into());
            config.insert("MessageBody".to_owned(), (&body.value).into());
        }
        cfn!({ "Type": "fixed-response", "FixedResponseConfig": Value::Map(config) })
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let status = self.status.value;
        let status = (!matches!(status / 100, 2 | 4 | 5) || status > 599).then(|| {
            Diagnostic::new(Code::ListenerAction, format!("a load balancer does not answer with the code {status}"))
                .at(&self.status.origin, "")
                .help("use a code from 200 to 299 or from 400 to 599; `Redirect()` sends clients elsewhere")
        });
        let body = self.body.as_ref().filter(|set| set.value.as_str().is_some_and(|text| text.len() > LONGEST_BODY));
        let body = body.map(|set| {
            let message = format!("the body of a fixed response has at most {LONGEST_BODY} bytes");
            Diagnostic::new(Code::ListenerAction, message).at(&set.origin, "")
        });
        let kind = self
            .content_type
            .as_ref()
            .and_then(|set| one_of(set, &Self::CONTENT_TYPES, "the type of a body", Code::ListenerAction));
        status.into_iter().chain(body).chain(kind).collect()
    }
}

impl Action {
    /// Returns the action as Elastic Load Balancing has it.
    pub(crate) fn lower(&self) -> Value {
        match self {
            Self::Redirect(redirect) => redirect.lower(),
            Self::Respond(response) => response.lower(),
        }
    }

    /// Returns every problem of the settings.
    pub(crate) fn problems(&self) -> Vec<Diagnostic> {
        match self {
            Self::Redirect(redirect) => redirect.problems(),
            Self::Respond(response) => response.problems(),
        }
    }
}
