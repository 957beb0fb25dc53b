//! The rules by which AWS's services refuse a request, with their error codes and messages.
//!
//! A rule sees a resource that is about to be created, updated or deleted, with resolved properties, and the other resources
//! of the account (`view`). There is one file for each service; `names` has the names that are taken. The source of each rule is
//! written next to it. A restore after a failed update is not checked.
//!
//! `task_start` has the rules about tasks that ECS cannot start. `policy` and `access` read policies.
//!
//! May import `state`, `ecs`, `cloudformation::contents` and `property_access` of the rehearsal, and `cfn`.
//!
//! *Invariant*: what is unknown never refuses. A resource outside the rehearsed account, or one whose properties are not
//! known, breaks no rule; and no rule concludes from a missing resource if the account may have more than is rehearsed.

mod access;
mod certificates;
mod cloud_map;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod elasticache;
mod elb;
mod events;
mod iam;
mod kms;
mod lambda;
mod messaging;
mod names;
mod parameters;
mod policy;
mod rds;
mod route53;
mod s3;
mod s3_notifications;
mod scaling;
mod task_start;
#[cfg(test)]
mod tests;
mod versions;
mod view;
mod waf;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::cfn::Template;

pub(super) use lambda::function_name;
pub(super) use task_start::{TaskStart, obstacle};
pub(super) use view::AccountView;

/// The request of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Creates a new physical resource, also as the replacement of another.
    Create,
    /// Updates a resource in place.
    Update,
    /// Deletes a resource.
    Delete,
}

/// The resource that a step is about to change.
pub(super) struct Subject<'a> {
    pub(super) intent: Intent,
    pub(super) kind: &'a str,
    /// The physical id of the resource that is updated, deleted, or deleted before its replacement is created.
    pub(super) physical_id: Option<&'a str>,
    /// The physical id of the resource that a creation replaces, and which is deleted later.
    pub(super) replaces: Option<&'a str>,
    /// The resolved properties that the resource gets, or has if it is deleted.
    pub(super) properties: &'a Json,
    /// The properties before an update.
    pub(super) before: Option<&'a Json>,
}

/// A service's refusal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The service as AWS's SDK names it.
    service: &'static str,
    /// The HTTP status.
    status: u16,
    /// The error code of the service's API.
    error: &'static str,
    /// The error code of CloudFormation's resource handler.
    pub(super) handler: &'static str,
    text: String,
}

impl Refusal {
    /// Creates a refusal with HTTP status 400.
    fn new(service: &'static str, error: &'static str, handler: &'static str, text: impl Into<String>) -> Self {
        Self { service, status: 400, error, handler, text: text.into() }
    }

    /// Sets the HTTP status.
    fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Returns the service and the error code of its API.
    pub(super) fn code(&self) -> (&'static str, &'static str) {
        (self.service, self.error)
    }

    /// Returns the message of the service.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the message in the form of AWS's SDK, with an id of the request.
    pub(super) fn message(&self, request: &str) -> String {
        let Self { service, status, error, text, .. } = self;
        format!(
            "{text} (Service: {service}; Status Code: {status}; Error Code: {error}; Request ID: {request}; Proxy: null)"
        )
    }
}

/// A rule of a service for resources of a type.
struct Rule {
    kind: &'static str,
    intents: &'static [Intent],
    check: fn(&Subject<'_>, &AccountView<'_>) -> Option<Refusal>,
}

/// The intents of rules about properties.
const CHANGES: &[Intent] = &[Intent::Create, Intent::Update];

/// The intents of rules about new resources.
const CREATION: &[Intent] = &[Intent::Create];

/// The intents of rules about deletions.
const DELETION: &[Intent] = &[Intent::Delete];

/// The rules of each service.
const RULES: &[&[Rule]] = &[
    certificates::RULES,
    cloud_map::RULES,
    cloudwatch::RULES,
    dynamodb::RULES,
    ec2::RULES,
    ec2::deletion::RULES,
    ec2::endpoints::RULES,
    ec2::gateways::RULES,
    ec2::ipv6::RULES,
    ec2::routes::RULES,
    ec2::security_groups::RULES,
    ecr::RULES,
    ecs::clusters::RULES,
    ecs::express::RULES,
    ecs::service_connect::RULES,
    ecs::services::RULES,
    ecs::task_definitions::RULES,
    ecs::traffic_shift::RULES,
    efs::RULES,
    elasticache::RULES,
    elb::listeners::RULES,
    elb::load_balancers::RULES,
    elb::log_bucket::RULES,
    elb::target_groups::RULES,
    events::RULES,
    iam::RULES,
    kms::RULES,
    lambda::RULES,
    lambda::versions::RULES,
    messaging::RULES,
    names::RULES,
    parameters::RULES,
    rds::RULES,
    rds::instances::RULES,
    rds::parameter_groups::RULES,
    rds::versions::RULES,
    route53::RULES,
    s3::RULES,
    s3_notifications::RULES,
    scaling::RULES,
    waf::RULES,
];

/// Returns the types that have rules, each with their number.
fn counted_types() -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let of_resources = RULES.iter().flat_map(|rules| rules.iter()).map(|rule| rule.kind);
    let of_tasks = task_start::RULES.iter().flat_map(|rule| rule.kinds.iter().copied());
    of_resources.chain(of_tasks).for_each(|kind| *counts.entry(kind).or_default() += 1);
    counts
}

/// Returns the types of a template that have no rules, each once, in the order of the alphabet: their resources never fail.
pub fn types_without_rules(template: &Template) -> Vec<String> {
    let known = counted_types();
    let kinds = template.resources.values().map(|resource| resource.kind.as_str());
    let unknown: BTreeSet<&str> = kinds.filter(|kind| !known.contains_key(kind)).collect();
    unknown.into_iter().map(str::to_owned).collect()
}

/// Returns whether there are rules for a type.
pub(super) fn has_rules(kind: &str, intent: Intent) -> bool {
    rules(kind, intent).next().is_some()
}

/// Returns the first refusal of a request.
pub(super) fn check(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    rules(subject.kind, subject.intent).find_map(|rule| (rule.check)(subject, view))
}

/// Returns the rules for a request.
fn rules(kind: &str, intent: Intent) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().flat_map(|rules| rules.iter()).filter(move |rule| rule.kind == kind && rule.intents.contains(&intent))
}
