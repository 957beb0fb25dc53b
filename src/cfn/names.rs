//! The identifiers of CloudFormation.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// The name of a resource, parameter or pseudo parameter inside a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogicalId(Arc<str>);

impl LogicalId {
    /// Creates an id without a check; the template check reports invalid ones.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is `AWS::Region` and its like.
    pub fn is_pseudo(&self) -> bool {
        self.0.starts_with("AWS::")
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Borrow<str> for LogicalId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for LogicalId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for LogicalId {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

/// The type of a resource: `AWS::ECS::Service`, `Custom::Widget`, `Org::Service::Type::MODULE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName(Arc<str>);

impl TypeName {
    /// Creates a type name without a check.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the middle part of a name in three parts: `ECS` of `AWS::ECS::Service`.
    pub fn service(&self) -> Option<&str> {
        self.0.split("::").nth(1)
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<&str> for TypeName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// Returns the stem of the logical ids of a block's name: `web-api`, `webApi` and `WebApi` all give `WebApi`.
pub fn stem(name: &str) -> String {
    name.split('-').filter(|part| !part.is_empty()).map(capitalize).collect()
}

fn capitalize(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns a block's name in kebab-case: `web-api` for `WebApi`, `webApi` and `WebAPI`.
pub fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after_small = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        // The last capital of several begins the next word: `APIServer`.
        let before_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if *letter == '-' || letter.is_uppercase() && (after_small || before_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| *letter != '-') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words.join("-")
}

/// Returns the name of a type with its article: `an AWS::S3::Bucket`, `a Custom::Widget`.
pub(crate) fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// Types with a property `Name` that need not be unique in the account, or that other properties make unique.
const SCOPED: [&str; 5] = [
    "AWS::Events::Rule",
    "AWS::Lambda::Alias",
    "AWS::Lambda::LayerVersion",
    "AWS::Route53::RecordSet",
    "AWS::ServiceDiscovery::Service",
];

/// Returns whether the names of a type are unique in a part of the account only, such as a function or a zone.
pub fn has_scoped_name(kind: &str) -> bool {
    SCOPED.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_and_camel_names_have_one_stem() {
        assert_eq!(stem("web-api"), "WebApi");
        assert_eq!(stem("WebApi"), "WebApi");
        assert_eq!(stem("titiler"), "Titiler");
        assert_eq!(stem("a1-b2-"), "A1B2");
    }

    #[test]
    fn camel_case_and_acronyms_become_words_with_hyphens() {
        for (name, expected) in [
            ("web-api", "web-api"),
            ("WebApi", "web-api"),
            ("webApi", "web-api"),
            ("WebAPI", "web-api"),
            ("APIServer", "api-server"),
            ("Api2Go", "api2-go"),
            ("S3", "s3"),
            ("a1--b2-", "a1-b2"),
        ] {
            assert_eq!(kebab(name), expected, "{name}");
        }
    }

    #[test]
    fn service_of_a_type_is_its_middle_part() {
        assert_eq!(TypeName::from("AWS::ECS::Service").service(), Some("ECS"));
        assert_eq!(TypeName::from("Nonsense").service(), None);
    }

    #[test]
    fn custom_type_gets_the_article_a() {
        assert_eq!(with_article("AWS::S3::Bucket"), "an AWS::S3::Bucket");
        assert_eq!(with_article("Custom::Certificate"), "a Custom::Certificate");
    }
}
