//! Remedies for frequent refusals of AWS whose kind alone does not say what to change.
//!
//! A refusal is known by the error code of the service, or by the type and the code of its resource handler. Only if several
//! refusals have the same codes (`ValidationException`, `InvalidRequest`), parts of AWS's message distinguish them; where the
//! message comes from is written next to its rule in `rehearsal::rules`.

use super::failure_cause::FailureCause;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, LOAD_BALANCER};

/// A sign by which a refusal is known.
enum Sign {
    /// The error code of the service, for types whose names begin like this.
    Error(&'static str, &'static str),
    /// The error code of the resource handler of a type.
    Handler(&'static str, &'static str),
    /// Parts of the message, in this order.
    Message(&'static [&'static str]),
}

use Sign::{Error, Handler, Message};

/// A remedy, and the signs of the refusals that it is for.
struct Advice {
    signs: &'static [Sign],
    help: &'static str,
}

const fn advice(signs: &'static [Sign], help: &'static str) -> Advice {
    Advice { signs, help }
}

/// The types of Elastic Load Balancing.
const ELB: &str = "AWS::ElasticLoadBalancingV2::";

/// The advice; the first that fits counts.
const ADVICE: &[Advice] = &[
    // Elastic Load Balancing
    advice(
        &[Error(ELB, "PriorityInUse"), Handler(LISTENER_RULE, "AlreadyExists")],
        "give the rule a number that no rule of the listener has; rules that exchange their numbers need two deployments",
    ),
    advice(
        &[Error(ELB, "DuplicateListener"), Handler(LISTENER, "AlreadyExists")],
        "use another port, or remove the other listener in a deployment before this one",
    ),
    advice(
        &[
            Error(ELB, "TargetGroupAssociationLimit"),
            Message(&["cannot be associated with more than one load balancer"]),
        ],
        "give the new load balancer a target group of its own, with another logical id",
    ),
    advice(
        &[Error(ELB, "IncompatibleProtocols"), Message(&["have incompatible protocols"])],
        "set the `Protocol` of the target group to one that the listener can forward to",
    ),
    advice(
        &[Error(LOAD_BALANCER, "OperationNotPermitted"), Message(&["deletion protection is enabled"])],
        "turn deletion protection off and deploy, then delete it",
    ),
    // EC2
    advice(
        &[Message(&["network gateway", "belong to different networks"])],
        "attach the gateway to the VPC, and let the route wait for it: `.depends_on(attachment)`",
    ),
    advice(
        &[Error("AWS::EC2::", "Gateway.NotAttached"), Message(&["has no Internet gateway attached"])],
        "attach an internet gateway to the VPC, and let the resource wait for it: `.depends_on(attachment)`",
    ),
    advice(
        &[Error(GATEWAY_ATTACHMENT, "Resource.AlreadyAssociated"), Handler(GATEWAY_ATTACHMENT, "AlreadyExists")],
        "a VPC has one internet gateway: remove the other attachment",
    ),
    advice(
        &[
            Message(&["is in a different VPC than"]),
            Message(&["belong to different networks"]),
            Message(&["are in different VPCs"]),
            Message(&["not all in the same VPC"]),
            Message(&["not in the same VPC"]),
            Message(&["subnets of a load balancer must be in one VPC"]),
        ],
        ONE_VPC,
    ),
    advice(
        &[
            Error("AWS::EC2::SecurityGroup", "InvalidPermission.Duplicate"),
            Handler("AWS::EC2::SecurityGroupIngress", "AlreadyExists"),
            Handler("AWS::EC2::SecurityGroupEgress", "AlreadyExists"),
            Message(&["the specified rule", "already exists"]),
        ],
        "remove one of the two rules: with the same protocol, ports and peer, another description makes no other rule",
    ),
    advice(
        &[Error("AWS::EC2::", "InvalidSubnet.Conflict"), Message(&["conflicts with another subnet"])],
        "use a range that no subnet of the VPC has, old ones included until the update ends",
    ),
    advice(
        &[Error("AWS::EFS::", "MountTargetConflict"), Handler("AWS::EFS::MountTarget", "AlreadyExists")],
        "a file system has one mount target in each zone: remove one of the two",
    ),
    // ECS
    advice(
        &[Message(&["capacity provider that is not associated with the cluster"])],
        "add it to the cluster: `.spot()` of `Cluster`, or `AWS::ECS::ClusterCapacityProviderAssociations`",
    ),
    advice(&[Message(&["dependsOn contains a cycle"])], "remove one `DependsOn` between these containers"),
    // Data
    advice(
        &[Error("AWS::RDS::", "DBSubnetGroupDoesNotCoverEnoughAZs"), Message(&["coverage requirement"])],
        "add a subnet of another Availability Zone",
    ),
    advice(
        &[Message(&["disable deletion protection"])],
        "set `DeletionProtection` to false and deploy, then delete it",
    ),
    advice(
        &[Message(&["protected against deletion"])],
        "set `DeletionProtectionEnabled` to false and deploy, then delete it",
    ),
    advice(&[Message(&["reserved word used by the engine"])], "use another user name, such as `app`"),
    advice(
        &[Message(&["AllowMajorVersionUpgrade flag"])],
        "allow it: `.allow_major_version_upgrade()` of `Database`, or `AllowMajorVersionUpgrade: true` next to `EngineVersion`",
    ),
    advice(
        &[Message(&["Cannot upgrade ", " from ", " to "])],
        "set the version that it has now, or leave `EngineVersion` out",
    ),
    advice(&[Message(&["Cannot downgrade"])], "set the version that it has now; an older one needs a new resource"),
    advice(
        &[Message(&["Invalid storage size"])],
        "use a size of the storage type (20 GiB or more of gp2 and gp3) that is not smaller than the present one",
    ),
    advice(
        &[Message(&["Requesting a specific availability zone"])],
        "remove `AvailabilityZone`: RDS chooses the zones",
    ),
    advice(
        &[Message(&["automatic failover", "at least 2 cache clusters"])],
        "set `NumCacheClusters` to 2 or more, or `AutomaticFailoverEnabled` to false",
    ),
    advice(
        &[Error("AWS::S3::Bucket", "BucketNotEmpty"), Message(&["bucket you tried to delete is not empty"])],
        "empty the bucket, or keep it: `.deletion_policy(\"Retain\")`",
    ),
    advice(
        &[Message(&["public policies are blocked"])],
        "to let everyone in, set `BlockPublicPolicy: false` in `PublicAccessBlockConfiguration`",
    ),
    advice(
        &[Message(&["Policy has invalid resource"])],
        "the resources of a bucket's policy are the bucket and its objects: `${Bucket.Arn}`, `${Bucket.Arn}/*`",
    ),
    advice(
        &[Message(&["validate the following destination"])],
        "allow `s3.amazonaws.com` to send to it, and let the bucket wait for that policy: `.depends_on(policy)`",
    ),
    // The rest
    advice(&[Message(&["No access to reserved parameter name"])], "use a name that does not begin with `aws` or `ssm`"),
    advice(&[Message(&["must be a fully qualified name"])], "begin the name with a slash"),
    advice(
        &[Handler("AWS::IAM::Role", "NotFound"), Message(&["does not exist or is not attachable"])],
        "check the ARN: many policies of AWS have the path `service-role/`",
    ),
    advice(
        &[Error(SCALING_POLICY, "ObjectNotFoundException"), Handler(SCALING_POLICY, "NotFound")],
        "set `ScalingTargetId` to the scalable target, or wait for it: `.depends_on(target)`",
    ),
    advice(
        &[Message(&["RoleArn is required for target"])],
        "set `RoleArn` of the target to a role that `events.amazonaws.com` can assume",
    ),
    advice(
        &[Error("AWS::Route53::", "HostedZoneNotEmpty"), Message(&["non-required resource record sets"])],
        "delete the records that the stack did not create, in Route 53",
    ),
    advice(
        &[Message(&["Tried to create resource record set"])],
        "remove one of the two records, or import the existing one",
    ),
    advice(
        &[Message(&["conflicts with other records with the same DNS name"])],
        "a name with a CNAME record can have no other record: write an alias of type A instead",
    ),
    advice(
        &[Message(&["is not permitted in zone"])],
        "use a name that ends in the name of the zone, or the zone of the name",
    ),
    advice(
        &[Error(ELB, "CertificateNotFound"), Message(&["Certificate '", "not found"])],
        "use a certificate of ACM in the region of the load balancer",
    ),
];

const ONE_VPC: &str = "use subnets, security groups and target groups of one VPC";
const GATEWAY_ATTACHMENT: &str = "AWS::EC2::VPCGatewayAttachment";
const SCALING_POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

/// Returns the advice for a cause, if there is one.
pub(super) fn for_cause(cause: &FailureCause) -> Option<&'static str> {
    ADVICE.iter().find(|advice| advice.signs.iter().any(|sign| sign.fits(cause))).map(|advice| advice.help)
}

impl Sign {
    fn fits(&self, cause: &FailureCause) -> bool {
        match self {
            Error(prefix, code) => cause.error_code.as_deref() == Some(code) && cause.resource_type.starts_with(prefix),
            Handler(kind, code) => cause.handler_code.as_deref() == Some(code) && cause.resource_type == *kind,
            Message(parts) => has_in_order(&cause.message, parts),
        }
    }
}

fn has_in_order(message: &str, parts: &[&str]) -> bool {
    let mut rest = message;
    parts.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::failure_cause::causes;
    use super::*;
    use crate::deploy::api::EventStatus;
    use crate::deploy::api::status::ResourceStatus;
    use crate::testing::fixtures::event;

    /// Returns the advice for a resource of a type that failed for a reason.
    fn advised(kind: &str, reason: &str) -> Option<&'static str> {
        let mut failed = event("It", EventStatus::Resource(ResourceStatus::CreateFailed), reason);
        failed.kind = kind.to_owned();
        for_cause(&causes(&[failed])[0])
    }

    #[test]
    fn codes_choose_the_advice_for_any_message() {
        let by_handler = "Resource handler returned message: \"It failed (Service: ElasticLoadBalancingV2, Status Code: 400)\" \
                          (RequestToken: 1, HandlerErrorCode: AlreadyExists)";
        assert!(advised(LISTENER_RULE, by_handler).expect("an advice").contains("two deployments"));
        assert!(advised(LISTENER, by_handler).expect("an advice").contains("another port"));
        assert_eq!(advised("AWS::S3::Bucket", by_handler), None, "the code has another meaning there");
        let by_service = "It failed (Service: Efs; Status Code: 409; Error Code: MountTargetConflict; Request ID: 1)";
        assert!(advised("AWS::EFS::MountTarget", by_service).expect("an advice").contains("each zone"));
    }

    #[test]
    fn message_chooses_the_advice_if_the_codes_are_those_of_many_refusals() {
        let reason = |text: &str| {
            format!("{text} (Service: Rds; Status Code: 400; Error Code: InvalidParameterCombination; Request ID: 1)")
        };
        let kind = "AWS::RDS::DBInstance";
        let protected = "Cannot delete protected DB Instance, please disable deletion protection and try again.";
        assert!(advised(kind, &reason(protected)).expect("an advice").contains("DeletionProtection"));
        assert_eq!(advised(kind, &reason("Something else")), None);
    }

    #[test]
    fn parts_of_a_message_fit_in_their_order() {
        assert!(has_in_order("Cannot upgrade postgres from 16 to 14", &["Cannot upgrade ", " from ", " to "]));
        assert!(!has_in_order("from 16 to 14: Cannot upgrade postgres", &["Cannot upgrade ", " from ", " to "]));
    }

    #[test]
    fn gateway_of_another_network_is_not_confused_with_subnets_of_another_network() {
        let of_gateway = "route table rtb-1 and network gateway igw-1 belong to different networks";
        assert!(advised("AWS::EC2::Route", of_gateway).expect("an advice").contains(".depends_on(attachment)"));
        let of_subnets = "two resources that belong to different networks.";
        assert_eq!(advised("AWS::ECS::Service", of_subnets), Some(ONE_VPC));
    }
}
