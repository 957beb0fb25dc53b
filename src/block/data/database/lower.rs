use std::rc::Rc;

use super::{Database, checks};
use crate::block::Block;
use crate::block::data::network::{self, Placement};
use crate::block::data::{group_id, part, with_policies};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::type_names::{DB_CLUSTER, DB_INSTANCE, SECRET};
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value};
use crate::diag::WithOrigin;

const CLASS: &str = "db.t4g.micro";
/// The smallest class of Aurora with a processor of Graviton ("DB instance class types", Aurora user guide).
const AURORA_CLASS: &str = "db.t4g.medium";
const SERVERLESS_CLASS: &str = "db.serverless";
const BACKUP_DAYS: i64 = 7;
const PASSWORD_LENGTH: i64 = 32;

impl BlockKind for Database {
    named_block!();

    fn logical_ids(&self) -> Vec<LogicalId> {
        let secret = self.managed_password.is_none().then(|| self.secret_id());
        let group = group_id(&self.name, "Database");
        std::iter::once(self.logical_id()).chain(secret).chain([group]).collect()
    }

    fn reference(&self) -> TemplateString {
        self.identifier()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(checks::all(self));
        let Some(place) = network::place(&Block::Database(self.clone()), &self.name, lowering) else { return };
        lowering.report_all(place.one_zone(&self.name, "a database"));
        network::add_group(&self.name, "Database", &place.vpc, lowering);
        self.subnet_group(&place, lowering);
        self.parameter_group(lowering);
        self.secret(lowering);
        if self.engine().is_aurora {
            self.cluster(lowering);
        } else {
            self.single(lowering);
        }
    }
}

impl Database {
    /// Returns the instance class.
    pub(super) fn class(&self) -> &str {
        let default = if self.engine().is_aurora { AURORA_CLASS } else { CLASS };
        self.instance.as_ref().map_or(default, |class| &class.value)
    }

    fn subnet_group_id(&self) -> LogicalId {
        part(&self.name, "DatabaseSubnetGroup")
    }

    fn parameters_id(&self) -> LogicalId {
        part(&self.name, "DatabaseParameterGroup")
    }

    fn subnet_group(&self, place: &Placement, lowering: &mut Lowering<'_>) {
        let group = Resource::new("AWS::RDS::DBSubnetGroup", self.name.origin.clone())
            .with("DBSubnetGroupDescription", format!("Subnets of the database {}", self.name.value));
        lowering.add(self.subnet_group_id(), place.put_subnets("SubnetIds", group));
    }

    fn parameter_group(&self, lowering: &mut Lowering<'_>) {
        let Some(first) = self.parameter.first() else { return };
        let engine = self.engine();
        let kind = if engine.is_aurora { "AWS::RDS::DBClusterParameterGroup" } else { "AWS::RDS::DBParameterGroup" };
        let entry = |set: &WithOrigin<(String, TemplateString)>| (set.value.0.clone(), Value::from(&set.value.1));
        let values: Map = self.parameter.iter().map(entry).collect();
        let mut group = Resource::new(kind, first.origin.clone())
            .with("Description", format!("Parameters of the database {}", self.name.value))
            .with("Family", engine.family(self.version()))
            .with_origin("Family", &self.version)
            .with("Parameters", values);
        for set in &self.parameter {
            group = group.record_origin(&format!("Parameters.{}", set.value.0), &set.origin);
        }
        lowering.add(self.parameters_id(), group);
    }

    /// Adds the generated password. It has letters and digits alone, so that it fits into a URL.
    fn secret(&self, lowering: &mut Lowering<'_>) {
        if self.managed_password.is_some() {
            return;
        }
        let generated = cfn!({
            "ExcludePunctuation": true,
            "GenerateStringKey": "password",
            "PasswordLength": PASSWORD_LENGTH,
            "SecretStringTemplate": self.secret_template(),
        });
        let secret = Resource::new(SECRET, self.name.origin.clone())
            .with("Description", format!("User of the database {}", self.name.value))
            .with("GenerateSecretString", generated)
            .with_origin("GenerateSecretString", &self.user);
        lowering.add(self.secret_id(), secret);
    }

    /// Returns the JSON text that the password is added to: the user, if it is known.
    fn secret_template(&self) -> String {
        self.user_name().map_or_else(|| "{}".to_owned(), |user| serde_json::json!({ "username": user }).to_string())
    }

    /// Returns a key of the generated secret, which CloudFormation reads when it creates the database.
    fn resolved(&self, key: &str) -> TemplateString {
        TemplateString::from("{{resolve:secretsmanager:")
            .with(Ref::to(self.secret_id()))
            .with(format!(":SecretString:{key}}}}}"))
    }

    /// Sets what instances and clusters have in common.
    fn common(&self, kind: &str) -> Resource {
        let engine = self.engine();
        let resource = Resource::new(kind, self.name.origin.clone())
            .with("CopyTagsToSnapshot", true)
            .with("DBSubnetGroupName", Ref::to(self.subnet_group_id()))
            .with("Engine", engine.name)
            .with_origin("Engine", &self.engine)
            .with("EngineVersion", self.version())
            .with_origin("EngineVersion", &self.version)
            .set_or("BackupRetentionPeriod", &self.backups, BACKUP_DAYS, |days| *days)
            .set_or("DeletionProtection", &self.deletion_protection, false, |()| true);
        let is_restored = self.snapshot.is_some();
        let resource = match &self.managed_password {
            Some(_) => resource.set("ManageMasterUserPassword", &self.managed_password, |()| true),
            None => resource.with("MasterUserPassword", self.resolved("password")),
        };
        // A restored database has the user and the encryption of its snapshot (`DBSnapshotIdentifier`, CloudFormation guide).
        if is_restored {
            return resource;
        }
        resource
            .with("StorageEncrypted", true)
            .with_some("MasterUsername", self.user_name())
            .with_origin("MasterUsername", &self.user)
    }

    /// Returns a resource that leaves a snapshot when it is deleted or replaced, unless the script deletes it with its stack.
    fn with_snapshot(&self, resource: Resource) -> Resource {
        let policy = if self.delete_with_stack.is_some() { "Delete" } else { "Snapshot" };
        with_policies(resource, (policy, policy), &self.delete_with_stack)
    }

    /// Sets the storage. A restored database has that of its snapshot unless the script sets it: RDS refuses less
    /// (`AllocatedStorage` of `RestoreDBInstanceFromDBSnapshot`, RDS API).
    fn with_storage(&self, instance: Resource) -> Resource {
        let set = self.storage.as_ref().map(|storage| storage.value);
        let storage = set.or(self.snapshot.is_none().then_some(super::STORAGE_GIB));
        let most =
            self.max_storage.as_ref().map(|most| most.value).or(storage.map(|storage| storage.saturating_mul(2)));
        instance
            .with_some("AllocatedStorage", storage.map(|storage| storage.to_string()))
            .with_origin("AllocatedStorage", &self.storage)
            .with_some("MaxAllocatedStorage", most)
            .with_origin("MaxAllocatedStorage", &self.max_storage)
            .with("StorageType", "gp3")
    }

    fn single(&self, lowering: &mut Lowering<'_>) {
        let instance = self.with_storage(self.common(DB_INSTANCE));
        let instance = instance
            .set("AllowMajorVersionUpgrade", &self.allow_major_version_upgrade, |()| true)
            .with("DBInstanceClass", self.class())
            .with_origin("DBInstanceClass", &self.instance)
            .set_or("MultiAZ", &self.multi_az, false, |()| true)
            .with("PubliclyAccessible", false)
            .with("VPCSecurityGroups", cfn!([self.security_group_id()]))
            .set("DBSnapshotIdentifier", &self.snapshot, TemplateString::clone);
        let instance = self.with_insights(instance);
        let instance = match self.database_name().filter(|_| self.snapshot.is_none()) {
            Some(name) => instance.with("DBName", name).with_origin("DBName", &self.database),
            None => instance,
        };
        let parameters = (!self.parameter.is_empty()).then(|| Value::from(Ref::to(self.parameters_id())));
        let instance = instance.with_some("DBParameterGroupName", parameters);
        lowering.add(self.logical_id(), self.with_snapshot(instance));
    }

    fn with_insights(&self, resource: Resource) -> Resource {
        resource
            .set("EnablePerformanceInsights", &self.performance_insights, |()| true)
            // Seven days are free ("Performance Insights pricing", RDS user guide).
            .set("PerformanceInsightsRetentionPeriod", &self.performance_insights, |()| 7_i64)
    }

    fn cluster(&self, lowering: &mut Lowering<'_>) {
        let capacity = |units: &(f64, f64)| cfn!({ "MinCapacity": units.0, "MaxCapacity": units.1 });
        let parameters = (!self.parameter.is_empty()).then(|| Value::from(Ref::to(self.parameters_id())));
        let cluster = self
            .common(DB_CLUSTER)
            .set("ServerlessV2ScalingConfiguration", &self.serverless, capacity)
            .set("SnapshotIdentifier", &self.snapshot, TemplateString::clone)
            .with("VpcSecurityGroupIds", cfn!([self.security_group_id()]))
            .with_some("DBClusterParameterGroupName", parameters);
        let cluster = match self.database_name().filter(|_| self.snapshot.is_none()) {
            Some(name) => cluster.with("DatabaseName", name).with_origin("DatabaseName", &self.database),
            None => cluster,
        };
        lowering.add(self.logical_id(), self.with_snapshot(cluster));
        for number in 1..=self.instance_count().min(16) {
            lowering.add(self.instance_id(number), self.member());
        }
    }

    /// Returns an instance of the cluster. Its data belongs to the cluster, so it goes with it.
    fn member(&self) -> Resource {
        let class = if self.serverless.is_some() { SERVERLESS_CLASS } else { self.class() };
        let instance = Resource::new(DB_INSTANCE, self.name.origin.clone())
            .with("DBClusterIdentifier", Ref::to(self.logical_id()))
            .with("DBInstanceClass", class)
            .with_origin("DBInstanceClass", &self.instance)
            .with_origin("DBInstanceClass", &self.serverless)
            .with("Engine", self.engine().name)
            .with_origin("Engine", &self.engine)
            .with("PubliclyAccessible", false);
        with_policies(self.with_insights(instance), ("Delete", "Delete"), &None)
    }
}
