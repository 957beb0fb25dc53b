use std::rc::Rc;

use super::{kept, out_of_range, part};
use crate::block::json_text::quoted;
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::repeated::repeated;
use crate::block::{Block, Flag, Name, Override};
use crate::cfn::type_names::SECRET;
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

const LENGTH: i64 = 32;

/// A secret of Secrets Manager: generated, or given.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSecret {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The text; a generated one when absent.
    pub value: Option<WithOrigin<TemplateString>>,
    /// The texts of keys, for a secret that is JSON.
    pub keys: Vec<WithOrigin<(String, TemplateString)>>,
    /// The key whose text is generated.
    pub generate: Option<WithOrigin<String>>,
    /// Characters of the generated text, 32 unless set.
    pub length: Option<WithOrigin<i64>>,
    /// Whether it is deleted with its stack.
    pub delete_with_stack: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl StoredSecret {
    /// Creates a generated secret of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            value: None,
            keys: Vec::new(),
            generate: None,
            length: None,
            delete_with_stack: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the secret.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "Secret")
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns the names of its JSON keys, each once; none for a secret that is a text.
    pub(crate) fn json_keys(&self) -> Vec<&str> {
        let given = self.keys.iter().map(|key| key.value.0.as_str());
        let mut keys: Vec<&str> = given.chain(self.generate.iter().map(|key| key.value.as_str())).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> =
            out_of_range(self.length.as_ref(), 8..=4_096, ("the length of a secret", "characters"))
                .into_iter()
                .collect();
        let both = |first: &Origin, second: &Origin, what: &str| {
            Diagnostic::new(Code::DataSetting, format!("the secret `{}` has {what}", self.name.value))
                .at(second, "")
                .at(first, "set here")
                .help("leave one of the two out")
        };
        let key = self.keys.first().map(|key| &key.origin).or(self.generate.as_ref().map(|key| &key.origin));
        if let (Some(value), Some(key)) = (&self.value, key) {
            problems.push(both(&value.origin, key, "a text and JSON keys"));
        }
        let is_given = self
            .value
            .as_ref()
            .map(|value| &value.origin)
            .or_else(|| self.keys.first().filter(|_| self.generate.is_none()).map(|key| &key.origin));
        if let (Some(given), Some(length)) = (is_given, &self.length) {
            problems.push(both(given, &length.origin, "a length, and nothing is generated"));
        }
        problems.extend(repeated(&self.keys, |key| &key.value.0).into_iter().map(|(again, first)| {
            Diagnostic::new(Code::DuplicateItem, format!("the key `{}` of the secret is set twice", again.value.0))
                .at(&again.origin, "the second time")
                .at(&first.origin, "the first time")
                .help("remove one of the two")
        }));
        problems
    }

    /// Returns the JSON text of the given keys.
    fn json(&self) -> TemplateString {
        let mut text = TemplateString::from("{");
        for (at, key) in self.keys.iter().enumerate() {
            let (name, value) = &key.value;
            let comma = if at == 0 { "" } else { "," };
            text = text.with(comma).join(quoted(&TemplateString::from(name.as_str()))).with(":").join(quoted(value));
        }
        text.with("}")
    }

    /// Returns how the secret is generated: letters and digits, so that it fits into a URL.
    fn generated(&self) -> Value {
        let length = self.length.as_ref().map_or(LENGTH, |length| length.value);
        let mut generated = Map::from_iter([
            ("ExcludePunctuation".to_owned(), Value::from(true)),
            ("PasswordLength".to_owned(), length.into()),
        ]);
        if let Some(key) = &self.generate {
            generated.insert("GenerateStringKey".to_owned(), key.value.as_str().into());
            generated.insert("SecretStringTemplate".to_owned(), self.json().into());
        }
        generated.into()
    }
}

impl BlockKind for StoredSecret {
    named_block!(arn);

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(self.problems());
        let secret = Resource::new(SECRET, self.name.origin.clone());
        let secret = match (&self.value, &self.generate) {
            (Some(value), _) => secret.set("SecretString", value, TemplateString::clone),
            (None, None) if !self.keys.is_empty() => {
                secret.with("SecretString", self.json()).with_origin("SecretString", self.keys.first())
            }
            _ => secret
                .with("GenerateSecretString", self.generated())
                .with_origin("GenerateSecretString", &self.generate)
                .with_origin("GenerateSecretString.PasswordLength", &self.length)
                .with_origin("GenerateSecretString.SecretStringTemplate", self.keys.first()),
        };
        lowering.add(self.logical_id(), kept(secret, &self.delete_with_stack));
    }
}
