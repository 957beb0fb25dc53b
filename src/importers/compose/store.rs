//! Services that store data: on AWS they are managed services, and no containers.

use crate::importers::interpolation::Variables;
use crate::importers::source::Node;

/// The images of stores, by the end of their names, with the block or resource to use.
const STORES: &[(&str, &str)] = &[
    ("postgres", POSTGRES),
    ("postgis", POSTGRES),
    ("postgresql", POSTGRES),
    ("mysql", "a database: `Database(\"NAME\").engine(\"mysql\")`, and `.link(database)` of each service that uses it"),
    (
        "mariadb",
        "a database: `Database(\"NAME\").engine(\"mysql\")`, or `AWS::RDS::DBInstance` with the engine `mariadb`",
    ),
    ("redis", CACHE),
    ("valkey", CACHE),
    ("memcached", "a cache: `Cache(\"NAME\")` with Valkey, or `AWS::ElastiCache::CacheCluster` with Memcached"),
    ("mongo", "a database: use Amazon DocumentDB (`AWS::DocDB::DBCluster`), or a `Table`"),
    ("rabbitmq", "a broker: `Queue(\"NAME\")` with another client, or Amazon MQ (`AWS::AmazonMQ::Broker`)"),
    ("kafka", "a broker: use Amazon MSK (`AWS::MSK::Cluster`)"),
    ("elasticmq", "a queue: `Queue(\"NAME\")`, and `.link(queue)` of each service that uses it"),
    ("elasticsearch", SEARCH),
    ("opensearch", SEARCH),
    ("dynamodb-local", "a table: `Table(\"NAME\")` with its keys, and `.link(table)` of each service that uses it"),
    ("minio", "an object store: `Bucket(\"NAME\")`, and `.link(bucket)` of each service that uses it"),
    ("localstack", "a simulation of AWS: use the service of AWS itself"),
];

const POSTGRES: &str =
    "a database: `Database(\"NAME\").engine(\"postgres\")`, and `.link(database)` of each service that uses it";
const CACHE: &str = "a cache: `Cache(\"NAME\")`, and `.link(cache)` of each service that uses it";
const SEARCH: &str = "a search engine: use Amazon OpenSearch Service (`AWS::OpenSearchService::Domain`)";

/// Returns what to use instead of a service whose image is that of a store.
pub(super) fn proposal(name: &str, node: &Node, variables: &Variables) -> Option<String> {
    if node.peek("build").is_some() {
        return None;
    }
    let image = variables.plain(&node.peek("image")?.text()?).0;
    let path = image.split('@').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let repository = last.split(':').next().unwrap_or_default();
    let (_, proposal) = STORES.iter().find(|(known, _)| *known == repository)?;
    let proposal = proposal.replace("NAME", &crate::importers::names::block_name(name));
    Some(format!("`{name}` ({image}) is not run in a container. It is {proposal}"))
}
