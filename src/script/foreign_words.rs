//! Words of other tools (Copilot, the CDK, Terraform, Kubernetes, docker compose) and the methods of rtiler with the same meaning.

/// A type, words of other tools, and its method for them.
const WORDS: &[(&str, &[&str], &str)] = &[
    (
        "FargateService",
        &["replicas", "desired_count", "desired_tasks", "instances", "number", "tasks", "task_count"],
        "count",
    ),
    ("FargateService", &["environment", "env_vars", "variables", "envs", "environment_variables"], "env"),
    ("FargateService", &["liveness_probe", "healthcheck", "container_healthcheck"], "container_health_check"),
    ("FargateService", &["readiness_probe", "health_check_path"], "health_check"),
    (
        "FargateService",
        &["autoscaling", "auto_scaling", "autoscale", "auto_scale", "scale", "hpa", "auto_scale_task_count"],
        "scaling",
    ),
    (
        "FargateService",
        &[
            "load_balancer",
            "alb",
            "http",
            "ingress",
            "listener",
            "target_group",
            "load_balancers",
            "public_load_balancer",
        ],
        "behind",
    ),
    ("FargateService", &["container_port", "expose", "ports", "port_mappings"], "port"),
    ("FargateService", &["task_role", "iam", "policy", "grant", "permissions", "add_to_task_role_policy"], "allow"),
    ("FargateService", &["logs", "logging", "log_group", "log_driver"], "log_retention"),
    ("FargateService", &["vpc", "network", "networking"], "cluster"),
    ("FargateService", &["secrets"], "secret"),
    ("FargateService", &["volume", "volumes", "mount", "mount_points"], "efs"),
    ("FargateService", &["capacity_provider", "capacity_providers", "fargate_spot"], "spot"),
    ("FargateService", &["container", "add_container", "containers", "sidecars"], "sidecar"),
    ("FargateService", &["platform", "cpu_architecture", "architecture"], "arm64"),
    ("FargateService", &["assign_public_ip"], "public_ip"),
    ("FargateService", &["security_groups"], "security_group"),
    ("FargateService", &["enable_execute_command"], "exec"),
    ("FargateService", &["health_check_grace_period"], "grace_period"),
    ("FargateService", &["rollback", "deployment_circuit_breaker"], "circuit_breaker"),
    ("FargateService", &["min_healthy_percent", "max_healthy_percent"], "healthy_percent"),
    ("Container", &["environment", "env_vars", "variables"], "env"),
    ("Container", &["liveness_probe", "health_check", "healthcheck"], "container_health_check"),
    ("Container", &["depends"], "depends_on"),
    ("Container", &["ports", "container_port", "expose"], "port"),
    ("Alb", &["certificate", "certificate_arn", "ssl", "tls", "add_listener"], "https"),
    ("Alb", &["internet_facing", "scheme"], "internal"),
    ("Alb", &["redirect", "add_redirect"], "redirect_http"),
    ("Alb", &["ingress", "allow", "allow_from_any_ipv4"], "allow_from"),
    ("Alb", &["dns", "alias"], "domain"),
    ("Alb", &["listener", "http", "port"], "listen"),
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
    ("Scaling", &["target_cpu", "cpu_percentage", "scale_on_cpu_utilization"], "cpu"),
    ("Scaling", &["target_memory", "memory_percentage", "scale_on_memory_utilization"], "memory"),
    ("Scaling", &["scale_on_request_count", "requests"], "requests_per_target"),
    ("Scaling", &["scale_on_schedule"], "schedule"),
    ("Scaling", &["cooldown"], "scale_out_after"),
    ("HealthCheck", &["retries", "unhealthy_threshold"], "unhealthy"),
    ("HealthCheck", &["healthy_threshold"], "healthy"),
    ("HealthCheck", &["matcher", "success_codes"], "codes"),
    ("HealthCheck", &["grace_period"], "start_period"),
    ("Resource", &["removal_policy", "retain", "apply_removal_policy"], "deletion_policy"),
    ("Resource", &["add_dependency", "needs"], "depends_on"),
];

/// Returns the method of a type with the meaning of a word of another tool.
pub(crate) fn method(owner: &str, word: &str) -> Option<&'static str> {
    let word = snake_case(word);
    let row = WORDS.iter().find(|(known, words, _)| *known == owner && words.contains(&word.as_str()));
    row.map(|(.., method)| *method)
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
    fn word_in_camel_case_is_found() {
        assert_eq!(method("FargateService", "desiredCount"), Some("count"));
    }
}
