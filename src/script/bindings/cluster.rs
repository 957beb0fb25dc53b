use std::rc::Rc;

use crate::block::{Cluster, Name, Vpc};
use crate::cfn::TemplateString;
use crate::script::convert::DependencyTargets;
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Cluster {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates an ECS cluster. It gets its own VPC if `.vpc` is not called.
        ///
        /// ```rhai
        /// Cluster("Apps").vpc(Vpc("Net")).container_insights()
        /// ```
        fn Cluster(name: Name) |at| Cluster::new(at.put(name));
        /// Refers to an existing cluster by its name. Give its VPC with `.vpc`.
        ///
        /// ```rhai
        /// Stack("web").add(service.cluster(Cluster::existing("apps").vpc(vpc)))
        /// ```
        fn Cluster::existing(name: TemplateString) |at| Cluster::existing(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the VPC that its services run in.
        ///
        /// ```rhai
        /// cluster.vpc(vpc)
        /// ```
        fn vpc(vpc: Rc<Vpc>) |cluster, at| cluster.vpc = at.set(vpc);
        /// Sets the number of availability zones of the cluster's own VPC.
        ///
        /// ```rhai
        /// cluster.azs(3)
        /// ```
        #[default = "2"]
        #[unless = "vpc"]
        fn azs(zones: i64) |cluster, at| cluster.azs = at.set(zones);
        /// Enables CloudWatch Container Insights: more metrics, each of which is charged.
        ///
        /// ```rhai
        /// cluster.container_insights()
        /// ```
        fn container_insights() |cluster, at| cluster.container_insights = at.flag();
        /// Adds the capacity provider FARGATE_SPOT, so that services can use Fargate Spot.
        ///
        /// ```rhai
        /// Stack("web").add(service.cluster(cluster.spot()).spot(4))
        /// ```
        fn spot() |cluster, at| cluster.spot = at.flag();
        /// Sets the Service Connect namespace in which its services find each other.
        ///
        /// ```rhai
        /// cluster.namespace("apps.internal")
        /// ```
        fn namespace(name: TemplateString) |cluster, at| cluster.namespace = at.set(name);
        /// Creates the cluster after other blocks or resources.
        ///
        /// ```rhai
        /// cluster.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |cluster, at| {
            cluster.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The physical name of the cluster.
        ///
        /// ```rhai
        /// Stack("web").add(cluster).output("Cluster", cluster.name)
        /// ```
        name |cluster| cluster.name();
        /// The ARN of the cluster.
        ///
        /// ```rhai
        /// Stack("web").add(cluster).output("Cluster", cluster.arn)
        /// ```
        arn |cluster| cluster.arn();
    };
}
