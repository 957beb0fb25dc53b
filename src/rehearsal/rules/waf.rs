//! AWS WAF: web ACLs of load balancers.

use super::view::{AccountView, Existing};
use super::{CREATION, Refusal, Rule, Subject};
use crate::rehearsal::property_access::text;

const WEB_ACL: &str = "AWS::WAFv2::WebACL";
const ASSOCIATION: &str = "AWS::WAFv2::WebACLAssociation";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: ASSOCIATION, intents: CREATION, check: acl_of_distributions },
    Rule { kind: ASSOCIATION, intents: CREATION, check: acl_of_another_region },
];

/// Returns the region and the scope of the web ACL.
fn acl(subject: &Subject<'_>) -> Option<(String, String)> {
    let arn = text(subject.properties, "WebACLArn").filter(|arn| arn.contains(":wafv2:"))?;
    let mut parts = arn.split(':').skip(3);
    let region = parts.next()?.to_owned();
    Some((region, parts.nth(1)?.split('/').next()?.to_owned()))
}

/// Refuses a web ACL for `CloudFront` (`AssociateWebACL`, WAF API: "don't use this call for [...] `CloudFront`";
/// `WAFInvalidParameterException`).
fn acl_of_distributions(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (_, scope) = acl(subject)?;
    let own = text(subject.properties, "WebACLArn")?;
    let of_stack = |it: &&Existing<'_>| it.physical_id.is_some_and(|id| own.ends_with(id));
    let known = view.of(WEB_ACL).find(of_stack).is_some_and(|acl| acl.has("Scope", "CLOUDFRONT"));
    (known || scope == "global").then(|| {
        let text = "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by \
                    colons or slashes., field: RESOURCE_ARN";
        Refusal::new("Wafv2", "WAFInvalidParameterException", "InvalidRequest", text)
    })
}

/// Refuses a web ACL of another region (`AssociateWebACL`, WAF API: `WAFNonexistentItemException`; "for regional applications, you
/// can use any of the endpoints" of the region of the resource).
fn acl_of_another_region(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (region, scope) = acl(subject)?;
    (scope == "regional" && region != view.known_region()?).then(|| {
        let text = "AWS WAF couldn\u{2019}t perform the operation because your resource doesn\u{2019}t exist.";
        Refusal::new("Wafv2", "WAFNonexistentItemException", "NotFound", text)
    })
}
