use std::rc::Rc;

use crate::block::{Block, Name, Vpc};
use crate::cfn::{TemplateString, Value};
use crate::script::registration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Vpc {
    const NAME: &'static str = "Vpc";
    const WHAT: &'static str = "a Vpc";

    const FUNCTIONS: &'static [Function] = functions! {
        /// A network with public and private subnets in two zones, and a NAT gateway for each zone.
        ///
        /// ```rhai
        /// Vpc("Net").cidr("10.1.0.0/16").azs(3).nat_gateways(1)
        /// ```
        fn Vpc(name: Name) |at| Vpc::new(at.put(name));
        /// The network of this id, which is there already; name its subnets with `.public_subnets` and `.private_subnets`.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .public_subnets(["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"])
        ///     .private_subnets(["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"]);
        /// Stack("web").add(service.cluster(Cluster("Apps").vpc(net)))
        /// ```
        fn Vpc::existing(id: TemplateString) |at| Vpc::existing(at.put(id));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// The addresses of the network, `10.0.0.0/16` unless set.
        ///
        /// ```rhai
        /// vpc.cidr("10.1.0.0/16")
        /// ```
        fn cidr(cidr: String) |vpc, at| vpc.cidr = at.set(cidr);
        /// The number of availability zones, 2 unless set; a load balancer needs two.
        ///
        /// ```rhai
        /// vpc.azs(3)
        /// ```
        fn azs(zones: i64) |vpc, at| vpc.azs = at.set(zones);
        /// The number of NAT gateways, one for each zone unless set; 0 gives public subnets alone.
        ///
        /// ```rhai
        /// vpc.nat_gateways(1)
        /// ```
        fn nat_gateways(gateways: i64) |vpc, at| vpc.nat_gateways = at.set(gateways);
        /// A way to an AWS service that stays inside the network: `s3`, `dynamodb`, `ecr.api`, `logs`.
        ///
        /// ```rhai
        /// vpc.endpoint("s3").endpoint("ecr.api")
        /// ```
        fn endpoint(service: String) |vpc, at| vpc.endpoint.push(at.put(service));
        /// Records the accepted and rejected traffic in CloudWatch Logs.
        ///
        /// ```rhai
        /// vpc.flow_logs()
        /// ```
        fn flow_logs() |vpc, at| vpc.flow_logs = at.flag();
        /// The ids of the public subnets of an existing network.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .public_subnets(["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]);
        /// Stack("web").add(Alb("Web").vpc(net))
        /// ```
        fn public_subnets(ids: Value) |vpc, at| vpc.public_subnets = at.set(ids);
        /// The ids of the private subnets of an existing network.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .public_subnets(["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"])
        ///     .private_subnets(["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"]);
        /// Stack("web").add(service.cluster(Cluster("Apps").vpc(net)))
        /// ```
        fn private_subnets(ids: Value) |vpc, at| vpc.private_subnets = at.set(ids);
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The id of the network.
        ///
        /// ```rhai
        /// Stack("web").add(vpc).output("Network", vpc.id)
        /// ```
        id |vpc| vpc.id();
    };

    fn block(this: &Rc<Self>) -> Option<Block> {
        Some(Block::Vpc(Rc::clone(this)))
    }
}
