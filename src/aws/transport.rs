//! Failures of the transport, by the types of their errors.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::result::SdkError;

use super::limits;
use crate::deploy::api::ApiCall;

/// The failure of a call that has no complete answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TransportFailure {
    /// The name of the failure, which serves as the code of the error.
    pub(super) code: &'static str,
    /// The failure in a sentence.
    pub(super) message: String,
    /// The hint, if the failure shows more than that there is no connection.
    pub(super) help: Option<&'static str>,
}

impl TransportFailure {
    /// Returns the failure of a call; none if its request was not sent.
    pub(super) fn of<E: Error + 'static, R: std::fmt::Debug + 'static>(
        call: ApiCall,
        error: &SdkError<E, R>,
    ) -> Option<Self> {
        match error {
            SdkError::TimeoutError(_) => Some(timeout(call)),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                let seconds = limits::CONNECT.as_secs();
                Some(new("ConnectTimeout", format!("no connection within {seconds} s")))
            }
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Some(by_cause(error)),
            _ => None,
        }
    }
}

fn timeout(call: ApiCall) -> TransportFailure {
    let limit = if call == ApiCall::PutObject { limits::UPLOAD } else { limits::CALL };
    new("Timeout", format!("no complete answer within {} s", limit.as_secs()))
}

fn by_cause(error: &(dyn Error + 'static)) -> TransportFailure {
    if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return by_tls(tls);
    }
    if let Some(http) = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>()) {
        if http.is_parse() {
            let help = Some("use `https://` in the endpoint if the server speaks TLS");
            return TransportFailure { help, ..new("NotHttp", "the answer is not HTTP".to_owned()) };
        }
        if http.is_incomplete_message() {
            return new("AnswerCut", "the connection was closed before the answer was complete".to_owned());
        }
    }
    let code = match causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "ConnectionRefused",
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
            "ConnectionReset"
        }
        Some(io::ErrorKind::UnexpectedEof) => "AnswerCut",
        _ => "DispatchFailure",
    };
    new(code, root_cause(error))
}

fn by_tls(error: &rustls::Error) -> TransportFailure {
    match error {
        rustls::Error::InvalidMessage(_) | rustls::Error::AlertReceived(_) => {
            let help = Some("use `http://` in the endpoint if the server speaks plain HTTP");
            TransportFailure { help, ..new("NotTls", format!("the server does not speak TLS as AWS does ({error})")) }
        }
        rustls::Error::InvalidCertificate(_) => {
            let help = Some(
                "a proxy may open TLS connections: name the file of its certificate in `SSL_CERT_FILE`, or add it to \
                 those of the system",
            );
            TransportFailure { help, ..new("Certificate", format!("the certificate is not valid ({error})")) }
        }
        other => new("Tls", other.to_string()),
    }
}

fn new(code: &'static str, message: String) -> TransportFailure {
    TransportFailure { code, message, help: None }
}

/// Returns the last cause: `Connection refused (os error 111)`.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Returns an error and its causes.
pub(super) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // The source of an `io::Error` is that of the error in it, which would be left out.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(error: impl Error + Send + Sync + 'static) -> TransportFailure {
        by_cause(&io::Error::other(io::Error::other(error)))
    }

    #[test]
    fn server_without_tls_and_foreign_certificate_are_recognised_below_other_errors() {
        let plain = failure(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType));
        assert_eq!((plain.code, plain.help.is_some()), ("NotTls", true));
        let foreign = failure(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer));
        assert_eq!(foreign.code, "Certificate");
        assert!(foreign.help.is_some_and(|help| help.contains("SSL_CERT_FILE")));
    }

    #[test]
    fn refused_connection_is_named_with_its_cause() {
        let refused = by_cause(&io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!((refused.code, refused.message.as_str()), ("ConnectionRefused", "connection refused"));
    }

    #[test]
    fn upload_has_a_longer_limit() {
        assert!(timeout(ApiCall::PutObject).message.contains("55 s"));
        assert!(timeout(ApiCall::DescribeStacks).message.contains("25 s"));
    }
}
