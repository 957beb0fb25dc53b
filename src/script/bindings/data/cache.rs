use std::rc::Rc;

use crate::block::{Cache, Name, Vpc};
use crate::cfn::Value;
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Cache {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a cache of `ElastiCache` in the private subnets of the network, encrypted at rest and in transit.
        ///
        /// Clients connect with TLS (`rediss://`). It admits no client until a service links it. Its contents go with its stack.
        ///
        /// ```rhai
        /// Stack("shop").add(Cache("Sessions").nodes(2))
        /// ```
        fn Cache(name: Name) |at| Cache::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the engine. Clients of Redis work with both; Valkey is cheaper.
        ///
        /// ```rhai
        /// cache.engine("redis")
        /// ```
        #[default = "valkey"]
        #[one_of = ["valkey", "redis"]]
        fn engine(engine: String) |cache, at| cache.engine = at.set(engine);
        /// Sets the version of the engine: major and minor, because ElastiCache chooses the patch. A serverless cache takes its major
        /// version.
        ///
        /// ```rhai
        /// cache.version("8.0")
        /// ```
        #[default = "8.0 for Valkey, 7.1 for Redis"]
        fn version(version: String) |cache, at| cache.version = at.set(version);
        /// Sets the type of the nodes, which decides CPU and memory. Nodes of `cache.r6gd` keep data that is seldom read on disks.
        ///
        /// ```rhai
        /// cache.node_type("cache.m7g.large")
        /// ```
        #[default = "cache.t4g.micro"]
        #[unless = "serverless"]
        #[such_as = ["cache.t4g.micro", "cache.t4g.medium", "cache.m7g.large", "cache.r7g.large"]]
        fn node_type(kind: String) |cache, at| cache.node_type = at.set(kind);
        /// Sets the number of nodes, at most 6. With 2 or more, replicas in other zones take over if the primary fails.
        ///
        /// ```rhai
        /// cache.nodes(2)
        /// ```
        #[default = "1"]
        #[unless = "serverless"]
        fn nodes(number: i64) |cache, at| cache.nodes = at.set(number);
        /// Makes the cache serverless: it grows with its contents, up to a number of GB. The change replaces the cache.
        ///
        /// A serverless cache is in cluster mode: use a client that speaks the protocol of a cluster (`RedisCluster`, `redis-cli -c`),
        /// with keys of one command in one slot (`{user}:a`, `{user}:b`). It listens on port 6379, and for reading that may be a
        /// little late on port 6380. `.link` opens both, and gives `CACHE_CLUSTER_MODE` and `CACHE_READER_PORT` too.
        ///
        /// ```rhai
        /// Cache("Pages").serverless(10)
        /// ```
        fn serverless(gigabytes: i64) |cache, at| cache.serverless = at.set(gigabytes);
        /// Requires a generated token of clients, as the password of the default user.
        ///
        /// ```rhai
        /// cache.auth_token()
        /// ```
        fn auth_token() |cache, at| cache.auth_token = at.flag();
        /// Sets how many days daily backups are kept, at most 35.
        ///
        /// ```rhai
        /// cache.backups(3)
        /// ```
        #[default = "0"]
        fn backups(days: i64) |cache, at| cache.backups = at.set(days);
        /// Sets the network.
        ///
        /// ```rhai
        /// cache.vpc(Vpc("Data"))
        /// ```
        #[default = "that of the services of its stack which link it, else that of the stack"]
        fn vpc(vpc: Rc<Vpc>) |cache, at| cache.vpc = at.set(vpc);
        /// Creates the cache after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// cache.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |cache, at| {
            cache.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// cache.override("Cache", #{ PreferredMaintenanceWindow: "sun:03:00-sun:04:00" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |cache, at| cache.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// cache.override("Cache", "SnapshotWindow", "02:00-03:00")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |cache, at| {
            cache.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The host of the cache.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("REDIS_HOST", cache.host))
        /// ```
        host |cache| cache.host();
        /// The host for reading: the replicas.
        ///
        /// ```rhai
        /// let pages = Cache("Pages").nodes(2);
        /// Stack("shop").add(pages).output("Reader", pages.reader_host)
        /// ```
        reader_host |cache| cache.reader_host();
        /// The port for reading: that of the replicas; a serverless cache has one of its own.
        ///
        /// ```rhai
        /// let pages = Cache("Pages").serverless(10);
        /// Stack("shop").add(pages).output("ReaderPort", pages.reader_port)
        /// ```
        reader_port |cache| cache.reader_port();
        /// The port of the cache.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("REDIS_PORT", cache.port))
        /// ```
        port |cache| cache.port();
        /// The URL of the cache, with TLS and without a token: `rediss://host:6379`.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("REDIS_URL", cache.url))
        /// ```
        url |cache| cache.url();
        /// The ARN of the secret that holds the token, with `.auth_token()`.
        ///
        /// ```rhai
        /// Stack("shop").add(service.secret("REDIS_PASSWORD", cache.auth_token().secret_arn))
        /// ```
        secret_arn |cache| cache.secret_arn().map_or(Value::Null, Value::from);
        /// The identifier of the replication group or serverless cache, for its metrics.
        ///
        /// ```rhai
        /// Stack("shop").add(cache).output("Cache", cache.identifier)
        /// ```
        identifier |cache| cache.identifier();
        /// The id of the security group of the cache.
        ///
        /// ```rhai
        /// Stack("shop").add(cache).output("CacheGroup", cache.security_group_id)
        /// ```
        security_group_id |cache| cache.security_group_id();
    };
}
