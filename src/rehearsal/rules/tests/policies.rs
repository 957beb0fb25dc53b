//! Policies of IAM and of buckets.

use super::{GATEWAYS, NETWORKS, accepts_each, refuses_creation, refuses_each, template};

#[test]
fn policy_with_an_invalid_statement_is_refused() {
    let policy = |statements: &str| {
        format!(
            "  It: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: [{statements}]}}}}}}\n"
        )
    };
    let malformed = "MalformedPolicyDocument";
    let read = "Effect: Allow, Action: 's3:GetObject', Resource: '*'";
    refuses_each(&[
        (
            &policy(&format!("{{Sid: One, {read}}}, {{Sid: One, {read}}}")),
            "It",
            malformed,
            "in a single policy must be unique.",
        ),
        (&policy(&format!("{{Sid: one-two, {read}}}")), "It", malformed, "Statement IDs (SID) must be alpha-numeric."),
        (&policy("{Action: 's3:GetObject', Resource: '*'}"), "It", malformed, "Syntax errors in policy."),
        (&policy("{Effect: Allow, Action: GetObject, Resource: '*'}"), "It", malformed, "must be prefaced by a vendor"),
        (
            &policy("{Effect: Allow, Action: 's3:GetObject', Resource: my-bucket}"),
            "It",
            malformed,
            "Resource my-bucket must be in ARN format or \"*\".",
        ),
        (
            &policy(&format!("{{{read}, Sid: '{}'}}", "x".repeat(6200))),
            "It",
            "LimitExceeded",
            "quota for PolicySize: 6144",
        ),
    ]);
    accepts_each(&[&policy(&format!("{{Sid: One, {read}}}, {{Sid: Two, {read}}}"))]);
}

/// Returns a bucket with a policy of this statement.
fn bucket(properties: &str, statement: &str) -> String {
    format!(
        "
  Bucket: {{Type: AWS::S3::Bucket, Properties: {{BucketName: mine{properties}}}}}
  Policy: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref Bucket, PolicyDocument: {{Statement: [{statement}]}}}}}}
"
    )
}

#[test]
fn bucket_policy_that_s3_does_not_accept_is_refused() {
    let open = "{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mine/*'}";
    let role = "Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 's3:GetObject'";
    let malformed = "MalformedPolicy";
    refuses_each(&[
        (&bucket("", open), "Policy", "AccessDenied", "because public policies are blocked by the BlockPublicPolicy"),
        (
            &bucket("", "{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::mine/*'}"),
            "Policy",
            malformed,
            "Missing required field Principal",
        ),
        (
            &bucket("", &format!("{{{role}, Resource: 'arn:aws:s3:::other/*'}}")),
            "Policy",
            malformed,
            "Policy has invalid resource",
        ),
        (
            &bucket("", &format!("{{{role}, Resource: 'arn:aws:s3:::mine'}}")),
            "Policy",
            malformed,
            "Action does not apply to any resource(s) in statement",
        ),
    ]);
    accepts_each(&[
        &bucket("", &format!("{{{role}, Resource: 'arn:aws:s3:::mine/*'}}")),
        &bucket(", PublicAccessBlockConfiguration: {BlockPublicPolicy: false}", open),
        &bucket("", &open.replace("Allow", "Deny")),
    ]);
}

/// Returns a load balancer with access logs in a bucket with a policy of this statement.
fn logging(bucket_properties: &str, statement: &str) -> String {
    let balancer = "
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    DependsOn: [Policy, Attached]
    Properties:
      Subnets: [!Ref One, !Ref Two]
      LoadBalancerAttributes:
        - {Key: access_logs.s3.enabled, Value: 'true'}
        - {Key: access_logs.s3.bucket, Value: !Ref Bucket}
        - {Key: access_logs.s3.prefix, Value: app}
";
    template(&[NETWORKS, GATEWAYS, &bucket(bucket_properties, statement), balancer])
}

#[test]
fn log_bucket_without_access_for_load_balancers_is_refused() {
    let statement = |principal: &str, action: &str, path: &str| {
        format!("{{Effect: Allow, Principal: {principal}, Action: '{action}', Resource: 'arn:aws:s3:::mine{path}'}}")
    };
    let service = "{Service: logdelivery.elasticloadbalancing.amazonaws.com}";
    let account = "{AWS: 'arn:aws:iam::054676820928:root'}";
    let denied = ("InvalidConfigurationRequest", "Access Denied for bucket: mine. Please check S3bucket permission");
    for wrong in [
        statement(service, "s3:GetObject", "/*"),
        statement(service, "s3:PutObject", "/other/AWSLogs/*"),
        statement("{Service: s3.amazonaws.com}", "s3:PutObject", "/*"),
        statement(service, "s3:PutObject", "/app/AWSLogs/210987654321/*"),
    ] {
        refuses_creation(&logging("", &wrong), "Balancer", denied);
    }
    let key = ", BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms'}}]}";
    refuses_creation(&logging(key, &statement(service, "s3:PutObject", "/*")), "Balancer", denied);
    for right in [
        statement(service, "s3:PutObject", "/app/AWSLogs/123456789012/*"),
        statement(account, "s3:PutObject*", "/*"),
        statement(service, "s3:*", "/app*"),
    ] {
        accepts_each(&[logging("", &right).trim_start_matches("Resources:\n")]);
    }
}

#[test]
fn web_acl_of_distributions_or_of_another_region_is_refused() {
    let association = |place: &str| {
        format!(
            "  It: {{Type: AWS::WAFv2::WebACLAssociation, Properties: {{ResourceArn: 'arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/a/1', WebACLArn: 'arn:aws:wafv2:{place}/webacl/mine/1'}}}}\n"
        )
    };
    refuses_each(&[
        (&association("us-east-1:1:global"), "It", "WAFInvalidParameterException", "The ARN isn't valid."),
        (
            &association("us-east-1:1:regional"),
            "It",
            "WAFNonexistentItemException",
            "perform the operation because your resource",
        ),
    ]);
    let of_stack = |scope: &str| {
        let acl = format!(
            "  Acl: {{Type: AWS::WAFv2::WebACL, Properties: {{Scope: {scope}, DefaultAction: {{Allow: {{}}}}, VisibilityConfig: {{}}}}}}\n"
        );
        let association = association("").replace("'arn:aws:wafv2:/webacl/mine/1'", "!GetAtt Acl.Arn");
        format!("{acl}{association}")
    };
    let distributions = of_stack("CLOUDFRONT");
    refuses_each(&[(&distributions, "It", "WAFInvalidParameterException", "The ARN isn't valid.")]);
    accepts_each(&[&association("eu-central-1:1:regional"), &of_stack("REGIONAL")]);
}

#[test]
fn policy_of_a_service_role_without_its_path_is_refused() {
    let role = |policy: &str| {
        format!(
            "  Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: ['arn:aws:iam::aws:policy/{policy}'], AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: ecs-tasks.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}}}}}\n"
        )
    };
    let bare = role("AmazonECSTaskExecutionRolePolicy");
    refuses_each(&[(&bare, "Role", "NoSuchEntity", "does not exist or is not attachable")]);
    accepts_each(&[&role("service-role/AmazonECSTaskExecutionRolePolicy"), &role("AmazonS3ReadOnlyAccess")]);
}
