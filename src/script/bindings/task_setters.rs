//! The setters of a task: those that a service and a job have.

use std::rc::Rc;

use crate::block::{Cluster, Container, ContainerDependency, IntOrRef, Link, Name, Override, Permission, Task, Volume};
use crate::cfn::{Map, TemplateString};
use crate::script::call::CallSite;
use crate::script::convert::{DependencyTargets, LinkTarget, OneOrMany, Properties, PropertyValue, SubnetsArg};
use crate::script::declaration::{Method, SharedSetters, methods};

/// A value with a task.
pub(super) trait HasTask: 'static {
    /// Returns the task that the setters change.
    fn task(&mut self) -> &mut Task;
}

/// The setters of a task.
pub(super) struct TaskSetters<T>(std::marker::PhantomData<T>);

impl<T: HasTask> TaskSetters<T> {
    /// The setters of every task, also of one of Express Mode.
    pub(super) const BASIC: SharedSetters<T> = SharedSetters { variable: "service", methods: Self::BASIC_METHODS };
    /// The setters of tasks with a task definition of their own.
    pub(super) const MORE: SharedSetters<T> = SharedSetters { variable: "service", methods: Self::MORE_METHODS };

    const BASIC_METHODS: &'static [Method<T>] = methods! {
        /// Sets the cluster that the tasks run in. Without this call they run in the cluster and the network of their stack
        /// (`Stack.cluster`, `Stack.vpc`).
        ///
        /// ```rhai
        /// service.cluster(Cluster("Apps").spot())
        /// ```
        #[default = "the cluster of the stack"]
        fn cluster(cluster: Rc<Cluster>) |it, at| it.task().cluster = at.set(cluster);
        /// Sets the CPU units of a task: 256, 512, 1024 and so on to 32768. 1024 units are one vCPU.
        ///
        /// ```rhai
        /// service.cpu(512).memory(1024)
        /// ```
        #[default = "256"]
        fn cpu(units: IntOrRef) |it, at| it.task().cpu = at.set(units);
        /// Sets the memory of a task in MiB. Fargate offers certain sizes for each number of CPU units.
        ///
        /// ```rhai
        /// service.cpu(1024).memory(4096)
        /// ```
        #[default = "512"]
        fn memory(mebibytes: IntOrRef) |it, at| it.task().memory = at.set(mebibytes);
        /// Allows the tasks an IAM action or a list of actions, on the ARN of a resource or a list of ARNs.
        ///
        /// ```rhai
        /// let tiles = AWS::S3::Bucket("Tiles");
        /// service.allow("s3:GetObject", `${tiles.Arn}/*`)
        /// ```
        #[adds = "a permission"]
        fn allow(actions: OneOrMany, resources: OneOrMany) |it, at| {
            it.task().allow.push(at.put(Permission { actions: actions.0, resources: resources.0 }));
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
        fn allow_execution(actions: OneOrMany, resources: OneOrMany) |it, at| {
            it.task().allow_execution.push(at.put(Permission { actions: actions.0, resources: resources.0 }));
        };
        /// Attaches a managed policy to the task role, given by its ARN.
        ///
        /// ```rhai
        /// service.managed_policy("arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess")
        /// ```
        #[adds = "a policy"]
        fn managed_policy(arn: TemplateString) |it, at| it.task().managed_policy.push(at.put(arn));
        /// Uses a task role of one's own, given by its ARN, and makes none.
        ///
        /// ```rhai
        /// service.task_role("arn:aws:iam::123456789012:role/web")
        /// ```
        fn task_role(arn: TemplateString) |it, at| it.task().task_role = at.set(arn);
        /// Uses an execution role of one's own, given by its ARN, and makes none. It must be allowed to write logs, read the secrets
        /// of the task and pull its image.
        ///
        /// ```rhai
        /// service.execution_role("arn:aws:iam::123456789012:role/web-execution")
        /// ```
        fn execution_role(arn: TemplateString) |it, at| it.task().execution_role = at.set(arn);
        /// Sets the subnets of the VPC in which tasks run: those of a kind, or a list of ids.
        ///
        /// Unless set, tasks run in private subnets, else in isolated ones if the network has private endpoints, else in public
        /// ones. In isolated subnets they reach AWS through the endpoints of the network only.
        ///
        /// ```rhai
        /// let net = Vpc("Net").isolated_subnets().private_endpoints();
        /// let image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1.0.0";
        /// Stack("web").vpc(net).add(FargateService("Api").image(image).subnets("isolated"))
        /// ```
        #[one_of = ["public", "private", "isolated"]]
        fn subnets(kind_or_ids: SubnetsArg) |it, at| it.task().subnets = at.set(kind_or_ids.0);
        /// Adds a security group, given by its id.
        ///
        /// ```rhai
        /// service.security_group("sg-0a1b2c3d4e5f60718")
        /// ```
        #[adds = "a security group"]
        fn security_group(id: TemplateString) |it, at| it.task().security_group.push(at.put(id));
        /// Sets how many days logs are kept.
        ///
        /// ```rhai
        /// service.log_retention(90)
        /// ```
        #[default = "30"]
        fn log_retention(days: i64) |it, at| it.task().log_retention = at.set(days);
        /// Lets the tasks use a database, cache, queue, topic, bucket, table or secret.
        ///
        /// The link adds the rule of the security group, the least permissions, and variables that say where the block is:
        /// `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER` and the secret `DB_PASSWORD` of a database; `CACHE_HOST`, `CACHE_PORT`,
        /// `CACHE_URL` and, with a token, the secret `CACHE_PASSWORD` of a cache (`CACHE_CLUSTER_MODE` and `CACHE_READER_PORT` of a
        /// serverless one); `QUEUE_URL`, `TOPIC_ARN`, `BUCKET_NAME` and
        /// `TABLE_NAME`; for a secret `SECRET_VALUE`, or one variable for each of its keys. Tasks start after the block.
        /// Without a mode they may read and write, and publish to a topic.
        ///
        /// ```rhai
        /// service.link(Database("Shop")).link(Queue("Jobs"))
        /// ```
        #[adds = "a link"]
        fn link(block: LinkTarget) |it, at| add_link(it.task(), at, Link::to(block.0));
        /// Lets the tasks use a block, with a mode in lower case (`read`, `write`, `read-write`) or a prefix of the variables in
        /// upper case (`ORDERS` gives `ORDERS_HOST`).
        ///
        /// ```rhai
        /// service.link(Bucket("Media"), "read").link(Database("Orders"), "ORDERS")
        /// ```
        #[adds = "a link"]
        #[such_as = ["read", "write", "read-write"]]
        fn link(block: LinkTarget, mode_or_prefix: String) |it, at| {
            add_link(it.task(), at, Link::with_text(block.0, mode_or_prefix));
        };
        /// Lets the tasks use a block, with a prefix of the variables and a mode.
        ///
        /// ```rhai
        /// service.link(Queue("Mails"), "MAILS", "write")
        /// ```
        #[adds = "a link"]
        #[such_as = ["read", "write", "read-write"]]
        fn link(block: LinkTarget, prefix: String, mode: String) |it, at| {
            add_link(it.task(), at, Link { prefix: Some(prefix), mode: Some(mode), ..Link::to(block.0) });
        };
        /// Starts tasks after other blocks or resources exist, in addition to those that the script refers to.
        ///
        /// ```rhai
        /// service.depends_on(AWS::SQS::Queue("Jobs"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |it, at| {
            it.task().depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource of the block, named by its role or by a type that only one of them has. Maps are
        /// merged by key, lists of named items by name; another list is replaced.
        ///
        /// ```rhai
        /// service.override("LogGroup", #{ LogGroupClass: "INFREQUENT_ACCESS" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |it, at| {
            let Properties(properties, origins) = properties;
            let value = properties.into();
            it.task().overrides.push(at.put(Override { role, path: None, value, origins: origins.into() }));
        };
        /// Sets one property of a resource of the block. The path names items of lists by name or number.
        ///
        /// ```rhai
        /// let api = FargateService("Api").image("nginx:1.29")
        ///     .override("TaskDefinition", "ContainerDefinitions[api].Ulimits", [
        ///         #{ Name: "nofile", SoftLimit: 65536, HardLimit: 65536 },
        ///     ]);
        /// Stack("web").add(api)
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |it, at| {
            let PropertyValue(value, origins) = value;
            it.task().overrides.push(at.put(Override { role, path: Some(path), value, origins: origins.into() }));
        };
    };

    const MORE_METHODS: &'static [Method<T>] = methods! {
        /// Runs tasks on Graviton processors (ARM64). The image must support them.
        ///
        /// ```rhai
        /// service.arm64()
        /// ```
        fn arm64() |it, at| it.task().arm64 = at.flag();
        /// Sets the operating system of tasks, Linux unless set. Those of Windows need 1024 CPU units or more, and an image of the same version.
        ///
        /// ```rhai
        /// service.operating_system("LINUX")
        /// ```
        #[one_of = Task::OPERATING_SYSTEMS]
        fn operating_system(family: String) |it, at| it.task().operating_system = at.set(family);
        /// Lets the containers of a task see each other's processes, for sidecars that observe them. Fargate has the mode `task` alone.
        ///
        /// ```rhai
        /// service.pid_mode("task")
        /// ```
        #[one_of = ["task"]]
        fn pid_mode(mode: String) |it, at| it.task().pid_mode = at.set(mode);
        /// Lets experiments of AWS Fault Injection Service disturb the network of the containers.
        ///
        /// ```rhai
        /// service.fault_injection()
        /// ```
        fn fault_injection() |it, at| it.task().fault_injection = at.flag();
        /// Adds a volume that containers of the task share, with `.mount(volume, path)`. It is a part of the ephemeral storage, and
        /// ends with the task.
        ///
        /// ```rhai
        /// service.read_only_root().volume("tmp").mount("tmp", "/tmp")
        /// ```
        #[adds = "a volume"]
        fn volume(name: String) |it, at| {
            it.task().volume.push(at.put(Volume { name, properties: Map::new(), origins: Vec::new().into() }));
        };
        /// Adds a volume with properties as CloudFormation names them. `.efs` is simpler for a whole file system.
        ///
        /// ```rhai
        /// service
        ///     .volume("media", #{ EFSVolumeConfiguration: #{
        ///         FilesystemId: "fs-0a1b2c3d4e5f60718",
        ///         RootDirectory: "/media",
        ///         TransitEncryption: "ENABLED",
        ///     } })
        ///     .mount("media", "/media")
        /// ```
        #[adds = "a volume"]
        fn volume(name: String, properties: Properties) |it, at| {
            let Properties(properties, origins) = properties;
            it.task().volume.push(at.put(Volume { name, properties, origins: origins.into() }));
        };
        /// Sets the name of the main container: that of the service or job in kebab-case, such as `web-api`, unless set.
        ///
        /// ```rhai
        /// service.container_name("app")
        /// ```
        fn container_name(name: Name) |it, at| it.task().main.name = at.put(name);
        /// Starts the main container only after another container reached a condition. A container that ends before, such as one for
        /// migrations, has `.essential(false)`.
        ///
        /// ```rhai
        /// let init = Container("init").image("ghcr.io/example/init:1.0.0").essential(false);
        /// Stack("web").add(FargateService("Web").image("nginx:1.29").sidecar(init).depends_on("init", "SUCCESS"))
        /// ```
        #[adds = "a dependency"]
        #[one_of = Container::DEPENDENCY_CONDITIONS]
        fn depends_on(container_name: String, condition: String) |it, at| {
            it.task().main.depends_on.push(at.put(ContainerDependency { container: container_name, condition }));
        };
        /// Sets the ephemeral storage of a task in GiB, from 21 to 200. Without it a task has 20 GiB, which are free.
        ///
        /// ```rhai
        /// service.ephemeral_storage(40)
        /// ```
        fn ephemeral_storage(gibibytes: i64) |it, at| it.task().ephemeral_storage = at.set(gibibytes);
        /// Adds a sidecar container.
        ///
        /// ```rhai
        /// service.sidecar(container)
        /// ```
        #[adds = "a container"]
        fn sidecar(container: Rc<Container>) |it, at| it.task().sidecar.push(at.put((*container).clone()));
        /// Assigns public IP addresses to tasks, which then run in public subnets.
        ///
        /// ```rhai
        /// service.subnets("public").public_ip()
        /// ```
        fn public_ip() |it, at| it.task().public_ip = at.flag();
        /// Encrypts the logs with a key of KMS, given by its ARN, instead of the key of `CloudWatch` Logs. The policy of the key must let
        /// `logs.REGION.amazonaws.com` use it.
        ///
        /// ```rhai
        /// service.log_key("arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666")
        /// ```
        fn log_key(arn: TemplateString) |it, at| it.task().log_key = at.set(arn);
        /// Enables ECS Exec: a shell in a running task.
        ///
        /// ```rhai
        /// service.exec()
        /// ```
        fn exec() |it, at| it.task().exec = at.flag();
    };
}

/// Adds a link, with the variables, secrets and permissions that it gives.
fn add_link(task: &mut Task, at: &CallSite, link: Link) {
    let given = link.gives();
    task.main.env.extend(given.env.into_iter().map(|variable| at.put(variable)));
    task.main.secret.extend(given.secret.into_iter().map(|secret| at.put(secret)));
    task.allow.extend(given.allow.into_iter().map(|permission| at.put(permission)));
    task.link.push(at.put(link));
}
