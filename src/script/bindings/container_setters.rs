//! The setters of what runs in a container: those of a sidecar, and of the main container of a service or a job.

use crate::block::{Container, EfsMount, EnvVar, Secret};
use crate::cfn::TemplateString;
use crate::script::convert::{FileSystemArg, HealthCheckArg, OneOrMany, StringMap, TextOrNumber};
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
    /// All of them.
    pub(super) const ALL: SharedSetters<T> = SharedSetters { variable: "container", methods: Self::METHODS };

    const METHODS: &'static [Method<T>] = methods! {
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
        /// Sets the command, instead of the image's own.
        ///
        /// ```rhai
        /// container.command(["serve", "--port", "8080"])
        /// ```
        fn command(command: OneOrMany) |it, at| it.container().command = at.set(command.0);
        /// Sets the entry point, instead of the image's own.
        ///
        /// ```rhai
        /// container.entrypoint(["/usr/bin/env"]).command(["python", "-m", "web"])
        /// ```
        fn entrypoint(entrypoint: OneOrMany) |it, at| it.container().entrypoint = at.set(entrypoint.0);
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
        /// Sets the port that the container listens on.
        ///
        /// ```rhai
        /// container.port(8080)
        /// ```
        fn port(port: i64) |it, at| it.container().port = at.set(port);
        /// Sets how ECS checks the health of the container: a command, or a `HealthCheck(command)`.
        ///
        /// ```rhai
        /// container.container_health_check("curl -f http://localhost/health")
        /// ```
        fn container_health_check(check: HealthCheckArg) |it, at| it.container().container_health_check = at.set(check.0);
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
        fn efs(path: String, file_system_id: TemplateString, access_point: TemplateString) |it, at| {
            let access_point = Some(access_point);
            it.container().efs.push(at.put(EfsMount { path, file_system_id, access_point, file_system: None }));
        };
    };
}
