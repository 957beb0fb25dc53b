//! The documentation of everything that scripts see, as it stands beside the bindings.

use super::bind;
use super::method::{Parameter, plain};

/// A function, type, method or property with its documentation.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The type that it belongs to; none for functions.
    pub owner: Option<&'static str>,
    /// Its name; with its module for a function in one.
    pub name: String,
    /// The names of its parameters with what each takes; none for a property.
    pub parameters: Option<Vec<(&'static str, &'static str)>>,
    /// The doc comment: a short description on the first line.
    pub doc: &'static str,
}

impl Entry {
    /// The name with that of its owner: `FargateService.cpu`.
    pub fn full_name(&self) -> String {
        self.owner.map_or_else(|| self.name.clone(), |owner| format!("{owner}.{}", self.name))
    }

    /// As it is written in a script: `FargateService.cpu(units)`.
    pub fn signature(&self) -> String {
        let names = |parameters: &Vec<(&str, &str)>| {
            let names: Vec<&str> = parameters.iter().map(|parameter| parameter.0.trim_start_matches('_')).collect();
            format!("({})", names.join(", "))
        };
        format!("{}{}", self.full_name(), self.parameters.as_ref().map(names).unwrap_or_default())
    }
}

/// Every function first, then the methods and properties of each type.
pub fn reference() -> Vec<Entry> {
    let parameters = |parameters: &'static [Parameter]| Some(parameters.to_vec());
    let functions = bind::functions().into_iter().map(|function| Entry {
        owner: None,
        name: function.name,
        parameters: parameters(function.parameters),
        doc: function.doc,
    });
    let members = bind::types().into_iter().flat_map(move |kind| {
        let owner = Some(kind.name);
        let methods = kind.methods.into_iter().map(move |(name, taken, doc)| Entry {
            owner,
            name: plain(name).to_owned(),
            parameters: parameters(taken),
            doc,
        });
        let properties = kind.properties.into_iter().map(move |(name, doc)| Entry {
            owner,
            name: name.to_owned(),
            parameters: None,
            doc,
        });
        methods.chain(properties)
    });
    functions.chain(members).collect()
}
