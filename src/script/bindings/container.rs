use std::rc::Rc;

use crate::block::{Block, Container, ContainerDependency, EnvVar, ImageSource, IntOrRef, Name, Secret};
use crate::cfn::TemplateString;
use crate::diag::WithOrigin;
use crate::script::convert::{HealthCheckArg, OneOrMany, StringMap};
use crate::script::registration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Container {
    const NAME: &'static str = "Container";
    const WHAT: &'static str = "a Container";

    const FUNCTIONS: &'static [Function] = functions! {
        /// A container beside the main one, for `FargateService.sidecar`.
        ///
        /// ```rhai
        /// Container("agent").image("public.ecr.aws/xray/aws-xray-daemon:3.6.0").cpu(32).memory(256)
        /// ```
        fn Container(name: Name) |at| Container::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// The image: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// container.image("public.ecr.aws/xray/aws-xray-daemon:3.6.0")
        /// ```
        fn image(image: ImageSource) |container, at| container.image = at.set(image);
        /// Environment variables; later ones win.
        ///
        /// ```rhai
        /// container.env(#{ AWS_XRAY_DAEMON_LOG: "warn" })
        /// ```
        fn env(variables: StringMap) |container, _at| container.env.extend(self::variables(variables));
        /// One environment variable.
        ///
        /// ```rhai
        /// container.env("STAGE", "production")
        /// ```
        fn env(name: String, value: TemplateString) |container, at| container.env.push(at.put(EnvVar { name, value }));
        /// An environment variable read from a secret of Secrets Manager or a parameter of SSM, by its ARN.
        ///
        /// ```rhai
        /// container.secret("TOKEN", "arn:aws:ssm:eu-central-1:123456789012:parameter/agent/token")
        /// ```
        fn secret(name: String, arn: TemplateString) |container, at| container.secret.push(at.put(Secret { name, arn, json_key: None }));
        /// An environment variable read from one key of a JSON secret of Secrets Manager.
        ///
        /// ```rhai
        /// container.secret("TOKEN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:agent-a1b2c3", "token")
        /// ```
        fn secret(name: String, arn: TemplateString, json_key: String) |container, at| {
            container.secret.push(at.put(Secret { name, arn, json_key: Some(json_key) }));
        };
        /// The command, instead of that of the image.
        ///
        /// ```rhai
        /// container.command(["--log-level", "warn"])
        /// ```
        fn command(command: OneOrMany) |container, at| container.command = at.set(command.0);
        /// The entry point, instead of that of the image.
        ///
        /// ```rhai
        /// container.entrypoint(["/xray", "--bind", "0.0.0.0:2000"])
        /// ```
        fn entrypoint(entrypoint: OneOrMany) |container, at| container.entrypoint = at.set(entrypoint.0);
        /// The port that it listens on.
        ///
        /// ```rhai
        /// container.port(2000)
        /// ```
        fn port(port: i64) |container, at| container.port = at.set(port);
        /// CPU units of the task reserved for it.
        ///
        /// ```rhai
        /// container.cpu(32)
        /// ```
        fn cpu(units: IntOrRef) |container, at| container.cpu = at.set(units);
        /// Memory in MiB that it may use at most.
        ///
        /// ```rhai
        /// container.memory(256)
        /// ```
        fn memory(mebibytes: IntOrRef) |container, at| container.memory = at.set(mebibytes);
        /// Whether the whole task stops when it stops; true unless set.
        ///
        /// ```rhai
        /// container.essential(false)
        /// ```
        fn essential(essential: bool) |container, at| container.essential = at.set(essential);
        /// Starts only when another container reached a condition: `START`, `HEALTHY`, `COMPLETE`, `SUCCESS`.
        ///
        /// ```rhai
        /// // The main container is called as its service, in small letters.
        /// let web = FargateService("Web").image("nginx:1.29").sidecar(container.depends_on("web", "START"));
        /// Stack("web").add(web)
        /// ```
        fn depends_on(container_name: String, condition: String) |container, at| {
            container.depends_on.push(at.put(ContainerDependency { container: container_name, condition }));
        };
        /// How ECS finds out whether it is well: a command, or a `HealthCheck(command)`.
        ///
        /// ```rhai
        /// container.container_health_check("pgrep xray")
        /// ```
        fn container_health_check(check: HealthCheckArg) |container, at| container.container_health_check = at.set(check.0);
        /// The user that it runs as: `1000`, `app`, `1000:1000`.
        ///
        /// ```rhai
        /// container.user("1000:1000")
        /// ```
        fn user(user: TemplateString) |container, at| container.user = at.set(user);
        /// Makes its root file system read-only.
        ///
        /// ```rhai
        /// container.read_only_root()
        /// ```
        fn read_only_root() |container, at| container.read_only_root = at.flag();
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}

/// Environment variables, each with the place of its name.
pub(super) fn variables(names: StringMap) -> impl Iterator<Item = WithOrigin<EnvVar>> {
    names.0.into_iter().map(|entry| entry.map(|(name, value)| EnvVar { name, value }))
}
