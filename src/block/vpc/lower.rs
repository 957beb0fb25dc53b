use crate::cfn::type_names::{GATEWAY_ATTACHMENT, INTERNET_GATEWAY, VPC};
use std::rc::Rc;

use super::layout::NetworkLayout;
use super::{SubnetKind, Vpc, endpoints, flow_logs, ipv6, subnets};
use crate::block::kind::BlockKind;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{Name, Ownership, depends_on};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString};
use crate::diag::{Code, Diagnostic, Origin, Sink};

impl BlockKind for Vpc {
    fn origin(&self) -> &Origin {
        self.identity.origin()
    }

    fn block_name(&self) -> Option<&Name> {
        self.identity.managed_name()
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        self.identity.managed_name().map(|_| self.logical_id()).into_iter().collect()
    }

    fn reference(&self) -> TemplateString {
        self.id()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let Ownership::Managed(name) = &self.identity else {
            return lowering.report_all(only_for_made(self));
        };
        lowering.report_all(only_for_existing(self));
        let mut problems = Sink::new();
        let plan = NetworkLayout::of(self, &mut problems);
        lowering.report_all(problems);
        let Some(plan) = plan else { return };
        let origin = &name.origin;
        let id = self.logical_id();
        let network = Resource::new(VPC, origin.clone())
            .with("CidrBlock", plan.range.to_string())
            .with("EnableDnsHostnames", true)
            .with("EnableDnsSupport", true)
            .with("InstanceTenancy", "default")
            .with("Tags", lowering.name_tag(&id))
            .with_origin("CidrBlock", &self.cidr);
        lowering.add(id, depends_on::apply(&self.depends_on, network));
        self.gateway(lowering, origin);
        ipv6::lower(self, lowering);
        subnets::lower(self, &plan, lowering);
        endpoints::lower(self, &plan, lowering);
        flow_logs::lower(self, lowering);
    }
}

impl Vpc {
    /// Returns a logical id inside the network.
    pub(super) fn part(&self, role: &str) -> LogicalId {
        format!("{}{role}", self.logical_id()).into()
    }

    fn gateway(&self, lowering: &mut Lowering<'_>, origin: &Origin) {
        let id = self.part("InternetGateway");
        let gateway = Resource::new(INTERNET_GATEWAY, origin.clone()).with("Tags", lowering.name_tag(&id));
        let attachment = Resource::new(GATEWAY_ATTACHMENT, origin.clone())
            .with("InternetGatewayId", Ref::to(id.clone()))
            .with("VpcId", self.id());
        lowering.add(id, gateway);
        lowering.add(self.part("GatewayAttachment"), attachment);
    }
}

/// Reports settings of an existing network that only a new one has.
fn only_for_made(vpc: &Vpc) -> Vec<Diagnostic> {
    let set = [
        ("cidr", vpc.cidr.as_ref().map(|set| &set.origin)),
        ("azs", vpc.azs.as_ref().map(|set| &set.origin)),
        ("nat_gateways", vpc.nat_gateways.as_ref().map(|set| &set.origin)),
        ("endpoint", vpc.endpoint.first().map(|set| &set.origin)),
        ("private_endpoints", vpc.private_endpoints.as_ref().map(|set| &set.origin)),
        ("isolated_subnets", vpc.isolated.as_ref().map(|set| &set.origin)),
        ("flow_logs", vpc.flow_logs.as_ref().map(|set| &set.origin)),
        ("depends_on", vpc.depends_on.first().map(|set| &set.origin)),
    ];
    let wrong = |(name, origin): (&str, Option<&Origin>)| {
        let problem = Diagnostic::new(Code::ExistingNetwork, format!("`.{name}` cannot change an existing VPC"))
            .at(origin?, "")
            .at(vpc.identity.origin(), "this stack does not manage the VPC")
            .help("leave it out, or create a VPC with `Vpc(\"Name\")`");
        Some(problem)
    };
    set.into_iter().filter_map(wrong).collect()
}

/// Reports settings of a new network that only an existing one has.
fn only_for_existing(vpc: &Vpc) -> Vec<Diagnostic> {
    let wrong = |side: SubnetKind| {
        let ids = vpc.given_subnets(side)?;
        let isolated = side == SubnetKind::Isolated;
        let name = format!("`.{}_subnets`{}", side.word(), if isolated { " with ids" } else { "" });
        let problem = Diagnostic::new(Code::ExistingNetwork, format!("{name} is for existing VPCs only"));
        let problem =
            problem.at(&ids.origin, "").help_if(isolated.then_some("leave the ids out: `.isolated_subnets()`"));
        Some(problem.help("a new VPC has its own subnets; use `Vpc::existing(id)` for existing ones"))
    };
    SubnetKind::ALL.into_iter().filter_map(wrong).collect()
}
