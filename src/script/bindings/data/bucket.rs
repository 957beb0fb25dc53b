use crate::block::{Bucket, CrossOrigin, Expiry, Name};
use crate::cfn::TemplateString;
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, OneOrMany, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Bucket {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a private bucket of S3: encrypted, without public access, for requests with TLS alone.
        ///
        /// It is kept when its stack is deleted, because it holds data. Parts of uploads that are not completed are deleted after
        /// seven days: they are not listed, and cost as much as objects.
        ///
        /// ```rhai
        /// Stack("shop").add(Bucket("Media").versioned())
        /// ```
        fn Bucket(name: Name) |at| Bucket::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Keeps replaced and deleted objects as versions.
        ///
        /// ```rhai
        /// media.versioned()
        /// ```
        fn versioned() |media, at| media.versioned = at.flag();
        /// Sets how many days versions of replaced and deleted objects are kept.
        ///
        /// ```rhai
        /// media.versioned().keep_versions(30)
        /// ```
        #[default = "90"]
        fn keep_versions(days: i64) |media, at| media.keep_versions = at.set(days);
        /// Deletes every object some days after its creation.
        ///
        /// ```rhai
        /// Bucket("Exports").expire(30)
        /// ```
        #[adds = "a rule"]
        fn expire(days: i64) |media, at| media.expire.push(at.put(Expiry { prefix: None, days }));
        /// Deletes the objects whose keys begin with a prefix, some days after their creation.
        ///
        /// ```rhai
        /// media.expire("tmp/", 1)
        /// ```
        #[adds = "a rule"]
        fn expire(prefix: String, days: i64) |media, at| {
            media.expire.push(at.put(Expiry { prefix: Some(prefix), days }));
        };
        /// Lets web pages of an origin use the bucket from a browser, by one HTTP method or several.
        ///
        /// ```rhai
        /// media.cors("https://shop.example.com", ["GET", "PUT"])
        /// ```
        #[adds = "an origin"]
        fn cors(origin: TemplateString, methods: OneOrMany) |media, at| {
            media.cors.push(at.put(CrossOrigin { origin, methods: methods.0 }));
        };
        /// Deletes the bucket with its stack. S3 refuses to delete a bucket that holds objects.
        ///
        /// ```rhai
        /// Bucket("Scratch").delete_with_stack()
        /// ```
        fn delete_with_stack() |media, at| media.delete_with_stack = at.flag();
        /// Creates the bucket after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// media.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |media, at| {
            media.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// media.override("Bucket", #{ BucketName: "shop-media" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |media, at| media.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// media.override("Bucket", "AccelerateConfiguration.AccelerationStatus", "Enabled")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |media, at| {
            media.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The physical name of the bucket.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("BUCKET", media.name))
        /// ```
        name |media| media.name();
        /// The ARN of the bucket. Its objects have the ARN with `/*`.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("s3:GetObject", `${media.arn}/*`))
        /// ```
        arn |media| media.arn();
        /// The DNS name of the bucket in its region.
        ///
        /// ```rhai
        /// Stack("shop").add(media).output("Host", media.domain_name)
        /// ```
        domain_name |media| media.domain_name();
    };
}
