use aws_sdk_cloudformation::types as sdk;

use super::Aws;
use super::convert::non_empty;
use super::pages::Pages;
use crate::deploy::api::{ApiCall, AwsError, DriftDetection, DriftStatus, PropertyDrift, ResourceDrift};

pub(super) async fn detect(aws: &Aws, stack: &str) -> Result<String, AwsError> {
    let reply = aws.cloudformation().detect_stack_drift().stack_name(stack).send().await;
    let reply = reply.map_err(|error| aws.api_error(ApiCall::DetectStackDrift, &error))?;
    Ok(reply.stack_drift_detection_id.unwrap_or_default())
}

pub(super) async fn detection(aws: &Aws, id: &str) -> Result<DriftDetection, AwsError> {
    let call = aws.cloudformation().describe_stack_drift_detection_status().stack_drift_detection_id(id);
    let reply = call.send().await;
    let reply = reply.map_err(|error| aws.api_error(ApiCall::DescribeStackDriftDetectionStatus, &error))?;
    Ok(DriftDetection {
        done: reply.detection_status != Some(sdk::StackDriftDetectionStatus::DetectionInProgress),
        reason: non_empty(reply.detection_status_reason),
    })
}

pub(super) async fn drifts(aws: &Aws, stack: &str) -> Result<Vec<ResourceDrift>, AwsError> {
    let (mut drifts, mut pages) = (Vec::new(), Pages::of(ApiCall::DescribeStackResourceDrifts));
    loop {
        let call =
            aws.cloudformation().describe_stack_resource_drifts().stack_name(stack).set_next_token(pages.token());
        let reply = call.send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::DescribeStackResourceDrifts, &error))?;
        drifts.extend(reply.stack_resource_drifts.into_iter().flatten().map(drift));
        if !pages.advance(reply.next_token)? {
            return Ok(drifts);
        }
    }
}

fn drift(drift: sdk::StackResourceDrift) -> ResourceDrift {
    ResourceDrift {
        logical_id: drift.logical_resource_id.unwrap_or_default(),
        physical_id: non_empty(drift.physical_resource_id),
        kind: drift.resource_type.unwrap_or_default(),
        status: match drift.stack_resource_drift_status {
            Some(sdk::StackResourceDriftStatus::InSync) => DriftStatus::InSync,
            Some(sdk::StackResourceDriftStatus::Modified) => DriftStatus::Modified,
            Some(sdk::StackResourceDriftStatus::Deleted) => DriftStatus::Deleted,
            _ => DriftStatus::NotChecked,
        },
        differences: drift.property_differences.into_iter().flatten().map(difference).collect(),
    }
}

/// Converts a difference. AWS writes a value on both sides even if a property is on one side alone: the kind of the
/// difference decides.
fn difference(difference: sdk::PropertyDifference) -> PropertyDrift {
    let kind = difference.difference_type;
    PropertyDrift {
        path: difference.property_path.unwrap_or_default(),
        expected: difference.expected_value.filter(|_| kind != Some(sdk::DifferenceType::Add)),
        actual: difference.actual_value.filter(|_| kind != Some(sdk::DifferenceType::Remove)),
    }
}
