//! A load balancer that another team owns: services add rules to one of its listeners.

use super::Alb;
use crate::cfn::{TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin};

/// The facts about a load balancer that exists.
#[derive(Debug, Clone, PartialEq)]
pub struct ExistingAlb {
    /// The ARN of the listener that gets the rules.
    pub listener_arn: TemplateString,
    /// The id of its security group, which services admit.
    pub security_group_id: Option<TemplateString>,
    /// Its ARN.
    pub arn: Option<TemplateString>,
    /// Its name in metrics: `app/name/id`.
    pub full_name: Option<TemplateString>,
    /// Its DNS name.
    pub dns_name: Option<TemplateString>,
    /// The hosted zone of its DNS name.
    pub hosted_zone_id: Option<TemplateString>,
    /// The address that users open.
    pub url: Option<TemplateString>,
}

impl ExistingAlb {
    /// The keys of `Alb::existing`.
    pub const KEYS: [&'static str; 8] =
        ["listener_arn", "security_group_id", "name", "arn", "full_name", "dns_name", "hosted_zone_id", "url"];

    /// Returns the parts of the ARN of a listener after `listener/`: `app`, the name, the id, and the listener's id ("Elastic
    /// Load Balancing v2" in the Service Authorization Reference).
    fn parts(&self) -> Option<Vec<&str>> {
        let parts: Vec<&str> = self.listener_arn.as_str()?.split_once(":listener/")?.1.split('/').collect();
        (parts.len() == 4).then_some(parts)
    }

    /// Returns the name of the load balancer in the ARN of the listener.
    pub fn name(&self) -> Option<String> {
        self.parts().map(|parts| parts[1].to_owned())
    }

    /// Returns its name in metrics: the one that is given, else that in the ARN of the listener.
    pub fn full_name(&self) -> Option<TemplateString> {
        self.full_name.clone().or_else(|| Some(self.parts()?[..3].join("/").into()))
    }
}

impl Alb {
    /// Returns an attribute: of a load balancer that exists what the script says, and `Null` if it says nothing.
    pub(crate) fn attribute(
        &self,
        given: impl Fn(&ExistingAlb) -> Option<TemplateString>,
        made: impl Fn(&Self) -> TemplateString,
    ) -> Value {
        match &self.existing {
            Some(existing) => given(&existing.value).map_or(Value::Null, Value::from),
            None => made(self).into(),
        }
    }

    /// Returns the id of the security group whose requests reach services; none if it is not known.
    pub(crate) fn known_security_group(&self) -> Option<TemplateString> {
        match &self.existing {
            Some(existing) => existing.value.security_group_id.clone(),
            None => Some(self.security_group_id()),
        }
    }

    /// Returns the name in metrics; none if it is not known.
    pub(crate) fn known_full_name(&self) -> Option<TemplateString> {
        match &self.existing {
            Some(existing) => existing.value.full_name(),
            None => Some(self.full_name()),
        }
    }
}

/// Reports what does not fit a load balancer that exists: setters that would change it, and an ARN of something else.
pub(super) fn problems(alb: &Alb, existing: &ExistingAlb) -> Vec<Diagnostic> {
    let arn = existing.listener_arn.as_str().filter(|arn| !arn.contains(":listener/app/")).map(|arn| {
        Diagnostic::new(
            Code::ExistingLoadBalancer,
            format!("`{arn}` is not the ARN of a listener of an Application Load Balancer"),
        )
        .at(&alb.name.origin, "")
        .help("it looks like `arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/LISTENER`")
    });
    let wrong = setters(alb).into_iter().map(|(name, origin)| {
        Diagnostic::new(Code::ExistingLoadBalancer, format!("`.{name}` cannot change an existing load balancer"))
            .at(origin, "")
            .at(&alb.name.origin, "this stack does not manage the load balancer")
            .help("leave it out, or create a load balancer with `Alb(\"Name\")`")
    });
    arn.into_iter().chain(wrong).collect()
}

/// Returns the settings of a load balancer that the stack makes.
fn setters(alb: &Alb) -> Vec<(&'static str, &Origin)> {
    fn of<T>(setting: Option<&crate::diag::WithOrigin<T>>) -> Option<&Origin> {
        setting.map(|setting| &setting.origin)
    }
    let set = [
        ("vpc", of(alb.vpc.as_ref())),
        ("listen", of(alb.listen.first())),
        ("https", of(alb.https.first())),
        ("redirect_http", of(alb.redirect_http.as_ref())),
        ("internal", of(alb.internal.as_ref())),
        ("allow_from", of(alb.allow_from.first())),
        ("domain", of(alb.domain.first())),
        ("idle_timeout", of(alb.idle_timeout.as_ref())),
        ("access_logs", of(alb.access_logs.as_ref())),
        ("deletion_protection", of(alb.deletion_protection.as_ref())),
        ("drop_invalid_headers", of(alb.drop_invalid_headers.as_ref())),
        ("ssl_policy", of(alb.ssl_policy.as_ref())),
        ("default_action", of(alb.default.as_ref())),
        ("route", of(alb.routes.first())),
        ("waf", of(alb.waf.as_ref())),
        ("dual_stack", of(alb.dual_stack.as_ref())),
        ("mutual_tls", of(alb.mutual_tls.as_ref())),
        ("depends_on", of(alb.depends_on.first())),
        ("override", of(alb.overrides.first())),
    ];
    set.into_iter().filter_map(|(name, origin)| Some((name, origin?))).collect()
}
