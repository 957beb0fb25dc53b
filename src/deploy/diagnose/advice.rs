//! Remedies for frequent refusals of AWS whose error code does not say what to change.

/// A message of AWS, known by parts that it contains in this order, and the advice.
struct Advice {
    parts: &'static [&'static str],
    help: &'static str,
}

const fn advice(parts: &'static [&'static str], help: &'static str) -> Advice {
    Advice { parts, help }
}

/// The advice; the first that fits counts. Where a message comes from is written next to its rule in `rehearsal::rules`.
const ADVICE: &[Advice] = &[
    // Elastic Load Balancing
    advice(
        &["Priority '", "is currently in use"],
        "give the rule a number that no rule of the listener has; rules that exchange their numbers need two deployments",
    ),
    advice(
        &["A listener already exists on this port"],
        "use another port, or remove the other listener in a deployment before this one",
    ),
    advice(
        &["cannot be associated with more than one load balancer"],
        "give the new load balancer a target group of its own, with another logical id",
    ),
    advice(
        &["have incompatible protocols"],
        "set the `Protocol` of the target group to one that the listener can forward to",
    ),
    advice(&["deletion protection is enabled"], "turn deletion protection off and deploy, then delete it"),
    // EC2
    advice(
        &["network gateway", "belong to different networks"],
        "attach the gateway to the VPC, and let the route wait for it: `.depends_on(attachment)`",
    ),
    advice(
        &["has no Internet gateway attached"],
        "attach an internet gateway to the VPC, and let the resource wait for it: `.depends_on(attachment)`",
    ),
    advice(
        &["already has an internet gateway attached"],
        "a VPC has one internet gateway: remove the other attachment",
    ),
    advice(&["is in a different VPC than"], ONE_VPC),
    advice(&["belong to different networks"], ONE_VPC),
    advice(&["are in different VPCs"], ONE_VPC),
    advice(&["not all in the same VPC"], ONE_VPC),
    advice(&["not in the same VPC"], ONE_VPC),
    advice(&["subnets of a load balancer must be in one VPC"], ONE_VPC),
    advice(
        &["the specified rule", "already exists"],
        "remove one of the two rules: with the same protocol, ports and peer, another description makes no other rule",
    ),
    advice(
        &["conflicts with another subnet"],
        "use a range that no subnet of the VPC has, old ones included until the update ends",
    ),
    advice(
        &["mount target already exists in this AZ"],
        "a file system has one mount target in each zone: remove one of the two",
    ),
    // ECS
    advice(
        &["capacity provider that is not associated with the cluster"],
        "add it to the cluster: `.spot()` of `Cluster`, or `AWS::ECS::ClusterCapacityProviderAssociations`",
    ),
    advice(&["dependsOn contains a cycle"], "remove one `DependsOn` between these containers"),
    // Data
    advice(&["coverage requirement"], "add a subnet of another Availability Zone"),
    advice(&["disable deletion protection"], "set `DeletionProtection` to false and deploy, then delete it"),
    advice(&["protected against deletion"], "set `DeletionProtectionEnabled` to false and deploy, then delete it"),
    advice(&["reserved word used by the engine"], "use another user name, such as `app`"),
    advice(&["AllowMajorVersionUpgrade flag"], "set `AllowMajorVersionUpgrade: true` next to `EngineVersion`"),
    advice(&["Cannot upgrade ", " from ", " to "], "set the version that it has now, or leave `EngineVersion` out"),
    advice(&["Cannot downgrade"], "set the version that it has now; an older one needs a new resource"),
    advice(
        &["Invalid storage size"],
        "use a size of the storage type (20 GiB or more of gp2 and gp3) that is not smaller than the present one",
    ),
    advice(&["Requesting a specific availability zone"], "remove `AvailabilityZone`: RDS chooses the zones"),
    advice(
        &["automatic failover", "at least 2 cache clusters"],
        "set `NumCacheClusters` to 2 or more, or `AutomaticFailoverEnabled` to false",
    ),
    advice(
        &["bucket you tried to delete is not empty"],
        "empty the bucket, or keep it: `.deletion_policy(\"Retain\")`",
    ),
    advice(
        &["public policies are blocked"],
        "to let everyone in, set `BlockPublicPolicy: false` in `PublicAccessBlockConfiguration`",
    ),
    advice(
        &["Policy has invalid resource"],
        "the resources of a bucket's policy are the bucket and its objects: `${Bucket.Arn}`, `${Bucket.Arn}/*`",
    ),
    advice(
        &["validate the following destination"],
        "allow `s3.amazonaws.com` to send to it, and let the bucket wait for that policy: `.depends_on(policy)`",
    ),
    // The rest
    advice(&["No access to reserved parameter name"], "use a name that does not begin with `aws` or `ssm`"),
    advice(&["must be a fully qualified name"], "begin the name with a slash"),
    advice(
        &["does not exist or is not attachable"],
        "check the ARN: many policies of AWS have the path `service-role/`",
    ),
    advice(
        &["No scalable target registered"],
        "set `ScalingTargetId` to the scalable target, or wait for it: `.depends_on(target)`",
    ),
    advice(
        &["RoleArn is required for target"],
        "set `RoleArn` of the target to a role that `events.amazonaws.com` can assume",
    ),
    advice(&["non-required resource record sets"], "delete the records that the stack did not create, in Route 53"),
    advice(&["Tried to create resource record set"], "remove one of the two records, or import the existing one"),
    advice(
        &["conflicts with other records with the same DNS name"],
        "a name with a CNAME record can have no other record: write an alias of type A instead",
    ),
    advice(&["is not permitted in zone"], "use a name that ends in the name of the zone, or the zone of the name"),
    advice(&["Certificate '", "not found"], "use a certificate of ACM in the region of the load balancer"),
];

const ONE_VPC: &str = "use subnets, security groups and target groups of one VPC";

/// Returns the advice for a message of AWS, if there is one.
pub(super) fn for_message(message: &str) -> Option<&'static str> {
    let fits = |advice: &&Advice| {
        let mut rest = message;
        advice.parts.iter().all(|part| match rest.split_once(part) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    };
    ADVICE.iter().find(fits).map(|advice| advice.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_message_fit_in_their_order() {
        let exchanged = for_message("Priority '5' is currently in use").expect("an advice");
        assert!(exchanged.contains("two deployments"), "{exchanged}");
        assert_eq!(for_message("it is currently in use by Priority '5'"), None);
    }

    #[test]
    fn gateway_of_another_network_is_not_confused_with_subnets_of_another_network() {
        let of_gateway = "route table rtb-1 and network gateway igw-1 belong to different networks";
        assert!(for_message(of_gateway).expect("an advice").contains(".depends_on(attachment)"));
        assert_eq!(for_message("two resources that belong to different networks."), Some(ONE_VPC));
    }
}
