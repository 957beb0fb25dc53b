use crate::block::Image;
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Image {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Describes an image to build from a folder with a Dockerfile and to push at deployment.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app"))
        /// ```
        fn Image::build(folder: String) |at| Image::build(at.put(folder));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the path of the Dockerfile, relative to the folder.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").dockerfile("docker/web.Dockerfile"))
        /// ```
        fn dockerfile(path: String) |image, at| image.dockerfile = at.set(path);
        /// Sets the stage of the Dockerfile to build.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").target("production"))
        /// ```
        fn target(stage: String) |image, at| image.target = at.set(stage);
        /// Sets a build argument.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").arg("PYTHON", "3.13"))
        /// ```
        #[adds = "an argument"]
        fn arg(name: String, value: String) |image, at| image.arg.push(at.put((name, value)));
        /// Sets the platform to build for.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").platform("linux/arm64"))
        /// ```
        #[one_of = ["linux/amd64", "linux/arm64"]]
        fn platform(platform: String) |image, at| image.platform = at.set(platform);
    };
}
