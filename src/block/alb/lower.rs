use crate::cfn::type_names::{LOAD_BALANCER, SECURITY_GROUP};
use std::rc::Rc;

use super::{Alb, access_logs, checks, existing, listeners};
use crate::block::kind::BlockKind;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::range_checks::is_port;
use crate::block::route::text_name;
use crate::block::vpc::SubnetKind;
use crate::block::{Name, Override, Vpc, depends_on};
use crate::cfn;
use crate::cfn::{LogicalId, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

impl BlockKind for Alb {
    fn origin(&self) -> &Origin {
        &self.name.origin
    }

    fn block_name(&self) -> Option<&Name> {
        Some(&self.name.value).filter(|_| self.existing.is_none())
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        if self.existing.is_some() {
            return Vec::new();
        }
        vec![self.logical_id(), self.security_group()]
    }

    fn reference(&self) -> TemplateString {
        match &self.existing {
            Some(existing) => existing.value.arn.clone().unwrap_or_default(),
            None => self.arn(),
        }
    }

    fn overrides(&self) -> &[WithOrigin<Override>] {
        &self.overrides
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(checks::actions(self));
        if let Some(existing) = &self.existing {
            return lowering.report_all(existing::problems(self, &existing.value));
        }
        lowering.report_all(checks::settings(self));
        lowering.report_all(checks::one_network(self, lowering.context));
        let Some(vpc) = lowering.context.alb_network(self) else {
            return lowering.report(without_network(self));
        };
        if let Some(problem) = checks::network_of_other_stack(self, &vpc, lowering.context) {
            return lowering.report(problem);
        }
        lowering.report_all(checks::two_zones(self, &vpc));
        self.group(&vpc, lowering);
        self.balancer(&vpc, lowering);
        listeners::lower(self, lowering);
        self.aliases(lowering);
    }
}

impl Alb {
    fn group(&self, vpc: &Vpc, lowering: &mut Lowering<'_>) {
        let id = self.security_group();
        let mut group = Resource::new(SECURITY_GROUP, self.name.origin.clone())
            .with("GroupDescription", format!("{} of {}", self.logical_id(), lowering.stack))
            .with("VpcId", vpc.id())
            .with_origin_at("VpcId", vpc.id_origin());
        let everywhere = [TemplateString::from("0.0.0.0/0"), TemplateString::from("::/0")];
        let families = if self.dual_stack.is_some() { 2 } else { 1 };
        let callers: Vec<&TemplateString> = match self.allow_from.as_slice() {
            [] => everywhere[..families].iter().collect(),
            allowed => allowed.iter().map(|caller| &caller.value).collect(),
        };
        let mut rules = Vec::new();
        // A port out of range is reported once, where it is set.
        for listener in self.listeners().into_iter().filter(|listener| is_port(listener.port)) {
            for (at, caller) in callers.iter().enumerate() {
                let origin = self.allow_from.get(at).map_or(&listener.origin, |caller| &caller.origin);
                group = group.record_origin(&format!("SecurityGroupIngress.{}", rules.len()), origin);
                rules.push(admits(caller, listener.port, "tcp"));
            }
        }
        lowering.add(id, group.with("SecurityGroupIngress", rules));
    }

    fn balancer(&self, vpc: &Vpc, lowering: &mut Lowering<'_>) {
        let inside = self.internal.is_some();
        let side = if inside { vpc.inner_side() } else { SubnetKind::Public };
        let Some(subnets) = vpc.subnet_ids(side) else {
            return lowering.report(checks::without_subnets(self, vpc, side));
        };
        let attributes = self.attributes();
        let logs_at = attributes.iter().position(access_logs::is_bucket).unwrap_or_default();
        let mut balancer = Resource::new(LOAD_BALANCER, self.name.origin.clone())
            .with("Type", "application")
            .with("Scheme", if inside { "internal" } else { "internet-facing" })
            .with("SecurityGroups", cfn!([self.security_group_id()]))
            .with("Subnets", subnets)
            .with("LoadBalancerAttributes", Value::List(attributes))
            .with_origin("Scheme", &self.internal)
            .with_origin("Subnets", &self.vpc)
            .with_origin_at("Subnets", vpc.subnets_origin(side))
            .with_origin("LoadBalancerAttributes.0", &self.deletion_protection)
            .with_origin("LoadBalancerAttributes.1", &self.drop_invalid_headers)
            .with_origin(&format!("LoadBalancerAttributes.{logs_at}"), &self.access_logs);
        for way in vpc.internet_routes(SubnetKind::Public).into_iter().filter(|_| !inside) {
            balancer = balancer.after(way);
        }
        balancer = balancer.set("IpAddressType", &self.dual_stack, |()| "dualstack");
        balancer = depends_on::apply(&self.depends_on, balancer);
        lowering.add(self.logical_id(), balancer);
        if let Some(logs) = &self.access_logs {
            access_logs::lower(logs, &self.logs_bucket(), access_logs::OF_APPLICATION, lowering);
        }
        if let Some(acl) = &self.waf {
            let association = Resource::new("AWS::WAFv2::WebACLAssociation", acl.origin.clone())
                .with("ResourceArn", self.arn())
                .with("WebACLArn", &acl.value);
            lowering.add(format!("{}WebAclAssociation", self.name.value.stem()), association);
        }
    }

    fn logs_bucket(&self) -> LogicalId {
        format!("{}AccessLogs", self.logical_id()).into()
    }

    fn attributes(&self) -> Vec<Value> {
        let boolean = |set: bool| TemplateString::from(if set { "true" } else { "false" });
        let mut attributes = vec![
            ("deletion_protection.enabled", boolean(self.deletion_protection.is_some())),
            ("routing.http.drop_invalid_header_fields.enabled", boolean(true)),
        ];
        if let Some(seconds) = &self.idle_timeout {
            attributes.push(("idle_timeout.timeout_seconds", seconds.value.to_string().into()));
        }
        if let Some(logs) = &self.access_logs {
            attributes.push(("access_logs.s3.enabled", boolean(true)));
            attributes.push(("access_logs.s3.bucket", access_logs::bucket(&logs.value, &self.logs_bucket())));
            attributes.extend(logs.value.prefix.clone().map(|prefix| ("access_logs.s3.prefix", prefix)));
        }
        attributes.into_iter().map(|(key, value)| cfn!({ "Key": key, "Value": value })).collect()
    }

    /// Adds the records of the domains. Route 53 refuses a second record of a name, so the ids have the name: a load balancer
    /// that takes the place of another one keeps the record.
    fn aliases(&self, lowering: &mut Lowering<'_>) {
        for domain in &self.domain {
            let families = [("A", "AliasRecord"), ("AAAA", "AliasRecordIpv6")];
            for (kind, role) in families.into_iter().take(if self.dual_stack.is_some() { 2 } else { 1 }) {
                let target = cfn!({ "DNSName": self.dns_name(), "HostedZoneId": self.hosted_zone_id() });
                let record = Resource::new("AWS::Route53::RecordSet", domain.origin.clone())
                    .with("Name", &domain.value.name)
                    .with("Type", kind)
                    .with("HostedZoneId", &domain.value.hosted_zone_id)
                    .with("AliasTarget", target);
                lowering.add(format!("{}{role}", text_name(&domain.value.name)), record);
            }
        }
    }
}

/// Returns the rule of a security group that admits callers on a port.
pub(in crate::block) fn admits(caller: &TemplateString, port: i64, protocol: &str) -> Value {
    let version = if caller.as_str().is_some_and(|cidr| cidr.contains(':')) { "CidrIpv6" } else { "CidrIp" };
    let mut rule = crate::cfn::Map::new();
    rule.insert(version.to_owned(), caller.into());
    rule.insert("Description".to_owned(), format!("Callers of port {port}").into());
    rule.insert("FromPort".to_owned(), port.into());
    rule.insert("IpProtocol".to_owned(), protocol.into());
    rule.insert("ToPort".to_owned(), port.into());
    rule.into()
}

fn without_network(alb: &Alb) -> Diagnostic {
    Diagnostic::new(Code::AlbWithoutNetwork, format!("`{}` has no VPC", alb.name.value))
        .at(&alb.name.origin, "no service is attached to it")
        .help("set one with `.vpc(vpc)`, or attach a service with `.behind(alb)`")
}
