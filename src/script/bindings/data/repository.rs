use crate::block::{Name, Repository};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Repository {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a private repository of ECR: images are scanned, a tag stays with its image, and images without a tag are
        /// deleted after 14 days.
        ///
        /// It is kept when its stack is deleted, because running services need its images. `Image::build` needs no repository.
        ///
        /// ```rhai
        /// Stack("images").add(Repository("Web").keep(50))
        /// ```
        fn Repository(name: Name) |at| Repository::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Lets a tag move to another image.
        ///
        /// ```rhai
        /// images.mutable_tags()
        /// ```
        fn mutable_tags() |images, at| images.mutable_tags = at.flag();
        /// Keeps this number of images, and deletes the oldest others.
        ///
        /// ```rhai
        /// images.keep(50)
        /// ```
        #[default = "all"]
        fn keep(images: i64) |repository, at| repository.keep = at.set(images);
        /// Deletes the repository with its stack. ECR refuses to delete one that holds images.
        ///
        /// ```rhai
        /// images.delete_with_stack()
        /// ```
        fn delete_with_stack() |images, at| images.delete_with_stack = at.flag();
        /// Creates the repository after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// images.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |images, at| {
            images.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// images.override("Repository", #{ RepositoryName: "shop/web" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |images, at| images.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// images.override("Repository", "EmptyOnDelete", true)
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |images, at| {
            images.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The URI of the repository, with which the names of its images begin.
        ///
        /// ```rhai
        /// Stack("shop").add(FargateService("Web").image(`${images.uri}:1.4.2`))
        /// ```
        uri |images| images.uri();
        /// The ARN of the repository.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("ecr:DescribeImages", images.arn))
        /// ```
        arn |images| images.arn();
        /// The physical name of the repository.
        ///
        /// ```rhai
        /// Stack("images").add(images).output("Repository", images.name)
        /// ```
        name |images| images.name();
    };
}
