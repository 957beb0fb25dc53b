//! The variables, secrets and permissions that a link gives.

use super::{Link, LinkMode, keys};
use crate::block::data::{Cache, Database, StoredSecret, Topic};
use crate::block::{Block, EnvVar, Permission, Secret};
use crate::cfn::TemplateString;

/// The parts that a link adds to the main container and to the task role.
#[derive(Debug, Default)]
pub(crate) struct LinkedParts {
    /// The variables.
    pub(crate) env: Vec<EnvVar>,
    /// The variables whose values are secret.
    pub(crate) secret: Vec<Secret>,
    /// The permissions of the task role.
    pub(crate) allow: Vec<Permission>,
}

/// Actions of the modes ("Actions, resources, and condition keys", Service Authorization Reference, of each service).
const QUEUE_READ: [&str; 5] = [
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
];
const QUEUE_WRITE: [&str; 3] = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"];
const BUCKET_LIST: [&str; 2] = ["s3:GetBucketLocation", "s3:ListBucket"];
const OBJECT_READ: [&str; 1] = ["s3:GetObject"];
const OBJECT_WRITE: [&str; 3] = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"];
const TABLE_READ: [&str; 6] = [
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
];
const TABLE_WRITE: [&str; 5] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];

impl Link {
    /// Returns what the link gives.
    pub(crate) fn gives(&self) -> LinkedParts {
        let mut parts = LinkedParts::default();
        if self.is_mount {
            return parts;
        }
        match &self.target {
            Block::Database(database) => self.database(database, &mut parts),
            Block::Cache(cache) => self.cache(cache, &mut parts),
            Block::Queue(queue) => {
                self.put("URL", queue.url(), &mut parts);
                parts.allow.push(allow(&self.actions(&QUEUE_READ, &QUEUE_WRITE), [queue.arn()]));
            }
            Block::Topic(topic) => self.topic(topic, &mut parts),
            Block::Bucket(bucket) => {
                self.put("NAME", bucket.name(), &mut parts);
                if self.mode().reads() {
                    parts.allow.push(allow(&BUCKET_LIST, [bucket.arn()]));
                }
                parts.allow.push(allow(&self.actions(&OBJECT_READ, &OBJECT_WRITE), [bucket.arn().with("/*")]));
            }
            Block::Table(table) => {
                self.put("NAME", table.name(), &mut parts);
                let resources = [table.arn(), table.arn().with("/index/*")];
                parts.allow.push(allow(&self.actions(&TABLE_READ, &TABLE_WRITE), resources));
            }
            Block::Secret(secret) => self.secret(secret, &mut parts),
            _ => {}
        }
        parts.allow.extend(keys::permission(self));
        parts
    }

    fn name(&self, end: &str) -> String {
        format!("{}_{end}", self.prefix())
    }

    fn put(&self, end: &str, value: impl Into<TemplateString>, parts: &mut LinkedParts) {
        parts.env.push(EnvVar { name: self.name(end), value: value.into() });
    }

    fn put_secret(&self, end: &str, arn: TemplateString, json_key: Option<&str>, parts: &mut LinkedParts) {
        let json_key = json_key.map(str::to_owned);
        parts.secret.push(Secret { name: self.name(end), arn, json_key });
    }

    fn database(&self, database: &Database, parts: &mut LinkedParts) {
        self.put("HOST", database.host(), parts);
        self.put("PORT", database.port(), parts);
        for (end, name) in [("NAME", database.database_name()), ("USER", database.user_name())] {
            if let Some(name) = name {
                self.put(end, name, parts);
            }
        }
        self.put_secret("PASSWORD", database.secret_arn(), Some("password"), parts);
    }

    fn cache(&self, cache: &Cache, parts: &mut LinkedParts) {
        self.put("HOST", cache.host(), parts);
        self.put("PORT", cache.port(), parts);
        self.put("URL", cache.url(), parts);
        if cache.is_in_cluster_mode() {
            self.put("CLUSTER_MODE", "true", parts);
            self.put("READER_PORT", cache.reader_port(), parts);
        }
        if let Some(arn) = cache.secret_arn() {
            self.put_secret("PASSWORD", arn, None, parts);
        }
    }

    /// Gives the permission to publish, and to encrypt with the key of the topic.
    fn topic(&self, topic: &Topic, parts: &mut LinkedParts) {
        self.put("ARN", topic.arn(), parts);
        parts.allow.push(allow(&["sns:Publish"], [topic.arn()]));
        if let Some(key) = topic.key_arn() {
            parts.allow.push(allow(&["kms:Decrypt", "kms:GenerateDataKey"], [key]));
        }
    }

    /// Gives each key of a secret that is JSON, else its text.
    fn secret(&self, secret: &StoredSecret, parts: &mut LinkedParts) {
        let keys = secret.json_keys();
        if keys.is_empty() {
            self.put_secret("VALUE", secret.arn(), None, parts);
        }
        for key in keys {
            let letters = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
            let end: String = key.to_uppercase().chars().map(letters).collect();
            self.put_secret(&end, secret.arn(), Some(key), parts);
        }
    }

    /// Returns the actions of the mode, each once.
    fn actions(&self, read: &[&'static str], write: &[&'static str]) -> Vec<&'static str> {
        let mode: LinkMode = self.mode();
        let reading = read.iter().filter(|_| mode.reads());
        let mut actions: Vec<&str> = reading.chain(write.iter().filter(|_| mode.writes())).copied().collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }
}

fn allow(actions: &[&str], resources: impl IntoIterator<Item = TemplateString>) -> Permission {
    let actions = actions.iter().map(|action| TemplateString::from(*action)).collect();
    Permission { actions, resources: resources.into_iter().collect() }
}
