use super::{AwsError, AwsService, Timestamp};

/// Facts about a real account, which `doctor` reads. Futures run side by side on one thread.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait AccountFacts {
    /// Calls `GetCallerIdentity` of STS.
    async fn caller(&self) -> Result<Caller, AwsError>;

    /// Sends a request without credentials to the endpoint of a service. Returns the time in its answer, of any status.
    ///
    /// # Errors
    ///
    /// The reason for which there is no answer.
    async fn endpoint_time(&self, service: AwsService) -> Result<Option<Timestamp>, String>;

    /// Calls `GetRole` of IAM. Returns whether the role exists.
    async fn has_role(&self, name: &str) -> Result<bool, AwsError>;

    /// Calls `GetServiceQuota` of Service Quotas. Returns nothing if the account has the default quota.
    async fn quota(&self, service: &str, code: &str) -> Result<Option<f64>, AwsError>;

    /// Returns the number of resources in the region (`DescribeVpcs` and its like).
    async fn count(&self, resource: CountedResource) -> Result<u64, AwsError>;
}

/// The user or role behind the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The ARN of the user, or of the session of a role.
    pub arn: String,
}

/// A kind of resources whose number in a region has a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the resource of its name")]
pub enum CountedResource {
    Vpc,
    ElasticIp,
    InternetGateway,
    ApplicationLoadBalancer,
    NetworkLoadBalancer,
}
