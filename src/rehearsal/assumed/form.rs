//! The form of a value that a rehearsal assumes: by the type of its parameter, else by the property that uses it, else by
//! the words of its name.

use crate::cfn::{Function, Intrinsic, Segment, Template, TemplateString, Value};
use crate::deploy::api::AwsEnvironment;
use crate::rehearsal::rng::hex;

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An id with this prefix: `vpc-0a1b2c3d4e5f60718`.
    Id(&'static str),
    /// An ARN: the service, and the resource before the id.
    Arn(&'static str, &'static str),
    HostedZone,
    AvailabilityZone,
    Number,
    Text,
}

/// A kind of value, alone or as a list with commas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValueForm {
    kind: Kind,
    is_list: bool,
}

/// Properties and words of names, with the kinds of their values; the first that fits decides. Plural forms fit, too.
const KINDS: &[(&[&str], Kind)] = &[
    (&["vpcid", "vpc"], Kind::Id("vpc")),
    (&["subnetid", "subnet"], Kind::Id("subnet")),
    (&["securitygroupid", "sourcesecuritygroupid", "destinationsecuritygroupid", "securitygroup"], Kind::Id("sg")),
    (&["filesystemid", "filesystem"], Kind::Id("fs")),
    (&["accesspointid", "accesspoint"], Kind::Id("fsap")),
    (&["imageid", "ami"], Kind::Id("ami")),
    (&["routetableid", "routetable"], Kind::Id("rtb")),
    (&["natgatewayid", "natgateway"], Kind::Id("nat")),
    (&["internetgatewayid", "internetgateway"], Kind::Id("igw")),
    (&["hostedzoneid", "hostedzone", "zone"], Kind::HostedZone),
    (&["availabilityzone"], Kind::AvailabilityZone),
    (&["certificatearn", "acmcertificatearn", "certificate", "cert"], Kind::Arn("acm", "certificate/")),
    (&["kmskeyid", "kmskeyarn", "kmsmasterkeyid", "keyarn", "kmskey"], Kind::Arn("kms", "key/")),
    (&["rolearn", "taskrolearn", "executionrolearn", "role"], Kind::Arn("iam", "role/")),
    (&["listenerarn", "listener"], Kind::Arn("elasticloadbalancing", "listener/app/assumed/0123456789abcdef/")),
    (&["targetgrouparn", "targetgroup"], Kind::Arn("elasticloadbalancing", "targetgroup/assumed/")),
    (
        &["loadbalancerarn", "loadbalancer", "alb", "nlb"],
        Kind::Arn("elasticloadbalancing", "loadbalancer/app/assumed/"),
    ),
    (&["topicarn", "topic"], Kind::Arn("sns", "")),
    (&["queuearn"], Kind::Arn("sqs", "")),
    (&["webaclarn", "webacl"], Kind::Arn("wafv2", "regional/webacl/assumed/")),
    (&["secretarn", "valuefrom", "secret"], Kind::Arn("secretsmanager", "secret:assumed-")),
    (&["port", "fromport", "toport", "containerport", "desiredcount", "mincapacity", "maxcapacity"], Kind::Number),
];

impl ValueForm {
    /// Returns the form of the type of a parameter: `AWS::EC2::VPC::Id`, `List<AWS::EC2::Subnet::Id>`; none for text, whose
    /// use decides ("CloudFormation-supplied parameter types", user guide).
    pub(super) fn of_type(kind: &str) -> Option<Self> {
        let inner = kind.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|rest| rest.strip_suffix('>'));
        let inner = inner.unwrap_or(kind);
        let item = inner.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>'));
        let is_list = item.is_some() || inner == "CommaDelimitedList";
        let kind = match item.unwrap_or(inner) {
            "AWS::EC2::VPC::Id" => Kind::Id("vpc"),
            "AWS::EC2::Subnet::Id" => Kind::Id("subnet"),
            "AWS::EC2::SecurityGroup::Id" => Kind::Id("sg"),
            "AWS::EC2::Image::Id" => Kind::Id("ami"),
            "AWS::EC2::Instance::Id" => Kind::Id("i"),
            "AWS::EC2::Volume::Id" => Kind::Id("vol"),
            "AWS::EC2::AvailabilityZone::Name" => Kind::AvailabilityZone,
            "AWS::Route53::HostedZone::Id" => Kind::HostedZone,
            "AWS::EC2::KeyPair::KeyName" | "AWS::EC2::SecurityGroup::GroupName" => Kind::Text,
            "Number" => Kind::Number,
            _ => return None,
        };
        Some(Self { kind, is_list })
    }

    /// Returns the value of a name: the same in every rehearsal with the seed.
    pub(super) fn value(self, seed: u64, name: &str, environment: &AwsEnvironment) -> String {
        let one = |at: &str| self.kind.value(seed, &[name, at], environment);
        // A load balancer needs two subnets.
        if self.is_list { [one("1"), one("2")].join(",") } else { one("1") }
    }
}

impl Kind {
    fn value(self, seed: u64, key: &[&str], environment: &AwsEnvironment) -> String {
        let AwsEnvironment { account, region, partition } = environment;
        match self {
            Kind::Id(prefix) => format!("{prefix}-{}", hex(seed, key, 17)),
            Kind::Arn("iam", resource) => {
                format!("arn:{partition}:iam::{account}:{resource}assumed-{}", hex(seed, key, 8))
            }
            Kind::Arn(service, resource) => {
                format!("arn:{partition}:{service}:{region}:{account}:{resource}{}", hex(seed, key, 16))
            }
            Kind::HostedZone => format!("Z{}", hex(seed, key, 20).to_uppercase()),
            Kind::AvailabilityZone => format!("{region}{}", if key.last() == Some(&"2") { "b" } else { "a" }),
            Kind::Number => "80".to_owned(),
            Kind::Text => format!("assumed-{}", hex(seed, key, 8)),
        }
    }
}

/// Returns the form of a value that the template refers to by a parameter.
pub(super) fn of_reference(template: &Template, id: &str, name: &str) -> ValueForm {
    let is_used = |text: &TemplateString| {
        text.pieces().iter().any(|piece| matches!(piece, Segment::Ref(found) if found.id.as_str() == id))
    };
    by_use(template, &is_used).unwrap_or_else(|| by_name(name))
}

/// Returns the form of a value whose use is this text.
pub(super) fn of_text(template: &Template, use_text: &str, name: &str) -> ValueForm {
    let is_used = |text: &TemplateString| {
        text.pieces().iter().any(|piece| matches!(piece, Segment::Literal(found) if found.contains(use_text)))
    };
    by_use(template, &is_used).unwrap_or_else(|| by_name(name))
}

/// Returns the form of an export that the template imports.
pub(super) fn of_import(template: &Template, name: &str) -> ValueForm {
    by_use(template, &|text| text.as_str() == Some(name)).unwrap_or_else(|| by_name(name))
}

/// Returns the form by the first property whose value uses the text.
fn by_use(template: &Template, is_used: &dyn Fn(&TemplateString) -> bool) -> Option<ValueForm> {
    let properties = template.resources.values().flat_map(|resource| &resource.properties);
    let mut found = properties.filter_map(|(key, value)| use_in(value, Use { key, is_split: false }, is_used));
    found.find_map(|place| {
        let (kind, is_plural) = kind_of(place.key)?;
        // `Subnets: !Split [",", value]` takes the whole list; `Subnets: [value]` takes one.
        Some(ValueForm { kind, is_list: place.is_split || (is_plural && place.is_whole(template, is_used)) })
    })
}

/// The place of a use: the property, and whether `Fn::Split` makes a list of it.
#[derive(Clone, Copy)]
struct Use<'t> {
    key: &'t str,
    is_split: bool,
}

impl Use<'_> {
    /// Returns whether a use is the whole value of a property with this name, not an item of a list.
    fn is_whole(self, template: &Template, is_used: &dyn Fn(&TemplateString) -> bool) -> bool {
        let mut properties = template.resources.values().flat_map(|resource| &resource.properties);
        properties.any(|(key, value)| is_whole(key, value, self.key, is_used))
    }
}

fn is_whole(key: &str, value: &Value, wanted: &str, is_used: &dyn Fn(&TemplateString) -> bool) -> bool {
    match value {
        Value::Map(map) => map.iter().any(|(key, value)| is_whole(key, value, wanted, is_used)),
        Value::List(items) => {
            items.iter().any(|item| matches!(item, Value::Map(_)) && is_whole("", item, wanted, is_used))
        }
        other => key == wanted && use_in(other, Use { key, is_split: false }, is_used).is_some(),
    }
}

fn use_in<'t>(value: &'t Value, place: Use<'t>, is_used: &dyn Fn(&TemplateString) -> bool) -> Option<Use<'t>> {
    match value {
        Value::Map(map) => map.iter().find_map(|(key, value)| use_in(value, Use { key, is_split: false }, is_used)),
        Value::List(items) => items.iter().find_map(|item| use_in(item, place, is_used)),
        Value::Text(text) if is_used(text) => Some(place),
        Value::Text(text) => text.pieces().iter().find_map(|piece| match piece {
            Segment::Call(call) => use_in_call(call, place, is_used),
            _ => None,
        }),
        Value::Call(call) => use_in_call(call, place, is_used),
        _ => None,
    }
}

fn use_in_call<'t>(call: &'t Intrinsic, place: Use<'t>, is_used: &dyn Fn(&TemplateString) -> bool) -> Option<Use<'t>> {
    let is_split = place.is_split || call.function == Function::Split;
    use_in(&call.argument, Use { is_split, ..place }, is_used)
}

/// Returns the kind of the values of a property, and whether its name is a plural.
fn kind_of(key: &str) -> Option<(Kind, bool)> {
    let lower = key.to_ascii_lowercase();
    let found = |name: &str| KINDS.iter().find(|(names, _)| names.contains(&name)).map(|(_, kind)| *kind);
    found(&lower).map(|kind| (kind, false)).or_else(|| Some((found(lower.strip_suffix('s')?)?, true)))
}

/// Returns the form by the words of a name: `/network/prod/public-subnets` is a list of subnets.
fn by_name(name: &str) -> ValueForm {
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let text = ValueForm { kind: Kind::Text, is_list: false };
    // The last words say most: `vpc/subnets` is about subnets. Two words may be one: `security-groups`.
    for at in (0..words.len()).rev() {
        for length in (1..=3.min(at + 1)).rev() {
            let joined = words[at + 1 - length..=at].concat();
            if let Some((kind, is_list)) = kind_of(&joined).or_else(|| kind_of(&camel_end(&joined))) {
                return ValueForm { kind, is_list };
            }
        }
    }
    text
}

/// Returns the end of a name in CamelCase: `SubnetIds` of `PublicSubnetIds`.
fn camel_end(name: &str) -> String {
    let starts: Vec<usize> =
        name.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()).map(|(at, _)| at).collect();
    let ends = starts.iter().map(|start| &name[*start..]);
    ends.filter(|end| kind_of(end).is_some()).max_by_key(|end| end.len()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    fn environment() -> AwsEnvironment {
        AwsEnvironment { account: "1".to_owned(), region: "eu-west-1".to_owned(), partition: "aws".to_owned() }
    }

    fn shape(form: ValueForm) -> String {
        let value = form.value(1, "x", &environment());
        let ids: Vec<&str> =
            value.split(',').map(|one| one.rsplit_once(['-', '/']).map_or(one, |(kind, _)| kind)).collect();
        ids.join(",")
    }

    #[test]
    fn type_of_a_parameter_decides() {
        let of = |kind: &str| ValueForm::of_type(kind).map(shape);
        assert_eq!(of("AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>").as_deref(), Some("vpc"));
        assert_eq!(of("AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>").as_deref(), Some("subnet,subnet"));
        assert_eq!(of("AWS::SSM::Parameter::Value<String>"), None);
    }

    #[test]
    fn property_that_uses_the_value_decides() {
        let template = parse::template(
            "t",
            "Parameters: {Net: {Type: 'AWS::SSM::Parameter::Value<String>', Default: x}}\n\
             Resources:\n  G: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: g, VpcId: !Ref Net}}\n  \
             A:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      \
             Subnets: !Split [',', !ImportValue lan]\n      SecurityGroups: ['{{resolve:ssm:/door}}']\n  \
             L: {Type: 'AWS::ElasticLoadBalancingV2::Listener', Properties: {Certificates: [{CertificateArn: !ImportValue tls}]}}\n",
        );
        let template = template.value.expect("a template");
        assert_eq!(shape(of_reference(&template, "Net", "x")), "vpc");
        assert_eq!(shape(of_import(&template, "lan")), "subnet,subnet");
        assert_eq!(shape(of_text(&template, "resolve:ssm:/door", "/door")), "sg");
        assert_eq!(shape(of_import(&template, "tls")), "arn:aws:acm:eu-west-1:1:certificate");
    }

    #[test]
    fn words_of_the_name_decide_last() {
        for (name, expected) in [
            ("/network/prod/vpc", "vpc"),
            ("/vpc/public-subnets", "subnet,subnet"),
            ("prod-PublicSubnetIds", "subnet,subnet"),
            ("security-groups", "sg,sg"),
            ("/dns/hosted-zone", "Z"),
            ("/team/greeting", "assumed"),
        ] {
            assert!(shape(by_name(name)).starts_with(expected), "{name}: {}", shape(by_name(name)));
        }
    }
}
