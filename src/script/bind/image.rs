use std::rc::Rc;

use crate::block::{Block, Image};
use crate::script::method::{Function, Method, Scripted, functions, methods};

impl Scripted for Image {
    const NAME: &'static str = "Image";
    const WHAT: &'static str = "an Image";

    const FUNCTIONS: &'static [Function] = functions! {
        /// An image built from a folder with a Dockerfile and pushed when the stack is deployed.
        fn Image::build(folder: String) |at| Image::build(at.put(folder));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// The Dockerfile, relative to the folder.
        fn dockerfile(path: String) |image, at| image.dockerfile = at.set(path);
        /// The stage of the Dockerfile to build.
        fn target(stage: String) |image, at| image.target = at.set(stage);
        /// A build argument.
        fn arg(name: String, value: String) |image, at| image.arg.push(at.put((name, value)));
        /// The platform: `linux/amd64`, `linux/arm64`.
        fn platform(platform: String) |image, at| image.platform = at.set(platform);
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
