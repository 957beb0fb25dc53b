use crate::block::{Container, ContainerDependency, EnvVar, ImageSource, IntOrRef, Name, Secret};
use crate::cfn::TemplateString;
use crate::diag::WithOrigin;
use crate::script::convert::{HealthCheckArg, OneOrMany, StringMap, TextOrNumber};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Container {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a sidecar container, for `FargateService.sidecar`.
        ///
        /// ```rhai
        /// Container("agent").image("public.ecr.aws/xray/aws-xray-daemon:3.6.0").cpu(32).memory(256)
        /// ```
        fn Container(name: Name) |at| Container::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the image: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// Container("Agent").image("public.ecr.aws/xray/aws-xray-daemon:3.6.0")
        /// ```
        fn image(image: ImageSource) |container, at| container.image = at.set(image);
        /// Sets environment variables. Two values for one name are an error.
        ///
        /// ```rhai
        /// container.env(#{ AWS_XRAY_DAEMON_LOG: "warn" })
        /// ```
        #[adds = "variables"]
        fn env(variables: StringMap) |container, _at| container.env.extend(self::variables(variables));
        /// Sets one environment variable.
        ///
        /// ```rhai
        /// container.env("STAGE", "production")
        /// ```
        #[adds = "a variable"]
        fn env(name: String, value: TextOrNumber) |container, at| {
            container.env.push(at.put(EnvVar { name, value: value.0 }));
        };
        /// Sets an environment variable from a Secrets Manager secret or an SSM parameter, given by its ARN.
        ///
        /// ```rhai
        /// container.secret("TOKEN", "arn:aws:ssm:eu-central-1:123456789012:parameter/agent/token")
        /// ```
        #[adds = "a variable"]
        fn secret(name: String, arn: TemplateString) |container, at| container.secret.push(at.put(Secret { name, arn, json_key: None }));
        /// Sets an environment variable from one key of a JSON secret in Secrets Manager.
        ///
        /// ```rhai
        /// container.secret("TOKEN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:agent-a1b2c3", "token")
        /// ```
        #[adds = "a variable"]
        fn secret(name: String, arn: TemplateString, json_key: String) |container, at| {
            container.secret.push(at.put(Secret { name, arn, json_key: Some(json_key) }));
        };
        /// Sets the command, instead of the image's own.
        ///
        /// ```rhai
        /// container.command(["--log-level", "warn"])
        /// ```
        fn command(command: OneOrMany) |container, at| container.command = at.set(command.0);
        /// Sets the entry point, instead of the image's own.
        ///
        /// ```rhai
        /// container.entrypoint(["/xray", "--bind", "0.0.0.0:2000"])
        /// ```
        fn entrypoint(entrypoint: OneOrMany) |container, at| container.entrypoint = at.set(entrypoint.0);
        /// Sets the port that the container listens on.
        ///
        /// ```rhai
        /// container.port(2000)
        /// ```
        fn port(port: i64) |container, at| container.port = at.set(port);
        /// Reserves CPU units of the task for the container.
        ///
        /// ```rhai
        /// container.cpu(32)
        /// ```
        fn cpu(units: IntOrRef) |container, at| container.cpu = at.set(units);
        /// Limits the memory of the container, in MiB.
        ///
        /// ```rhai
        /// container.memory(256)
        /// ```
        fn memory(mebibytes: IntOrRef) |container, at| container.memory = at.set(mebibytes);
        /// Sets whether the whole task stops when the container stops.
        ///
        /// ```rhai
        /// container.essential(false)
        /// ```
        #[default = "true"]
        fn essential(essential: bool) |container, at| container.essential = at.set(essential);
        /// Starts the container only after another container reached a condition.
        ///
        /// ```rhai
        /// // The main container is called as its service, in small letters.
        /// let web = FargateService("Web").image("nginx:1.29").sidecar(container.depends_on("web", "START"));
        /// Stack("web").add(web)
        /// ```
        #[adds = "a dependency"]
        #[one_of = Container::DEPENDENCY_CONDITIONS]
        fn depends_on(container_name: String, condition: String) |container, at| {
            container.depends_on.push(at.put(ContainerDependency { container: container_name, condition }));
        };
        /// Sets how ECS checks the health of the container: a command, or a `HealthCheck(command)`.
        ///
        /// ```rhai
        /// container.container_health_check("pgrep xray")
        /// ```
        fn container_health_check(check: HealthCheckArg) |container, at| container.container_health_check = at.set(check.0);
        /// Sets the user that the container runs as: `1000`, `app`, `1000:1000`.
        ///
        /// ```rhai
        /// container.user("1000:1000")
        /// ```
        fn user(user: TextOrNumber) |container, at| container.user = at.set(user.0);
        /// Makes the root file system of the container read-only.
        ///
        /// ```rhai
        /// container.read_only_root()
        /// ```
        fn read_only_root() |container, at| container.read_only_root = at.flag();
    };
}

/// Returns environment variables, each with the origin of its name.
pub(super) fn variables(names: StringMap) -> impl Iterator<Item = WithOrigin<EnvVar>> {
    names.0.into_iter().map(|entry| entry.map(|(name, value)| EnvVar { name, value }))
}
