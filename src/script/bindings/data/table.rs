use crate::block::{KeyAttribute, Name, Table, TableIndex};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Table {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a table of DynamoDB, which is paid by request and has continuous backups of 35 days.
        ///
        /// It is kept when its stack is deleted, because it holds data. DynamoDB encrypts it.
        ///
        /// ```rhai
        /// Stack("shop").add(Table("Sessions").partition_key("id").ttl("expires"))
        /// ```
        fn Table(name: Name) |at| Table::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the attribute that is the partition key: text. The change replaces the table.
        ///
        /// ```rhai
        /// Table("Orders").partition_key("customer")
        /// ```
        fn partition_key(attribute: String) |table, at| table.partition_key = at.set(KeyAttribute::text(attribute));
        /// Sets the attribute that is the partition key, and its type. The change replaces the table.
        ///
        /// ```rhai
        /// Table("Orders").partition_key("number", "number")
        /// ```
        #[one_of = ["string", "number", "binary"]]
        fn partition_key(attribute: String, kind: String) |table, at| {
            table.partition_key = at.set(KeyAttribute { name: attribute, kind });
        };
        /// Sets the attribute that is the sort key: text. The change replaces the table.
        ///
        /// ```rhai
        /// Table("Orders").partition_key("customer").sort_key("id")
        /// ```
        fn sort_key(attribute: String) |table, at| table.sort_key = at.set(KeyAttribute::text(attribute));
        /// Sets the attribute that is the sort key, and its type. The change replaces the table.
        ///
        /// ```rhai
        /// Table("Orders").partition_key("customer").sort_key("time", "number")
        /// ```
        #[one_of = ["string", "number", "binary"]]
        fn sort_key(attribute: String, kind: String) |table, at| {
            table.sort_key = at.set(KeyAttribute { name: attribute, kind });
        };
        /// Adds a global secondary index with a partition key that is text. It has all attributes of the items.
        ///
        /// ```rhai
        /// sessions.index("ByUser", "user")
        /// ```
        #[adds = "an index"]
        fn index(name: String, partition_key: String) |table, at| {
            let partition_key = KeyAttribute::text(partition_key);
            table.index.push(at.put(TableIndex { name, partition_key, sort_key: None }));
        };
        /// Adds a global secondary index with a partition key and a sort key that are text.
        ///
        /// ```rhai
        /// sessions.index("ByUser", "user", "created")
        /// ```
        #[adds = "an index"]
        fn index(name: String, partition_key: String, sort_key: String) |table, at| {
            let (partition_key, sort_key) = (KeyAttribute::text(partition_key), Some(KeyAttribute::text(sort_key)));
            table.index.push(at.put(TableIndex { name, partition_key, sort_key }));
        };
        /// Adds a global secondary index with a partition key and a sort key of a type.
        ///
        /// ```rhai
        /// sessions.index("ByUser", "user", "created", "number")
        /// ```
        #[adds = "an index"]
        #[one_of = ["string", "number", "binary"]]
        fn index(name: String, partition_key: String, sort_key: String, kind: String) |table, at| {
            let (partition_key, sort_key) = (KeyAttribute::text(partition_key), Some(KeyAttribute { name: sort_key, kind }));
            table.index.push(at.put(TableIndex { name, partition_key, sort_key }));
        };
        /// Deletes items after the time that an attribute holds, in seconds since 1970.
        ///
        /// ```rhai
        /// Table("Tokens").partition_key("id").ttl("expires")
        /// ```
        fn ttl(attribute: String) |table, at| table.ttl = at.set(attribute);
        /// Disables the continuous backups (point-in-time recovery), which cost 0.20 USD a month for each GB.
        ///
        /// ```rhai
        /// sessions.no_backups()
        /// ```
        fn no_backups() |table, at| table.no_backups = at.flag();
        /// Deletes the table with its stack.
        ///
        /// ```rhai
        /// sessions.delete_with_stack()
        /// ```
        fn delete_with_stack() |table, at| table.delete_with_stack = at.flag();
        /// Creates the table after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// sessions.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |table, at| {
            table.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// sessions.override("Table", #{ TableName: "sessions" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |table, at| table.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// sessions.override("Table", "StreamSpecification.StreamViewType", "NEW_IMAGE")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |table, at| {
            table.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The physical name of the table.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("TABLE", sessions.name))
        /// ```
        name |table| table.name();
        /// The ARN of the table. Its indexes have the ARN with `/index/NAME`.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("dynamodb:GetItem", sessions.arn))
        /// ```
        arn |table| table.arn();
    };
}
