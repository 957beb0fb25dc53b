use std::rc::Rc;

use crate::block::{FileSystem, Name, Vpc};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for FileSystem {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a file system of EFS with a mount target in each zone and an access point: encrypted, and backed up daily.
        ///
        /// It is kept when its stack is deleted, because it holds data. Files that were not read for 30 days cost less (infrequent
        /// access). Mount it with `.efs(path, files)`.
        ///
        /// ```rhai
        /// Stack("shop").add(FileSystem("Uploads").owner(33, 33).folder("/uploads"))
        /// ```
        fn FileSystem(name: Name) |at| FileSystem::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the numbers of the user and the group that own all files (UID and GID). Tasks read and write as them, even if they
        /// run as another user.
        ///
        /// ```rhai
        /// files.owner(33, 33)
        /// ```
        #[default = "1000 and 1000"]
        fn owner(user: i64, group: i64) |files, at| files.owner = at.set((user, group));
        /// Sets the folder of the file system that tasks mount: at most four folders deep and 100 characters long. It is created at
        /// the first mount.
        ///
        /// ```rhai
        /// files.folder("/uploads")
        /// ```
        #[default = "/data"]
        fn folder(path: String) |files, at| files.folder = at.set(path);
        /// Sets the network.
        ///
        /// ```rhai
        /// files.vpc(Vpc("Data"))
        /// ```
        #[default = "that of the services of its stack which mount it, else that of the stack"]
        fn vpc(vpc: Rc<Vpc>) |files, at| files.vpc = at.set(vpc);
        /// Disables the daily backups.
        ///
        /// ```rhai
        /// files.no_backups()
        /// ```
        fn no_backups() |files, at| files.no_backups = at.flag();
        /// Deletes the file system and its files with its stack.
        ///
        /// ```rhai
        /// files.delete_with_stack()
        /// ```
        fn delete_with_stack() |files, at| files.delete_with_stack = at.flag();
        /// Creates the file system after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// files.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |files, at| {
            files.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// files.override("FileSystem", #{ PerformanceMode: "generalPurpose" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |files, at| files.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// files.override("FileSystem", "FileSystemProtection.ReplicationOverwriteProtection", "ENABLED")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |files, at| {
            files.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The id of the file system.
        ///
        /// ```rhai
        /// Stack("shop").add(files).output("Files", files.id)
        /// ```
        id |files| files.id();
        /// The ARN of the file system.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("elasticfilesystem:DescribeMountTargets", files.arn))
        /// ```
        arn |files| files.arn();
        /// The id of the access point.
        ///
        /// ```rhai
        /// Stack("shop").add(files).output("Access", files.access_point)
        /// ```
        access_point |files| files.access_point();
        /// The id of the security group of the mount targets.
        ///
        /// ```rhai
        /// Stack("shop").add(files).output("FilesGroup", files.security_group_id)
        /// ```
        security_group_id |files| files.security_group_id();
    };
}
