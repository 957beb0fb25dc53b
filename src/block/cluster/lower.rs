use super::Cluster;
use crate::block::Ownership;
use crate::block::lowering::{Lowering, RecordOrigin};
use crate::cfn;
use crate::cfn::Resource;
use crate::diag::{Code, Diagnostic, Origin};

impl Cluster {
    pub(crate) fn lower(&self, scope: &mut Lowering<'_>) {
        scope.problems(self.azs_beside_network());
        let Ownership::Managed(name) = &self.identity else {
            return scope.problems(self.only_for_made());
        };
        let insights = self.container_insights.as_ref();
        let settings = insights.map(|_| cfn!([cfn!({ "Name": "containerInsights", "Value": "enabled" })]));
        let providers = self.spot.as_ref().map(|_| cfn!(["FARGATE", "FARGATE_SPOT"]));
        let namespace = self.namespace.as_ref().map(|namespace| cfn!({ "Namespace": &namespace.value }));
        let cluster = Resource::new("AWS::ECS::Cluster", name.origin.clone())
            .with_some("ClusterSettings", settings)
            .with_some("CapacityProviders", providers)
            .with_some("ServiceConnectDefaults", namespace)
            .marked("ClusterSettings", insights)
            .marked("CapacityProviders", self.spot.as_ref())
            .marked("ServiceConnectDefaults.Namespace", self.namespace.as_ref());
        scope.add(self.logical_id(), cluster);
    }

    fn azs_beside_network(&self) -> Option<Diagnostic> {
        let (azs, vpc) = (self.azs.as_ref()?, self.vpc.as_ref()?);
        Some(
            Diagnostic::new(Code::AzsWithNetwork, "the zones of a network are its own affair")
                .at(&azs.origin, "without effect on the network that was given")
                .at(&vpc.origin, "the network is given here")
                .help("set `.azs` on the `Vpc` instead"),
        )
    }

    fn only_for_made(&self) -> Vec<Diagnostic> {
        let set = [
            ("azs", self.azs.as_ref().map(|set| &set.origin)),
            ("container_insights", self.container_insights.as_ref().map(|set| &set.origin)),
        ];
        let wrong = |(name, origin): (&str, Option<&Origin>)| {
            let message = format!("`.{name}` cannot change a cluster that exists");
            Some(
                Diagnostic::new(Code::ExistingCluster, message)
                    .at(origin?, "")
                    .at(self.identity.origin(), "the cluster is not made by this stack")
                    .help("leave it out, or make a cluster with `Cluster(\"Name\")`"),
            )
        };
        set.into_iter().filter_map(wrong).collect()
    }
}
