use std::rc::Rc;

use super::action::ActionArg;
use crate::block::{AccessLogs, Alb, AlbRoute, Authentication, Domain, ExistingAlb, MutualTls, Name, Override, Vpc};
use crate::cfn::TemplateString;
use crate::script::convert::load_balancers::ExistingAlbArg;
use crate::script::convert::{DependencyTargets, Properties, PropertyValue, RouteArg};
use crate::script::declaration::{
    Function, Getter, Method, Property, ScriptType, functions, getters, methods, properties,
};
use crate::script::registration::to_dynamic;

impl ScriptType for Alb {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates an Application Load Balancer. It listens on port 80 if neither `.listen` nor `.https` is called.
        ///
        /// ```rhai
        /// Alb("Web").vpc(Vpc("Net"))
        /// ```
        fn Alb(name: Name) |at| Alb::new(at.put(name));
        /// Refers to a load balancer that another team owns: services add rules to one of its listeners.
        ///
        /// The map has `listener_arn` and, as far as they are known, `security_group_id` (services admit it), `name` (a part of the
        /// logical ids of target groups; else the name in the ARN), `arn`, `full_name`, `dns_name`, `hosted_zone_id` and `url`, which
        /// are the attributes of the value. Nothing of the load balancer is changed, and a service without a route takes the requests
        /// that no other rule takes (priority 50000).
        ///
        /// ```rhai
        /// let edge = Alb::existing(#{
        ///     listener_arn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2",
        ///     security_group_id: "sg-0a1b2c3d4e5f60718",
        /// });
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .private_subnets(["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"]);
        /// Stack("web").vpc(net).add(service.port(80).behind(edge, "/web/*"))
        /// ```
        fn Alb::existing(facts: ExistingAlbArg) |at| Alb::existing(at.put(facts.0), facts.1);
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the VPC of the load balancer.
        ///
        /// ```rhai
        /// alb.vpc(vpc)
        /// ```
        #[default = "the VPC of its services"]
        fn vpc(vpc: Rc<Vpc>) |alb, at| alb.vpc = at.set(vpc);
        /// Adds an HTTP listener on a port.
        ///
        /// ```rhai
        /// alb.vpc(vpc).listen(8080)
        /// ```
        #[adds = "a listener"]
        fn listen(port: i64) |alb, at| alb.listen.push(at.put(port));
        /// Adds an HTTPS listener on port 443 with an ACM certificate, given by its ARN. A further certificate is used for
        /// requests to its domain names.
        ///
        /// ```rhai
        /// alb.vpc(vpc).https("arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f")
        /// ```
        #[adds = "a certificate; the first one is the default"]
        fn https(certificate_arn: TemplateString) |alb, at| alb.https.push(at.put(certificate_arn));
        /// Redirects HTTP requests on port 80 to HTTPS.
        ///
        /// ```rhai
        /// alb.vpc(vpc).https("arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f").redirect_http()
        /// ```
        fn redirect_http() |alb, at| alb.redirect_http = at.flag();
        /// Makes the load balancer internal: it is reachable from inside the VPC only.
        ///
        /// ```rhai
        /// alb.vpc(vpc).internal()
        /// ```
        fn internal() |alb, at| alb.internal = at.flag();
        /// Allows requests from a range of IP addresses (`203.0.113.0/24`).
        ///
        /// ```rhai
        /// alb.vpc(vpc).allow_from("203.0.113.0/24").allow_from("198.51.100.0/24")
        /// ```
        #[adds = "a range"]
        #[default = "any address"]
        fn allow_from(cidr: TemplateString) |alb, at| alb.allow_from.push(at.put(cidr));
        /// Gives the load balancer a domain name: an alias record in a Route 53 hosted zone. `alb.url` has the first one.
        ///
        /// ```rhai
        /// alb.vpc(vpc).domain("tiles.example.com", "Z0123456789ABCDEFGHIJ")
        /// ```
        #[adds = "a domain name"]
        fn domain(name: TemplateString, hosted_zone_id: TemplateString) |alb, at| alb.domain.push(at.put(Domain { name, hosted_zone_id }));
        /// Sets the idle timeout: seconds after which an inactive connection is closed.
        ///
        /// ```rhai
        /// alb.vpc(vpc).idle_timeout(120)
        /// ```
        #[default = "60"]
        fn idle_timeout(seconds: i64) |alb, at| alb.idle_timeout = at.set(seconds);
        /// Logs every request to an S3 bucket of its own, which lets Elastic Load Balancing write and is kept when the stack is
        /// deleted.
        ///
        /// ```rhai
        /// alb.vpc(vpc).access_logs()
        /// ```
        fn access_logs() |alb, at| alb.access_logs = at.set(AccessLogs { bucket: None, prefix: None });
        /// Logs every request to an S3 bucket. The bucket policy must allow Elastic Load Balancing to write to it.
        ///
        /// ```rhai
        /// alb.vpc(vpc).access_logs("company-access-logs")
        /// ```
        fn access_logs(bucket: TemplateString) |alb, at| alb.access_logs = at.set(AccessLogs { bucket: Some(bucket), prefix: None });
        /// Logs every request to an S3 bucket, under a key prefix.
        ///
        /// ```rhai
        /// alb.vpc(vpc).access_logs("company-access-logs", "web")
        /// ```
        fn access_logs(bucket: TemplateString, prefix: TemplateString) |alb, at| {
            alb.access_logs = at.set(AccessLogs { bucket: Some(bucket), prefix: Some(prefix) });
        };
        /// Enables deletion protection: Elastic Load Balancing refuses to delete the load balancer.
        ///
        /// ```rhai
        /// alb.vpc(vpc).deletion_protection()
        /// ```
        fn deletion_protection() |alb, at| alb.deletion_protection = at.flag();
        /// Drops HTTP headers with invalid names, which is also the default.
        ///
        /// ```rhai
        /// alb.vpc(vpc).drop_invalid_headers()
        /// ```
        fn drop_invalid_headers() |alb, at| alb.drop_invalid_headers = at.flag();
        /// Sets the security policy of the HTTPS listener: its TLS versions and ciphers.
        ///
        /// ```rhai
        /// alb.vpc(vpc).https("arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f").ssl_policy("ELBSecurityPolicy-TLS13-1-2-2021-06")
        /// ```
        fn ssl_policy(name: TemplateString) |alb, at| alb.ssl_policy = at.set(name);
        /// Sets the action for requests that no service takes: a redirect or a fixed response.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(Alb("Web").default_action(Redirect().host("www.example.com")), "/api/*"))
        /// ```
        #[default = "an answer with the code 404"]
        fn default_action(action: ActionArg) |alb, at| alb.default = at.set(action.0);
        /// Answers or redirects the requests of a route without a service.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(Alb("Web")
        ///     .route("/old/*", Redirect().path("/new/#{path}"))
        ///     .route(Route().path("/robots.txt"), FixedResponse(200).body("User-agent: *\nDisallow: /"))))
        /// ```
        #[adds = "a route"]
        fn route(route: RouteArg, action: ActionArg) |alb, at| {
            alb.routes.push(at.put(AlbRoute { route: route.0, action: action.0 }));
        };
        /// Lets users log in before their requests reach a service, except on routes with `.no_authentication()`. It works with
        /// HTTPS only.
        ///
        /// ```rhai
        /// let pool = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI";
        /// let login = Authentication::cognito(pool, "1example23456789", "company-login");
        /// let certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f";
        /// Stack("web").add(service.port(80).behind(Alb("Web").https(certificate).redirect_http().authenticate(login)))
        /// ```
        fn authenticate(login: Rc<Authentication>) |alb, at| alb.authenticate = at.set(login);
        /// Filters requests with a web ACL of AWS WAF, given by its ARN.
        ///
        /// ```rhai
        /// alb.vpc(vpc).waf("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/web/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f")
        /// ```
        fn waf(acl_arn: TemplateString) |alb, at| alb.waf = at.set(acl_arn);
        /// Gives the load balancer IPv6 addresses too, with an AAAA record for each domain. Its subnets need IPv6 addresses
        /// (`Vpc.dual_stack`).
        ///
        /// ```rhai
        /// let net = Vpc::existing("vpc-0a1b2c3d4e5f60718")
        ///     .public_subnets(["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]);
        /// Stack("web").add(Alb("Web").vpc(net).dual_stack())
        /// ```
        fn dual_stack() |alb, at| alb.dual_stack = at.flag();
        /// Hands the certificates of clients to the services, in the header `X-Amzn-Mtls-Clientcert`, without verifying them.
        ///
        /// ```rhai
        /// alb.vpc(vpc).https("arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f").mutual_tls()
        /// ```
        fn mutual_tls() |alb, at| alb.mutual_tls = at.set(MutualTls::PassThrough);
        /// Accepts clients with a certificate of a trust store only, given by its ARN.
        ///
        /// ```rhai
        /// alb.vpc(vpc).https("arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f")
        ///     .mutual_tls("arn:aws:elasticloadbalancing:eu-central-1:123456789012:truststore/clients/50dc6c495c0c9188")
        /// ```
        fn mutual_tls(trust_store_arn: TemplateString) |alb, at| alb.mutual_tls = at.set(MutualTls::Verify(trust_store_arn));
        /// Creates the load balancer after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// alb.vpc(vpc).depends_on(AWS::SQS::Queue("Jobs"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |alb, at| {
            alb.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the load balancer creates, named by its role or by a type that only one of them
        /// has. Maps are merged by key, lists of named items by name; another list is replaced.
        ///
        /// ```rhai
        /// alb.vpc(vpc).override("SecurityGroup", #{ GroupDescription: "Callers of the public site" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |alb, at| {
            let Properties(properties, origins) = properties;
            let value = properties.into();
            alb.overrides.push(at.put(Override { role, path: None, value, origins: origins.into() }));
        };
        /// Sets one property of a resource that the load balancer creates. The path names items of lists by name or number.
        ///
        /// ```rhai
        /// alb.vpc(vpc).override("LoadBalancer", "LoadBalancerAttributes[routing.http2.enabled].Value", "false")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |alb, at| {
            let PropertyValue(value, origins) = value;
            alb.overrides.push(at.put(Override { role, path: Some(path), value, origins: origins.into() }));
        };
    };

    const GETTERS: &'static [Getter<Self>] = getters! {
        /// Returns the ARN of the listener of a port, for a rule of one's own or for another stack.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(alb))
        ///     .add(AWS::ElasticLoadBalancingV2::ListenerRule("Old", #{
        ///         ListenerArn: alb.listener(80),
        ///         Priority: 1,
        ///         Conditions: [#{ Field: "path-pattern", PathPatternConfig: #{ Values: ["/old"] } }],
        ///         Actions: [#{ Type: "fixed-response", FixedResponseConfig: #{ StatusCode: "410" } }],
        ///     }))
        /// ```
        fn listener(port: i64) |alb| to_dynamic(alb.listener_arn(port).into());
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The URL of the load balancer, with `http://` or `https://`.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(alb)).output("Url", alb.url)
        /// ```
        url |alb| alb.attribute(|known| known.url.clone(), Alb::url);
        /// The DNS name that AWS assigns to the load balancer.
        ///
        /// ```rhai
        /// // Anything that wants the host alone, such as an origin of CloudFront.
        /// Stack("web").add(service.port(80).behind(alb)).output("Host", alb.dns_name)
        /// ```
        dns_name |alb| alb.attribute(|known| known.dns_name.clone(), Alb::dns_name);
        /// The ARN of the load balancer.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(alb))
        ///     .add(AWS::WAFv2::WebACLAssociation("Firewall", #{
        ///         ResourceArn: alb.arn,
        ///         WebACLArn: "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/web/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f",
        ///     }))
        /// ```
        arn |alb| alb.attribute(|known| known.arn.clone(), Alb::arn);
        /// The id of the hosted zone of the DNS name, for alias records.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(alb))
        ///     .add(AWS::Route53::RecordSet("Alias", #{
        ///         HostedZoneId: "Z0123456789ABCDEFGHIJ",
        ///         Name: "tiles.example.com",
        ///         Type: "A",
        ///         AliasTarget: #{ DNSName: alb.dns_name, HostedZoneId: alb.hosted_zone_id },
        ///     }))
        /// ```
        hosted_zone_id |alb| alb.attribute(|known| known.hosted_zone_id.clone(), Alb::hosted_zone_id);
        /// The part of the ARN that names the load balancer in metrics of CloudWatch: `app/name/id`.
        ///
        /// ```rhai
        /// Stack("web").add(service.port(80).behind(alb))
        ///     .add(AWS::CloudWatch::Alarm("Errors", #{
        ///         Namespace: "AWS/ApplicationELB",
        ///         MetricName: "HTTPCode_ELB_5XX_Count",
        ///         Dimensions: [#{ Name: "LoadBalancer", Value: alb.full_name }],
        ///         Statistic: "Sum",
        ///         Period: 60,
        ///         EvaluationPeriods: 5,
        ///         Threshold: 10,
        ///         ComparisonOperator: "GreaterThanThreshold",
        ///     }))
        /// ```
        full_name |alb| alb.attribute(ExistingAlb::full_name, Alb::full_name);
        /// The id of the load balancer's security group.
        ///
        /// ```rhai
        /// // Lets it call something that no service of the script is.
        /// Stack("web").add(service.port(80).behind(alb))
        ///     .add(AWS::EC2::SecurityGroupIngress("FromWeb", #{
        ///         GroupId: "sg-0a1b2c3d4e5f60718",
        ///         IpProtocol: "tcp",
        ///         FromPort: 8080,
        ///         ToPort: 8080,
        ///         SourceSecurityGroupId: alb.security_group_id,
        ///     }))
        /// ```
        security_group_id |alb| alb.attribute(|known| known.security_group_id.clone(), Alb::security_group_id);
    };
}
