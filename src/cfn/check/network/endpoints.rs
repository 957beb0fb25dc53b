//! VPC endpoints: the properties and services of each type, and routes to them.
//!
//! Sources: `CreateVpcEndpoint` and `CreateRoute` of the EC2 API; "Gateway endpoints" of the guide to AWS `PrivateLink`.

use crate::cfn::check::context::{CheckContext, ResourceEntry, is_true};
use crate::cfn::type_names::{ROUTE, VPC_ENDPOINT};
use crate::cfn::{Segment, Value};
use crate::diag::{Code, Diagnostic, Sink};

const TYPE: &str = "VpcEndpointType";
/// The services with gateway endpoints.
const GATEWAYS: [&str; 3] = ["s3", "dynamodb", "s3express"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for endpoint in scope.all(VPC_ENDPOINT) {
        let kind = match endpoint.text(TYPE) {
            Some(kind) => kind,
            None if endpoint.lacks(TYPE) => "Gateway",
            None => continue,
        };
        sink.extend(service(endpoint, kind));
        sink.extend(property(endpoint, kind));
    }
    scope.all(ROUTE).for_each(|route| sink.extend(target(route, scope)));
}

/// Reports a gateway for a service that has none.
fn service(endpoint: ResourceEntry<'_>, kind: &str) -> Option<Diagnostic> {
    let Value::Text(name) = endpoint.get("ServiceName")? else { return None };
    let Some(Segment::Literal(last)) = name.pieces().last() else { return None };
    let last = last.rsplit('.').next().unwrap_or(last);
    let is_of_aws =
        matches!(name.pieces().first(), Some(Segment::Literal(start)) if start.starts_with("com.amazonaws."));
    (kind == "Gateway" && is_of_aws && !GATEWAYS.contains(&last)).then(|| {
        let message = format!("the service `{last}` has no gateway endpoint");
        endpoint
            .error(Code::EndpointType, "ServiceName", message)
            .help("set `VpcEndpointType: Interface`, with `SubnetIds`")
    })
}

/// Reports a property of another type of endpoint.
fn property(endpoint: ResourceEntry<'_>, kind: &str) -> Option<Diagnostic> {
    let refused: &[&str] = match kind {
        "Gateway" => &["SubnetIds", "SecurityGroupIds", "PrivateDnsEnabled"],
        "Interface" => &["RouteTableIds"],
        _ => return None,
    };
    let is_set = |name: &&&str| match endpoint.get(name) {
        Some(Value::List(items)) => !items.is_empty(),
        Some(value) => **name != "PrivateDnsEnabled" || is_true(value),
        None => false,
    };
    let name = refused.iter().find(is_set)?;
    let problem =
        endpoint.error(Code::EndpointType, name, format!("an endpoint of type `{kind}` does not take `{name}`"));
    Some(match kind {
        "Gateway" if endpoint.lacks(TYPE) => {
            problem.help("set `VpcEndpointType: Interface`: without it the type is `Gateway`")
        }
        "Gateway" => problem.help("use `RouteTableIds`, or set `VpcEndpointType: Interface`"),
        _ => problem.help("use `SubnetIds`, or set `VpcEndpointType: Gateway`"),
    })
}

/// Reports a route to an endpoint that is not of a Gateway Load Balancer.
fn target(route: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let endpoint = scope.target(route.get("VpcEndpointId")?, VPC_ENDPOINT)?;
    let kind = match endpoint.text(TYPE) {
        Some(kind) => kind,
        None if endpoint.lacks(TYPE) => "Gateway",
        None => return None,
    };
    (kind == "Gateway" || kind == "Interface").then(|| {
        let message = format!("a route cannot lead to the endpoint `{}`, which is of type `{kind}`", endpoint.id);
        let problem = route.error(Code::EndpointType, "VpcEndpointId", message);
        problem.at(&endpoint.resource.origin, "the endpoint").help(match kind {
            "Gateway" => "remove the route: a gateway endpoint adds its own to the tables of `RouteTableIds`",
            _ => "remove the route: an interface endpoint is reached by its addresses",
        })
    })
}
