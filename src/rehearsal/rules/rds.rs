//! Amazon RDS: subnet groups.

use super::view::AccountView;
use super::{CHANGES, Refusal, Rule, Subject};
use crate::cfn::type_names::SUBNET;
use crate::rehearsal::property_access::strings;

pub(super) const RULES: &[Rule] = &[Rule { kind: "AWS::RDS::DBSubnetGroup", intents: CHANGES, check: too_few_zones }];

/// Refuses a subnet group in one zone, if the zones of all its subnets are known (`DBSubnetGroupDoesNotCoverEnoughAZs` of
/// `CreateDBSubnetGroup`, RDS API).
fn too_few_zones(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let zone = |subnet: &String| view.find(SUBNET, subnet)?.text("AvailabilityZone");
    let zones: Option<Vec<_>> = strings(subject.properties, "SubnetIds").iter().map(zone).collect();
    let zones = zones?;
    let first = zones.first()?;
    zones.iter().all(|zone| zone == first).then(|| Refusal {
        service: "Rds",
        status: 400,
        error: "DBSubnetGroupDoesNotCoverEnoughAZs",
        handler: "InvalidRequest",
        text: format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {first}. Add \
             subnets to cover at least 2 AZs."
        ),
    })
}
