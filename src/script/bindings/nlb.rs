use std::rc::Rc;

use crate::block::{AccessLogs, Domain, Name, Nlb, NlbListener, Override, TlsListener, Vpc};
use crate::cfn::TemplateString;
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{
    Function, Getter, Method, Property, ScriptType, functions, getters, methods, properties,
};
use crate::script::registration::to_dynamic;

impl ScriptType for Nlb {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a Network Load Balancer: it forwards connections of TCP, UDP and TLS, and does not look into requests.
        ///
        /// Its listeners are added by `.listen` and `.tls`. The health check of its targets is a connection of TCP, or by HTTP if the
        /// service or the `Target` has a `.health_check`.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(FargateService("Proxy").image("edoburu/pgbouncer:v1.24.1-p1").port(5432).behind(edge))
        /// ```
        fn Nlb(name: Name) |at| Nlb::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the VPC of the load balancer.
        ///
        /// ```rhai
        /// Stack("db").add(FargateService("Proxy").image("nginx:1.29").port(80).cluster(Cluster("Apps").vpc(vpc))
        ///     .behind(Nlb("Edge").vpc(vpc).listen(80)))
        /// ```
        #[default = "the VPC of its services"]
        fn vpc(vpc: Rc<Vpc>) |nlb, at| nlb.vpc = at.set(vpc);
        /// Adds a listener for TCP on a port.
        ///
        /// ```rhai
        /// service.port(1883).behind(Nlb("Edge").listen(1883))
        /// ```
        #[adds = "a listener"]
        fn listen(port: i64) |nlb, at| nlb.listen.push(at.put(NlbListener { port, protocol: "tcp".to_owned() }));
        /// Adds a listener for a protocol on a port.
        ///
        /// The health check of UDP is a connection of TCP, so the container must also accept TCP on the port, or on that of the
        /// health check.
        ///
        /// ```rhai
        /// service.port(53).behind(Nlb("Dns").listen(53, "tcp_udp"))
        /// ```
        #[adds = "a listener"]
        #[one_of = Nlb::PROTOCOLS]
        fn listen(port: i64, protocol: String) |nlb, at| nlb.listen.push(at.put(NlbListener { port, protocol }));
        /// Adds a listener on a port that decrypts TLS with an ACM certificate, given by its ARN.
        ///
        /// ```rhai
        /// service.port(1883).behind(Nlb("Edge")
        ///     .tls(8883, "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f"))
        /// ```
        #[adds = "a listener"]
        fn tls(port: i64, certificate_arn: TemplateString) |nlb, at| {
            nlb.tls.push(at.put(TlsListener { port, certificate: certificate_arn }));
        };
        /// Makes the load balancer internal: it is reachable from inside the VPC only.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Inner").listen(80).internal())
        /// ```
        fn internal() |nlb, at| nlb.internal = at.flag();
        /// Allows connections from a range of IP addresses (`203.0.113.0/24`).
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80).allow_from("203.0.113.0/24"))
        /// ```
        #[adds = "a range"]
        #[default = "any address"]
        fn allow_from(cidr: TemplateString) |nlb, at| nlb.allow_from.push(at.put(cidr));
        /// Gives the load balancer a domain name: an alias record in a Route 53 hosted zone. `nlb.url` is the first one.
        ///
        /// ```rhai
        /// service.port(1883).behind(Nlb("Edge").listen(1883).domain("mqtt.example.com", "Z0123456789ABCDEFGHIJ"))
        /// ```
        #[adds = "a domain name"]
        fn domain(name: TemplateString, hosted_zone_id: TemplateString) |nlb, at| {
            nlb.domain.push(at.put(Domain { name, hosted_zone_id }));
        };
        /// Lets each address of the load balancer reach the tasks of all zones, not just those of its own. AWS bills the traffic
        /// between zones.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80).cross_zone())
        /// ```
        fn cross_zone() |nlb, at| nlb.cross_zone = at.flag();
        /// Lets tasks see the addresses of clients, which is always so for UDP.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80).preserve_client_ip())
        /// ```
        fn preserve_client_ip() |nlb, at| nlb.preserve_client_ip = at.flag();
        /// Gives the load balancer an Elastic IP address by its allocation id: one for each of its subnets, in their order.
        ///
        /// ```rhai
        /// let first = AWS::EC2::EIP("First", #{ Domain: "vpc" });
        /// let second = AWS::EC2::EIP("Second", #{ Domain: "vpc" });
        /// Stack("edge").add(service.port(80)
        ///     .behind(Nlb("Edge").listen(80).elastic_ip(first.AllocationId).elastic_ip(second.AllocationId)))
        /// ```
        #[adds = "an address"]
        fn elastic_ip(allocation_id: TemplateString) |nlb, at| nlb.elastic_ip.push(at.put(allocation_id));
        /// Gives an internal load balancer a private address: one for each of its subnets, in their order.
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .private_subnets(["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"]);
        /// Stack("edge").vpc(net).add(service.port(80)
        ///     .behind(Nlb("Inner").listen(80).internal().private_address("10.0.1.10").private_address("10.0.2.10")))
        /// ```
        #[adds = "an address"]
        fn private_address(ip: TemplateString) |nlb, at| nlb.private_address.push(at.put(ip));
        /// Logs every connection of TLS to an S3 bucket of its own, which is kept when the stack is deleted.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").access_logs()
        ///     .tls(443, "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f"))
        /// ```
        fn access_logs() |nlb, at| nlb.access_logs = at.set(AccessLogs { bucket: None, prefix: None });
        /// Logs every connection of TLS to an S3 bucket. The bucket policy must allow the delivery of logs.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").access_logs("company-access-logs")
        ///     .tls(443, "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f"))
        /// ```
        fn access_logs(bucket: TemplateString) |nlb, at| {
            nlb.access_logs = at.set(AccessLogs { bucket: Some(bucket), prefix: None });
        };
        /// Logs every connection of TLS to an S3 bucket, under a key prefix.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").access_logs("company-access-logs", "edge")
        ///     .tls(443, "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f"))
        /// ```
        fn access_logs(bucket: TemplateString, prefix: TemplateString) |nlb, at| {
            nlb.access_logs = at.set(AccessLogs { bucket: Some(bucket), prefix: Some(prefix) });
        };
        /// Enables deletion protection: Elastic Load Balancing refuses to delete the load balancer.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80).deletion_protection())
        /// ```
        fn deletion_protection() |nlb, at| nlb.deletion_protection = at.flag();
        /// Sets the security policy of the TLS listeners: their TLS versions and ciphers.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").ssl_policy("ELBSecurityPolicy-TLS13-1-2-2021-06")
        ///     .tls(443, "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f"))
        /// ```
        fn ssl_policy(name: TemplateString) |nlb, at| nlb.ssl_policy = at.set(name);
        /// Creates the load balancer after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80).depends_on(AWS::SQS::Queue("Jobs")))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |nlb, at| {
            nlb.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the load balancer creates, named by its role or by a type that only one of them
        /// has. Maps are merged by key, lists of named items by name; another list is replaced.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80).override("LoadBalancer", #{ IpAddressType: "ipv4" }))
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |nlb, at| {
            let Properties(properties, origins) = properties;
            let value = properties.into();
            nlb.overrides.push(at.put(Override { role, path: None, value, origins: origins.into() }));
        };
        /// Sets one property of a resource that the load balancer creates. The path names items of lists by name or number.
        ///
        /// ```rhai
        /// service.port(80).behind(Nlb("Edge").listen(80)
        ///     .override("LoadBalancer", "LoadBalancerAttributes[load_balancing.cross_zone.enabled].Value", "true"))
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |nlb, at| {
            let PropertyValue(value, origins) = value;
            nlb.overrides.push(at.put(Override { role, path: Some(path), value, origins: origins.into() }));
        };
    };

    const GETTERS: &'static [Getter<Self>] = getters! {
        /// Returns the ARN of the listener of a port.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Listener", edge.listener(5432))
        /// ```
        fn listener(port: i64) |nlb| to_dynamic(nlb.listener_arn(port).into());
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The name that clients connect to: the first domain, else the DNS name that AWS assigns.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Host", edge.url)
        /// ```
        url |nlb| nlb.url();
        /// The DNS name that AWS assigns to the load balancer.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Host", edge.dns_name)
        /// ```
        dns_name |nlb| nlb.dns_name();
        /// The ARN of the load balancer.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Arn", edge.arn)
        /// ```
        arn |nlb| nlb.arn();
        /// The part of the ARN that names the load balancer in metrics of CloudWatch: `net/name/id`.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Metrics", edge.full_name)
        /// ```
        full_name |nlb| nlb.full_name();
        /// The id of the hosted zone of the DNS name, for alias records.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Zone", edge.hosted_zone_id)
        /// ```
        hosted_zone_id |nlb| nlb.hosted_zone_id();
        /// The id of the load balancer's security group.
        ///
        /// ```rhai
        /// let edge = Nlb("Edge").listen(5432);
        /// Stack("db").add(service.port(5432).behind(edge)).output("Group", edge.security_group_id)
        /// ```
        security_group_id |nlb| nlb.security_group_id();
    };
}
