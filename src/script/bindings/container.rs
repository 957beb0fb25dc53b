use super::container_setters::ContainerSetters;
use crate::block::{Container, ContainerDependency, ImageSource, IntOrRef, Name};
use crate::script::declaration::{Function, Method, ScriptType, SharedSetters, functions, methods};

impl ScriptType for Container {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a sidecar container, for `FargateService.sidecar`.
        ///
        /// ```rhai
        /// Container("agent").image("public.ecr.aws/xray/aws-xray-daemon:3.6.0").cpu(32).memory(256)
        /// ```
        fn Container(name: Name) |at| Container::new(at.put(name));
    };

    const VARIABLE: &'static str = "container";
    const SHARED: &'static [SharedSetters<Self>] = &[ContainerSetters::BASIC, ContainerSetters::MORE];

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the image: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// Container("Agent").image("public.ecr.aws/xray/aws-xray-daemon:3.6.0")
        /// ```
        fn image(image: ImageSource) |container, at| container.image = at.set(image);
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
        /// // The main container is named as its service, in kebab-case.
        /// let web = FargateService("Web").image("nginx:1.29").sidecar(container.depends_on("web", "START"));
        /// Stack("web").add(web)
        /// ```
        #[adds = "a dependency"]
        #[one_of = Container::DEPENDENCY_CONDITIONS]
        fn depends_on(container_name: String, condition: String) |container, at| {
            container.depends_on.push(at.put(ContainerDependency { container: container_name, condition }));
        };
    };
}
