//! Names of secrets: of properties, variables, settings and options.

/// The reason to judge a name. Both judgements read one table, so that a value that is warned about is hidden, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To hide the value. A value that is hidden by mistake is shown with `--show-values`; one that was shown cannot be hidden.
    Hide,
    /// To warn about a plain-text value. A wrong warning costs a suppression, so the name must end with the secret, and only
    /// parts that mean the value itself count.
    Warn,
}

/// Parts of names of secrets, in small letters without separators, each with the strictest purpose that it serves.
const PARTS: [(&str, Purpose); 19] = [
    ("password", Purpose::Warn),
    ("passwd", Purpose::Warn),
    ("passphrase", Purpose::Warn),
    ("pass", Purpose::Warn),
    ("secret", Purpose::Warn),
    ("secretkey", Purpose::Warn),
    ("token", Purpose::Warn),
    ("apikey", Purpose::Warn),
    ("credentials", Purpose::Warn),
    ("privatekey", Purpose::Warn),
    ("accesskey", Purpose::Warn),
    ("signingkey", Purpose::Warn),
    ("encryptionkey", Purpose::Warn),
    ("licensekey", Purpose::Warn),
    ("authkey", Purpose::Warn),
    // Often the name of a place or a format: `DB_CONNECTION_STRING` may have no password in it.
    ("connectionstring", Purpose::Hide),
    ("credential", Purpose::Hide),
    ("passcode", Purpose::Hide),
    ("sharedkey", Purpose::Hide),
];

/// Parts that count only as whole last words: others contain them (`Compass`, `shipping`).
const WHOLE_WORDS: [&str; 4] = ["pass", "pwd", "pin", "otp"];

/// Last words of names that hold one of the parts and are about a secret: its place, its form, its rules.
const ABOUT: [&str; 57] = [
    "age",
    "algorithm",
    "arn",
    "arns",
    "attempts",
    "audience",
    "cache",
    "characters",
    "cookie",
    "count",
    "days",
    "enabled",
    "endpoint",
    "env",
    "expiration",
    "expires",
    "expiry",
    "file",
    "format",
    "header",
    "id",
    "ids",
    "issuer",
    "lambda",
    "length",
    "lifetime",
    "limit",
    "location",
    "max",
    "method",
    "min",
    "mode",
    "name",
    "names",
    "path",
    "period",
    "policy",
    "prompt",
    "provider",
    "refresh",
    "rotation",
    "schedule",
    "size",
    "source",
    "stages",
    "stdin",
    "strategy",
    "timeout",
    "ttl",
    "type",
    "units",
    "uri",
    "url",
    "usage",
    "usages",
    "validity",
    "variable",
];

/// Returns whether a name shows that its value is a secret: `DB_PASSWORD`, `ClientSecret`; not `SecretArn`.
pub(crate) fn is_secret_name(name: &str) -> bool {
    is_secret_name_for(name, Purpose::Hide)
}

/// Returns whether a name shows, for a purpose, that its value is a secret.
pub(crate) fn is_secret_name_for(name: &str, purpose: Purpose) -> bool {
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    let last_two = before.last().map_or_else(|| last.clone(), |before| format!("{before}{last}"));
    let is_at_end = |part: &str| part == last || part == last_two;
    let ends_so = PARTS.iter().any(|(part, strictest)| *strictest == Purpose::Warn && is_at_end(part));
    if ends_so || purpose == Purpose::Warn {
        return ends_so;
    }
    let joined = words.concat();
    let has_part = PARTS.iter().any(|(part, _)| !WHOLE_WORDS.contains(part) && joined.contains(part));
    let is_short = WHOLE_WORDS.contains(&last.as_str()) && !before.is_empty();
    (is_short || has_part) && !ABOUT.contains(&last.as_str())
}

/// Returns whether an option of a command takes a secret: `--password`, `--auth-token`, `--requirepass`.
pub(crate) fn is_secret_option(option: &str) -> bool {
    let Some(name) = option.strip_prefix('-') else { return false };
    let name = name.trim_start_matches('-');
    let is_option = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let lower = name.to_ascii_lowercase();
    is_option && (is_secret_name(name) || ["pass", "auth", "pwd"].iter().any(|end| lower.ends_with(end)))
}

/// Returns the words of `DB_PASSWORD`, `db-password` and `dbPassword`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        let starts = letter.is_ascii_uppercase() && was_lower;
        was_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        if !letter.is_ascii_alphanumeric() || starts {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
