//! The methods of a block in groups: a list of forty methods is too long to read.

use super::table::row;
use super::{DocElement, Entry, Kind};

type Group = (&'static str, &'static [&'static str]);

const FARGATE_SERVICE: &[Group] = &[
    (
        "What runs",
        &[
            "image",
            "registry_credentials",
            "command",
            "entrypoint",
            "working_directory",
            "user",
            "env",
            "env_file",
            "secret",
            "gunicorn",
            "container_name",
            "version_consistency",
            "operating_system",
        ],
    ),
    (
        "The main container",
        &[
            "port",
            "port_range",
            "read_only_root",
            "memory_reservation",
            "ulimit",
            "linux_parameter",
            "system_control",
            "label",
            "interactive",
            "pseudo_terminal",
            "credential_spec",
            "restart_policy",
            "start_timeout",
            "stop_timeout",
        ],
    ),
    ("Other containers and volumes", &["sidecar", "depends_on", "volume", "mount", "volumes_from", "efs", "pid_mode"]),
    ("Logs", &["log_retention", "log_key", "log_driver", "log_secret", "fire_lens", "log_router"]),
    ("Size and number", &["cpu", "memory", "arm64", "ephemeral_storage", "count", "scaling", "spot"]),
    (
        "Requests",
        &[
            "behind",
            "health_check",
            "protocol",
            "sticky",
            "drain",
            "slow_start",
            "algorithm",
            "anomaly_mitigation",
            "container_health_check",
            "grace_period",
        ],
    ),
    ("Where", &["cluster", "subnets", "public_ip", "security_group"]),
    ("What it may do", &["allow", "managed_policy", "allow_execution", "task_role", "execution_role", "exec"]),
    (
        "Deployments",
        &[
            "rolling",
            "blue_green",
            "canary",
            "linear",
            "healthy_percent",
            "early_success",
            "circuit_breaker",
            "no_circuit_breaker",
            "alarm",
        ],
    ),
    ("Further", &["override", "fault_injection"]),
];

const ALB: &[Group] = &[
    (
        "Who calls it, and how",
        &[
            "listen",
            "https",
            "redirect_http",
            "ssl_policy",
            "mutual_tls",
            "domain",
            "allow_from",
            "internal",
            "dual_stack",
        ],
    ),
    ("What it answers, and for whom", &["default_action", "route", "authenticate", "waf"]),
    ("Further", &["vpc", "idle_timeout", "access_logs", "deletion_protection", "drop_invalid_headers", "override"]),
];

const CONTAINER: &[Group] = &[
    (
        "What runs",
        &[
            "image",
            "registry_credentials",
            "command",
            "entrypoint",
            "working_directory",
            "user",
            "env",
            "env_file",
            "secret",
            "port",
            "port_range",
        ],
    ),
    (
        "Next to the other containers",
        &[
            "cpu",
            "memory",
            "memory_reservation",
            "essential",
            "depends_on",
            "container_health_check",
            "restart_policy",
            "start_timeout",
            "stop_timeout",
        ],
    ),
    ("Files", &["mount", "volumes_from", "efs", "read_only_root"]),
    ("Logs", &["log_driver", "log_secret", "fire_lens", "log_router"]),
];

const STACK: &[Group] = &[
    ("What it holds", &["add", "output", "export_output", "tag", "tags", "description"]),
    ("How it is deployed", &["region", "account", "after", "termination_protection"]),
    ("Its roles", &["permission_boundary", "role_path"]),
];

/// Returns the groups of a type with many methods.
pub(super) fn groups(owner: &str) -> &'static [Group] {
    match owner {
        "FargateService" => FARGATE_SERVICE,
        "Alb" => ALB,
        "Container" => CONTAINER,
        "Stack" => STACK,
        _ => &[],
    }
}

/// Returns the members of a type as tables under headings.
pub(super) fn of(owner: &str, members: &[&Entry]) -> Vec<DocElement> {
    let mut parts = Vec::new();
    let mut section = |heading: &str, entries: Vec<&Entry>| {
        if !entries.is_empty() {
            parts.push(DocElement::heading(heading));
            parts.push(DocElement::table(&["Name", "What it does"], entries.into_iter().map(row).collect()));
        }
    };
    let named =
        |name: &&str| members.iter().copied().find(|entry| entry.kind == Kind::Method && entry.short_name() == *name);
    for (heading, names) in groups(owner) {
        section(heading, names.iter().filter_map(named).collect());
    }
    let is_grouped = |entry: &Entry| groups(owner).iter().any(|(_, names)| names.contains(&entry.short_name()));
    let of_kind = |kind| members.iter().copied().filter(move |entry| entry.kind == kind);
    section("Methods", of_kind(Kind::Method).filter(|entry| !is_grouped(entry)).collect());
    section("Properties, known at deployment", of_kind(Kind::Property).collect());
    parts
}
