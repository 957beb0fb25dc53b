use std::rc::Rc;

use crate::block::{Block, Cluster, Name, Vpc};
use crate::cfn::TemplateString;
use crate::script::registration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Cluster {
    const NAME: &'static str = "Cluster";
    const WHAT: &'static str = "a Cluster";

    const FUNCTIONS: &'static [Function] = functions! {
        /// An ECS cluster, with a network of its own unless `.vpc` names one.
        ///
        /// ```rhai
        /// Cluster("Apps").vpc(Vpc("Net")).container_insights()
        /// ```
        fn Cluster(name: Name) |at| Cluster::new(at.put(name));
        /// The cluster of this name, which is there already; name its network with `.vpc`.
        ///
        /// ```rhai
        /// Stack("web").add(service.cluster(Cluster::existing("apps").vpc(vpc)))
        /// ```
        fn Cluster::existing(name: TemplateString) |at| Cluster::existing(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// The network that its services run in.
        ///
        /// ```rhai
        /// cluster.vpc(vpc)
        /// ```
        fn vpc(vpc: Rc<Vpc>) |cluster, at| cluster.vpc = at.set(vpc);
        /// The availability zones of its own network, 2 unless set.
        ///
        /// ```rhai
        /// cluster.azs(3)
        /// ```
        fn azs(zones: i64) |cluster, at| cluster.azs = at.set(zones);
        /// CloudWatch Container Insights: more metrics, at a price for each metric.
        ///
        /// ```rhai
        /// cluster.container_insights()
        /// ```
        fn container_insights() |cluster, at| cluster.container_insights = at.flag();
        /// Lets services use FARGATE_SPOT.
        ///
        /// ```rhai
        /// Stack("web").add(service.cluster(cluster.spot()).spot(4))
        /// ```
        fn spot() |cluster, at| cluster.spot = at.flag();
        /// The namespace in which its services find one another (Service Connect).
        ///
        /// ```rhai
        /// cluster.namespace("apps.internal")
        /// ```
        fn namespace(name: TemplateString) |cluster, at| cluster.namespace = at.set(name);
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

    fn block(this: &Rc<Self>) -> Option<Block> {
        Some(Block::Cluster(Rc::clone(this)))
    }
}
