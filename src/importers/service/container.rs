//! The settings of a container, for the main one and sidecars alike.
//!
//! Source: `ContainerDefinition` of the CloudFormation template reference.

use serde_json::Value as Json;

use super::ServiceWriter;
use super::properties::{Properties, int, list, literal};
use crate::cfn::sensitive::is_secret_option;
use crate::importers::draft::Draft;
use crate::importers::secrets::Secrets;
use crate::importers::writer::Expr;

impl ServiceWriter<'_> {
    /// Sets what a container of any kind has. `draft` is the container, `block` the service that gets overrides and notes.
    pub(super) fn container(&mut self, container: &Json, draft: &mut Draft, block: &mut Draft) {
        let properties = Properties::of(container);
        let name = properties.text("Name").unwrap_or_default();
        properties.skip(&["Image", "Essential", "Cpu", "Memory", "PortMappings"]);
        self.variables(&properties, draft);
        process(&properties, draft);
        limits(&properties, draft, block);
        others(&properties, draft);
        self.logs(&properties, draft, block);
        for (key, value) in properties.rest() {
            let path = format!("ContainerDefinitions[{name}].{key}");
            block.set("override", [Expr::text("TaskDefinition"), Expr::text(path), literal(value)]);
        }
    }

    /// Sets variables and secrets; the values of what looks like a secret are not copied.
    fn variables(&mut self, properties: &Properties<'_>, draft: &mut Draft) {
        let mut plain = Vec::new();
        let mut hidden = Vec::new();
        for variable in properties.items("Environment") {
            let name = variable["Name"].as_str().unwrap_or_default();
            let value = variable["Value"].as_str().unwrap_or_default();
            if Secrets::is_secret(name, value) {
                let source = format!("{name}={value}");
                let secret = self.secrets.variable(&source, name, &mut self.blocks, &mut self.names);
                hidden.push((name.to_owned(), secret));
            } else {
                plain.push((name.to_owned(), Expr::text(value)));
            }
        }
        if !plain.is_empty() {
            draft.set("env", [Expr::Map(plain)]);
        }
        for (name, secret) in hidden {
            draft.note(0, format!("the value of the variable `{name}` looks like a secret, and is not copied"));
            draft.set("secret", [Expr::Text(name), Expr::Name(secret)]);
        }
        for file in properties.items("EnvironmentFiles") {
            draft.set("env_file", [literal(&file["Value"])]);
        }
        for secret in properties.items("Secrets") {
            let name = secret["Name"].as_str().unwrap_or_default();
            let from = self.secret_arn(secret["ValueFrom"].as_str().unwrap_or_default(), draft);
            draft.set("secret", [Expr::text(name)].into_iter().chain(from));
        }
    }

    /// Returns the arguments for a secret: its ARN and the key of its JSON (`valueFrom` of `Secret`, Amazon ECS API Reference).
    fn secret_arn(&self, value: &str, draft: &mut Draft) -> Vec<Expr> {
        if !value.starts_with("arn:") {
            let home = self.parts.arn.replacen(":ecs:", ":ssm:", 1);
            return vec![Expr::text(format!("{home}:parameter/{}", value.trim_start_matches('/')))];
        }
        let parts: Vec<&str> = value.split(':').collect();
        if parts.get(2) != Some(&"secretsmanager") || parts.len() <= 7 {
            return vec![Expr::text(value)];
        }
        if parts[8..].iter().any(|part| !part.is_empty()) {
            draft.note(0, format!("the secret {} has a version: the script reads the current one", parts[6]));
        }
        let key = Some(parts[7]).filter(|key| !key.is_empty()).map(Expr::text);
        [Expr::text(parts[..7].join(":"))].into_iter().chain(key).collect()
    }

    /// Sets the destination of the logs. With `awslogs` they go to the log group of the block.
    fn logs(&mut self, properties: &Properties<'_>, draft: &mut Draft, block: &mut Draft) {
        let Some(logs) = properties.get("LogConfiguration") else {
            let name = properties.text("Name").unwrap_or_default();
            return block.note(0, format!("the container `{name}` has no logs; in the script they go to CloudWatch"));
        };
        let options = logs["Options"].as_object();
        let driver = logs["LogDriver"].as_str().unwrap_or_default();
        let own = ["awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group"];
        let mut given = Vec::new();
        for (option, value) in options.into_iter().flatten() {
            if driver == "awslogs" && own.contains(&option.as_str()) {
                continue;
            }
            if is_secret_option(option) {
                block.note(0, format!("the log option `{option}` looks like a secret, and is not copied: use `.log_secret(option, arn)`"));
                continue;
            }
            given.push((option.clone(), literal(value)));
        }
        match driver {
            "awslogs" => {
                let group = options.and_then(|options| options.get("awslogs-group")).and_then(Json::as_str);
                self.own_logs(group.unwrap_or_default(), block);
                if !given.is_empty() {
                    draft.set("log_driver", [Expr::text(driver), Expr::Map(given)]);
                }
            }
            "awsfirelens" => draft.set("fire_lens", [Expr::Map(given)]),
            other => draft.set("log_driver", [Expr::text(other), Expr::Map(given)]),
        }
        for secret in logs["SecretOptions"].as_array().into_iter().flatten() {
            let from = self.secret_arn(secret["ValueFrom"].as_str().unwrap_or_default(), draft);
            draft.set("log_secret", [literal(&secret["Name"])].into_iter().chain(from));
        }
    }

    /// Keeps the logs as long as the running log group does.
    fn own_logs(&mut self, group: &str, block: &mut Draft) {
        if !self.logged.insert(group.to_owned()) {
            return;
        }
        block.note(0, format!("logs go to a log group of the stack; those until now stay in {group}"));
        if self.logged.len() > 1 {
            return;
        }
        match self.parts.log_groups.get(group).map(|found| int(&found["RetentionInDays"])) {
            Some(Some(30)) | None => {}
            Some(Some(days)) => block.set_int("log_retention", days),
            Some(None) => {
                block.note(0, format!("{group} keeps logs without a limit; the script keeps them for 30 days"));
            }
        }
    }
}

fn process(properties: &Properties<'_>, draft: &mut Draft) {
    for (key, setter) in [("EntryPoint", "entrypoint"), ("Command", "command")] {
        let words = properties.texts(key);
        if !words.is_empty() {
            draft.set(setter, [list(&words)]);
        }
    }
    for (key, setter) in
        [("WorkingDirectory", "working_directory"), ("User", "user"), ("VersionConsistency", "version_consistency")]
    {
        if let Some(text) = properties.text(key) {
            draft.set_text(setter, text);
        }
    }
    for (key, setter) in [
        ("ReadonlyRootFilesystem", "read_only_root"),
        ("Interactive", "interactive"),
        ("PseudoTerminal", "pseudo_terminal"),
    ] {
        if properties.is_true(key) {
            draft.set(setter, []);
        }
    }
    for (key, setter) in [("StartTimeout", "start_timeout"), ("StopTimeout", "stop_timeout")] {
        if let Some(seconds) = properties.int(key) {
            draft.set_int(setter, seconds);
        }
    }
    if let Some(check) = properties.get("HealthCheck") {
        draft.set("container_health_check", [health_check(check)]);
    }
}

/// Returns a health check of a container (`HealthCheck` of the Amazon ECS API Reference).
fn health_check(check: &Json) -> Expr {
    let words: Vec<&str> = check["Command"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let probe = match words.split_first() {
        Some((&"CMD-SHELL", rest)) => Expr::text(rest.join(" ")),
        Some((&"CMD", rest)) => list(rest),
        _ => Expr::text(words.join(" ")),
    };
    let setters =
        [("Interval", "interval"), ("Timeout", "timeout"), ("Retries", "unhealthy"), ("StartPeriod", "start_period")];
    let given = setters.into_iter().filter_map(|(key, setter)| Some((setter, int(&check[key])?)));
    given.fold(Expr::call("HealthCheck", [probe]), |value, (setter, number)| value.set(setter, [Expr::Int(number)]))
}

/// Sets limits, kernel parameters, capabilities and the restart policy.
fn limits(properties: &Properties<'_>, draft: &mut Draft, block: &mut Draft) {
    if let Some(mebibytes) = properties.int("MemoryReservation") {
        draft.set_int("memory_reservation", mebibytes);
    }
    for limit in properties.items("Ulimits") {
        let (soft, hard) = (int(&limit["SoftLimit"]), int(&limit["HardLimit"]));
        let hard = hard.filter(|hard| Some(*hard) != soft).map(Expr::Int);
        draft.set("ulimit", [literal(&limit["Name"]), Expr::Int(soft.unwrap_or_default())].into_iter().chain(hard));
    }
    for control in properties.items("SystemControls") {
        draft.set("system_control", [literal(&control["Namespace"]), literal(&control["Value"])]);
    }
    let parameters = properties.get("LinuxParameters").and_then(Json::as_object);
    for (key, value) in parameters.into_iter().flatten() {
        match (key.as_str(), value) {
            ("Capabilities", Json::Object(changes)) => {
                for (change, names) in
                    changes.iter().filter(|(_, names)| names.as_array().is_some_and(|it| !it.is_empty()))
                {
                    draft.set("linux_parameter", [Expr::text(format!("Capabilities.{change}")), literal(names)]);
                }
            }
            ("InitProcessEnabled", Json::Bool(false)) => {}
            ("InitProcessEnabled", value) => draft.set("linux_parameter", [Expr::text(key), literal(value)]),
            (_, value) if value.as_array().is_some_and(Vec::is_empty) => {}
            (key, _) => block.note(0, format!("`LinuxParameters.{key}` has no counterpart: Fargate does not take it")),
        }
    }
    if let Some(policy) = properties.get("RestartPolicy").filter(|policy| policy["Enabled"] == true) {
        let codes = Some(&policy["IgnoredExitCodes"]).filter(|codes| codes.as_array().is_some_and(|it| !it.is_empty()));
        let seconds = int(&policy["RestartAttemptPeriod"]).unwrap_or(300);
        draft.set("restart_policy", [Expr::Int(seconds)].into_iter().chain(codes.map(literal)));
    }
}

/// Sets labels, mounts, waits and credentials.
fn others(properties: &Properties<'_>, draft: &mut Draft) {
    let labels = properties.get("DockerLabels").and_then(Json::as_object);
    for (key, value) in labels.into_iter().flatten() {
        draft.set("label", [Expr::text(key), literal(value)]);
    }
    for wait in properties.items("DependsOn") {
        draft.set("depends_on", [literal(&wait["ContainerName"]), literal(&wait["Condition"])]);
    }
    for mount in properties.items("MountPoints") {
        let access = (mount["ReadOnly"] == true).then(|| Expr::text("read-only"));
        let place = [literal(&mount["SourceVolume"]), literal(&mount["ContainerPath"])];
        draft.set("mount", place.into_iter().chain(access));
    }
    for volumes in properties.items("VolumesFrom") {
        let access = (volumes["ReadOnly"] == true).then(|| Expr::text("read-only"));
        draft.set("volumes_from", [literal(&volumes["SourceContainer"])].into_iter().chain(access));
    }
    if let Some(credentials) = properties.get("RepositoryCredentials") {
        draft.set("registry_credentials", [literal(&credentials["CredentialsParameter"])]);
    }
    for specification in properties.items("CredentialSpecs") {
        draft.set(
            "credential_spec",
            [Expr::text(specification.as_str().unwrap_or_default().replacen("credentialspec:", "", 1))],
        );
    }
    if let Some(router) = properties.get("FirelensConfiguration") {
        let options = Some(&router["Options"]).filter(|options| options.as_object().is_some_and(|it| !it.is_empty()));
        draft.set("log_router", [literal(&router["Type"])].into_iter().chain(options.map(literal)));
    }
}
