//! Answers that AWS does not send, recognised by their status, headers and first bytes.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::http::Headers;

/// The format in which AWS answers a request, by the protocol of the request (Smithy: "AWS query protocol", "AWS JSON 1.1
/// protocol", "Smithy RPC v2 CBOR protocol").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerFormat {
    /// An XML document.
    Xml,
    /// A JSON object.
    Json,
    /// A CBOR map.
    Cbor,
    /// A body of any format, or none.
    Any,
}

/// An answer that AWS does not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OddAnswer {
    /// The difference to an answer of AWS.
    pub(super) oddity: Oddity,
    /// The status of the answer.
    pub(super) status: u16,
    /// The host that the request was sent to, with its port.
    pub(super) host: String,
}

/// The difference to an answer of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Oddity {
    /// A web page, with its title.
    WebPage(Option<String>),
    /// A proxy wants its own credentials (status 407).
    ProxyLogin,
    /// A redirect to this host.
    Redirect(String),
    /// No body.
    Empty,
    /// A body of another format, with its type as the answer names it.
    OtherFormat(Option<String>),
    /// A compressed body, with its coding. No call requests one, and none is expanded: a small one may expand to any size.
    Compressed(String),
    /// A document without its end.
    Unfinished,
    /// A body over the size limit.
    TooLarge,
}

impl AnswerFormat {
    /// Returns the format of the answer to a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let kind = request.headers().get("content-type").unwrap_or_default();
        match kind.split(';').next().unwrap_or_default() {
            "application/x-www-form-urlencoded" => Self::Xml,
            "application/x-amz-json-1.0" | "application/x-amz-json-1.1" => Self::Json,
            "application/cbor" => Self::Cbor,
            _ => Self::Any,
        }
    }

    /// Returns whether a body begins like one of this format.
    fn begins(self, body: &[u8]) -> bool {
        /// The major type of maps (RFC 8949, 3.1).
        const CBOR_MAP: u8 = 5;
        match (self, body.first()) {
            (Self::Xml, first) => first == Some(&b'<'),
            (Self::Json, first) => first == Some(&b'{'),
            (Self::Cbor, first) => first.is_some_and(|first| first >> 5 == CBOR_MAP),
            (Self::Any, _) => true,
        }
    }

    /// Returns whether a body ends like one of this format: the SDK reads what there is of an XML document, and would take
    /// one without its end for an answer with less in it.
    fn ends(self, body: &[u8]) -> bool {
        match self {
            Self::Xml => ends_with_root(body),
            Self::Json => body.last() == Some(&b'}'),
            Self::Cbor | Self::Any => true,
        }
    }
}

/// Returns whether an XML document ends with the end of its first element.
fn ends_with_root(body: &[u8]) -> bool {
    let Some((start, name)) = root(body) else { return false };
    let Some(end) = body.strip_suffix(b">").map(<[u8]>::trim_ascii_end) else { return false };
    let is_only_element = || !body[start..].contains(&b'<') && end.ends_with(b"/");
    end.ends_with(&[b"</", name].concat()) || is_only_element()
}

/// Returns the first element of an XML document: the position and text of its name.
fn root(body: &[u8]) -> Option<(usize, &[u8])> {
    let is_name = |byte: &u8| !byte.is_ascii_whitespace() && !b"/>".contains(byte);
    let mut starts = body.windows(2).enumerate().filter(|(_, pair)| pair[0] == b'<' && !b"?!".contains(&pair[1]));
    let start = starts.next()?.0 + 1;
    let length = body[start..].iter().take_while(|byte| is_name(byte)).count();
    Some((start, &body[start..start + length]))
}

/// Returns whether a document is an error of the query protocol ("AWS query protocol" of Smithy, "EC2 query protocol"), which some
/// servers send with the type of a web page.
fn is_error(body: &[u8]) -> bool {
    root(body).is_some_and(|(_, name)| [b"ErrorResponse".as_slice(), b"Response"].contains(&name))
}

/// Returns the difference of an answer to those of AWS; none if it may be one.
pub(super) fn judge(status: u16, headers: &Headers, body: &[u8], format: AnswerFormat) -> Option<Oddity> {
    let kind = headers.get("content-type");
    let text = if format == AnswerFormat::Cbor { body } else { without_leading_space(body) };
    let is_page = kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    if is_page && !text.is_empty() && text[0] != b'{' && !is_error(text) || begins_with_page(text) {
        return Some(Oddity::WebPage(title(text)));
    }
    match status {
        407 => Some(Oddity::ProxyLogin),
        300..=399 if !headers.iter().any(|(name, _)| name.starts_with("x-amz")) => {
            headers.get("location").map(|to| Oddity::Redirect(host_of(to).to_owned()))
        }
        200..=299 if format != AnswerFormat::Any && text.is_empty() => Some(Oddity::Empty),
        200..=299 if coding_of(headers).is_some() => coding_of(headers).map(Oddity::Compressed),
        200..=299 if !format.begins(text) => Some(Oddity::OtherFormat(kind.map(shortened))),
        200..=299 if !format.ends(text.trim_ascii_end()) => Some(Oddity::Unfinished),
        _ => None,
    }
}

/// Returns the coding of a compressed body.
fn coding_of(headers: &Headers) -> Option<String> {
    let coding = headers.get("content-encoding")?.trim();
    // `aws-chunked` is a framing of S3, not a compression.
    (!["", "identity", "aws-chunked"].contains(&coding.to_ascii_lowercase().as_str())).then(|| shortened(coding))
}

fn without_leading_space(body: &[u8]) -> &[u8] {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii_start()
}

fn begins_with_page(body: &[u8]) -> bool {
    let begins = |tag: &[u8]| body.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    begins(b"<!doctype html") || begins(b"<html")
}

/// Returns the title of a web page: `Sign in`.
fn title(body: &[u8]) -> Option<String> {
    const SEARCHED: usize = 16 << 10;
    let text = String::from_utf8_lossy(&body[..body.len().min(SEARCHED)]);
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title = shortened(&text[start..end]);
    (!title.is_empty()).then_some(title)
}

/// Returns a foreign text in one short line.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    let line = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = line.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain("...".chars()).collect()
}

/// Returns the host of a URL, with its port.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

impl OddAnswer {
    /// Returns the name of the oddity, which serves as the code of the error.
    pub(super) fn code(&self) -> &'static str {
        match self.oddity {
            Oddity::WebPage(_) => "WebPage",
            Oddity::ProxyLogin => "ProxyLogin",
            Oddity::Redirect(_) => "Redirect",
            Oddity::Empty => "EmptyAnswer",
            Oddity::OtherFormat(_) => "OtherFormat",
            Oddity::Compressed(_) => "CompressedAnswer",
            Oddity::Unfinished => "UnfinishedAnswer",
            Oddity::TooLarge => "AnswerTooLarge",
        }
    }
}

impl fmt::Display for OddAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OddAnswer { oddity, status, host } = self;
        match oddity {
            Oddity::WebPage(Some(title)) => write!(out, "{host} answered with a web page, `{title}`")?,
            Oddity::WebPage(None) => write!(out, "{host} answered with a web page without a title")?,
            Oddity::ProxyLogin => write!(out, "a proxy before {host} requires a login")?,
            Oddity::Redirect(to) => write!(out, "{host} redirects to `{}`", shortened(to))?,
            Oddity::Empty => write!(out, "{host} answered with an empty body")?,
            Oddity::OtherFormat(Some(kind)) => {
                write!(out, "{host} answered with a body of the type `{kind}` that AWS does not send")?;
            }
            Oddity::OtherFormat(None) => write!(out, "{host} answered with a body that AWS does not send")?,
            Oddity::Compressed(coding) => {
                write!(out, "{host} answered with a body compressed as `{coding}`, which was not requested")?;
            }
            Oddity::Unfinished => write!(out, "{host} answered with a document that ends in its middle")?,
            Oddity::TooLarge => {
                write!(out, "{host} answered with more than {} MiB", super::limits::ANSWER_BYTES >> 20)?;
            }
        }
        write!(out, " (status {status})")
    }
}

impl std::error::Error for OddAnswer {}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: &[u8],
        format: AnswerFormat,
    ) -> Option<Oddity> {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.insert(*name, *value);
        }
        judge(status, &all, body, format)
    }

    #[test]
    fn answers_of_aws_are_accepted_in_each_protocol() {
        let xml = b"<?xml version=\"1.0\"?>\n<DescribeStacksResponse/>";
        assert_eq!(judged(200, &[("content-type", "text/xml")], xml, AnswerFormat::Xml), None);
        assert_eq!(judged(400, &[], b"\n<ErrorResponse/>", AnswerFormat::Xml), None);
        assert_eq!(judged(200, &[], b" {\"services\": []}", AnswerFormat::Json), None);
        assert_eq!(judged(200, &[], b"\xa1\x61a\x01", AnswerFormat::Cbor), None);
        assert_eq!(judged(200, &[], b"\xbf\xff", AnswerFormat::Cbor), None);
        assert_eq!(judged(200, &[], b"", AnswerFormat::Any), None, "PutObject has no body");
        let moved = [("location", "https://b.s3.eu-west-1.amazonaws.com/"), ("x-amz-bucket-region", "eu-west-1")];
        assert_eq!(judged(301, &moved, b"", AnswerFormat::Any), None, "S3 names the region of a bucket");
    }

    #[test]
    fn emulator_that_calls_everything_html_is_accepted() {
        assert_eq!(judged(200, &[("content-type", "text/html")], b"{}", AnswerFormat::Json), None);
        let denied = b"<?xml version=\"1.0\"?>\n<ErrorResponse><Errors/></ErrorResponse>";
        assert_eq!(judged(403, &[("content-type", "text/html; charset=utf-8")], denied, AnswerFormat::Xml), None);
        let page = b"<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>";
        let judged = judged(403, &[("content-type", "text/html")], page, AnswerFormat::Xml);
        assert_eq!(judged, Some(Oddity::WebPage(None)));
    }

    #[test]
    fn web_page_is_recognised_with_any_status_and_type() {
        let page = b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><head><TITLE lang=en>\n Sign in\tto \x1b[31mguest </title>";
        let titled = Some(Oddity::WebPage(Some("Sign in to [31mguest".to_owned())));
        for (status, kind) in [(200, "text/xml"), (403, "text/html; charset=utf-8"), (503, "application/json")] {
            assert_eq!(judged(status, &[("content-type", kind)], page, AnswerFormat::Json), titled);
        }
        assert_eq!(judged(200, &[], b"<html>no title", AnswerFormat::Any), Some(Oddity::WebPage(None)));
        assert_eq!(judged(200, &[], b"<html><title></title>", AnswerFormat::Any), Some(Oddity::WebPage(None)));
    }

    #[test]
    fn compressed_body_is_odd_and_not_expanded() {
        let gzip = [("content-encoding", "gzip")];
        assert_eq!(judged(200, &gzip, b"\x1f\x8b\x08", AnswerFormat::Xml), Some(Oddity::Compressed("gzip".to_owned())));
        assert_eq!(judged(200, &[("content-encoding", "identity")], b"<a/>", AnswerFormat::Xml), None);
    }

    #[test]
    fn body_of_another_format_is_odd_and_an_empty_one_too() {
        let json = [("content-type", "application/json")];
        let other = Some(Oddity::OtherFormat(Some("application/json".to_owned())));
        assert_eq!(judged(200, &json, b"{}", AnswerFormat::Xml), other);
        assert_eq!(judged(200, &[], b"\x1f\x8b\x08", AnswerFormat::Json), Some(Oddity::OtherFormat(None)));
        for format in [AnswerFormat::Xml, AnswerFormat::Json, AnswerFormat::Cbor] {
            assert_eq!(judged(200, &[], b"", format), Some(Oddity::Empty));
        }
    }

    #[test]
    fn document_without_its_end_is_odd() {
        let unfinished = Some(Oddity::Unfinished);
        for body in [
            "<?xml version=\"1.0\"?><ListResponse xmlns=\"x\"><Result>",
            "<ListResponse><Result/>",
            "<ListResponse><ListResponse2></ListResponse2>",
            "<ListResponse",
        ] {
            assert_eq!(judged(200, &[], body.as_bytes(), AnswerFormat::Xml), unfinished, "{body}");
        }
        assert_eq!(judged(200, &[], b"{\"services\": [", AnswerFormat::Json), unfinished);
        let whole = b"<?xml version=\"1.0\"?>\n<!-- a --><ListResponse xmlns=\"x\"><Result/></ListResponse >\n";
        assert_eq!(judged(200, &[], whole, AnswerFormat::Xml), None);
    }

    #[test]
    fn redirect_and_login_of_a_proxy_are_recognised() {
        let to = [("location", "https://user:secret@portal.example:8443/login?token=1")];
        assert_eq!(judged(302, &to, b"", AnswerFormat::Xml), Some(Oddity::Redirect("portal.example:8443".to_owned())));
        assert_eq!(judged(407, &[], b"", AnswerFormat::Xml), Some(Oddity::ProxyLogin));
    }

    #[test]
    fn long_title_is_cut() {
        let page = format!("<html><title>{}</title>", "x".repeat(500));
        let Some(Oddity::WebPage(Some(title))) = judged(200, &[], page.as_bytes(), AnswerFormat::Xml) else { panic!() };
        assert_eq!(title.len(), 83);
    }
}
