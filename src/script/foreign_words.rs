//! Words of other tools (Copilot, the CDK, Terraform, Kubernetes, docker compose) and the methods of rtiler with the same meaning.

/// A type, words of other tools, and its method for them.
const WORDS: &[(&str, &[&str], &str)] = &[
    (
        "FargateService",
        &["replicas", "desired_count", "desired_tasks", "instances", "number", "tasks", "task_count"],
        "count",
    ),
    ("FargateService", &["environment", "env_vars", "variables", "envs", "environment_variables"], "env"),
    ("FargateService", &["connections", "allow_ingress", "ingress_rule"], "allow_from"),
    ("FargateService", &["add_to_execution_role_policy"], "allow_execution"),
    ("FargateService", &["stickiness", "sticky_sessions", "session_affinity", "enable_cookie_stickiness"], "sticky"),
    ("FargateService", &["protocol_version"], "protocol"),
    ("Target", &["deregistration_delay", "drain_timeout", "draining"], "drain"),
    ("Target", &["stickiness", "sticky_sessions", "session_affinity"], "sticky"),
    ("Target", &["protocol_version"], "protocol"),
    ("Target", &["healthcheck"], "health_check"),
    ("FargateService", &["deregistration_delay", "drain_timeout", "draining"], "drain"),
    ("FargateService", &["liveness_probe", "healthcheck", "container_healthcheck"], "container_health_check"),
    ("FargateService", &["readiness_probe", "health_check_path"], "health_check"),
    (
        "FargateService",
        &["autoscaling", "auto_scaling", "autoscale", "auto_scale", "scale", "hpa", "auto_scale_task_count"],
        "scaling",
    ),
    (
        "FargateService",
        &["load_balancer", "alb", "http", "ingress", "listener", "load_balancers", "public_load_balancer"],
        "behind",
    ),
    ("FargateService", &["container_port", "expose", "ports", "port_mappings"], "port"),
    ("FargateService", &["iam", "policy", "grant", "permissions", "add_to_task_role_policy"], "allow"),
    ("FargateService", &["logs", "logging"], "log_retention"),
    ("FargateService", &["vpc", "network", "networking"], "cluster"),
    ("FargateService", &["secrets"], "secret"),
    ("FargateService", &["volumes", "add_volume"], "volume"),
    ("FargateService", &["mount_points", "add_mount_points"], "mount"),
    ("FargateService", &["ulimits", "add_ulimits", "nofile"], "ulimit"),
    ("FargateService", &["env_files", "environment_file", "environment_files"], "env_file"),
    ("FargateService", &["labels", "docker_label", "docker_labels"], "label"),
    ("FargateService", &["working_dir", "workdir"], "working_directory"),
    ("FargateService", &["logs_to", "log_configuration"], "log_driver"),
    ("FargateService", &["firelens"], "fire_lens"),
    ("FargateService", &["task_execution_role"], "execution_role"),
    ("FargateService", &["init_process_enabled", "linux_parameters"], "linux_parameter"),
    ("FargateService", &["repository_credentials"], "registry_credentials"),
    ("FargateService", &["capacity_provider", "capacity_providers", "fargate_spot"], "spot"),
    ("FargateService", &["container", "add_container", "containers", "sidecars"], "sidecar"),
    ("FargateService", &["platform", "cpu_architecture", "architecture"], "arm64"),
    ("FargateService", &["assign_public_ip"], "public_ip"),
    ("FargateService", &["security_groups"], "security_group"),
    ("FargateService", &["enable_execute_command"], "exec"),
    ("FargateService", &["health_check_grace_period"], "grace_period"),
    ("FargateService", &["rollback", "deployment_circuit_breaker"], "circuit_breaker"),
    ("FargateService", &["bluegreen", "deployment_strategy", "strategy"], "blue_green"),
    ("FargateService", &["rolling_update"], "rolling"),
    ("FargateService", &["early_success_criteria"], "early_success"),
    ("TrafficShift", &["bake_time"], "bake"),
    ("TrafficShift", &["lifecycle_hook", "lambda_hook", "hooks"], "hook"),
    ("TrafficShift", &["test_port", "test_traffic"], "test_listener"),
    ("FargateService", &["min_healthy_percent", "max_healthy_percent"], "healthy_percent"),
    ("Container", &["environment", "env_vars", "variables"], "env"),
    ("Container", &["liveness_probe", "health_check", "healthcheck"], "container_health_check"),
    ("Container", &["depends"], "depends_on"),
    ("Container", &["ports", "container_port", "expose"], "port"),
    ("Container", &["ulimits", "add_ulimits"], "ulimit"),
    ("Container", &["env_files", "environment_files"], "env_file"),
    ("Container", &["working_dir", "workdir"], "working_directory"),
    ("Container", &["mount_points", "volumes", "volume"], "mount"),
    ("Container", &["firelens"], "fire_lens"),
    ("Alb", &["certificate", "certificate_arn", "ssl", "tls", "add_listener"], "https"),
    ("Alb", &["internet_facing", "scheme"], "internal"),
    ("Alb", &["redirect", "add_redirect"], "redirect_http"),
    ("Alb", &["web_acl", "firewall"], "waf"),
    ("Alb", &["default_actions", "default_target"], "default_action"),
    ("Alb", &["add_action", "fixed_response", "rule", "add_rule"], "route"),
    ("Alb", &["oidc", "cognito", "authentication", "login"], "authenticate"),
    ("Alb", &["ipv6", "dualstack", "ip_address_type"], "dual_stack"),
    ("Alb", &["mtls", "mutual_authentication"], "mutual_tls"),
    ("Alb", &["ingress", "allow", "allow_from_any_ipv4"], "allow_from"),
    ("Alb", &["dns", "alias"], "domain"),
    ("Alb", &["http", "port", "add_http"], "listen"),
    ("Alb", &["logs"], "access_logs"),
    ("Vpc", &["cidr_block", "ip_addresses"], "cidr"),
    ("Vpc", &["max_azs", "availability_zones", "zones"], "azs"),
    ("Vpc", &["nat", "nat_gateway"], "nat_gateways"),
    ("Vpc", &["gateway_endpoint", "interface_endpoint", "endpoints"], "endpoint"),
    ("Cluster", &["insights", "monitoring"], "container_insights"),
    ("Cluster", &["availability_zones", "max_azs", "zones"], "azs"),
    ("Cluster", &["capacity_providers", "fargate_spot"], "spot"),
    ("Cluster", &["service_connect", "cloud_map"], "namespace"),
    ("Stack", &["resource", "add_resource", "service"], "add"),
    ("Stack", &["depends_on", "add_dependency", "needs"], "after"),
    ("Stack", &["outputs", "add_output"], "output"),
    ("Stack", &["export", "exports"], "export_output"),
    ("Stack", &["protect", "deletion_protection"], "termination_protection"),
    ("Stack", &["env"], "region"),
    ("Stack", &["permissions_boundary", "boundary"], "permission_boundary"),
    ("Scaling", &["target_cpu", "cpu_percentage", "scale_on_cpu_utilization"], "cpu"),
    ("Scaling", &["target_memory", "memory_percentage", "scale_on_memory_utilization"], "memory"),
    ("Scaling", &["scale_on_request_count", "requests"], "requests_per_target"),
    ("Scaling", &["scale_on_schedule"], "schedule"),
    ("Scaling", &["cooldown"], "scale_out_after"),
    ("HealthCheck", &["retries", "unhealthy_threshold"], "unhealthy"),
    ("HealthCheck", &["healthy_threshold"], "healthy"),
    ("HealthCheck", &["matcher", "success_codes"], "codes"),
    ("HealthCheck", &["grace_period"], "start_period"),
    ("Bucket", &["lifecycle", "lifecycle_rule", "add_lifecycle_rule", "expiration", "expire_after"], "expire"),
    ("Bucket", &["versioning", "versioning_enabled", "enable_versioning"], "versioned"),
    ("Bucket", &["add_cors_rule", "cors_rule", "allow_origin"], "cors"),
    ("Bucket", &["noncurrent_version_expiration"], "keep_versions"),
    ("Table", &["hash_key", "primary_key", "pk", "key"], "partition_key"),
    ("Table", &["range_key", "sk"], "sort_key"),
    (
        "Table",
        &["gsi", "global_secondary_index", "add_global_secondary_index", "secondary_index", "add_index"],
        "index",
    ),
    ("Table", &["time_to_live", "time_to_live_attribute", "expire"], "ttl"),
    ("Cache", &["replicas", "num_nodes", "num_cache_nodes", "num_cache_clusters", "replicas_per_node_group"], "nodes"),
    ("Cache", &["instance", "instance_type", "instance_class", "cache_node_type", "size"], "node_type"),
    ("Cache", &["snapshot_retention", "snapshot_retention_limit", "backup_retention"], "backups"),
    ("Cache", &["auth", "authentication"], "auth_token"),
    ("Database", &["username", "master_username", "user_name", "admin"], "user"),
    ("Database", &["database_name", "db_name", "dbname", "default_database_name"], "database"),
    ("Database", &["instance_class", "instance_type", "db_instance_class", "node_type", "size"], "instance"),
    ("Database", &["allocated_storage", "disk", "volume_size"], "storage"),
    ("Database", &["max_allocated_storage", "storage_autoscaling"], "max_storage"),
    ("Database", &["backup_retention", "backup_retention_period", "backup", "retention"], "backups"),
    ("Database", &["parameter", "parameters", "parameter_group", "db_parameter"], "engine_parameter"),
    ("Database", &["engine_version"], "version"),
    ("Database", &["manage_master_user_password", "managed_secret"], "managed_password"),
    ("Database", &["capacity", "acu", "min_capacity", "max_capacity", "serverless_v2"], "serverless"),
    ("Database", &["snapshot_identifier", "from_snapshot", "restore"], "snapshot"),
    ("Database", &["high_availability", "ha"], "multi_az"),
    ("Queue", &["visibility", "visibility_timeout_seconds"], "visibility_timeout"),
    ("Queue", &["retention_period", "message_retention", "message_retention_seconds"], "retention"),
    ("Queue", &["delivery_delay", "delay_seconds"], "delay"),
    ("Queue", &["fifo_queue", "ordered"], "fifo"),
    ("Topic", &["email_subscription", "mail"], "email"),
    ("Topic", &["webhook", "url"], "https"),
    ("Secret", &["string", "secret_string", "text", "plaintext"], "value"),
    ("Secret", &["generate_string", "generate_secret_string", "random"], "generate"),
    ("Secret", &["password_length"], "length"),
    ("FileSystem", &["posix_user", "uid", "user"], "owner"),
    ("FileSystem", &["path", "root_directory", "directory"], "folder"),
    ("Repository", &["lifecycle", "lifecycle_policy", "max_images", "max_image_count", "keep_images"], "keep"),
    ("Nlb", &["add_listener", "port", "tcp"], "listen"),
    ("Nlb", &["certificate", "ssl"], "tls"),
    ("Nlb", &["eip", "elastic_ips", "allocation_id"], "elastic_ip"),
    ("Nlb", &["internet_facing", "scheme"], "internal"),
    ("Nlb", &["ingress", "allow"], "allow_from"),
    ("Nlb", &["dns", "alias"], "domain"),
    ("Nlb", &["cross_zone_enabled", "cross_zone_load_balancing"], "cross_zone"),
    ("Job", &["cron", "rate", "every"], "schedule"),
    ("Job", &["environment", "env_vars", "variables"], "env"),
    ("Job", &["secrets"], "secret"),
    ("Job", &["retry", "max_retries", "attempts"], "retries"),
    ("Job", &["grant", "permissions", "policy", "iam"], "allow"),
    ("Job", &["connect", "uses"], "link"),
    ("FargateService", &["connect", "uses", "grant_access"], "link"),
    ("FargateService", &["monitoring", "alerts", "notify"], "alarms"),
    ("FargateService", &["call", "connect_to", "service_connect", "depends_on_service"], "calls"),
    ("FargateService", &["cmd", "args"], "command"),
    ("FargateService", &["execute_command", "ecs_exec"], "exec"),
    ("FargateService", &["kms_key", "log_kms_key", "log_encryption"], "log_key"),
    ("FargateService", &["arm", "graviton"], "arm64"),
    ("FargateService", &["storage", "disk", "disk_size"], "ephemeral_storage"),
    ("FargateService", &["readonly", "read_only", "readonly_root_filesystem"], "read_only_root"),
    ("Container", &["secrets"], "secret"),
    ("Container", &["cmd", "args"], "command"),
    ("Route", &["path_pattern", "paths", "prefix"], "path"),
    ("Route", &["host_header", "hosts", "domain"], "host"),
    ("Route", &["query_string"], "query"),
    ("Route", &["http_method", "methods", "http_request_method"], "method"),
    ("Route", &["ip", "source_ips", "allow_from"], "source_ip"),
    ("FixedResponse", &["message", "message_body", "text"], "body"),
    ("Vpc", &["ipv6", "dualstack"], "dual_stack"),
    ("Vpc", &["private_isolated", "database_subnets", "isolated"], "isolated_subnets"),
    ("Vpc", &["logs", "flow_log"], "flow_logs"),
    ("Resource", &["removal_policy", "retain", "apply_removal_policy"], "deletion_policy"),
    ("Resource", &["add_dependency", "needs"], "depends_on"),
];

/// Types, words of other tools without a method there, and the expression that does it, or why nothing has to be written.
const WAYS: &[(&[&str], &[&str], &str)] = &[
    (&["FargateService"], &["grpc", "http2"], r#".protocol("grpc")"#),
    (
        &["FargateService"],
        &["propagate_tags", "enable_ecs_managed_tags"],
        r#".override("Service", "PropagateTags", "TASK_DEFINITION")"#,
    ),
    (&["FargateService"], &["tags", "tag"], r#".override("Service", "Tags", [#{ Key: "team", Value: "maps" }])"#),
    (&["FargateService"], &["service_name"], r#".override("Service", "ServiceName", "web")"#),
    (
        &["FargateService"],
        &["schedule", "cron", "scheduled", "scheduled_task", "job"],
        "`Job(..).schedule(..)` for a task that ends, or `Scaling(..).schedule(..)` for the number of tasks",
    ),
    (&["Alb"], &["sticky", "stickiness"], "the service: `.sticky(3600)`"),
    (
        &["Alb"],
        &["http2", "attribute", "attributes", "set_attribute"],
        r#".override("LoadBalancer", "LoadBalancerAttributes[routing.http2.enabled].Value", "false")"#,
    ),
    (
        &["Bucket", "Table", "FileSystem", "Repository", "Secret"],
        &["removal_policy", "apply_removal_policy", "deletion_policy", "retain", "keep_with_stack", "prevent_destroy"],
        "nothing: it is kept, which is the default; `.delete_with_stack()` deletes it with its stack",
    ),
    (
        &["Database"],
        &[
            "removal_policy",
            "apply_removal_policy",
            "deletion_policy",
            "retain",
            "final_snapshot",
            "skip_final_snapshot",
        ],
        "nothing: RDS takes a final snapshot, which is the default; `.delete_with_stack()` deletes the database without one",
    ),
    (
        &["Queue", "Topic", "Cache"],
        &["removal_policy", "apply_removal_policy", "deletion_policy", "retain", "delete_with_stack"],
        "nothing: it goes with its stack",
    ),
    (
        &["Bucket", "Queue", "Database", "Cache", "FileSystem", "Table", "Secret", "Repository"],
        &[
            "encrypted",
            "encryption",
            "encrypt",
            "server_side_encryption",
            "sse",
            "storage_encrypted",
            "encryption_at_rest",
        ],
        "nothing: it is always encrypted",
    ),
    (
        &["Bucket"],
        &["block_public_access", "private", "public_access_block", "enforce_ssl"],
        "nothing: a bucket is private and takes requests with TLS alone",
    ),
    (
        &["Bucket"],
        &["auto_delete_objects", "force_destroy"],
        "`.delete_with_stack()`, and empty the bucket before: S3 refuses to delete one that holds objects",
    ),
    (
        &["Bucket"],
        &["public_read", "public_read_access", "acl", "access_control", "grant_public_access"],
        r#"a distribution of CloudFront, `AWS::CloudFront::Distribution("Cdn", #{ .. })`: a bucket is private"#,
    ),
    (
        &["Bucket", "Queue", "Topic", "Table", "Database", "Cache", "FileSystem", "Secret"],
        &[
            "grant",
            "grant_read",
            "grant_read_write",
            "grant_write",
            "grant_put",
            "grant_read_data",
            "grant_write_data",
            "grant_read_write_data",
            "grant_publish",
            "grant_send_messages",
            "grant_consume_messages",
            "grant_connect",
            "allow",
            "allow_from",
            "connections",
            "link",
        ],
        r#"the service: `service.link(x)`, or `service.link(x, "read")`"#,
    ),
    (
        &["Database"],
        &["password", "master_password", "master_user_password", "credentials", "secret"],
        "nothing: a password is generated, and `service.link(db)` gives it to tasks; `.managed_password()` lets RDS keep it",
    ),
    (
        &["Database"],
        &["read_replica", "replicas", "readers", "reader", "read_replicas"],
        r#".engine("aurora-postgresql").instances(2)"#,
    ),
    (&["Database"], &["postgres", "postgresql"], r#".engine("postgres").version("17")"#),
    (&["Database"], &["mysql"], r#".engine("mysql")"#),
    (&["Database"], &["aurora"], r#".engine("aurora-postgresql")"#),
    (
        &["Database", "Cache", "FileSystem", "Alb", "Nlb"],
        &["security_group", "security_groups", "vpc_security_group_ids"],
        "nothing: it has a security group of its own, which admits what is linked to it or what `.allow_from(..)` names",
    ),
    (
        &["Database", "Cache", "FileSystem", "Alb", "Nlb"],
        &["subnets", "subnet", "subnet_ids", "subnet_group", "vpc_subnets", "db_subnet_group"],
        "the network: `.vpc(vpc)`; the subnets follow from it",
    ),
    (
        &["Cache"],
        &["password", "token", "transit_encryption", "tls"],
        "`.auth_token()`: clients then need a generated token, by TLS",
    ),
    (
        &["Topic"],
        &["lambda", "sms", "http", "add_subscription", "subscription"],
        concat!(
            r#"a subscription of CloudFormation: `AWS::SNS::Subscription("Hook", #{ TopicArn: topic.arn, Protocol: "lambda", "#,
            "Endpoint: function.Arn })`"
        ),
    ),
    (&["Topic"], &["sqs", "queue", "add_queue"], "`.subscribe(queue)` with a `Queue(..)`"),
    (
        &["Table"],
        &[
            "capacity",
            "read_capacity",
            "write_capacity",
            "provisioned_throughput",
            "auto_scale",
            "on_demand",
            "pay_per_request",
        ],
        r#"nothing: a table is paid by request; else `.override("Table", #{ .. })` with `BillingMode` and `ProvisionedThroughput`"#,
    ),
    (
        &["Table"],
        &["point_in_time_recovery", "pitr", "backups"],
        "nothing: a table has continuous backups; `.no_backups()` ends them",
    ),
    (
        &["Table"],
        &["stream", "streams"],
        r#".override("Table", "StreamSpecification.StreamViewType", "NEW_AND_OLD_IMAGES")"#,
    ),
    (
        &["Repository"],
        &["immutable", "image_tag_mutability", "immutable_tags"],
        "nothing: a tag stays with its image; `.mutable_tags()` changes that",
    ),
    (&["Repository"], &["scan_on_push", "scan", "image_scan_on_push"], "nothing: images are always scanned"),
    (
        &["Queue"],
        &["redrive_policy", "dead_letter_queue", "dlq", "max_receive_count"],
        "`.dead_letter(5)`, the number of times that a message is received before it goes to the dead-letter queue",
    ),
    (
        &["Alb", "Nlb", "FargateService", "Job", "Database", "Cache", "Bucket", "Queue", "Topic", "Table"],
        &["tags", "tag", "add_tags"],
        r#"the stack: `Stack("web").tag("team", "maps")`"#,
    ),
    (&["Nlb", "Alb"], &["alarms", "alarm"], "the service behind it: `service.alarms(topic)`"),
    (&["Nlb"], &["health_check", "healthcheck"], r#"the service: `service.behind(nlb).health_check("/health")`"#),
    (&["Alb"], &["health_check", "healthcheck"], r#"the service: `service.behind(alb).health_check("/health")`"#),
    (
        &["Nlb"],
        &["https", "redirect_http", "waf", "route", "authenticate", "sticky"],
        "an `Alb`: a Network Load Balancer knows no HTTP",
    ),
];

/// Words of other tools for functions, and the functions or types with the same meaning.
const FUNCTIONS: &[(&[&str], &str)] = &[
    (&["LoadBalancer", "ApplicationLoadBalancer", "Ingress", "IApplicationLoadBalancer"], r#"Alb("Name")"#),
    (
        &[
            "LoadBalancedWebService",
            "ApplicationLoadBalancedFargateService",
            "BackendService",
            "WorkerService",
            "EcsService",
            "Service",
            "Deployment",
            "Ec2Service",
        ],
        r#"FargateService("Name").behind(Alb("Name"))"#,
    ),
    (&["Network", "VPC", "CfnVPC"], r#"Vpc("Name")"#),
    (&["EcsCluster"], r#"Cluster("Name")"#),
    (&["NLB", "NetworkLoadBalancer"], r#"Nlb("Name")"#),
    (&["ScheduledJob", "ScheduledTask", "ScheduledFargateTask", "CronJob"], r#"Job("Name").schedule("rate(1 day)")"#),
    (&["S3Bucket", "BucketV2"], r#"Bucket("Name")"#),
    (&["SqsQueue", "SQSQueue"], r#"Queue("Name")"#),
    (&["SnsTopic", "SNSTopic"], r#"Topic("Name")"#),
    (&["DynamoDbTable", "DynamoTable", "TableV2"], r#"Table("Name").partition_key("id")"#),
    (&["DatabaseInstance", "DBInstance", "Rds", "RDS", "Postgres", "Mysql"], r#"Database("Name").engine("postgres")"#),
    (
        &["DatabaseCluster", "DBCluster", "Aurora", "ServerlessCluster"],
        r#"Database("Name").engine("aurora-postgresql").serverless(1..=4)"#,
    ),
    (&["Redis", "Valkey", "ElastiCache", "ReplicationGroup"], r#"Cache("Name")"#),
    (&["Efs", "EFS", "Volume"], r#"FileSystem("Name")"#),
    (&["EcrRepository", "Ecr"], r#"Repository("Name")"#),
    (&["Param", "CfnParameter", "variable"], r#"parameter("Name")"#),
    (&["Ref", "ref"], r#"cfn::ref("LogicalId")"#),
    (&["Sub", "sub"], r#"cfn::sub("${AWS::Region}")"#),
];

/// Returns the hint for a word of another tool that is a setting of a type, and that has no method here.
pub(crate) fn way(owner: &str, word: &str) -> Option<String> {
    let word = snake_case(word);
    let row = WAYS.iter().find(|(owners, words, _)| owners.contains(&owner) && words.contains(&word.as_str()));
    row.map(|(_, _, way)| match way.strip_prefix("nothing") {
        _ if way.starts_with('.') => format!("write `{way}`"),
        Some(why) => format!("leave the call out{why}"),
        None => format!("use {way}"),
    })
}

/// Returns the hint for a function of another tool.
pub(crate) fn function(word: &str) -> Option<String> {
    let row = FUNCTIONS.iter().find(|(words, _)| words.contains(&word));
    row.map(|(_, here)| format!("write `{here}`"))
}

/// Returns the method of a type with the meaning of a word of another tool.
pub(crate) fn method(owner: &str, word: &str) -> Option<&'static str> {
    let word = snake_case(word);
    let row = WORDS.iter().find(|(known, words, _)| *known == owner && words.contains(&word.as_str()));
    row.map(|(.., method)| *method)
}

/// Returns the words of other tools for a method of a type.
pub(crate) fn of(owner: &str, method: &str) -> impl Iterator<Item = &'static str> {
    let rows = WORDS.iter().filter(move |(known, _, name)| *known == owner && *name == method);
    rows.flat_map(|(_, words, _)| words.iter().copied()).collect::<Vec<_>>().into_iter()
}

/// Returns `desired_count` for `desiredCount`, `DesiredCount` and `desired_count`.
fn snake_case(word: &str) -> String {
    let mut snake = String::new();
    for letter in word.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::bindings;

    #[test]
    fn every_foreign_word_maps_to_a_method_and_is_not_a_method() {
        let types = bindings::types();
        for (owner, words, method) in WORDS {
            let known = types.iter().find(|kind| kind.name == *owner).unwrap_or_else(|| panic!("{owner} is a type"));
            let is_method = |name: &str| known.methods.iter().any(|known| known.name == name);
            assert!(is_method(method), "{owner}.{method}");
            words.iter().for_each(|word| assert!(!is_method(word), "{owner}.{word} is a method"));
        }
    }

    #[test]
    fn words_with_a_way_are_no_methods_and_no_functions_of_our_own() {
        let (types, functions) = (bindings::types(), bindings::functions());
        for (owner, words) in WAYS.iter().flat_map(|(owners, words, _)| owners.iter().map(move |owner| (owner, words)))
        {
            let known = types.iter().find(|kind| kind.name == *owner).unwrap_or_else(|| panic!("{owner} is a type"));
            for word in *words {
                assert!(!known.methods.iter().any(|known| known.name == *word), "{owner}.{word} is a method");
                assert_eq!(method(owner, word), None, "{owner}.{word} has a method");
            }
        }
        for word in FUNCTIONS.iter().flat_map(|(words, _)| *words) {
            assert!(!functions.iter().any(|function| function.name == *word), "{word} is a function");
        }
    }

    #[test]
    fn word_in_camel_case_is_found() {
        assert_eq!(method("FargateService", "desiredCount"), Some("count"));
    }
}
