use std::ops::RangeInclusive;
use std::rc::Rc;

use super::container;
use crate::block::{
    Alb, AllowedSource, Cluster, Container, EfsMount, EnvVar, FargateService, Gunicorn, ImageSource, IntOrRef,
    LoadBalancerAttachment, Name, Override, Permission, Scaling, Secret,
};
use crate::cfn::TemplateString;
use crate::script::convert::{
    DependencyTargets, HealthCheckArg, OneOrMany, Properties, PropertyValue, RouteArg, SourceArg, StringMap,
    TextOrNumber,
};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for FargateService {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates an ECS service on Fargate: tasks that are kept running, replaced when they fail, and scaled.
        ///
        /// ```rhai
        /// FargateService("Web").image("nginx:1.27").port(80).behind(Alb("Web"))
        /// ```
        fn FargateService(name: Name) |at| FargateService::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the cluster that the service runs in. Services without this call share the cluster and the network of their
        /// stack (`Stack.cluster`, `Stack.vpc`).
        ///
        /// ```rhai
        /// service.cluster(Cluster("Apps").spot())
        /// ```
        #[default = "the cluster of the stack"]
        fn cluster(cluster: Rc<Cluster>) |service, at| service.cluster = at.set(cluster);
        /// Sets the image of the main container: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// FargateService("Web").image("public.ecr.aws/nginx/nginx:1.29")
        /// ```
        fn image(image: ImageSource) |service, at| service.web.image = at.set(image);
        /// Sets the CPU units of a task: 256, 512, 1024 and so on to 32768. 1024 units are one vCPU.
        ///
        /// ```rhai
        /// service.cpu(512).memory(1024)
        /// ```
        #[default = "256"]
        fn cpu(units: IntOrRef) |service, at| service.cpu = at.set(units);
        /// Sets the memory of a task in MiB. Fargate offers certain sizes for each number of CPU units.
        ///
        /// ```rhai
        /// service.cpu(1024).memory(4096)
        /// ```
        #[default = "512"]
        fn memory(mebibytes: IntOrRef) |service, at| service.memory = at.set(mebibytes);
        /// Runs tasks on Graviton processors (ARM64). The image must support them.
        ///
        /// ```rhai
        /// service.arm64()
        /// ```
        fn arm64() |service, at| service.arm64 = at.flag();
        /// Sets the port that the main container listens on.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb)
        /// ```
        fn port(port: i64) |service, at| service.web.port = at.set(port);
        /// Sets environment variables of the main container. Two values for one name are an error.
        ///
        /// ```rhai
        /// service.env(#{ STAGE: "production", LOG_LEVEL: "info" })
        /// ```
        #[adds = "variables"]
        fn env(variables: StringMap) |service, _at| service.web.env.extend(container::variables(variables));
        /// Sets one environment variable of the main container.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).env("PUBLIC_URL", alb.url)
        /// ```
        #[adds = "a variable"]
        fn env(name: String, value: TextOrNumber) |service, at| {
            service.web.env.push(at.put(EnvVar { name, value: value.0 }));
        };
        /// Sets an environment variable from a Secrets Manager secret or an SSM parameter, given by its ARN.
        ///
        /// The ARN of a secret may be without its random suffix. The execution role may read the secret, and decrypt it with
        /// the key of the script that encrypts it; for another key add `.allow_execution("kms:Decrypt", key_arn)`.
        ///
        /// ```rhai
        /// service.secret("TOKEN", "arn:aws:ssm:eu-central-1:123456789012:parameter/web/token")
        /// ```
        #[adds = "a variable"]
        fn secret(name: String, arn: TemplateString) |service, at| service.web.secret.push(at.put(Secret { name, arn, json_key: None }));
        /// Sets an environment variable from one key of a JSON secret in Secrets Manager.
        ///
        /// ```rhai
        /// let database = AWS::SecretsManager::Secret("Database", #{ GenerateSecretString: #{} });
        /// service.secret("PASSWORD", database, "password")
        /// ```
        #[adds = "a variable"]
        fn secret(name: String, arn: TemplateString, json_key: String) |service, at| {
            service.web.secret.push(at.put(Secret { name, arn, json_key: Some(json_key) }));
        };
        /// Sets the command of the main container, instead of the image's own.
        ///
        /// ```rhai
        /// service.command(["serve", "--port", "8080"])
        /// ```
        fn command(command: OneOrMany) |service, at| service.web.command = at.set(command.0);
        /// Sets the entry point of the main container, instead of the image's own.
        ///
        /// ```rhai
        /// service.entrypoint(["/usr/bin/env"]).command(["python", "-m", "web"])
        /// ```
        fn entrypoint(entrypoint: OneOrMany) |service, at| service.web.entrypoint = at.set(entrypoint.0);
        /// Sets the user that the main container runs as: `1000`, `app`, `1000:1000`.
        ///
        /// ```rhai
        /// service.user("1000")
        /// ```
        fn user(user: TextOrNumber) |service, at| service.web.user = at.set(user.0);
        /// Sets settings of Gunicorn, as environment variables of the main container.
        ///
        /// ```rhai
        /// service.gunicorn(Gunicorn().web_concurrency(4))
        /// ```
        fn gunicorn(gunicorn: Rc<Gunicorn>) |service, at| service.gunicorn = at.set((*gunicorn).clone());
        /// Registers the service with a load balancer as its default target.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb)
        /// ```
        #[adds = "a load balancer"]
        fn behind(alb: Rc<Alb>) |service, at| service.behind.push(at.put(LoadBalancerAttachment { alb, route: None }));
        /// Registers the service with a load balancer for requests that match a path (`/api/*`) or a `Route()`.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb, "/api/*")
        /// ```
        #[adds = "a route"]
        fn behind(alb: Rc<Alb>, route: RouteArg) |service, at| {
            service.behind.push(at.put(LoadBalancerAttachment { alb, route: Some(route.0) }));
        };
        /// Sets how the load balancer checks the health of a task: a path, or a `HealthCheck(path)`.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).health_check(HealthCheck("/health").interval(30).timeout(5))
        /// ```
        fn health_check(check: HealthCheckArg) |service, at| service.health_check = at.set(check.0);
        /// Sets how ECS checks the health of the main container: a command, or a `HealthCheck(command)`.
        ///
        /// ```rhai
        /// service.container_health_check("curl -f http://localhost/health")
        /// ```
        fn container_health_check(check: HealthCheckArg) |service, at| service.web.container_health_check = at.set(check.0);
        /// Scales the number of tasks by load or on a schedule.
        ///
        /// ```rhai
        /// service.scaling(Scaling(2..=10).cpu(60))
        /// ```
        fn scaling(scaling: Rc<Scaling>) |service, at| service.scaling = at.set((*scaling).clone());
        /// Sets a fixed number of tasks. Use either this or `.scaling`.
        ///
        /// ```rhai
        /// service.count(2)
        /// ```
        #[default = "1"]
        #[unless = "scaling"]
        fn count(tasks: IntOrRef) |service, at| service.count = at.set(tasks);
        /// Allows the tasks an IAM action or a list of actions, on the ARN of a resource or a list of ARNs.
        ///
        /// ```rhai
        /// let tiles = AWS::S3::Bucket("Tiles");
        /// service.allow("s3:GetObject", `${tiles.Arn}/*`)
        /// ```
        #[adds = "a permission"]
        fn allow(actions: OneOrMany, resources: OneOrMany) |service, at| {
            service.allow.push(at.put(Permission { actions: actions.0, resources: resources.0 }));
        };
        /// Allows ECS an IAM action or a list of actions when it starts a task, on the ARN of a resource or a list of ARNs.
        ///
        /// The execution role may write logs, read the secrets of the task and pull its image. A secret of another stack
        /// that is encrypted with a key of its own needs this too.
        ///
        /// ```rhai
        /// service
        ///     .secret("TOKEN", "arn:aws:ssm:eu-central-1:123456789012:parameter/web/token")
        ///     .allow_execution("kms:Decrypt", "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666")
        /// ```
        #[adds = "a permission"]
        fn allow_execution(actions: OneOrMany, resources: OneOrMany) |service, at| {
            service.allow_execution.push(at.put(Permission { actions: actions.0, resources: resources.0 }));
        };
        /// Lets the service call another one: adds a rule to its security group, and creates this service after it. Repeatable.
        ///
        /// ```rhai
        /// let cluster = Cluster("Apps");
        /// let backend = FargateService("Backend").cluster(cluster).image("ghcr.io/example/backend:1.0.0").port(9000);
        /// let web = FargateService("Web").cluster(cluster).image("nginx:1.29").port(80).calls(backend);
        /// Stack("web").add([backend, web])
        /// ```
        #[adds = "a service"]
        fn calls(called: Rc<FargateService>) |service, at| service.calls.push(at.put(called));
        /// Admits a source on the port of the main container: a service, a load balancer, the id of a security group, or a
        /// block of addresses. Repeatable.
        ///
        /// ```rhai
        /// service.port(8080).allow_from("10.0.0.0/16")
        /// ```
        #[adds = "a source"]
        fn allow_from(source: SourceArg) |service, at| {
            service.allow_from.push(at.put(AllowedSource { source: source.0, port: None }));
        };
        /// Admits a source on a port of the tasks. Repeatable.
        ///
        /// ```rhai
        /// service.allow_from("sg-0a1b2c3d4e5f60718", 9090)
        /// ```
        #[adds = "a source"]
        fn allow_from(source: SourceArg, port: i64) |service, at| {
            service.allow_from.push(at.put(AllowedSource { source: source.0, port: Some(port) }));
        };
        /// Attaches a managed policy to the task role, given by its ARN.
        ///
        /// ```rhai
        /// service.managed_policy("arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess")
        /// ```
        #[adds = "a policy"]
        fn managed_policy(arn: TemplateString) |service, at| service.managed_policy.push(at.put(arn));
        /// Assigns public IP addresses to tasks, which then run in public subnets.
        ///
        /// ```rhai
        /// service.subnets("public").public_ip()
        /// ```
        fn public_ip() |service, at| service.public_ip = at.flag();
        /// Sets which subnets of the VPC tasks run in.
        ///
        /// ```rhai
        /// service.subnets("private")
        /// ```
        #[one_of = ["public", "private"]]
        fn subnets(which: String) |service, at| service.subnets = at.set(which);
        /// Adds a security group, given by its id.
        ///
        /// ```rhai
        /// service.security_group("sg-0a1b2c3d4e5f60718")
        /// ```
        #[adds = "a security group"]
        fn security_group(id: TemplateString) |service, at| service.security_group.push(at.put(id));
        /// Runs tasks on Fargate Spot too, which is cheaper and can be stopped with two minutes' notice. The weight
        /// is relative
        /// to 1 for plain Fargate: `.spot(4)` runs four of five tasks on Spot.
        ///
        /// ```rhai
        /// service.cluster(Cluster("Apps").spot()).spot(4)
        /// ```
        fn spot(weight: i64) |service, at| service.spot = at.set(weight);
        /// Adds a sidecar container.
        ///
        /// ```rhai
        /// service.sidecar(container)
        /// ```
        #[adds = "a container"]
        fn sidecar(container: Rc<Container>) |service, at| service.sidecar.push(at.put((*container).clone()));
        /// Sets how many days logs are kept.
        ///
        /// ```rhai
        /// service.log_retention(90)
        /// ```
        #[default = "30"]
        fn log_retention(days: i64) |service, at| service.log_retention = at.set(days);
        /// Sets the ephemeral storage of a task in GiB, from 21 to 200. Without it a task has 20 GiB, which are free.
        ///
        /// ```rhai
        /// service.ephemeral_storage(40)
        /// ```
        fn ephemeral_storage(gibibytes: i64) |service, at| service.ephemeral_storage = at.set(gibibytes);
        /// Mounts an EFS file system at a path of the main container. The service is created after the mount targets that the
        /// script creates for it.
        ///
        /// ```rhai
        /// service.efs("/data", "fs-0a1b2c3d4e5f60718")
        /// ```
        #[adds = "a file system"]
        fn efs(path: String, file_system_id: TemplateString) |service, at| {
            service.efs.push(at.put(EfsMount { path, file_system_id, access_point: None }));
        };
        /// Mounts an EFS file system at a path of the main container, through an access point.
        ///
        /// ```rhai
        /// let access = AWS::EFS::AccessPoint("Access", #{ FileSystemId: "fs-0a1b2c3d4e5f60718" });
        /// service.efs("/data", "fs-0a1b2c3d4e5f60718", access)
        /// ```
        #[adds = "a file system"]
        fn efs(path: String, file_system_id: TemplateString, access_point: TemplateString) |service, at| {
            service.efs.push(at.put(EfsMount { path, file_system_id, access_point: Some(access_point) }));
        };
        /// Sets the seconds between SIGTERM and SIGKILL when a task stops, at most 120.
        ///
        /// ```rhai
        /// service.stop_timeout(90)
        /// ```
        #[default = "30"]
        fn stop_timeout(seconds: i64) |service, at| service.stop_timeout = at.set(seconds);
        /// Sets the seconds that a stopping task may take to finish its requests, before its connections are closed, at most
        /// 3600 (the deregistration delay of its target groups).
        ///
        /// ```rhai
        /// service.port(80).behind(alb).drain(120)
        /// ```
        #[default = "30"]
        fn drain(seconds: i64) |service, at| service.drain = at.set(seconds);
        /// Sets the seconds after a task's start in which failed health checks do not stop it.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).grace_period(120)
        /// ```
        #[default = "60"]
        fn grace_period(seconds: i64) |service, at| service.grace_period = at.set(seconds);
        /// Sets the minimum and maximum number of tasks during a deployment, in percent of the desired count.
        ///
        /// ```rhai
        /// service.count(2).healthy_percent(50..=150)
        /// ```
        #[default = "100..=200"]
        fn healthy_percent(percent: RangeInclusive<i64>) |service, at| service.healthy_percent = at.set(percent);
        /// Sets after how many failed tasks a deployment is rolled back. Without it ECS chooses the number.
        ///
        /// ```rhai
        /// service.circuit_breaker(5)
        /// ```
        fn circuit_breaker(threshold: i64) |service, at| service.circuit_breaker = at.set(threshold);
        /// Disables the deployment circuit breaker: ECS retries a failing deployment without limit.
        ///
        /// ```rhai
        /// service.no_circuit_breaker()
        /// ```
        fn no_circuit_breaker() |service, at| service.no_circuit_breaker = at.flag();
        /// Rolls a deployment back when this CloudWatch alarm goes off.
        ///
        /// ```rhai
        /// service.alarm("web-errors")
        /// ```
        #[adds = "an alarm"]
        fn alarm(name: TemplateString) |service, at| service.alarm.push(at.put(name));
        /// Creates the service after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// service.depends_on(AWS::SQS::Queue("Jobs"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |service, at| {
            service.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Enables ECS Exec: a shell in a running task.
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
        /// Merges properties into a resource that the service creates, named by its role or by a type that only one of them
        /// has. Maps are merged by key, lists of named items by name; another list is replaced.
        ///
        /// ```rhai
        /// service.override("Service", #{ PropagateTags: "SERVICE", EnableECSManagedTags: true })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |service, at| {
            let Properties(properties, origins) = properties;
            let value = properties.into();
            service.overrides.push(at.put(Override { role, path: None, value, origins: origins.into() }));
        };
        /// Sets one property of a resource that the service creates. The path names items of lists by name or number.
        ///
        /// ```rhai
        /// service.override("TaskDefinition", "ContainerDefinitions[web].Ulimits", [
        ///     #{ Name: "nofile", SoftLimit: 65536, HardLimit: 65536 },
        /// ])
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |service, at| {
            let PropertyValue(value, origins) = value;
            service.overrides.push(at.put(Override { role, path: Some(path), value, origins: origins.into() }));
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
        /// The id of the service's security group.
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
        /// The ARN of the task role.
        ///
        /// ```rhai
        /// // Who may use it is said in the policy of a key.
        /// Stack("web").add(service).output("Role", service.task_role_arn)
        /// ```
        task_role_arn |service| service.task_role_arn();
    };
}
