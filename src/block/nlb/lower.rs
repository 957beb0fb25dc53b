use std::rc::Rc;

use super::{Nlb, checks, listeners};
use crate::block::alb::{access_logs, admits};
use crate::block::kind::BlockKind;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::range_checks::is_port;
use crate::block::route::text_name;
use crate::block::vpc::SubnetKind;
use crate::block::{Name, Override, Vpc, depends_on};
use crate::cfn;
use crate::cfn::type_names::{LOAD_BALANCER, SECURITY_GROUP};
use crate::cfn::{LogicalId, Map, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

impl BlockKind for Nlb {
    fn origin(&self) -> &Origin {
        &self.name.origin
    }

    fn block_name(&self) -> Option<&Name> {
        Some(&self.name.value)
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        vec![self.logical_id(), self.security_group()]
    }

    fn reference(&self) -> TemplateString {
        self.arn()
    }

    fn overrides(&self) -> &[WithOrigin<Override>] {
        &self.overrides
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(checks::settings(self));
        let Some(vpc) = lowering.context.nlb_network(self) else {
            return lowering.report(checks::without_network(self));
        };
        self.group(&vpc, lowering);
        self.balancer(&vpc, lowering);
        listeners::lower(self, lowering);
        self.aliases(lowering);
    }
}

impl Nlb {
    fn group(&self, vpc: &Vpc, lowering: &mut Lowering<'_>) {
        let mut group = Resource::new(SECURITY_GROUP, self.name.origin.clone())
            .with("GroupDescription", format!("{} of {}", self.logical_id(), lowering.stack))
            .with("VpcId", vpc.id())
            .with_origin_at("VpcId", vpc.id_origin());
        let everywhere = [TemplateString::from("0.0.0.0/0")];
        let callers: Vec<&TemplateString> = match self.allow_from.as_slice() {
            [] => everywhere.iter().collect(),
            allowed => allowed.iter().map(|caller| &caller.value).collect(),
        };
        let mut rules = Vec::new();
        // A port out of range is reported once, where it is set.
        for listener in self.listeners().into_iter().filter(|listener| is_port(listener.port)) {
            for protocol in listener.transport.ip_protocols() {
                for (at, caller) in callers.iter().enumerate() {
                    let origin = self.allow_from.get(at).map_or(listener.origin, |caller| &caller.origin);
                    group = group.record_origin(&format!("SecurityGroupIngress.{}", rules.len()), origin);
                    rules.push(admits(caller, listener.port, protocol));
                }
            }
        }
        lowering.add(self.security_group(), group.with("SecurityGroupIngress", rules));
    }

    fn balancer(&self, vpc: &Vpc, lowering: &mut Lowering<'_>) {
        let inside = self.internal.is_some();
        let side = if inside { vpc.inner_side() } else { SubnetKind::Public };
        let Some(subnets) = vpc.subnet_ids(side) else {
            let problem =
                Diagnostic::new(Code::MissingSubnets, format!("the subnets of `{}` are not known", self.name.value));
            return lowering
                .report(problem.at(vpc.identity.origin(), "this VPC").at(&self.name.origin, "the load balancer"));
        };
        let mut balancer = Resource::new(LOAD_BALANCER, self.name.origin.clone())
            .with("Type", "network")
            .with("Scheme", if inside { "internal" } else { "internet-facing" })
            .with("SecurityGroups", cfn!([self.security_group_id()]))
            .with("LoadBalancerAttributes", self.attributes())
            .with_origin("Scheme", &self.internal)
            .with_origin("LoadBalancerAttributes.0", &self.deletion_protection)
            .with_origin("LoadBalancerAttributes.1", &self.cross_zone)
            .with_origin("LoadBalancerAttributes.3", &self.access_logs);
        balancer = self.placed(balancer, subnets, lowering);
        for way in vpc.internet_routes(SubnetKind::Public).into_iter().filter(|_| !inside) {
            balancer = balancer.after(way);
        }
        lowering.add(self.logical_id(), depends_on::apply(&self.depends_on, balancer));
        if let Some(logs) = &self.access_logs {
            access_logs::lower(logs, &self.logs_bucket(), access_logs::OF_NETWORK, lowering);
        }
    }

    /// Sets the subnets, with a static address in each if the script gives them.
    fn placed(&self, balancer: Resource, subnets: Value, lowering: &mut Lowering<'_>) -> Resource {
        let (property, addresses) = if self.elastic_ip.is_empty() {
            ("PrivateIPv4Address", &self.private_address)
        } else {
            ("AllocationId", &self.elastic_ip)
        };
        let Some(ids) = subnets.as_list().filter(|_| !addresses.is_empty()) else {
            return balancer.with("Subnets", subnets).with_origin("Subnets", &self.vpc);
        };
        lowering.report_all(checks::addresses(self, ids.len()));
        let mappings = ids.iter().zip(addresses).map(|(subnet, address)| {
            let mut mapping = Map::from_iter([("SubnetId".to_owned(), subnet.clone())]);
            mapping.insert(property.to_owned(), (&address.value).into());
            Value::Map(mapping)
        });
        let mut balancer = balancer.with("SubnetMappings", mappings.collect::<Vec<_>>());
        for (at, address) in addresses.iter().enumerate() {
            balancer = balancer.record_origin(&format!("SubnetMappings.{at}"), &address.origin);
        }
        balancer
    }

    fn logs_bucket(&self) -> LogicalId {
        format!("{}NlbAccessLogs", self.name.value.stem()).into()
    }

    fn attributes(&self) -> Value {
        let boolean = |set: bool| TemplateString::from(if set { "true" } else { "false" });
        let mut attributes = vec![
            ("deletion_protection.enabled", boolean(self.deletion_protection.is_some())),
            ("load_balancing.cross_zone.enabled", boolean(self.cross_zone.is_some())),
        ];
        if let Some(logs) = &self.access_logs {
            attributes.push(("access_logs.s3.enabled", boolean(true)));
            attributes.push(("access_logs.s3.bucket", access_logs::bucket(&logs.value, &self.logs_bucket())));
            attributes.extend(logs.value.prefix.clone().map(|prefix| ("access_logs.s3.prefix", prefix)));
        }
        attributes.into_iter().map(|(key, value)| cfn!({ "Key": key, "Value": value })).collect::<Vec<_>>().into()
    }

    /// Adds the records of the domains, whose ids have the name, as those of an Application Load Balancer.
    fn aliases(&self, lowering: &mut Lowering<'_>) {
        for domain in &self.domain {
            let target = cfn!({ "DNSName": self.dns_name(), "HostedZoneId": self.hosted_zone_id() });
            let record = Resource::new("AWS::Route53::RecordSet", domain.origin.clone())
                .with("Name", &domain.value.name)
                .with("Type", "A")
                .with("HostedZoneId", &domain.value.hosted_zone_id)
                .with("AliasTarget", target);
            lowering.add(format!("{}AliasRecord", text_name(&domain.value.name)), record);
        }
    }
}
