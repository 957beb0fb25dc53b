use std::ops::RangeInclusive;
use std::rc::Rc;

use super::container;
use crate::block::{
    Alb, Block, Cluster, Container, EfsMount, EnvVar, FargateService, Gunicorn, ImageSource, IntOrRef,
    LoadBalancerAttachment, Name, Override, Permission, Scaling, Secret,
};
use crate::cfn::TemplateString;
use crate::script::convert::{HealthCheckArg, OneOrMany, Properties, RouteArg, StringMap};
use crate::script::registration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for FargateService {
    const NAME: &'static str = "FargateService";
    const WHAT: &'static str = "a FargateService";

    const FUNCTIONS: &'static [Function] = functions! {
        /// A service of ECS on Fargate: tasks that are kept running, replaced when they fail, and scaled.
        ///
        /// ```rhai
        /// FargateService("Web").image("nginx:1.27").port(80).behind(Alb("Web"))
        /// ```
        fn FargateService(name: Name) |at| FargateService::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// The cluster that the service runs in; one of its own unless set.
        ///
        /// ```rhai
        /// service.cluster(Cluster("Apps").spot())
        /// ```
        fn cluster(cluster: Rc<Cluster>) |service, at| service.cluster = at.set(cluster);
        /// The image of the main container: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// FargateService("Web").image("public.ecr.aws/nginx/nginx:1.29")
        /// ```
        fn image(image: ImageSource) |service, at| service.web.image = at.set(image);
        /// CPU units of a task, 256 (a quarter of a vCPU) unless set: 512, 1024, ... 32768.
        ///
        /// ```rhai
        /// service.cpu(512).memory(1024)
        /// ```
        fn cpu(units: IntOrRef) |service, at| service.cpu = at.set(units);
        /// Memory of a task in MiB, 512 unless set; Fargate offers certain sizes for each number of CPU units.
        ///
        /// ```rhai
        /// service.cpu(1024).memory(4096)
        /// ```
        fn memory(mebibytes: IntOrRef) |service, at| service.memory = at.set(mebibytes);
        /// Runs on Graviton processors (ARM64); the image must offer them.
        ///
        /// ```rhai
        /// service.arm64()
        /// ```
        fn arm64() |service, at| service.arm64 = at.flag();
        /// The port that the main container listens on.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb)
        /// ```
        fn port(port: i64) |service, at| service.web.port = at.set(port);
        /// Environment variables of the main container; later ones win.
        ///
        /// ```rhai
        /// service.env(#{ STAGE: "production", LOG_LEVEL: "info" })
        /// ```
        fn env(variables: StringMap) |service, _at| service.web.env.extend(container::variables(variables));
        /// One environment variable of the main container.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).env("PUBLIC_URL", alb.url)
        /// ```
        fn env(name: String, value: TemplateString) |service, at| service.web.env.push(at.put(EnvVar { name, value }));
        /// An environment variable read from a secret of Secrets Manager or a parameter of SSM, by its ARN.
        ///
        /// ```rhai
        /// service.secret("TOKEN", "arn:aws:ssm:eu-central-1:123456789012:parameter/web/token")
        /// ```
        fn secret(name: String, arn: TemplateString) |service, at| service.web.secret.push(at.put(Secret { name, arn, json_key: None }));
        /// An environment variable read from one key of a JSON secret of Secrets Manager.
        ///
        /// ```rhai
        /// let database = AWS::SecretsManager::Secret("Database", #{ GenerateSecretString: #{} });
        /// service.secret("PASSWORD", database, "password")
        /// ```
        fn secret(name: String, arn: TemplateString, json_key: String) |service, at| {
            service.web.secret.push(at.put(Secret { name, arn, json_key: Some(json_key) }));
        };
        /// The command of the main container, instead of that of its image.
        ///
        /// ```rhai
        /// service.command(["serve", "--port", "8080"])
        /// ```
        fn command(command: OneOrMany) |service, at| service.web.command = at.set(command.0);
        /// The entry point of the main container, instead of that of its image.
        ///
        /// ```rhai
        /// service.entrypoint(["/usr/bin/env"]).command(["python", "-m", "web"])
        /// ```
        fn entrypoint(entrypoint: OneOrMany) |service, at| service.web.entrypoint = at.set(entrypoint.0);
        /// The user that the main container runs as: `1000`, `app`, `1000:1000`.
        ///
        /// ```rhai
        /// service.user("1000")
        /// ```
        fn user(user: TemplateString) |service, at| service.web.user = at.set(user);
        /// Settings of Gunicorn, as environment variables of the main container.
        ///
        /// ```rhai
        /// service.gunicorn(Gunicorn().web_concurrency(4))
        /// ```
        fn gunicorn(gunicorn: Rc<Gunicorn>) |service, at| service.gunicorn = at.set((*gunicorn).clone());
        /// Receives every request of a load balancer.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb)
        /// ```
        fn behind(alb: Rc<Alb>) |service, at| service.behind.push(at.put(LoadBalancerAttachment { alb, route: None }));
        /// Receives the requests of a load balancer that match a path (`/api/*`) or a `Route()`.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb, "/api/*")
        /// ```
        fn behind(alb: Rc<Alb>, route: RouteArg) |service, at| {
            service.behind.push(at.put(LoadBalancerAttachment { alb, route: Some(route.0) }));
        };
        /// How the load balancer finds out whether a task is well: a path, or a `HealthCheck(path)`.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).health_check(HealthCheck("/health").interval(30).timeout(5))
        /// ```
        fn health_check(check: HealthCheckArg) |service, at| service.health_check = at.set(check.0);
        /// How ECS finds out whether the main container is well: a command, or a `HealthCheck(command)`.
        ///
        /// ```rhai
        /// service.container_health_check("curl -f http://localhost/health")
        /// ```
        fn container_health_check(check: HealthCheckArg) |service, at| service.web.container_health_check = at.set(check.0);
        /// Changes the number of tasks by load or by the clock.
        ///
        /// ```rhai
        /// service.scaling(Scaling(2..=10).cpu(60))
        /// ```
        fn scaling(scaling: Rc<Scaling>) |service, at| service.scaling = at.set((*scaling).clone());
        /// A fixed number of tasks, 1 unless set; without `.scaling`.
        ///
        /// ```rhai
        /// service.count(2)
        /// ```
        fn count(tasks: IntOrRef) |service, at| service.count = at.set(tasks);
        /// Lets the tasks do something: an action of IAM or a list, on the ARN of a resource or a list.
        ///
        /// ```rhai
        /// let tiles = AWS::S3::Bucket("Tiles");
        /// service.allow("s3:GetObject", `${tiles.Arn}/*`)
        /// ```
        fn allow(actions: OneOrMany, resources: OneOrMany) |service, at| {
            service.allow.push(at.put(Permission { actions: actions.0, resources: resources.0 }));
        };
        /// Gives the tasks a managed policy, by its ARN.
        ///
        /// ```rhai
        /// service.managed_policy("arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess")
        /// ```
        fn managed_policy(arn: TemplateString) |service, at| service.managed_policy.push(at.put(arn));
        /// Gives tasks public addresses; they then run in public subnets.
        ///
        /// ```rhai
        /// service.subnets("public").public_ip()
        /// ```
        fn public_ip() |service, at| service.public_ip = at.flag();
        /// The subnets that tasks run in: `public` or `private`.
        ///
        /// ```rhai
        /// service.subnets("private")
        /// ```
        fn subnets(which: String) |service, at| service.subnets = at.set(which);
        /// Adds a security group, by its id.
        ///
        /// ```rhai
        /// service.security_group("sg-0a1b2c3d4e5f60718")
        /// ```
        fn security_group(id: TemplateString) |service, at| service.security_group.push(at.put(id));
        /// Runs tasks on Fargate Spot, cheaper and stopped at two minutes' notice, with this weight beside 1 for plain
        /// Fargate: `.spot(4)` puts four of five there.
        ///
        /// ```rhai
        /// service.cluster(Cluster("Apps").spot()).spot(4)
        /// ```
        fn spot(weight: i64) |service, at| service.spot = at.set(weight);
        /// A container beside the main one.
        ///
        /// ```rhai
        /// service.sidecar(container)
        /// ```
        fn sidecar(container: Rc<Container>) |service, at| service.sidecar.push(at.put((*container).clone()));
        /// Days that logs are kept, 30 unless set.
        ///
        /// ```rhai
        /// service.log_retention(90)
        /// ```
        fn log_retention(days: i64) |service, at| service.log_retention = at.set(days);
        /// Ephemeral storage of a task in GiB, from 21 to 200; 20 are free.
        ///
        /// ```rhai
        /// service.ephemeral_storage(40)
        /// ```
        fn ephemeral_storage(gibibytes: i64) |service, at| service.ephemeral_storage = at.set(gibibytes);
        /// Mounts a file system of EFS at a path of the main container.
        ///
        /// ```rhai
        /// let files = AWS::EFS::FileSystem("Files", #{ Encrypted: true });
        /// service.efs("/data", files)
        /// ```
        fn efs(path: String, file_system_id: TemplateString) |service, at| {
            service.efs.push(at.put(EfsMount { path, file_system_id, access_point: None }));
        };
        /// Mounts a file system of EFS through an access point.
        ///
        /// ```rhai
        /// let files = AWS::EFS::FileSystem("Files", #{ Encrypted: true });
        /// let access = AWS::EFS::AccessPoint("Access", #{ FileSystemId: files });
        /// service.efs("/data", files, access)
        /// ```
        fn efs(path: String, file_system_id: TemplateString, access_point: TemplateString) |service, at| {
            service.efs.push(at.put(EfsMount { path, file_system_id, access_point: Some(access_point) }));
        };
        /// Seconds between SIGTERM and SIGKILL when a task stops, 30 unless set, 120 at most.
        ///
        /// ```rhai
        /// service.stop_timeout(90)
        /// ```
        fn stop_timeout(seconds: i64) |service, at| service.stop_timeout = at.set(seconds);
        /// Seconds after a task's start in which failing health checks do not stop it, 60 unless set.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).grace_period(120)
        /// ```
        fn grace_period(seconds: i64) |service, at| service.grace_period = at.set(seconds);
        /// The least and the most tasks during a deployment, in percent of the wanted number; `100..=200` unless set.
        ///
        /// ```rhai
        /// service.healthy_percent(50..=150)
        /// ```
        fn healthy_percent(percent: RangeInclusive<i64>) |service, at| service.healthy_percent = at.set(percent);
        /// Rolls a deployment back after this many failed tasks; without it ECS chooses the number.
        ///
        /// ```rhai
        /// service.circuit_breaker(5)
        /// ```
        fn circuit_breaker(threshold: i64) |service, at| service.circuit_breaker = at.set(threshold);
        /// Lets a failing deployment go on for ever.
        ///
        /// ```rhai
        /// service.no_circuit_breaker()
        /// ```
        fn no_circuit_breaker() |service, at| service.no_circuit_breaker = at.flag();
        /// Rolls a deployment back when this alarm of CloudWatch goes off.
        ///
        /// ```rhai
        /// service.alarm("web-errors")
        /// ```
        fn alarm(name: TemplateString) |service, at| service.alarm.push(at.put(name));
        /// Lets you open a shell in a running task (ECS Exec).
        ///
        /// ```rhai
        /// service.exec()
        /// ```
        fn exec() |service, at| service.exec = at.flag();
        /// Makes the root file system of the main container read-only.
        ///
        /// ```rhai
        /// service.read_only_root()
        /// ```
        fn read_only_root() |service, at| service.web.read_only_root = at.flag();
        /// Merges properties into the resources of this type that the service makes.
        ///
        /// ```rhai
        /// service.override("AWS::ECS::Service", #{ PropagateTags: "SERVICE" })
        /// ```
        fn r#override(kind: String, properties: Properties) |service, at| {
            service.overrides.push(at.put(Override { kind: kind.as_str().into(), properties: properties.0, marks: properties.1.into() }));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The physical name of the service.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("Service", service.name)
        /// ```
        name |service| service.name();
        /// The ARN of the service.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("Service", service.arn)
        /// ```
        arn |service| service.arn();
        /// The id of its security group.
        ///
        /// ```rhai
        /// // Lets it call a database that the script does not make.
        /// Stack("web").add(service)
        ///     .add(AWS::EC2::SecurityGroupIngress("ToDatabase", #{
        ///         GroupId: "sg-0a1b2c3d4e5f60718",
        ///         IpProtocol: "tcp",
        ///         FromPort: 5432,
        ///         ToPort: 5432,
        ///         SourceSecurityGroupId: service.security_group_id,
        ///     }))
        /// ```
        security_group_id |service| service.security_group_id();
        /// The ARN of the role of its tasks.
        ///
        /// ```rhai
        /// // Who may use it is said in the policy of a key.
        /// Stack("web").add(service).output("Role", service.task_role_arn)
        /// ```
        task_role_arn |service| service.task_role_arn();
    };

    fn block(this: &Rc<Self>) -> Option<Block> {
        Some(Block::FargateService(Rc::clone(this)))
    }
}
