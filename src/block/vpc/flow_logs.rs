//! A log of the traffic of a network.

use super::Vpc;
use crate::block::iam_role;
use crate::block::iam_role::Statement;
use crate::block::log_group;
use crate::block::lowering::Lowering;
use crate::cfn::{Ref, Resource};

/// The permissions of the flow log (Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs").
const ACTIONS: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"];
const RETENTION_DAYS: i64 = 30;

pub(super) fn lower(vpc: &Vpc, lowering: &mut Lowering<'_>) {
    let Some(set) = &vpc.flow_logs else { return };
    let (group_id, role) = (vpc.part("FlowLogGroup"), vpc.part("FlowLogRole"));
    let may = Statement::allow(&ACTIONS, Ref::attribute(group_id.clone(), "Arn"));
    let group = log_group::with_retention(RETENTION_DAYS, &set.origin);
    let flow_log = Resource::new("AWS::EC2::FlowLog", set.origin.clone())
        .with("ResourceId", vpc.id())
        .with("ResourceType", "VPC")
        .with("TrafficType", "ALL")
        .with("LogDestinationType", "cloud-watch-logs")
        .with("LogGroupName", Ref::to(group_id.clone()))
        .with("DeliverLogsPermissionArn", Ref::attribute(role.clone(), "Arn"))
        .with("Tags", lowering.name_tag(&vpc.part("FlowLog")));
    lowering.add(group_id, group);
    lowering.add(role, iam_role::role(&set.origin, "vpc-flow-logs.amazonaws.com", &[may]));
    lowering.add(vpc.part("FlowLog"), flow_log);
}
