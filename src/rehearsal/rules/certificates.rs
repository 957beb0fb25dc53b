//! AWS Certificate Manager and Amazon `CloudFront`: certificates and where they may be.

use super::view::{AccountView, Existing};
use super::{CHANGES, DELETION, Refusal, Rule, Subject};
use crate::cfn::type_names::LISTENER;
use crate::rehearsal::property_access::{list, strings, text};

const CERTIFICATE: &str = "AWS::CertificateManager::Certificate";
const DISTRIBUTION: &str = "AWS::CloudFront::Distribution";
const LISTENER_CERTIFICATE: &str = "AWS::ElasticLoadBalancingV2::ListenerCertificate";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: CERTIFICATE, intents: DELETION, check: in_use },
    Rule { kind: DISTRIBUTION, intents: CHANGES, check: certificate_of_another_region },
    Rule { kind: DISTRIBUTION, intents: CHANGES, check: names_without_certificate },
];

/// Refuses the deletion of a certificate that a listener uses (`ResourceInUseException` of `DeleteCertificate`, ACM API).
fn in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let arn = subject.physical_id?;
    let uses = |other: &Existing<'_>| {
        matches!(other.kind, LISTENER | LISTENER_CERTIFICATE)
            && list(other.properties, "Certificates").any(|it| text(it, "CertificateArn").as_deref() == Some(arn))
    };
    view.staying().find(|other| uses(other))?;
    let text = format!("Certificate {arn} in account {} is in use.", view.account);
    Some(Refusal::new("Acm", "ResourceInUseException", "ResourceConflict", text))
}

/// Refuses a certificate that is not in us-east-1 (`InvalidViewerCertificate` of `CreateDistribution`, `CloudFront` API; "Requirements
/// for using SSL/TLS certificates with `CloudFront`", developer guide).
fn certificate_of_another_region(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let config = subject.properties.get("DistributionConfig")?;
    let arn = text(config.get("ViewerCertificate")?, "AcmCertificateArn")?;
    let region = arn.strip_prefix("arn:aws:acm:")?.split(':').next()?;
    (region != "us-east-1").then(|| {
        let text = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a \
                    valid certificate chain.";
        Refusal::new("CloudFront", "InvalidViewerCertificate", "InvalidRequest", text)
    })
}

/// Refuses alternate domain names without a certificate (`InvalidViewerCertificate` of `CreateDistribution`, `CloudFront` API;
/// "Requirements for using alternate domain names", developer guide).
fn names_without_certificate(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let config = subject.properties.get("DistributionConfig")?;
    let certificate = config.get("ViewerCertificate");
    let own =
        certificate.is_some_and(|it| it.get("AcmCertificateArn").is_some() || it.get("IamCertificateId").is_some());
    (!own && !strings(config, "Aliases").is_empty()).then(|| {
        let text = "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted \
                    certificate that validates your authorization to use the domain name.";
        Refusal::new("CloudFront", "InvalidViewerCertificate", "InvalidRequest", text)
    })
}
