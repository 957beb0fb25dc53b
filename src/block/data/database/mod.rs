//! A database of RDS or Aurora.

mod checks;
mod classes;
mod engine;
mod lower;
mod names;
mod parameters;

use std::rc::Rc;

use super::{part, security_group_id};
use crate::block::{Block, Flag, Name, Override, Vpc};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// The storage unless set: the least of General Purpose SSD ("Amazon RDS DB instance storage", RDS user guide).
const STORAGE_GIB: i64 = 20;

/// The name of the database and of its user, unless set. RDS reserves other names that suggest themselves, such as `db` and
/// `admin` (`DBName` and `MasterUsername` of `CreateDBInstance`, RDS API).
const DEFAULT_NAME: &str = "app";

/// A database of RDS or Aurora: its subnet group, security group and password included.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// `postgres`, `mysql`, `aurora-postgresql` or `aurora-mysql`.
    pub engine: Option<WithOrigin<String>>,
    /// The version of the engine.
    pub version: Option<WithOrigin<String>>,
    /// Whether a new version may be another major one.
    pub allow_major_version_upgrade: Flag,
    /// The instance class.
    pub instance: Option<WithOrigin<String>>,
    /// The least and the most Aurora capacity units.
    pub serverless: Option<WithOrigin<(f64, f64)>>,
    /// Instances of an Aurora cluster: one writer, the others readers.
    pub instances: Option<WithOrigin<i64>>,
    /// GiB of storage.
    pub storage: Option<WithOrigin<i64>>,
    /// GiB up to which RDS enlarges the storage.
    pub max_storage: Option<WithOrigin<i64>>,
    /// Whether there is a standby in another zone.
    pub multi_az: Flag,
    /// The name of the first database.
    pub database: Option<WithOrigin<String>>,
    /// The name of the first user.
    pub user: Option<WithOrigin<String>>,
    /// Days that backups are kept.
    pub backups: Option<WithOrigin<i64>>,
    /// Whether it cannot be deleted.
    pub deletion_protection: Flag,
    /// Whether RDS creates the password and rotates it.
    pub managed_password: Flag,
    /// Parameters of the engine.
    pub parameter: Vec<WithOrigin<(String, TemplateString)>>,
    /// Whether Performance Insights records what loads it.
    pub performance_insights: Flag,
    /// The snapshot that it is restored from.
    pub snapshot: Option<WithOrigin<TemplateString>>,
    /// The network; else that of the services that link it, or of its stack.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// Whether it is deleted with its stack, without a snapshot.
    pub delete_with_stack: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl Database {
    /// Creates a database of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            engine: None,
            version: None,
            allow_major_version_upgrade: None,
            instance: None,
            serverless: None,
            instances: None,
            storage: None,
            max_storage: None,
            multi_az: None,
            database: None,
            user: None,
            backups: None,
            deletion_protection: None,
            managed_password: None,
            parameter: Vec::new(),
            performance_insights: None,
            snapshot: None,
            vpc: None,
            delete_with_stack: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the instance, or of the Aurora cluster.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, if self.engine().is_aurora { "DatabaseCluster" } else { "Database" })
    }

    /// Returns whether it is a cluster of Aurora.
    pub(crate) fn is_cluster(&self) -> bool {
        self.engine().is_aurora
    }

    /// Returns the logical id of an instance of the Aurora cluster, from 1.
    fn instance_id(&self, number: i64) -> LogicalId {
        part(&self.name, &format!("DatabaseInstance{number}"))
    }

    fn secret_id(&self) -> LogicalId {
        part(&self.name, "DatabaseSecret")
    }

    /// Returns the number of instances of the Aurora cluster.
    fn instance_count(&self) -> i64 {
        let least = if self.multi_az.is_some() { 2 } else { 1 };
        self.instances.as_ref().map_or(least, |set| set.value.max(least))
    }

    /// Returns the resources that exist when it accepts connections.
    pub(crate) fn ready(&self) -> Vec<LogicalId> {
        if self.engine().is_aurora { vec![self.instance_id(1)] } else { vec![self.logical_id()] }
    }

    /// Returns the host of the database.
    pub fn host(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Endpoint.Address").into()
    }

    /// Returns the host that reads: the readers of an Aurora cluster, else the database.
    pub fn reader_host(&self) -> TemplateString {
        if self.engine().is_aurora {
            Ref::attribute(self.logical_id(), "ReadEndpoint.Address").into()
        } else {
            self.host()
        }
    }

    /// Returns its port.
    pub fn port(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Endpoint.Port").into()
    }

    /// Returns the number of its port.
    pub(crate) fn port_number(&self) -> i64 {
        self.engine().port
    }

    /// Returns the identifier of the instance or cluster.
    pub fn identifier(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns the name of the first database, unless a snapshot decides it and the script does not say it.
    pub fn database_name(&self) -> Option<&str> {
        self.name_or_default(self.database.as_ref())
    }

    /// Returns the name of the first user, unless a snapshot decides it and the script does not say it.
    pub fn user_name(&self) -> Option<&str> {
        self.name_or_default(self.user.as_ref())
    }

    /// Returns a name, or the default one. A restored database has the names of its snapshot (`DBSnapshotIdentifier` of
    /// `AWS::RDS::DBInstance`, CloudFormation guide), which only the script can say.
    fn name_or_default<'d>(&self, set: Option<&'d WithOrigin<String>>) -> Option<&'d str> {
        set.map(|name| name.value.as_str()).or(self.snapshot.is_none().then_some(DEFAULT_NAME))
    }

    /// Returns the ARN of the secret with the user's name and password (`username`, `password`).
    pub fn secret_arn(&self) -> TemplateString {
        if self.managed_password.is_some() {
            Ref::attribute(self.logical_id(), "MasterUserSecret.SecretArn").into()
        } else {
            Ref::to(self.secret_id()).into()
        }
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        security_group_id(&self.name, "Database")
    }
}
