//! Credentials inside of texts: access keys, tokens, headers, passwords in addresses, assignments and options.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::is_secret_name;

/// The words that name a secret in an assignment or option, and the ones before them.
const NAMES: &str = r"(?:[\w.]+[_-])*\w*(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|_pass|_pwd|requirepass|masterauth)";

/// Returns the pattern of each kind; its first group remains.
fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let sources = [
            r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b".to_owned(),
            r"()\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk_(?:live|test)_\w{10,})".to_owned(),
            r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)".to_owned(),
            r#"(?i)(x-amz-(?:security-token|signature|credential)=)[^&\s"]+"#.to_owned(),
            r"(?i)\b((?:bearer|basic)\s+)[a-z0-9._~+/=-]{6,}".to_owned(),
            r"(://[^/\s:@]*:)[^/\s@]+(?:@)".to_owned(),
            r"((?:^|\s)(?:-u|--user)[\s=][^\s:]+:)\S+".to_owned(),
            // In prose, a colon and a blank are not an assignment.
            format!(r#"(?i)(\b{NAMES}(?:\s*=\s*\\?["']?|:\\?["']?|\\?["']\s*[=:]\s*\\?["']?|:\s+["']))[^\s"',;&)(\\]{{3,}}"#),
            format!(r#"(?i)((?:^|[\s"'])--?{NAMES}(?:\s+|["'],\s*)["']?)[^\s"',;&|)(-][^\s"',;&|)(]{{2,}}"#),
            format!(r#"(?i)(["']{NAMES}["'],\s*["'])[^"']{{3,}}"#),
        ];
        sources.iter().map(|source| Regex::new(source).expect("the patterns of credentials are well formed")).collect()
    })
}

/// Returns the places of credentials in a text, in order, without overlaps.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for pattern in patterns() {
        for captures in pattern.captures_iter(text) {
            let (Some(all), Some(kept)) = (captures.get(0), captures.get(1)) else { continue };
            let end = if all.as_str().ends_with('@') { all.end() - 1 } else { all.end() };
            let value = &text[kept.end()..end];
            if !is_reference(value) {
                found.push(kept.end()..end);
            }
        }
    }
    found.sort_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    found.dedup_by(|next, kept| {
        next.start < kept.end && {
            kept.end = kept.end.max(next.end);
            true
        }
    });
    found
}

/// Returns the places of quoted texts after a name of a secret, as in a script or template: `SecretString: "x"`.
pub(super) fn quoted(line: &str) -> Vec<Range<usize>> {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern = PATTERN.get_or_init(|| {
        Regex::new(r#"([\w.-]+)["'`]?\s*[:=,]\s*\[?\s*["'`]([^"'`]{3,})"#).expect("a well formed pattern")
    });
    let mut found = Vec::new();
    let mut from = 0;
    // A value may be the name of the next one: `"--user", "--password", "x"`.
    while let Some(captures) = pattern.captures_at(line, from) {
        let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { break };
        if is_secret_name(name.as_str()) && !is_reference(value.as_str()) {
            found.push(value.range());
        }
        from = value.start();
    }
    found
}

/// Returns whether a value says where a secret is: a reference of a template or shell, a dynamic reference, an ARN.
pub(super) fn is_reference(value: &str) -> bool {
    let is_dynamic = value.starts_with("{{resolve:") && value.ends_with("}}") && value.matches("{{").count() == 1;
    let is_variable =
        value.starts_with('$') && value.len() > 1 && !value[1..].contains('$') && !value.starts_with("$2");
    is_dynamic || is_variable || value.starts_with("arn:") || value == super::HIDDEN || value == super::CHANGED
}
