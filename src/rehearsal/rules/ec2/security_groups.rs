//! Security groups: descriptions, and groups of other VPCs.

use serde_json::Value as Json;

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, Refusal, Rule, Subject};
use super::refuse;
use crate::cfn::type_names::{SECURITY_GROUP, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS};
use crate::rehearsal::property_access::{list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: SECURITY_GROUP, intents: CREATION, check: invalid_description },
    Rule { kind: SECURITY_GROUP, intents: CHANGES, check: invalid_rule_description },
    Rule { kind: SECURITY_GROUP_INGRESS, intents: CHANGES, check: invalid_rule_description },
    Rule { kind: SECURITY_GROUP_EGRESS, intents: CHANGES, check: invalid_rule_description },
    Rule { kind: SECURITY_GROUP, intents: CHANGES, check: group_of_another_vpc },
    Rule { kind: SECURITY_GROUP_INGRESS, intents: CREATION, check: group_of_another_vpc },
    Rule { kind: SECURITY_GROUP_EGRESS, intents: CREATION, check: group_of_another_vpc },
];

/// Refuses a description with characters beyond ASCII (`GroupDescription` of `CreateSecurityGroup`, EC2 API).
fn invalid_description(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let description = text(subject.properties, "GroupDescription").filter(|description| !description.is_ascii())?;
    let text = format!(
        "Value ({description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported."
    );
    Some(refuse("InvalidParameterValue", "InvalidRequest", text))
}

/// Refuses a description of a rule that is too long or has other characters (`Description` of `IpRange`, EC2 API: "up to 255
/// characters in length. Allowed characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*").
fn invalid_rule_description(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    const MARKS: &str = " ._-:/()#,@[]+=&;{}!$*";
    let valid = |description: &String| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || MARKS.contains(letter);
        description.chars().count() < 256 && description.chars().all(allowed)
    };
    permissions(subject).find_map(|it| text(it, "Description").filter(|description| !valid(description)))?;
    let text = format!(
        "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: \
         a-zA-Z0-9{MARKS}"
    );
    Some(refuse("InvalidParameterValue", "InvalidRequest", text))
}

/// Refuses a group of another VPC as the peer of a rule (`InvalidGroup.NotFound`, EC2 error codes: "this error can occur because
/// [...] the security group and the referenced one belong to different networks").
fn group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let vpc = |group: &str| view.find(SECURITY_GROUP, group).and_then(|group| group.text("VpcId"));
    let own = match subject.kind {
        SECURITY_GROUP => text(subject.properties, "VpcId")?,
        _ => vpc(&text(subject.properties, "GroupId")?)?,
    };
    let peers = permissions(subject).flat_map(|it| {
        ["SourceSecurityGroupId", "DestinationSecurityGroupId"].into_iter().filter_map(|name| text(it, name))
    });
    peers.filter_map(|group| vpc(&group)).find(|other| *other != own)?;
    let text = "You have specified two resources that belong to different networks.";
    Some(refuse("InvalidGroup.NotFound", "NotFound", text.to_owned()))
}

/// Returns the rules that a resource sets: its own, or those of a group.
fn permissions<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Json> + use<'a> {
    let own = (subject.kind != SECURITY_GROUP).then_some(subject.properties);
    let inline = ["SecurityGroupIngress", "SecurityGroupEgress"];
    let properties = subject.properties;
    inline.into_iter().flat_map(move |name| list(properties, name)).chain(own)
}
