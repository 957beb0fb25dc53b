use crate::block::{ArchivedImage, Image, RegistryImage};
use crate::cfn::TemplateString;
use crate::image::Platform;
use crate::script::convert::images::{
    BuildSecretArg, ContextFolder, ExtraTag, FileOfImage, PlatformArg, RepositoryName, SecretId,
};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Image {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Describes an image that is built from a folder with a Dockerfile and pushed when the stack is deployed.
        ///
        /// The folder is a path from the root of the project. Its files are the build context, without those that
        /// `.dockerignore` names. The tag is a hash of the context, the Dockerfile, the arguments and the platform: a deployment
        /// without changes builds and pushes nothing, and each change gives a new tag. `synth`, `check` and `rehearse` build
        /// nothing.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app")).port(8080)
        /// ```
        ///
        /// ```rhai wrong
        /// // There is no such folder.
        /// FargateService("Web").image(Image::build("missing"))
        /// ```
        fn Image::build(folder: ContextFolder) |at| Image::build(at.put(folder.0));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the path of the Dockerfile, relative to the folder.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app").dockerfile("docker/web.Dockerfile"))
        /// ```
        #[default = "\"Dockerfile\""]
        fn dockerfile(path: String) |image, at| image.dockerfile = at.set(path);
        /// Sets the stage of the Dockerfile to build.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app").target("production"))
        /// ```
        #[default = "the last one"]
        fn target(stage: String) |image, at| image.target = at.set(stage);
        /// Sets a build argument (`ARG`). Its value is visible in the history of the image: a password is a `.secret`.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app").arg("PYTHON", "3.13"))
        /// ```
        #[adds = "an argument"]
        fn arg(name: String, value: String) |image, at| image.arg.push(at.put((name, value)));
        /// Sets the platform to build for. It must be the platform of the service.
        ///
        /// ```rhai
        /// FargateService("Web").arm64().image(Image::build("app").platform("linux/arm64"))
        /// ```
        ///
        /// ```rhai wrong
        /// // The service runs on linux/amd64.
        /// FargateService("Web").image(Image::build("app").platform("linux/arm64"))
        /// ```
        #[default = "the platform of the service"]
        #[one_of = Platform::NAMES]
        fn platform(platform: PlatformArg) |image, at| image.platform = at.set(platform.0);
        /// Gives the build a secret, which the Dockerfile mounts (`RUN --mount=type=secret,id=pip`): `file:PATH` from the root of
        /// the project, or `env:VARIABLE`. It is read when the image is built, and is neither in the image nor in its tag.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app").secret("pip", "env:PIP_TOKEN").secret("npmrc", "file:config/npmrc"))
        /// ```
        #[adds = "a secret"]
        fn secret(id: SecretId, source: BuildSecretArg) |image, at| image.secret.push(at.put(source.of(id)));
        /// Pushes the image with another tag, too. The stack uses the tag that follows from the content.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app").tag("1.4.0"))
        /// ```
        #[adds = "a tag"]
        fn tag(tag: ExtraTag) |image, at| image.tag.push(at.put(tag.0));
        /// Sets the repository that the image is pushed to, with its registry. ECR gets a token of AWS, other registries the
        /// credentials of `docker login`.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::build("app").registry("ghcr.io/acme/web"))
        /// ```
        #[default = "the ECR repository of `rtiler bootstrap`"]
        fn registry(repository: RepositoryName) |image, at| image.registry = at.set(repository.0);
    };
}

impl ScriptType for ArchivedImage {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Describes an image in a file of `docker save`, or an OCI archive, that is pushed when the stack is deployed. No builder
        /// is needed.
        ///
        /// The file is a path from the root of the project. The tag is a hash of the file.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::archive("images/web.tar")).port(8080)
        /// ```
        fn Image::archive(file: FileOfImage) |at| ArchivedImage::new(at.put(file.0));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Pushes the image with another tag, too. The stack uses the tag that follows from the content.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::archive("images/web.tar").tag("1.4.0"))
        /// ```
        #[adds = "a tag"]
        fn tag(tag: ExtraTag) |image, at| image.tag.push(at.put(tag.0));
        /// Sets the repository that the image is pushed to, with its registry.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image::archive("images/web.tar").registry("ghcr.io/acme/web"))
        /// ```
        #[default = "the ECR repository of `rtiler bootstrap`"]
        fn registry(repository: RepositoryName) |image, at| image.registry = at.set(repository.0);
    };
}

impl ScriptType for RegistryImage {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Describes an image of a registry. A text does the same, and has no setters.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image("ghcr.io/acme/web:1.4.0"))
        /// ```
        fn Image(name: TemplateString) |at| RegistryImage { name: at.put(name), pin: None };
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Replaces the tag by the digest that it has when the stack is planned or deployed. A deployment of `latest` then runs
        /// what is latest, and a rollback runs what ran before.
        ///
        /// ```rhai
        /// FargateService("Web").image(Image("ghcr.io/acme/web:latest").pin())
        /// ```
        fn pin() |image, at| image.pin = at.flag();
    };
}
