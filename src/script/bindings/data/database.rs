use std::ops::RangeInclusive;
use std::rc::Rc;

use crate::block::{Database, Name, Vpc};
use crate::cfn::{TemplateString, Value};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue, TextOrNumber};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Database {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a database of RDS or Aurora in the private subnets of the network, with a generated password.
        ///
        /// It is encrypted, backed up daily for seven days, and admits no client until a service links it. When it is deleted or
        /// replaced, RDS takes a snapshot first. The secret of the password has the keys `username` and `password`. PostgreSQL from
        /// version 15 on takes connections with TLS only (`rds.force_ssl`, RDS user guide); some clients need a setting for it.
        ///
        /// ```rhai
        /// Stack("shop").add(Database("Shop").engine("postgres").version("17").instance("db.t4g.small").multi_az())
        /// ```
        fn Database(name: Name) |at| Database::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the engine. The change replaces the database with an empty one, and the old one is left as a snapshot.
        ///
        /// ```rhai
        /// Database("Shop").engine("aurora-postgresql").serverless(1..=8)
        /// ```
        #[default = "postgres"]
        #[one_of = ["postgres", "mysql", "aurora-postgresql", "aurora-mysql"]]
        fn engine(engine: String) |db, at| db.engine = at.set(engine);
        /// Sets the version of the engine. Give the major version alone: RDS then upgrades minor versions in the maintenance
        /// window, and the template requests no older one.
        ///
        /// ```rhai
        /// db.version("17")
        /// ```
        #[default = "17 for PostgreSQL, 8.4 for MySQL"]
        fn version(version: String) |db, at| db.version = at.set(version);
        /// Allows a new `.version` to be another major one, which RDS refuses otherwise. The upgrade stops the database for minutes and
        /// cannot be undone: take a snapshot first. Aurora takes a new major version without it.
        ///
        /// ```rhai
        /// db.version("17").allow_major_version_upgrade()
        /// ```
        fn allow_major_version_upgrade() |db, at| db.allow_major_version_upgrade = at.flag();
        /// Sets the instance class, which decides CPU and memory.
        ///
        /// ```rhai
        /// db.instance("db.m7g.large")
        /// ```
        #[default = "db.t4g.micro, for Aurora db.t4g.medium"]
        #[unless = "serverless"]
        #[such_as = ["db.t4g.micro", "db.t4g.medium", "db.m7g.large", "db.r7g.large"]]
        fn instance(class: String) |db, at| db.instance = at.set(class);
        /// Lets an Aurora database scale between two numbers of capacity units (ACU). One unit has about 2 GiB of memory; with 0
        /// it pauses without connections.
        ///
        /// ```rhai
        /// Database("Shop").engine("aurora-mysql").serverless(0..=4)
        /// ```
        fn serverless(units: RangeInclusive<i64>) |db, at| {
            #[allow(clippy::cast_precision_loss, reason = "capacity units are 256 at most")]
            let (least, most) = (*units.start() as f64, *units.end() as f64);
            db.serverless = at.set((least, most));
        };
        /// Lets an Aurora database scale between two numbers of capacity units (ACU), in steps of 0.5.
        ///
        /// ```rhai
        /// Database("Shop").engine("aurora-mysql").serverless(0.5, 4)
        /// ```
        fn serverless(least: f64, most: f64) |db, at| db.serverless = at.set((least, most));
        /// Sets the number of instances of an Aurora database: the first one writes, the others read.
        ///
        /// ```rhai
        /// Database("Shop").engine("aurora-postgresql").instances(3)
        /// ```
        #[default = "1, or 2 with `.multi_az`"]
        fn instances(number: i64) |db, at| db.instances = at.set(number);
        /// Sets the storage in GiB, at least 20. RDS cannot reduce it later.
        ///
        /// ```rhai
        /// db.storage(100)
        /// ```
        #[default = "20, with `.snapshot` that of the snapshot"]
        fn storage(gibibytes: i64) |db, at| db.storage = at.set(gibibytes);
        /// Sets the storage in GiB up to which RDS enlarges it when it is full: a database without free storage stops.
        ///
        /// ```rhai
        /// db.storage(100).max_storage(500)
        /// ```
        #[default = "twice the storage"]
        fn max_storage(gibibytes: i64) |db, at| db.max_storage = at.set(gibibytes);
        /// Adds a standby in another availability zone, which takes over if the first zone fails. It costs as much as the first.
        ///
        /// ```rhai
        /// db.multi_az()
        /// ```
        fn multi_az() |db, at| db.multi_az = at.flag();
        /// Sets the name of the database that is created at first. The change replaces an instance. With `.snapshot` it says the
        /// name that the snapshot has, for the variables of services.
        ///
        /// ```rhai
        /// db.database("shop")
        /// ```
        #[default = "app"]
        fn database(name: String) |db, at| db.database = at.set(name);
        /// Sets the name of the user that is created at first. The change replaces the database. With `.snapshot` it says the name
        /// that the snapshot has.
        ///
        /// ```rhai
        /// db.user("shop")
        /// ```
        #[default = "app"]
        fn user(name: String) |db, at| db.user = at.set(name);
        /// Sets how many days daily backups are kept, at most 35. Aurora has at least one day, the other engines take 0 for none.
        ///
        /// ```rhai
        /// db.backups(30)
        /// ```
        #[default = "7"]
        fn backups(days: i64) |db, at| db.backups = at.set(days);
        /// Refuses to delete the database, also by a rollback of its stack's creation, until the setting is removed and deployed.
        ///
        /// ```rhai
        /// db.deletion_protection()
        /// ```
        fn deletion_protection() |db, at| db.deletion_protection = at.flag();
        /// Lets RDS create the password and rotate it every seven days. Containers read secrets when they start, so running tasks
        /// cannot connect with the old password: use it for clients that read the secret themselves.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("secretsmanager:GetSecretValue", db.managed_password().secret_arn))
        /// ```
        fn managed_password() |db, at| db.managed_password = at.flag();
        /// Sets a parameter of the engine, in a parameter group of its own. Values are in the units of the parameter, without a
        /// suffix: memory of PostgreSQL counts in kB or in blocks of 8 kB, switches are 0 and 1.
        ///
        /// ```rhai
        /// db.engine_parameter("log_min_duration_statement", 500)
        /// ```
        #[adds = "a parameter"]
        fn engine_parameter(name: String, value: TextOrNumber) |db, at| db.parameter.push(at.put((name, value.0)));
        /// Records which queries load the database (Performance Insights), for seven days, which are free.
        ///
        /// ```rhai
        /// db.performance_insights()
        /// ```
        fn performance_insights() |db, at| db.performance_insights = at.flag();
        /// Restores the database from a snapshot, given by its name or ARN. The snapshot decides its user, databases and storage:
        /// a link gives their names if `.database` and `.user` say them.
        ///
        /// ```rhai
        /// db.snapshot("shop-before-migration")
        /// ```
        fn snapshot(name: TemplateString) |db, at| db.snapshot = at.set(name);
        /// Sets the network.
        ///
        /// ```rhai
        /// db.vpc(Vpc("Data"))
        /// ```
        #[default = "that of the services of its stack which link it, else that of the stack"]
        fn vpc(vpc: Rc<Vpc>) |db, at| db.vpc = at.set(vpc);
        /// Deletes the database with its stack and takes no snapshot.
        ///
        /// ```rhai
        /// db.delete_with_stack()
        /// ```
        fn delete_with_stack() |db, at| db.delete_with_stack = at.flag();
        /// Creates the database after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// db.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |db, at| {
            db.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// db.override("Database", #{ PreferredMaintenanceWindow: "sun:03:00-sun:04:00" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |db, at| db.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// db.override("Database", "PreferredBackupWindow", "02:00-03:00")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |db, at| {
            db.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The host of the database; of an Aurora cluster the writer.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("PGHOST", db.host))
        /// ```
        host |db| db.host();
        /// The host for reading: the readers of an Aurora cluster, else the host.
        ///
        /// ```rhai
        /// Stack("shop").add(db).output("Reader", db.reader_host)
        /// ```
        reader_host |db| db.reader_host();
        /// The port of the database.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("PGPORT", db.port))
        /// ```
        port |db| db.port();
        /// The identifier of the instance or the Aurora cluster, for its metrics.
        ///
        /// ```rhai
        /// Stack("shop").add(db).output("Database", db.identifier)
        /// ```
        identifier |db| db.identifier();
        /// The name of the database; `()` for one from a snapshot, unless `.database` says it.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("PGDATABASE", db.database_name))
        /// ```
        database_name |db| db.database_name().map_or(Value::Null, Value::from);
        /// The name of the user; `()` for one from a snapshot, unless `.user` says it.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("PGUSER", db.user_name))
        /// ```
        user_name |db| db.user_name().map_or(Value::Null, Value::from);
        /// The ARN of the secret with the keys `username` and `password`.
        ///
        /// ```rhai
        /// Stack("shop").add(service.secret("PGPASSWORD", db.secret_arn, "password"))
        /// ```
        secret_arn |db| db.secret_arn();
        /// The id of the security group of the database.
        ///
        /// ```rhai
        /// Stack("shop").add(db).output("DatabaseGroup", db.security_group_id)
        /// ```
        security_group_id |db| db.security_group_id();
    };
}
