//! The bindings as they are declared: each signature with its doc comment.

use std::borrow::Cow;

use crate::script::bindings::{self, FunctionNames};
use crate::script::declaration::{Parameter, TypeNames};

/// One way to call a function or method, or a property.
pub(super) struct Signature {
    /// The type that it belongs to; none for functions.
    pub(super) owner: Option<&'static str>,
    /// Its name; with its module for a function in one.
    pub(super) name: String,
    /// The names and types of its parameters; none for a property.
    pub(super) parameters: Option<Vec<Parameter>>,
    /// The doc comment: a short description on the first lines.
    pub(super) doc: Cow<'static, str>,
    /// The default and the allowed values, as a sentence.
    pub(super) notes: Option<String>,
}

impl Signature {
    /// Returns the signature of a function.
    pub(super) fn of_function(function: FunctionNames) -> Self {
        Signature {
            owner: None,
            name: function.name,
            parameters: Some(function.declaration.parameters.to_vec()),
            doc: function.declaration.documentation(),
            notes: function.declaration.notes(),
        }
    }

    /// Returns the name with that of its owner: `FargateService.cpu`.
    pub(super) fn full_name(&self) -> String {
        self.owner.map_or_else(|| self.name.clone(), |owner| format!("{owner}.{}", self.name))
    }

    /// Returns the signature as a script writes it: `FargateService.cpu(units)`.
    pub(super) fn signature(&self) -> String {
        let names = |parameters: &Vec<Parameter>| {
            let names: Vec<&str> = parameters.iter().map(|parameter| parameter.0.trim_start_matches('_')).collect();
            format!("({})", names.join(", "))
        };
        format!("{}{}", self.full_name(), self.parameters.as_ref().map(names).unwrap_or_default())
    }
}

/// Returns every function first, then the methods and properties of each type.
pub(super) fn forms() -> Vec<Signature> {
    let functions = bindings::functions().into_iter().map(Signature::of_function);
    functions.chain(bindings::types().into_iter().flat_map(signatures_of)).collect()
}

/// Returns the methods and properties of a type.
pub(super) fn signatures_of(kind: TypeNames) -> Vec<Signature> {
    let owner = Some(kind.name);
    let methods = kind.methods.into_iter().map(|method| Signature {
        owner,
        name: method.name.to_owned(),
        parameters: Some(method.parameters.to_vec()),
        doc: method.documentation(),
        notes: method.notes(),
    });
    let properties = kind.properties.into_iter().map(|(name, doc)| Signature {
        owner,
        name: name.to_owned(),
        parameters: None,
        doc: doc.into(),
        notes: None,
    });
    methods.chain(properties).collect()
}

/// Returns the names of the types.
pub(super) fn types() -> Vec<&'static str> {
    bindings::types().into_iter().map(|kind| kind.name).collect()
}
