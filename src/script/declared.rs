//! The names of the functions and methods that scripts may call: for the generator of the fuzz targets.

use super::bindings;
use super::declaration::Declaration;

/// A function or method.
pub(crate) struct Declared {
    /// Its name, with its module.
    pub(crate) name: String,
    /// The words for what each parameter takes.
    pub(crate) parameters: Vec<&'static str>,
    /// The values to offer for the last argument.
    pub(crate) values: &'static [&'static str],
}

impl Declared {
    fn new(name: String, declaration: &Declaration) -> Self {
        let parameters = declaration.parameters.iter().map(|(_, expected)| *expected).collect();
        Self { name, parameters, values: declaration.values.listed() }
    }
}

/// Returns the names of all types but stacks and resources.
pub(crate) fn blocks() -> Vec<&'static str> {
    let names = bindings::types().into_iter().map(|kind| kind.name);
    names.filter(|name| !["Stack", "Resource", "Parameter"].contains(name)).collect()
}

/// Returns the functions that create a type, or those of a module; the plain constructor first.
pub(crate) fn functions_of(kind: &str) -> Vec<Declared> {
    let functions = bindings::functions().into_iter();
    let of_kind = functions.filter(|function| {
        let is_of_module = function.name.split_once("::").is_some_and(|(module, _)| module == kind);
        is_of_module || bindings::made_by(&function.name) == Some(kind)
    });
    let mut found: Vec<Declared> = of_kind.map(|it| Declared::new(it.name, &it.declaration)).collect();
    found.sort_by_key(|function| function.name != kind);
    found
}

/// Returns the methods of a type.
pub(crate) fn methods_of(kind: &str) -> Vec<Declared> {
    let known = bindings::types().into_iter().filter(|known| known.name == kind);
    known.flat_map(|known| known.methods).map(|method| Declared::new(method.name.to_owned(), &method)).collect()
}
