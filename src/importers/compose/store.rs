//! Services that store data: on AWS they are managed services, and no containers.

use crate::importers::interpolation::Variables;
use crate::importers::source::Node;

/// The images of stores, by the end of their names, with the block or resource to use.
const STORES: &[(&str, &str)] = &[
    ("postgres", "a database: use Amazon RDS (`Database(\"NAME\").engine(\"postgres\")`, or `AWS::RDS::DBInstance`)"),
    ("postgis", "a database: use Amazon RDS (`Database(\"NAME\").engine(\"postgres\")`, or `AWS::RDS::DBInstance`)"),
    ("postgresql", "a database: use Amazon RDS (`Database(\"NAME\").engine(\"postgres\")`, or `AWS::RDS::DBInstance`)"),
    ("mysql", "a database: use Amazon RDS (`Database(\"NAME\").engine(\"mysql\")`, or `AWS::RDS::DBInstance`)"),
    ("mariadb", "a database: use Amazon RDS (`AWS::RDS::DBInstance` with the engine `mariadb`)"),
    ("redis", "a cache: use Amazon ElastiCache (`Cache(\"NAME\")`, or `AWS::ElastiCache::ReplicationGroup`)"),
    ("valkey", "a cache: use Amazon ElastiCache (`Cache(\"NAME\")`, or `AWS::ElastiCache::ReplicationGroup`)"),
    ("memcached", "a cache: use Amazon ElastiCache (`AWS::ElastiCache::CacheCluster`)"),
    ("mongo", "a database: use Amazon DocumentDB (`AWS::DocDB::DBCluster`)"),
    ("rabbitmq", "a broker: use Amazon MQ (`AWS::AmazonMQ::Broker`), or Amazon SQS"),
    ("kafka", "a broker: use Amazon MSK (`AWS::MSK::Cluster`)"),
    ("elasticsearch", "a search engine: use Amazon OpenSearch Service (`AWS::OpenSearchService::Domain`)"),
    ("opensearch", "a search engine: use Amazon OpenSearch Service (`AWS::OpenSearchService::Domain`)"),
    ("minio", "an object store: use Amazon S3 (`AWS::S3::Bucket`)"),
    ("localstack", "a simulation of AWS: use the service of AWS itself"),
];

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
