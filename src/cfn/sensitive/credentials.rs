//! Credentials inside of texts: access keys, tokens, headers, passwords in addresses, assignments and options.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::commands::ShortOption;
use super::is_secret_name;

/// The words that name a secret in an assignment or option, and the ones before them. The classes of these patterns are ASCII (`-u`):
/// with those of Unicode they take 30 ms to compile.
const NAMES: &str = r"(?-u:(?:[\w.]+[_-])*\w*(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|cli_auth|_pass|_pwd|requirepass|masterauth))";

/// The number of patterns, from the first one, that match credentials by their own form and not by the words before them.
const BY_FORM: usize = 4;

/// Returns the pattern of each kind; its first group remains.
fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let sources = [
            r"(?-u)()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b".to_owned(),
            r"(?-u)()\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk_(?:live|test)_\w{10,})".to_owned(),
            r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)".to_owned(),
            r#"(?i)(x-amz-(?:security-token|signature|credential)=)[^&\s"]+"#.to_owned(),
            r"(?i-u)\b((?:bearer|basic)\s+)[a-z0-9._~+/=-]{6,}".to_owned(),
            r"(://[^/\s:@]*:)[^/\s@]+(?:@)".to_owned(),
            r"((?:^|\s)(?:-u|--user)[\s=][^\s:]+:)\S+".to_owned(),
            // In prose, a colon and a blank are not an assignment.
            format!(r#"(?i)((?-u:\b){NAMES}(?-u:\s*=\s*\\?["']?|:\\?["']?|\\?["']\s*[=:]\s*\\?["']?|:\s+["']))[^\s"',;&)(\\]{{3,}}"#),
            format!(r#"(?i)((?-u:^|[\s"'])--?{NAMES}(?-u:\s+|["'],\s*)["']?)[^\s"',;&|)(-][^\s"',;&|)(]{{2,}}"#),
            format!(r#"(?i)(["']{NAMES}["'],(?-u:\s)*["'])[^"']{{3,}}"#),
        ];
        let sources = sources.into_iter().chain(ShortOption::patterns());
        sources.map(|source| Regex::new(&source).expect("the patterns of credentials are well formed")).collect()
    })
}

/// Returns the places of credentials in a text, in order, without overlaps.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    matched(text, patterns())
}

/// Returns the places of texts that are credentials without doubt: keys and tokens by their form, and long values of letters and
/// digits after the name of a secret. Words of documentation and the examples of AWS are not among them.
pub(super) fn certain(text: &str) -> Vec<Range<usize>> {
    let (by_form, _) = patterns().split_at(BY_FORM);
    let mut found: Vec<Range<usize>> = Vec::new();
    for place in matched(text, by_form) {
        // AWS writes its examples so: `AKIAIOSFODNN7EXAMPLE`.
        let value = text[place.clone()].trim();
        let is_key = !text[..place.start].ends_with("KEY-----") || value.split_whitespace().any(is_encoded);
        if is_key && !value.ends_with("EXAMPLE") {
            found.push(place);
        }
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let places = quoted(line).into_iter().filter(|place| is_random(&line[place.clone()]));
        found.extend(places.map(|place| start + place.start..start + place.end));
        start += line.len();
    }
    found.sort_by_key(|place| place.start);
    found
}

/// Returns whether a word is a line of a key: the header of one may be in a text about keys.
fn is_encoded(word: &str) -> bool {
    word.len() >= 16 && word.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c))
}

/// Returns whether a value is long and mixed: not a word, a name or a placeholder.
fn is_random(value: &str) -> bool {
    let has = |kind: fn(&char) -> bool| value.chars().any(|c| kind(&c));
    let is_token = value.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-.~".contains(c));
    value.len() >= 20
        && is_token
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
        && !value.ends_with("EXAMPLE")
        && !value.ends_with("EXAMPLEKEY")
}

fn matched(text: &str, patterns: &[Regex]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for pattern in patterns {
        for captures in pattern.captures_iter(text) {
            let (Some(all), Some(kept)) = (captures.get(0), captures.get(1)) else { continue };
            let end = if all.as_str().ends_with('@') { all.end() - 1 } else { all.end() };
            let value = &text[kept.end()..end];
            if !is_reference(value) && !is_code(&text[..kept.end()], value) {
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

/// Returns whether a value without quotes follows the declaration of a variable in a script, as in `let token = Secret("Token")`: a name,
/// and no text.
fn is_code(before: &str, value: &str) -> bool {
    let name = before.trim_end().strip_suffix('=').map_or("", str::trim_end);
    let keyword = name.trim_end_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
    let declares = keyword.trim_end().rsplit(|letter: char| !letter.is_alphanumeric()).next();
    value.starts_with(char::is_alphabetic) && keyword != name && matches!(declares, Some("let" | "const"))
}

/// Returns the places of quoted texts after a name of a secret, as in a script or template: `SecretString: "x"`.
pub(super) fn quoted(line: &str) -> Vec<Range<usize>> {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern = PATTERN.get_or_init(|| {
        Regex::new(r#"(?-u:([\w.-]+)["'`]?\s*[:=,]\s*\[?\s*["'`])([^"'`]{3,})"#).expect("a well formed pattern")
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
