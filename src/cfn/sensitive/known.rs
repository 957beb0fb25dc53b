use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{GuardedValue, HIDDEN, OptionsOfPrograms, credentials, is_secret_name};

/// The length of the shortest secret that is searched in free text: shorter ones are parts of many words.
const MIN_LENGTH: usize = 4;

/// The length of the shortest value that is not a secret and is searched in lines of a script.
const MIN_PRIVATE_LENGTH: usize = 8;

/// Texts that are hidden wherever they appear, besides what has the form of a credential. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct KnownSecrets {
    /// The longest first: one may contain another.
    texts: Arc<[Box<str>]>,
    /// Values that are not shown in their place, and therefore not in lines of the script either.
    private: Arc<[Box<str>]>,
}

impl KnownSecrets {
    /// Creates the set of these texts; those that are too short or too common to be searched are left out.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        Self { texts: sorted(texts, MIN_LENGTH), private: Arc::default() }
    }

    /// Returns the set with values that are hidden in lines of a script or template, and not in other texts: they may be
    /// usual words.
    #[must_use]
    pub fn with_private(self, texts: impl IntoIterator<Item = String>) -> Self {
        Self { private: sorted(texts, MIN_PRIVATE_LENGTH), ..self }
    }

    /// Returns the set with the texts of another one.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        if other == self || other == &Self::default() {
            return self.clone();
        }
        let both = |own: &Arc<[Box<str>]>, others: &Arc<[Box<str>]>| -> Vec<String> {
            own.iter().chain(others.iter()).map(ToString::to_string).collect()
        };
        Self::new(both(&self.texts, &other.texts)).with_private(both(&self.private, &other.private))
    }

    /// Returns a text without secrets.
    pub fn text(&self, text: &str) -> String {
        self.replaced(text, |_| HIDDEN.to_owned())
    }

    /// Returns a line of a script or template with asterisks in place of secrets, of the same width. Texts under names of
    /// secrets are secrets here.
    pub fn same_width(&self, line: &str) -> String {
        let mut clean = self.replaced(line, mark);
        for text in self.private.iter().filter(|text| line.contains(&***text)) {
            clean = clean.replace(&**text, &mark(text));
        }
        let places = credentials::quoted(&clean);
        hide(&mut clean, places);
        clean
    }

    /// Returns a line, which follows another one, as [`same_width`](Self::same_width) does, and without the secrets that options
    /// of programs take.
    pub fn same_width_after(&self, before: &str, line: &str, options: &OptionsOfPrograms) -> String {
        let mut clean = line.to_owned();
        let is_secret = |place: &Range<usize>| !credentials::is_reference(&line[place.clone()]);
        hide(&mut clean, options.places(before, line).into_iter().filter(is_secret).collect());
        self.same_width(&clean)
    }

    fn replaced(&self, text: &str, mark: impl Fn(&str) -> String) -> String {
        let mut clean = text.to_owned();
        for secret in self.texts.iter().filter(|secret| text.contains(&***secret)) {
            clean = clean.replace(&**secret, &mark(secret));
        }
        for place in credentials::places(&clean).into_iter().rev() {
            let mark = mark(&clean[place.clone()]);
            clean.replace_range(place, &mark);
        }
        clean
    }

    /// Returns a text without these secrets; what only looks like a credential is kept.
    pub fn known_in<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for secret in self.texts.iter() {
            if clean.contains(&**secret) {
                clean = Cow::Owned(clean.replace(&**secret, HIDDEN));
            }
        }
        clean
    }

    /// Hides secrets in every text of a value.
    pub fn clean(&self, value: &mut Json) {
        match value {
            Json::String(text) => *text = self.text(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.clean(item)),
            Json::Object(fields) => fields.values_mut().for_each(|field| self.clean(field)),
            _ => {}
        }
    }

    /// Returns a value whose texts are shown without secrets.
    pub fn guard(&self, value: Json) -> GuardedValue {
        let mut visible = value.clone();
        self.clean(&mut visible);
        GuardedValue::new(value, visible)
    }
}

/// Returns asterisks in place of a secret; line breaks remain.
fn mark(secret: &str) -> String {
    secret.chars().map(|letter| if letter == '\n' || letter == '\r' { letter } else { '*' }).collect()
}

/// Puts asterisks in places of a text, which are in order.
fn hide(text: &mut String, places: Vec<Range<usize>>) {
    for place in places.into_iter().rev() {
        let mark = mark(&text[place.clone()]);
        text.replace_range(place, &mark);
    }
}

impl std::fmt::Debug for KnownSecrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} secrets", self.texts.len())
    }
}

/// Returns the secrets among named values: those of secret names, and credentials in the others.
pub fn secrets_among<'t>(named: impl Iterator<Item = (&'t str, &'t str)>) -> KnownSecrets {
    let of = |(name, value): (&str, &str)| {
        if is_secret_name(name) {
            return vec![value.to_owned()];
        }
        credentials::places(value).into_iter().map(|place| value[place].to_owned()).collect()
    };
    KnownSecrets::new(named.flat_map(of))
}

fn sorted(texts: impl IntoIterator<Item = String>, shortest: usize) -> Arc<[Box<str>]> {
    let long = |text: &str| text.chars().count() >= shortest && is_searchable(text);
    let mut all: Vec<Box<str>> = texts.into_iter().flat_map(forms).filter(|text| long(text)).collect();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all.into()
}

/// Returns a secret as it may appear: whole, its lines, and as JSON escapes it.
fn forms(text: String) -> Vec<Box<str>> {
    const LINE: usize = 12;
    let mut all: Vec<Box<str>> = Vec::new();
    if text.contains('\n') {
        all.extend(text.lines().map(str::trim).filter(|line| line.len() >= LINE).map(Box::from));
    }
    let escaped = Json::from(text.as_str()).to_string();
    let escaped = &escaped[1..escaped.len() - 1];
    if escaped != text {
        all.push(escaped.into());
    }
    all.push(text.into());
    all
}

fn is_searchable(text: &str) -> bool {
    const COMMON: [&str; 18] = [
        "password",
        "token",
        "string",
        "value",
        "username",
        "credentials",
        "true",
        "false",
        "null",
        "none",
        "disabled",
        "enabled",
        "postgres",
        "mysql",
        "admin",
        "root",
        "default",
        "secret",
    ];
    let is_small_number = text.len() < 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mark = HIDDEN.contains(text) || super::CHANGED.contains(text);
    !is_small_number
        && !is_mark
        && !COMMON.iter().any(|common| text.eq_ignore_ascii_case(common))
        && !credentials::is_reference(text)
}

/// A text loses the credentials in it.
impl From<&str> for GuardedValue {
    fn from(text: &str) -> Self {
        KnownSecrets::default().guard(text.into())
    }
}

/// The texts in a value lose the credentials in them.
impl From<Json> for GuardedValue {
    fn from(value: Json) -> Self {
        KnownSecrets::default().guard(value)
    }
}
