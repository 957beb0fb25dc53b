//! Plain data from the SDK's replies, in which every field is optional.

use aws_sdk_cloudformation::types as sdk;
use aws_smithy_types::DateTime;

use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{
    Action, ChangeDetail, ClientRequestToken, Export, Replacement, RequiresRecreation, ResourceChange,
    StackDescription, StackEvent, StackOutput, StackResource, Timestamp,
};

/// Converts a time, rounded to the nearest millisecond: JSON's seconds are a binary fraction, so that `.123` arrives as
/// `.12299`.
pub(super) fn time(moment: DateTime) -> Timestamp {
    let millis = i64::from((moment.subsec_nanos() + 500_000) / 1_000_000);
    Timestamp(moment.secs().saturating_mul(1000).saturating_add(millis))
}

pub(super) fn stack(stack: sdk::Stack) -> StackDescription {
    let last_operation = stack.last_operations.and_then(|operations| operations.into_iter().next()?.operation_id);
    StackDescription {
        id: stack.stack_id.unwrap_or_default(),
        name: stack.stack_name.unwrap_or_default(),
        status: StackStatus::from(stack.stack_status.as_ref().map_or("", sdk::StackStatus::as_str)),
        status_reason: stack.stack_status_reason,
        parameters: stack.parameters.into_iter().flatten().filter_map(parameter).collect(),
        outputs: stack.outputs.into_iter().flatten().map(output).collect(),
        tags: stack.tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value?))).collect(),
        termination_protection: stack.enable_termination_protection.unwrap_or(false),
        created: stack.creation_time.map(time),
        updated: stack.last_updated_time.map(time),
        last_operation,
    }
}

fn parameter(parameter: sdk::Parameter) -> Option<(String, String)> {
    Some((parameter.parameter_key?, parameter.parameter_value.unwrap_or_default()))
}

fn output(output: sdk::Output) -> StackOutput {
    StackOutput {
        key: output.output_key.unwrap_or_default(),
        value: output.output_value.unwrap_or_default(),
        description: output.description,
        export: output.export_name,
    }
}

pub(super) fn resource(resource: sdk::StackResourceSummary) -> StackResource {
    StackResource {
        logical_id: resource.logical_resource_id.unwrap_or_default(),
        physical_id: non_empty(resource.physical_resource_id),
        kind: resource.resource_type.unwrap_or_default(),
        status: resource.resource_status.as_ref().map_or("", sdk::ResourceStatus::as_str).into(),
        reason: non_empty(resource.resource_status_reason),
        updated: resource.last_updated_timestamp.map(time),
    }
}

pub(super) fn event(event: sdk::StackEvent) -> StackEvent {
    let stack_id = event.stack_id.unwrap_or_default();
    let physical_id = non_empty(event.physical_resource_id);
    let status = event.resource_status.as_ref().map_or("", sdk::ResourceStatus::as_str);
    StackEvent {
        status: StackEvent::status_of(&stack_id, physical_id.as_deref(), status),
        id: event.event_id.unwrap_or_default(),
        stack_id,
        logical_id: event.logical_resource_id.unwrap_or_default(),
        physical_id,
        kind: event.resource_type.unwrap_or_default(),
        detail: event.detailed_status.map(|detail| detail.as_str().to_owned()),
        reason: non_empty(event.resource_status_reason),
        time: event.timestamp.map(time).unwrap_or_default(),
        token: event.client_request_token.map(ClientRequestToken),
        operation: event.operation_id,
    }
}

pub(super) fn export(export: sdk::Export) -> Export {
    Export {
        name: export.name.unwrap_or_default(),
        value: export.value.unwrap_or_default(),
        stack_id: export.exporting_stack_id.unwrap_or_default(),
    }
}

/// Converts the change of a resource. Returns nothing for the entry of a hook.
pub(super) fn change(change: sdk::Change) -> Option<ResourceChange> {
    let change = change.resource_change?;
    Some(ResourceChange {
        action: match change.action {
            Some(sdk::ChangeAction::Add) => Action::Add,
            Some(sdk::ChangeAction::Modify) => Action::Modify,
            Some(sdk::ChangeAction::Remove) => Action::Remove,
            Some(sdk::ChangeAction::Import) => Action::Import,
            _ => Action::Dynamic,
        },
        logical_id: change.logical_resource_id.unwrap_or_default(),
        physical_id: non_empty(change.physical_resource_id),
        kind: change.resource_type.unwrap_or_default(),
        replacement: change.replacement.as_ref().map(replacement),
        scope: change.scope.into_iter().flatten().map(|attribute| attribute.as_str().to_owned()).collect(),
        details: change.details.into_iter().flatten().filter_map(detail).collect(),
    })
}

/// Converts a replacement. A value that this program does not know counts as conditional.
fn replacement(replacement: &sdk::Replacement) -> Replacement {
    match replacement {
        sdk::Replacement::False => Replacement::False,
        sdk::Replacement::True => Replacement::True,
        _ => Replacement::Conditional,
    }
}

fn detail(detail: sdk::ResourceChangeDetail) -> Option<ChangeDetail> {
    let target = detail.target?;
    Some(ChangeDetail {
        attribute: target.attribute.map(|attribute| attribute.as_str().to_owned()).unwrap_or_default(),
        name: target.name,
        path: target.path,
        recreation: match target.requires_recreation {
            Some(sdk::RequiresRecreation::Always) => RequiresRecreation::Always,
            Some(sdk::RequiresRecreation::Never) | None => RequiresRecreation::Never,
            Some(_) => RequiresRecreation::Conditionally,
        },
        evaluation: detail.evaluation.map(|evaluation| evaluation.as_str().to_owned()),
        source: detail.change_source.map(|source| source.as_str().to_owned()),
        cause: detail.causing_entity,
        before: target.before_value,
        after: target.after_value,
    })
}

/// Returns the text unless it is empty: AWS sends an empty text if there is no value.
pub(super) fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
