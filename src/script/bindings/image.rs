use std::rc::Rc;

use crate::block::{Block, Image};
use crate::script::registration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Image {
    const NAME: &'static str = "Image";
    const WHAT: &'static str = "an Image";

    const FUNCTIONS: &'static [Function] = functions! {
        /// An image built from a folder with a Dockerfile and pushed when the stack is deployed.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app"))
        /// ```
        fn Image::build(folder: String) |at| Image::build(at.put(folder));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// The Dockerfile, relative to the folder.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").dockerfile("docker/web.Dockerfile"))
        /// ```
        fn dockerfile(path: String) |image, at| image.dockerfile = at.set(path);
        /// The stage of the Dockerfile to build.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").target("production"))
        /// ```
        fn target(stage: String) |image, at| image.target = at.set(stage);
        /// A build argument.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").arg("PYTHON", "3.13"))
        /// ```
        fn arg(name: String, value: String) |image, at| image.arg.push(at.put((name, value)));
        /// The platform: `linux/amd64`, `linux/arm64`.
        ///
        /// ```rhai wrong
        /// // Images cannot be built yet: name one of a registry.
        /// FargateService("Web").image(Image::build("app").platform("linux/arm64"))
        /// ```
        fn platform(platform: String) |image, at| image.platform = at.set(platform);
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
