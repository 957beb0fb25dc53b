use crate::cfn::type_names::CLUSTER;
use std::rc::Rc;

use super::Cluster;
use crate::block::kind::BlockKind;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{Name, Ownership, depends_on};
use crate::cfn;
use crate::cfn::{LogicalId, Resource, TemplateString};
use crate::diag::{Code, Diagnostic, Origin};

impl BlockKind for Cluster {
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
        self.name()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(self.azs_with_network());
        let Ownership::Managed(name) = &self.identity else {
            return lowering.report_all(self.only_for_made());
        };
        let insights = cfn!([cfn!({ "Name": "containerInsights", "Value": "enabled" })]);
        let cluster = Resource::new(CLUSTER, name.origin.clone())
            .set("ClusterSettings", &self.container_insights, |()| insights)
            .set("CapacityProviders", &self.spot, |()| cfn!(["FARGATE", "FARGATE_SPOT"]))
            .set("ServiceConnectDefaults", &self.namespace, |namespace| cfn!({ "Namespace": namespace }));
        lowering.add(self.logical_id(), depends_on::apply(&self.depends_on, cluster));
    }
}

impl Cluster {
    fn azs_with_network(&self) -> Option<Diagnostic> {
        let (azs, vpc) = (self.azs.as_ref()?, self.vpc.as_ref()?);
        Some(
            Diagnostic::new(Code::AzsWithNetwork, "`.azs` has no effect: the VPC defines the availability zones")
                .at(&azs.origin, "has no effect")
                .at(&vpc.origin, "the VPC is set here")
                .help("set `.azs` on the `Vpc` instead"),
        )
    }

    fn only_for_made(&self) -> Vec<Diagnostic> {
        let set = [
            ("azs", self.azs.as_ref().map(|set| &set.origin)),
            ("container_insights", self.container_insights.as_ref().map(|set| &set.origin)),
            ("depends_on", self.depends_on.first().map(|set| &set.origin)),
        ];
        let wrong = |(name, origin): (&str, Option<&Origin>)| {
            let message = format!("`.{name}` cannot change an existing cluster");
            Some(
                Diagnostic::new(Code::ExistingCluster, message)
                    .at(origin?, "")
                    .at(self.identity.origin(), "this stack does not manage the cluster")
                    .help("leave it out, or create a cluster with `Cluster(\"Name\")`"),
            )
        };
        set.into_iter().filter_map(wrong).collect()
    }
}
