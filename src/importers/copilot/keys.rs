//! The keys of Copilot's manifests that have no counterpart in a script, with the reason and what to do.
//!
//! Source: the manifest pages of the AWS Copilot documentation (aws.github.io/copilot-cli/docs/manifest).

/// Keys of services and jobs.
pub(super) const WORKLOAD: &[(&str, &str)] = &[
    ("count.range.spot_from", "Fargate Spot is a share of the tasks: `.spot(weight)`"),
    ("count.response_time", "scale by requests: `.requests_per_target(n)` of `Scaling`"),
    (
        "deployment.rollback_alarms.cpu_utilization",
        "make an alarm (AWS::CloudWatch::Alarm), and give it to `.alarm(name)`",
    ),
    (
        "deployment.rollback_alarms.memory_utilization",
        "make an alarm (AWS::CloudWatch::Alarm), and give it to `.alarm(name)`",
    ),
    (
        "deployment.rollback_alarms.messages_delayed",
        "make an alarm (AWS::CloudWatch::Alarm), and give it to `.alarm(name)`",
    ),
    ("files", "upload them with `aws s3 sync`; put CloudFront before the bucket (AWS::CloudFront::Distribution)"),
    ("http.alb", "name the load balancer in the script, where several services share it"),
    ("http.hosted_zone", "the name of the domain is missing: `.domain(name, hosted_zone_id)` of the load balancer"),
    ("http.private", "set who may reach the service with `.allow_from`"),
    (
        "http.redirect_to_https",
        "`.redirect_http()` of the load balancer redirects, where it has `.https(certificate_arn)`",
    ),
    (
        "http.version",
        "set it with `.protocol(\"http2\")` or `.protocol(\"grpc\")`, which need `.https(certificate_arn)` of the load balancer",
    ),
    ("image.build.cache_from", "the builder keeps a cache on its machine"),
    ("logging", "logs are in CloudWatch; for other destinations add a sidecar with FireLens"),
    (
        "network.connect",
        "services reach each other with `.calls`, and by Service Connect where the cluster has `.namespace(name)`",
    ),
    ("network.vpc.placement.subnets", "name the network: `.vpc(Vpc::existing(id).private_subnets([..]))` of the stack"),
    ("network.vpc.security_groups.deny_default", "a service admits its load balancer and its callers only"),
    ("nlb.alias", "Copilot makes the records: `.domain(name, hosted_zone_id)` of the load balancer"),
    (
        "nlb.healthcheck",
        "the target groups of the script have the health check of the service; a `Target()` has its own",
    ),
    ("nlb.ssl_policy", "set it with the certificate: `.ssl_policy(name)` of the load balancer"),
    ("nlb.stickiness", "set it: `.sticky()` of a `Target()`"),
    ("nlb", "give the ports with `.listen(port)` of `Nlb`"),
    ("observability", "add the AWS Distro for OpenTelemetry as a sidecar"),
    ("on", "see EventBridge Scheduler (AWS::Scheduler::Schedule)"),
    ("publish.topics.encryption", "set `KmsMasterKeyId` of the topic"),
    ("retries", "EventBridge Scheduler retries a start, and not a task that failed"),
    ("sidecars.*.envFile", "add its variables with `.env(map)`"),
    ("sidecars.*.env_file", "add its variables with `.env(map)`"),
    ("storage.volumes", "mount a file system: `.efs(path, file_system_id)`"),
    ("storage.volumes.*.efs.auth.iam", "name the access point: `.efs(path, file_system_id, access_point)`"),
    ("storage.volumes.*.efs.gid", "make the access point: AWS::EFS::AccessPoint"),
    ("storage.volumes.*.efs.root_dir", "make the access point: AWS::EFS::AccessPoint"),
    ("storage.volumes.*.efs.uid", "make the access point: AWS::EFS::AccessPoint"),
    ("storage.volumes.*.read_only", "the container may write to the file system"),
    ("tags", "tags belong to the stack: `.tag(key, value)`"),
    ("timeout", "EventBridge Scheduler does not end a task: let the program end itself"),
    ("cpu.*", "a stage sets it"),
];

/// Keys of environments.
pub(super) const ENVIRONMENT: &[(&str, &str)] = &[
    ("cdn", "put CloudFront before the load balancer (AWS::CloudFront::Distribution)"),
    (
        "http",
        "set it with the load balancer of the script: `.https(certificate_arn)`, `.access_logs()`, `.allow_from(cidr)`",
    ),
    ("network.vpc.cidr", "set it with the network of the script: `.cidr(text)`"),
    ("network.vpc.flow_logs", "set it with the network of the script: `.flow_logs()`"),
    ("network.vpc.id", "name the network: `.vpc(Vpc::existing(id).public_subnets([..]).private_subnets([..]))`"),
    ("network.vpc.security_group", "set it with `.allow_from` of the services"),
    ("network.vpc.subnets", "name the network: `.vpc(Vpc::existing(id).public_subnets([..]).private_subnets([..]))`"),
    ("observability", "set it with the cluster of the script: `.container_insights()`"),
];

/// The reason for a key that neither table nor the importer knows.
pub(super) const UNKNOWN: &str = "it is not a key that Copilot's manifests document";
