//! Load balancers as arguments: those in front of a service, and the facts about one that exists.

use std::rc::Rc;

use rhai::Dynamic;

use super::{RouteArg, not_text, to_text};
use crate::block::{Alb, ExistingAlb, Name, Nlb, NlbPort, Route};
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::script::call::{Argument, ConversionError, FromScript};

/// A load balancer in front of a service.
pub(crate) enum LoadBalancerArg {
    Alb(Rc<Alb>),
    Nlb(Rc<Nlb>),
}

impl FromScript for LoadBalancerArg {
    const EXPECTED: &'static str = "an Alb or an Nlb";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        if let Some(alb) = value.read_lock::<Rc<Alb>>() {
            return Ok(Self::Alb(Rc::clone(&alb)));
        }
        value.read_lock::<Rc<Nlb>>().map(|nlb| Self::Nlb(Rc::clone(&nlb))).ok_or(None)
    }
}

/// The requests of a route, or the connections of a port.
pub(crate) enum RouteOrPort {
    Route(Box<Route>),
    Port(i64),
}

impl FromScript for RouteOrPort {
    const EXPECTED: &'static str = "a path such as `/api/*`, a `Route()`, or the port of a listener of an Nlb";

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        match value.as_int() {
            Ok(port) => Ok(Self::Port(port)),
            Err(_) => RouteArg::take(value, argument).map(|route| Self::Route(Box::new(route.0))),
        }
    }
}

impl RouteOrPort {
    /// Returns the listener of a Network Load Balancer.
    pub(crate) fn listener(&self) -> NlbPort {
        match self {
            Self::Port(port) => NlbPort::Port(*port),
            Self::Route(_) => NlbPort::Route,
        }
    }

    /// Returns the route of an Application Load Balancer. A port becomes a path, which is reported with its place.
    pub(crate) fn route(self, argument: impl Fn(String) -> crate::diag::WithOrigin<String>) -> Route {
        match self {
            Self::Route(route) => *route,
            Self::Port(port) => Route::path(argument(port.to_string())),
        }
    }
}

/// A load balancer that exists, with the name in logical ids.
pub(crate) struct ExistingAlbArg(pub(crate) Name, pub(crate) ExistingAlb);

impl FromScript for ExistingAlbArg {
    const EXPECTED: &'static str = "a map with `listener_arn`";

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        let map = value.as_map_ref().map_err(|_| None)?;
        if let Some(unknown) = map.keys().find(|key| !ExistingAlb::KEYS.contains(&key.as_str())) {
            let problem =
                Diagnostic::new(Code::ExistingLoadBalancer, format!("a load balancer has no fact `{unknown}`"));
            let keys: Vec<String> = ExistingAlb::KEYS.iter().map(|key| format!("`{key}`")).collect();
            let problem = problem.help_if(did_you_mean(unknown, ExistingAlb::KEYS));
            return Err(Some(problem.help(format!("the facts are {}", keys.join(", ")))));
        }
        let text = |key: &str| -> Result<Option<TemplateString>, ConversionError> {
            match map.get(key).filter(|value| !value.is_unit()) {
                Some(value) => to_text(value, argument.call.state).map(Some).map_err(not_text),
                None => Ok(None),
            }
        };
        let Some(listener_arn) = text("listener_arn")? else {
            let problem = Diagnostic::new(Code::ExistingLoadBalancer, "an existing load balancer needs `listener_arn`");
            return Err(Some(
                problem.help("add the ARN of the listener that gets the rules: `listener_arn: \"arn:..\"`"),
            ));
        };
        let existing = ExistingAlb {
            listener_arn,
            security_group_id: text("security_group_id")?,
            arn: text("arn")?,
            full_name: text("full_name")?,
            dns_name: text("dns_name")?,
            hosted_zone_id: text("hosted_zone_id")?,
            url: text("url")?,
        };
        let given = text("name")?.map(|name| name.to_string());
        name_of(&existing, given).map(|name| Self(name, existing))
    }
}

/// Returns the name in logical ids: the one that is given, that in the ARN of the listener, or that of what the ARN refers to.
fn name_of(existing: &ExistingAlb, given: Option<String>) -> Result<Name, ConversionError> {
    if let Some(given) = given {
        return Name::parse(&given).map_err(Some);
    }
    let referred = existing.listener_arn.refs().next().map(|reference| reference.id.as_str().replace(':', ""));
    let found = existing.name().or(referred).unwrap_or_else(|| "Existing".to_owned());
    // The name of a load balancer may begin with a digit.
    let is_letter = found.starts_with(|letter: char| letter.is_ascii_alphabetic());
    Name::parse(&if is_letter { found } else { format!("Alb{found}") }).map_err(Some)
}
