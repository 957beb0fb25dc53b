use std::path::Path;

use serde_json::Value as Json;

use crate::cli::args::{Permissions as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::files::write_whole;
use crate::cli::json::{RolePolicies, RolePolicy};
use crate::cli::project::{Project, Warnings};
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::deploy::permissions::{EXECUTION_ROLE, PolicyDocument, PolicyScope, permissions, trust_policy};
use crate::diag::Code;
use crate::printable;

/// Runs `permissions`: prints the least IAM policies that deploying the stacks needs, or writes them to files.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let output = Output::new(terminal, options.script.json);
    let (stacks, _) = match project.chosen(&args.stacks.stacks, Warnings::Hidden, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let scope = PolicyScope {
        region: options.region.as_deref(),
        execution_role: options.role_arn.as_deref(),
        template_bucket: options.template_bucket.as_deref(),
    };
    let found = permissions(&stacks, scope);
    let mut result = RolePolicies {
        deployer: policies("deployer", &found.deployer),
        execution: policies("execution", &found.execution),
        execution_trust: trust_policy(),
        types_without_permissions: found.types_without_permissions.into_iter().collect(),
        not_limited: found.not_limited.into_iter().collect(),
    };
    if let Some(folder) = &args.output
        && let Err(message) = write(&mut result, folder)
    {
        terminal.failure(Code::FileUnwritable, &message);
        return ExitStatus::Script;
    }
    output.result(&result, || text(&result));
    notes(&result, options, &output);
    ExitStatus::Ok
}

fn policies(role: &str, documents: &[PolicyDocument]) -> Vec<RolePolicy> {
    let policy = |(at, document): (usize, &PolicyDocument)| RolePolicy {
        name: format!("{role}-{}", at + 1),
        file: None,
        characters: document.size(),
        document: serde_json::to_value(document).unwrap_or_default(),
    };
    documents.iter().enumerate().map(policy).collect()
}

/// Writes each policy, and the trust policy of the execution role, to a file.
fn write(result: &mut RolePolicies, folder: &Path) -> Result<(), String> {
    let save = |name: &str, document: &Json| {
        let path = folder.join(format!("{name}.json"));
        let text = format!("{}\n", printable::json(&format!("{document:#}")));
        write_whole(&path, &text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok::<String, String>(path.display().to_string())
    };
    for policy in result.deployer.iter_mut().chain(&mut result.execution) {
        policy.file = Some(save(&policy.name, &policy.document)?);
    }
    save("execution-trust", &result.execution_trust).map(|_| ())
}

/// Returns the policies with a heading each, or the names of the files.
fn text(result: &RolePolicies) -> String {
    let policies = result.deployer.iter().chain(&result.execution);
    if let Some(files) = policies.clone().map(|policy| policy.file.as_deref()).collect::<Option<Vec<_>>>() {
        return files.iter().map(|file| format!("{}\n", printable::one_line(file))).collect();
    }
    let heading = |role: &str| match role.split_once('-') {
        Some(("deployer", number)) => format!("# deployer, policy {number}: for the role or user that runs rtiler"),
        Some((_, number)) => format!("# execution role, policy {number}: for the role that CloudFormation uses"),
        None => String::new(),
    };
    let section =
        |heading: &str, document: &Json| format!("{heading}\n{}\n", printable::json(&format!("{document:#}")));
    let policies = policies.map(|policy| section(&heading(&policy.name), &policy.document));
    let trust = section("# execution role, trust policy", &result.execution_trust);
    policies.chain([trust]).collect::<Vec<_>>().join("\n")
}

/// Prints how the policies are used, and what they may lack.
fn notes(result: &RolePolicies, options: &RunOptions, output: &Output) {
    if options.role_arn.is_none() {
        output.status(&format!(
            "create the execution role as `{EXECUTION_ROLE}` and deploy with `--role-arn arn:aws:iam::ACCOUNT:role/{EXECUTION_ROLE}`; \
             without `--role-arn`, the deployer needs the policies of both"
        ));
    }
    if !result.not_limited.is_empty() {
        let services: Vec<&str> =
            result.not_limited.iter().filter_map(|action| Some(action.split_once(':')?.0)).collect();
        let mut services = services;
        services.dedup();
        output.status(&format!(
            "{} actions are allowed on every resource, because the names of the resources are not known before they exist: {}",
            result.not_limited.len(),
            services.join(", ")
        ));
    }
    if !result.types_without_permissions.is_empty() {
        output.status(&format!(
            "CloudFormation's schemas list no permissions for {}: add those of their services",
            printable::one_line(&result.types_without_permissions.join(", "))
        ));
    }
}
