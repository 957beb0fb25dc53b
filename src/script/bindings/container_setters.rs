//! The setters of what runs in a container: those of a sidecar, and of the main container of a service or a job.

use std::ops::RangeInclusive;

use crate::block::{
    Container, EfsMount, EnvVar, IntOrRef, LinuxParameter, LogDriver, LogRouter, NamedPort, PortRange, RestartPolicy,
    Secret, SharedVolumes, Ulimit, VolumeMount,
};
use crate::cfn::{TemplateString, Value};
use crate::script::convert::{
    FileSystemArg, FileSystemId, HealthCheckArg, Numbers, OneOrMany, StringMap, TextOrNumber,
};
use crate::script::declaration::{Method, SharedSetters, methods};

/// A value with a container: a sidecar itself, or what has a main container.
pub(super) trait HasContainer: 'static {
    /// Returns the container that the setters change.
    fn container(&mut self) -> &mut Container;
}

impl HasContainer for Container {
    fn container(&mut self) -> &mut Container {
        self
    }
}

/// The setters of a container.
pub(super) struct ContainerSetters<T>(std::marker::PhantomData<T>);

impl<T: HasContainer> ContainerSetters<T> {
    /// The setters of every container, also of one of Express Mode.
    pub(super) const BASIC: SharedSetters<T> = SharedSetters { variable: "container", methods: Self::BASIC_METHODS };
    /// The setters of containers in a task definition of their own.
    pub(super) const MORE: SharedSetters<T> = SharedSetters { variable: "container", methods: Self::MORE_METHODS };

    const BASIC_METHODS: &'static [Method<T>] = methods! {
        /// Sets environment variables. Two values for one name are an error.
        ///
        /// ```rhai
        /// container.env(#{ STAGE: "production", LOG_LEVEL: "info" })
        /// ```
        #[adds = "variables"]
        fn env(variables: StringMap) |it, _at| {
            let variables = variables.0.into_iter();
            it.container().env.extend(variables.map(|set| set.map(|(name, value)| EnvVar { name, value })));
        };
        /// Sets one environment variable. Its value may refer to a resource.
        ///
        /// ```rhai
        /// let queue = AWS::SQS::Queue("Jobs");
        /// container.env("QUEUE_URL", queue.QueueUrl)
        /// ```
        #[adds = "a variable"]
        fn env(name: String, value: TextOrNumber) |it, at| it.container().env.push(at.put(EnvVar { name, value: value.0 }));
        /// Sets an environment variable from a Secrets Manager secret or an SSM parameter, given by its ARN.
        ///
        /// The ARN of a secret may be without its random suffix. The execution role may read the secret, and decrypt it with
        /// the key of the script that encrypts it; for another key add `.allow_execution("kms:Decrypt", key_arn)` to the
        /// service.
        ///
        /// ```rhai
        /// container.secret("TOKEN", "arn:aws:ssm:eu-central-1:123456789012:parameter/web/token")
        /// ```
        #[adds = "a variable"]
        fn secret(name: String, arn: TemplateString) |it, at| {
            it.container().secret.push(at.put(Secret { name, arn, json_key: None }));
        };
        /// Sets an environment variable from one key of a JSON secret in Secrets Manager.
        ///
        /// ```rhai
        /// let database = AWS::SecretsManager::Secret("Database", #{ GenerateSecretString: #{} });
        /// container.secret("PASSWORD", database, "password")
        /// ```
        #[adds = "a variable"]
        fn secret(name: String, arn: TemplateString, json_key: String) |it, at| {
            it.container().secret.push(at.put(Secret { name, arn, json_key: Some(json_key) }));
        };
        /// Sets the credentials of the private registry of the image: a secret of Secrets Manager, given by its ARN, with the keys
        /// `username` and `password`. The execution role may read it. Images of ECR need none.
        ///
        /// ```rhai
        /// container.registry_credentials("arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-Ab1Cd2")
        /// ```
        fn registry_credentials(secret: TemplateString) |it, at| it.container().registry_credentials = at.set(secret);
        /// Sets the command, instead of the image's own.
        ///
        /// ```rhai
        /// container.command(["serve", "--port", "8080"])
        /// ```
        fn command(command: OneOrMany) |it, at| it.container().command = at.set(command.0);
        /// Sets the port that the container listens on.
        ///
        /// ```rhai
        /// container.port(8080)
        /// ```
        fn port(port: i64) |it, at| it.container().port = at.set(port);
    };

    const MORE_METHODS: &'static [Method<T>] = methods! {
        /// Sets environment variables from a file in S3, given by its ARN; its name ends with `.env`. The execution role may read
        /// the file. Variables of the script win over those of the file.
        ///
        /// ```rhai
        /// container.env_file("arn:aws:s3:::acme-config/web.env")
        /// ```
        #[adds = "a file"]
        fn env_file(arn: TemplateString) |it, at| it.container().env_file.push(at.put(arn));
        /// Sets whether all tasks of a deployment run the image that the first task found for the tag: `enabled` unless set.
        ///
        /// ```rhai
        /// container.version_consistency("disabled")
        /// ```
        #[one_of = ["enabled", "disabled"]]
        fn version_consistency(consistency: String) |it, at| it.container().version_consistency = at.set(consistency);
        /// Sets the entry point, instead of the image's own.
        ///
        /// ```rhai
        /// container.entrypoint(["/usr/bin/env"]).command(["python", "-m", "web"])
        /// ```
        fn entrypoint(entrypoint: OneOrMany) |it, at| it.container().entrypoint = at.set(entrypoint.0);
        /// Sets the directory in which the command runs, instead of the image's own.
        ///
        /// ```rhai
        /// container.working_directory("/app")
        /// ```
        fn working_directory(path: TemplateString) |it, at| it.container().working_directory = at.set(path);
        /// Keeps the standard input open, for programs that read from it.
        ///
        /// ```rhai
        /// container.interactive().pseudo_terminal()
        /// ```
        fn interactive() |it, at| it.container().interactive = at.flag();
        /// Gives the container a terminal (TTY).
        ///
        /// ```rhai
        /// container.pseudo_terminal()
        /// ```
        fn pseudo_terminal() |it, at| it.container().pseudo_terminal = at.flag();
        /// Sets a label of Docker on the container.
        ///
        /// ```rhai
        /// container.label("com.acme.team", "maps")
        /// ```
        #[adds = "a label"]
        fn label(key: String, value: TextOrNumber) |it, at| {
            it.container().label.push(at.put(EnvVar { name: key, value: value.0 }));
        };
        /// Sets the user that the container runs as: `1000`, `app`, `1000:1000`.
        ///
        /// ```rhai
        /// container.user("1000")
        /// ```
        fn user(user: TextOrNumber) |it, at| it.container().user = at.set(user.0);
        /// Makes the root file system of the container read-only.
        ///
        /// ```rhai
        /// container.read_only_root()
        /// ```
        fn read_only_root() |it, at| it.container().read_only_root = at.flag();
        /// Adds a port with a name, over TCP.
        ///
        /// ```rhai
        /// container.port("metrics", 9090)
        /// ```
        #[adds = "a port"]
        fn port(name: String, port: i64) |it, at| {
            it.container().named_port.push(at.put(NamedPort { name, port, protocol: None }));
        };
        /// Adds a port with a name and a protocol. `http`, `http2` and `grpc` are protocols of Service Connect, over TCP.
        ///
        /// ```rhai
        /// container.port("statsd", 8125, "udp")
        /// ```
        #[adds = "a port"]
        #[one_of = NamedPort::PROTOCOLS]
        fn port(name: String, port: i64, protocol: String) |it, at| {
            it.container().named_port.push(at.put(NamedPort { name, port, protocol: Some(protocol) }));
        };
        /// Adds a range of ports, over TCP.
        ///
        /// ```rhai
        /// container.port_range(30000..=30010)
        /// ```
        #[adds = "a range"]
        fn port_range(ports: RangeInclusive<i64>) |it, at| {
            it.container().port_range.push(at.put(PortRange { ports, protocol: None }));
        };
        /// Adds a range of ports with a protocol.
        ///
        /// ```rhai
        /// container.port_range(30000..=30010, "udp")
        /// ```
        #[adds = "a range"]
        #[one_of = PortRange::PROTOCOLS]
        fn port_range(ports: RangeInclusive<i64>, protocol: String) |it, at| {
            it.container().port_range.push(at.put(PortRange { ports, protocol: Some(protocol) }));
        };
        /// Reserves memory of the task for the container, in MiB; it may use more.
        ///
        /// ```rhai
        /// container.memory_reservation(128)
        /// ```
        fn memory_reservation(mebibytes: IntOrRef) |it, at| it.container().memory_reservation = at.set(mebibytes);
        /// Limits the processes of the container: the soft and the hard limit are this number. `nofile` is the number of open files.
        ///
        /// ```rhai
        /// container.ulimit("nofile", 65536)
        /// ```
        #[adds = "a limit"]
        fn ulimit(name: String, limit: i64) |it, at| {
            it.container().ulimit.push(at.put(Ulimit { name, soft: limit, hard: limit }));
        };
        /// Limits the processes of the container: a soft limit, and a number up to which a process may increase it.
        ///
        /// ```rhai
        /// container.ulimit("nofile", 16384, 65536)
        /// ```
        #[adds = "a limit"]
        fn ulimit(name: String, soft: i64, hard: i64) |it, at| {
            it.container().ulimit.push(at.put(Ulimit { name, soft, hard }));
        };
        /// Sets a parameter of the kernel for the container (`sysctl`).
        ///
        /// ```rhai
        /// container.system_control("net.core.somaxconn", 1024)
        /// ```
        #[adds = "a parameter"]
        fn system_control(namespace: String, value: TextOrNumber) |it, at| {
            it.container().system_control.push(at.put(EnvVar { name: namespace, value: value.0 }));
        };
        /// Sets a Linux parameter: `InitProcessEnabled` (`true` runs an init process that removes ended processes),
        /// `Capabilities.Add` (Fargate adds `SYS_PTRACE` alone) or `Capabilities.Drop`. A value is a text or a list.
        ///
        /// ```rhai
        /// container.linux_parameter("InitProcessEnabled", true).linux_parameter("Capabilities.Drop", ["NET_RAW"])
        /// ```
        #[adds = "a parameter"]
        fn linux_parameter(name: String, value: Value) |it, at| {
            it.container().linux_parameter.push(at.put(LinuxParameter { name, value }));
        };
        /// Starts the container again when it ends, while the task runs, if it has run for these seconds: from 60 to 1800.
        ///
        /// ```rhai
        /// container.restart_policy(300)
        /// ```
        fn restart_policy(seconds: i64) |it, at| {
            it.container().restart_policy = at.set(RestartPolicy { after: seconds, ignored_exit_codes: Vec::new() });
        };
        /// Starts the container again when it ends, if it has run for these seconds, and unless it ends with one of these exit codes.
        ///
        /// ```rhai
        /// container.restart_policy(300, [0])
        /// ```
        fn restart_policy(seconds: i64, ignored_exit_codes: Numbers) |it, at| {
            let policy = RestartPolicy { after: seconds, ignored_exit_codes: ignored_exit_codes.0 };
            it.container().restart_policy = at.set(policy);
        };
        /// Sets how ECS checks the health of the container: a command, or a `HealthCheck(command)`.
        ///
        /// ```rhai
        /// container.container_health_check("curl -f http://localhost/health")
        /// ```
        fn container_health_check(check: HealthCheckArg) |it, at| it.container().container_health_check = at.set(check.0);
        /// Sets the seconds after which the containers that wait for this one stop waiting, from 2 to 120. The task then stops.
        ///
        /// ```rhai
        /// container.start_timeout(60)
        /// ```
        fn start_timeout(seconds: i64) |it, at| it.container().start_timeout = at.set(seconds);
        /// Sets the seconds between SIGTERM and SIGKILL when the task stops, at most 120.
        ///
        /// ```rhai
        /// container.stop_timeout(90)
        /// ```
        #[default = "30"]
        fn stop_timeout(seconds: i64) |it, at| it.container().stop_timeout = at.set(seconds);
        /// Mounts an EFS file system at a path of the container. What runs the task is created after the mount targets that
        /// the script creates for it. A
        /// `FileSystem` is mounted through its access point, and its mount targets admit the tasks.
        ///
        /// ```rhai
        /// container.efs("/data", FileSystem("Files")).efs("/shared", "fs-0a1b2c3d4e5f60718")
        /// ```
        #[adds = "a file system"]
        fn efs(path: String, file_system: FileSystemArg) |it, at| {
            let mount = match file_system {
                FileSystemArg::Block(files) => EfsMount {
                    path,
                    file_system_id: files.id(),
                    access_point: Some(files.access_point()),
                    file_system: Some(files),
                },
                FileSystemArg::Id(file_system_id) => {
                    EfsMount { path, file_system_id, access_point: None, file_system: None }
                }
            };
            it.container().efs.push(at.put(mount));
        };
        /// Mounts an EFS file system at a path of the container, through an access point.
        ///
        /// ```rhai
        /// let access = AWS::EFS::AccessPoint("Access", #{ FileSystemId: "fs-0a1b2c3d4e5f60718" });
        /// container.efs("/data", "fs-0a1b2c3d4e5f60718", access)
        /// ```
        #[adds = "a file system"]
        fn efs(path: String, file_system_id: FileSystemId, access_point: TemplateString) |it, at| {
            let (access_point, file_system_id) = (Some(access_point), file_system_id.0);
            it.container().efs.push(at.put(EfsMount { path, file_system_id, access_point, file_system: None }));
        };
        /// Mounts a volume of the task at a path of the container. Containers that mount one volume share its files.
        ///
        /// ```rhai
        /// let builder = Container("assets").image("ghcr.io/example/assets:1.0.0").essential(false).mount("assets", "/out");
        /// let web = FargateService("Web").image("nginx:1.29").port(80)
        ///     .volume("assets")
        ///     .mount("assets", "/usr/share/nginx/html")
        ///     .sidecar(builder);
        /// Stack("web").add(web)
        /// ```
        #[adds = "a mount"]
        fn mount(volume: String, path: String) |it, at| {
            it.container().mount.push(at.put(VolumeMount { volume, path, access: None }));
        };
        /// Mounts a volume of the task with this access.
        ///
        /// ```rhai
        /// let builder = Container("assets").image("ghcr.io/example/assets:1.0.0").essential(false).mount("assets", "/out");
        /// let web = FargateService("Web").image("nginx:1.29").port(80)
        ///     .volume("assets")
        ///     .mount("assets", "/usr/share/nginx/html", "read-only")
        ///     .sidecar(builder);
        /// Stack("web").add(web)
        /// ```
        #[adds = "a mount"]
        #[one_of = VolumeMount::ACCESS]
        fn mount(volume: String, path: String, access: String) |it, at| {
            it.container().mount.push(at.put(VolumeMount { volume, path, access: Some(access) }));
        };
        /// Mounts the volumes of another container of the task too, at the same paths.
        ///
        /// ```rhai
        /// let agent = Container("agent").image("ghcr.io/example/agent:1.0.0").volumes_from("web");
        /// let web = FargateService("Web").image("nginx:1.29").volume("data").mount("data", "/data").sidecar(agent);
        /// Stack("web").add(web)
        /// ```
        #[adds = "a container"]
        fn volumes_from(container_name: String) |it, at| {
            it.container().volumes_from.push(at.put(SharedVolumes { container: container_name, access: None }));
        };
        /// Mounts the volumes of another container of the task with this access.
        ///
        /// ```rhai
        /// let agent = Container("agent").image("ghcr.io/example/agent:1.0.0").volumes_from("web", "read-only");
        /// let web = FargateService("Web").image("nginx:1.29").volume("data").mount("data", "/data").sidecar(agent);
        /// Stack("web").add(web)
        /// ```
        #[adds = "a container"]
        #[one_of = VolumeMount::ACCESS]
        fn volumes_from(container_name: String, access: String) |it, at| {
            it.container().volumes_from.push(at.put(SharedVolumes { container: container_name, access: Some(access) }));
        };
        /// Sets the log driver, `awslogs` unless set, and its options. With `awslogs` the options are in addition to those of the log group of the task.
        ///
        /// ```rhai
        /// container.log_driver("awslogs", #{ "mode": "non-blocking", "max-buffer-size": "25m" })
        /// ```
        fn log_driver(name: String, options: StringMap) |it, at| {
            it.container().log_driver = at.set(LogDriver { name, options: options_of(options) });
        };
        /// Sets an option of the log driver from a Secrets Manager secret or an SSM parameter, given by its ARN. The execution role
        /// may read it.
        ///
        /// ```rhai
        /// container
        ///     .log_driver("splunk", #{ "splunk-url": "https://splunk.example.com:8088" })
        ///     .log_secret("splunk-token", "arn:aws:ssm:eu-central-1:123456789012:parameter/splunk/token")
        /// ```
        #[adds = "an option"]
        fn log_secret(option: String, arn: TemplateString) |it, at| {
            it.container().log_secret.push(at.put(Secret { name: option, arn, json_key: None }));
        };
        /// Sets an option of the log driver from one key of a JSON secret in Secrets Manager.
        ///
        /// ```rhai
        /// container
        ///     .fire_lens(#{ Name: "datadog", Host: "http-intake.logs.datadoghq.eu", TLS: "on", provider: "ecs" })
        ///     .log_secret("apikey", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:datadog-Ab1Cd2", "api_key")
        /// ```
        #[adds = "an option"]
        fn log_secret(option: String, arn: TemplateString, json_key: String) |it, at| {
            it.container().log_secret.push(at.put(Secret { name: option, arn, json_key: Some(json_key) }));
        };
        /// Sends the logs to the log router of the task (FireLens), with the options of an output plugin of Fluent Bit. If no
        /// container is a log router, the task gets one, `log-router`, which starts first.
        ///
        /// Where the plugin writes to CloudWatch Logs, Firehose, Kinesis or S3, the task role may write there.
        ///
        /// ```rhai
        /// container.fire_lens(#{ Name: "kinesis_firehose", region: "eu-central-1", delivery_stream: "web-logs" })
        /// ```
        fn fire_lens(options: StringMap) |it, at| it.container().fire_lens = at.set(options_of(options));
        /// Makes the container the log router of its task.
        ///
        /// ```rhai
        /// let router = Container("router").image("public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.12")
        ///     .log_router("fluentbit");
        /// let web = FargateService("Web").image("nginx:1.29")
        ///     .fire_lens(#{ Name: "cloudwatch_logs", log_group_name: "web", log_stream_prefix: "web-" })
        ///     .sidecar(router);
        /// Stack("web").add(web)
        /// ```
        #[one_of = LogRouter::KINDS]
        fn log_router(program: String) |it, at| {
            it.container().log_router = at.set(LogRouter { kind: program, options: Vec::new() });
        };
        /// Makes the container the log router of its task, with options such as a configuration file of its own.
        ///
        /// ```rhai
        /// let router = Container("router").image("public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.12")
        ///     .log_router("fluentbit", #{ "enable-ecs-log-metadata": "true" });
        /// let web = FargateService("Web").image("nginx:1.29")
        ///     .fire_lens(#{ Name: "cloudwatch_logs", log_group_name: "web", log_stream_prefix: "web-" })
        ///     .sidecar(router);
        /// Stack("web").add(web)
        /// ```
        fn log_router(program: String, options: StringMap) |it, at| {
            it.container().log_router = at.set(LogRouter { kind: program, options: options_of(options) });
        };
        /// Sets the credential specification with which the container uses Active Directory: the ARN of a file in S3 or of a
        /// parameter of SSM. The execution role may read it; for the secret that it names add `.allow_execution`.
        ///
        /// ```rhai
        /// container.credential_spec("arn:aws:s3:::acme-config/web-credspec.json")
        /// ```
        fn credential_spec(arn: TemplateString) |it, at| it.container().credential_spec = at.set(arn);
    };
}

fn options_of(options: StringMap) -> Vec<EnvVar> {
    options.0.into_iter().map(|option| option.map(|(name, value)| EnvVar { name, value }).value).collect()
}
