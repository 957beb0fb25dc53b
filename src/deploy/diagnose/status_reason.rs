//! The parts of a `ResourceStatusReason` of CloudFormation.
//!
//! ```text
//! reason  = 'Resource handler returned message: "' text '" (' fields ')'  |  text
//! text    = message [ ' (' fields ')' ]
//! fields  = field { ( ', ' | '; ' ) field }
//! field   = key ': ' value
//! ```
//!
//! The outer fields are `RequestToken` and `HandlerErrorCode` ("Handler error codes", CloudFormation CLI user guide). Those of the
//! text are written by the AWS SDK for Java, whose first one is `Service`: version 1 has `Error Code` (`AmazonServiceException`),
//! version 2 does not have it (`AwsServiceException`).

/// A reason and its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StatusReason<'a> {
    /// The message of the service or of the handler.
    pub(super) message: &'a str,
    /// The error code of the service's API.
    pub(super) error: Option<&'a str>,
    /// The error code of the resource handler.
    pub(super) handler: Option<&'a str>,
}

impl<'a> StatusReason<'a> {
    /// Parses a reason. A text of another form is the message.
    pub(super) fn parse(reason: &'a str) -> Self {
        const HANDLER: &str = "Resource handler returned message: \"";
        let (text, fields) = match reason.split_once(HANDLER) {
            // AWS cuts a long reason, so that its end may be missing.
            Some((_, quoted)) => quoted.rsplit_once("\" (RequestToken: ").unwrap_or((quoted, "")),
            None => reason.rsplit_once(" (RequestToken: ").unwrap_or((reason, "")),
        };
        let (message, of_service) = text.split_once(" (Service: ").unwrap_or((text, ""));
        Self {
            message: message.trim(),
            error: value(of_service, "Error Code"),
            handler: value(fields, "HandlerErrorCode"),
        }
    }
}

/// Returns the value of a field.
fn value<'a>(fields: &'a str, key: &str) -> Option<&'a str> {
    let mut fields = fields.split([',', ';', ')']).filter_map(|field| field.split_once(':'));
    let value = fields.find_map(|(name, value)| (name.trim() == key).then_some(value.trim()));
    value.filter(|value| !value.is_empty() && *value != "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(reason: &str) -> (&str, Option<&str>, Option<&str>) {
        let StatusReason { message, error, handler } = StatusReason::parse(reason);
        (message, error, handler)
    }

    #[test]
    fn reason_of_a_handler_has_its_code_and_that_of_the_service() {
        let version_2 = "Resource handler returned message: \"Priority '5' is currently in use (Service: ElasticLoadBalancingV2, \
                         Status Code: 400, Request ID: 6b-1)\" (RequestToken: 1b-2, HandlerErrorCode: AlreadyExists)";
        assert_eq!(parts(version_2), ("Priority '5' is currently in use", None, Some("AlreadyExists")));
        let version_1 = "Resource handler returned message: \"It is gone (Service: AmazonECS; Status Code: 400; Error Code: \
                         ClusterNotFoundException; Request ID: 6b; Proxy: null)\" (RequestToken: 1b, HandlerErrorCode: NotFound)";
        assert_eq!(parts(version_1), ("It is gone", Some("ClusterNotFoundException"), Some("NotFound")));
    }

    #[test]
    fn reason_without_a_handler_has_the_code_of_the_service() {
        let reason = "The CIDR '10.0.1.0/24' conflicts with another subnet (Service: AmazonEC2; Status Code: 400; Error Code: \
                      InvalidSubnet.Conflict; Request ID: 2f)";
        let message = "The CIDR '10.0.1.0/24' conflicts with another subnet";
        assert_eq!(parts(reason), (message, Some("InvalidSubnet.Conflict"), None));
        assert_eq!(parts("tiles (of mine) already exists"), ("tiles (of mine) already exists", None, None));
        assert_eq!(parts("Gone (Service: Ec2, Status Code: 400, Error Code: null)"), ("Gone", None, None));
    }

    #[test]
    fn message_with_quotes_and_a_reason_that_was_cut_are_read() {
        let quotes = "Resource handler returned message: \"\"a\" (b) is not \"c\"\" (RequestToken: 1, HandlerErrorCode: InvalidRequest)";
        assert_eq!(parts(quotes), ("\"a\" (b) is not \"c\"", None, Some("InvalidRequest")));
        assert_eq!(parts("Resource handler returned message: \"It is too lo"), ("It is too lo", None, None));
        assert_eq!(parts(""), ("", None, None));
    }
}
