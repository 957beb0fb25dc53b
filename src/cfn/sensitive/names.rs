//! Names of secrets: of properties, variables, settings and options.

/// Parts of names of secrets, in small letters without separators.
const PARTS: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "apikey",
    "credential",
    "privatekey",
    "connectionstring",
    "accesskey",
    "signingkey",
    "encryptionkey",
    "licensekey",
    "sharedkey",
    "authkey",
];

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
    let words = words(name);
    let Some(last) = words.last() else { return false };
    let joined = words.concat();
    let is_short = ["pass", "pwd", "pin", "otp"].contains(&last.as_str()) && words.len() > 1;
    (is_short || PARTS.iter().any(|part| joined.contains(part))) && !ABOUT.contains(&last.as_str())
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
pub(crate) fn words(name: &str) -> Vec<String> {
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
