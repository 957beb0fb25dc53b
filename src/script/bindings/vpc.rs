use crate::block::{Name, Vpc};
use crate::cfn::{TemplateString, Value};
use crate::script::convert::DependencyTargets;
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Vpc {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a VPC with public and private subnets in two availability zones, and a NAT gateway in each zone.
        /// `.nat_gateways(0)` and `.isolated_subnets()` make isolated subnets.
        ///
        /// ```rhai
        /// Vpc("Net").cidr("10.1.0.0/16").azs(3).nat_gateways(1)
        /// ```
        fn Vpc(name: Name) |at| Vpc::new(at.put(name));
        /// Refers to an existing VPC by its id. Give its subnets with `.public_subnets`, `.private_subnets` and
        /// `.isolated_subnets`, as lists of ids or list parameters.
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
        /// Sets the CIDR block of the VPC.
        ///
        /// ```rhai
        /// vpc.cidr("10.1.0.0/16")
        /// ```
        #[default = "10.0.0.0/16"]
        fn cidr(cidr: String) |vpc, at| vpc.cidr = at.set(cidr);
        /// Sets the number of availability zones. A load balancer needs at least two.
        ///
        /// ```rhai
        /// vpc.azs(3)
        /// ```
        #[default = "2"]
        fn azs(zones: i64) |vpc, at| vpc.azs = at.set(zones);
        /// Sets the number of NAT gateways. With 0 the VPC has public and isolated subnets, and none that are private.
        ///
        /// ```rhai
        /// vpc.nat_gateways(1)
        /// ```
        #[default = "one in each zone"]
        fn nat_gateways(gateways: i64) |vpc, at| vpc.nat_gateways = at.set(gateways);
        /// Adds a VPC endpoint: traffic to this AWS service stays inside the VPC.
        ///
        /// ```rhai
        /// vpc.endpoint("s3").endpoint("ecr.api")
        /// ```
        #[adds = "an endpoint"]
        #[such_as = ["s3", "dynamodb", "ecr.api", "logs"]]
        fn endpoint(service: String) |vpc, at| vpc.endpoint.push(at.put(service));
        /// Adds the endpoints that the tasks of this VPC need without a way to the internet: for images of ECR, logs, secrets,
        /// parameters, ECS Exec, and the services that their permissions and links name. Without NAT gateways, tasks then run in
        /// isolated subnets. Each interface endpoint costs money for each hour and zone.
        ///
        /// ```rhai
        /// let net = Vpc("Net").nat_gateways(0).private_endpoints();
        /// let image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1.0.0";
        /// Stack("web").vpc(net).add(FargateService("Api").image(image).link(Queue("Jobs")))
        /// ```
        fn private_endpoints() |vpc, at| vpc.private_endpoints = at.flag();
        /// Adds isolated subnets, without a route to the internet, in each zone. Databases, caches and file systems are placed in
        /// them. Adding them to a VPC that is deployed changes the addresses of its subnets, which EC2 refuses.
        ///
        /// ```rhai
        /// vpc.isolated_subnets()
        /// ```
        fn isolated_subnets() |vpc, at| vpc.isolated = at.flag();
        /// Sets the ids of the isolated subnets of an existing VPC.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .private_subnets(["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"])
        ///     .isolated_subnets(["subnet-0a1b2c3d4e5f60715", "subnet-0a1b2c3d4e5f60716"]);
        /// Stack("data").vpc(net).add(Database("Shop"))
        /// ```
        fn isolated_subnets(ids: Value) |vpc, at| vpc.isolated_subnets = at.set(ids);
        /// Gives the subnets IPv6 addresses in addition to IPv4: a block from Amazon, routes, and rules of the security groups of
        /// tasks. For an existing VPC it says that its subnets have them. Tasks get IPv6 addresses if the account setting
        /// `dualStackIPv6` of ECS is enabled.
        ///
        /// ```rhai
        /// let net = Vpc("Net").dual_stack();
        /// Stack("web").vpc(net).add(service.behind(Alb("Web").dual_stack()))
        /// ```
        fn dual_stack() |vpc, at| vpc.dual_stack = at.flag();
        /// Logs the accepted and rejected traffic to CloudWatch Logs.
        ///
        /// ```rhai
        /// vpc.flow_logs()
        /// ```
        fn flow_logs() |vpc, at| vpc.flow_logs = at.flag();
        /// Sets the ids of the public subnets of an existing VPC.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .public_subnets(["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]);
        /// Stack("web").add(Alb("Web").vpc(net))
        /// ```
        fn public_subnets(ids: Value) |vpc, at| vpc.public_subnets = at.set(ids);
        /// Sets the ids of the private subnets of an existing VPC.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .public_subnets(["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"])
        ///     .private_subnets(["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"]);
        /// Stack("web").add(service.cluster(Cluster("Apps").vpc(net)))
        /// ```
        fn private_subnets(ids: Value) |vpc, at| vpc.private_subnets = at.set(ids);
        /// Creates the network after other blocks or resources.
        ///
        /// ```rhai
        /// vpc.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |vpc, at| {
            vpc.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The id of the VPC.
        ///
        /// ```rhai
        /// Stack("web").add(vpc).output("Network", vpc.id)
        /// ```
        id |vpc| vpc.id();
        /// The CIDR block of a VPC that the stack creates.
        ///
        /// ```rhai
        /// Stack("web").add(vpc).output("Addresses", vpc.cidr_block)
        /// ```
        cidr_block |vpc| vpc.cidr_block();
        /// The ids of the public subnets, as a list.
        ///
        /// ```rhai
        /// Stack("web").add(vpc).output("First", vpc.public_subnets[0])
        /// ```
        public_subnets |vpc| vpc.public_subnet_ids();
        /// The ids of the private subnets, as a list.
        ///
        /// ```rhai
        /// Stack("web").add(vpc)
        ///     .add(AWS::RDS::DBSubnetGroup("Data", #{
        ///         DBSubnetGroupDescription: "private subnets",
        ///         SubnetIds: vpc.private_subnets,
        ///     }))
        /// ```
        private_subnets |vpc| vpc.private_subnet_ids();
        /// The ids of the isolated subnets, as a list.
        ///
        /// ```rhai
        /// let net = Vpc("Net").isolated_subnets();
        /// Stack("web").add(net).output("First", net.isolated_subnets[0])
        /// ```
        isolated_subnets |vpc| vpc.isolated_subnet_ids();
    };
}
