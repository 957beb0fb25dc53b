//! The functions of tests and the type `Template`.

use super::bindings::{Signature, signatures_of};
use super::language::merged;
use super::table::row;
use super::{DocElement, Entry, Kind};
use crate::script::{policies, template_view, testing};

const ABOUT: &str = " The functions that tests have: `test_*` functions in `tests/*.rhai`, which `rtiler test` runs.

 A test has no parameters. It imports what it tests, and everything that it needs is in it: settings are arguments of \
 `script`, and `rehearse` deploys to a simulated account in virtual time. Each test is evaluated for itself.

 ```rhai-test
 let t = template(stack);
 assert_eq(t.count(\"AWS::SQS::Queue\"), 1);
 t.has(\"AWS::SQS::Queue\", #{ VisibilityTimeout: 60 });
 assert_eq(rehearse(stack).result, \"created\");
 ```
";

const TEMPLATE: &str = " The template of a stack, as tests and policies read it.

 `template(stack)` returns it in a test; a policy gets it as its argument.

 ```rhai-test
 let t = template(stack);
 assert_eq(t.resource(\"Jobs\").type, \"AWS::SQS::Queue\");
 ```
";

/// Returns the page about tests, that about templates, and those of their functions, methods and properties.
pub(super) fn entries() -> Vec<Entry> {
    let mut names = template_view::names();
    names.methods.extend(testing::template_methods());
    let functions: Vec<Signature> =
        testing::names().into_iter().chain(policies::functions::names()).map(Signature::of_function).collect();
    let functions = merged(&functions);
    let members = merged(&signatures_of(names));
    let pages = [
        page("tests", ABOUT, ("Function", "What it does"), &functions),
        page("Template", TEMPLATE, ("Name", "What it gives"), &members),
    ];
    pages.into_iter().chain(functions).chain(members).collect()
}

fn page(name: &str, about: &str, (column, does): (&str, &str), entries: &[Entry]) -> Entry {
    let mut parts = DocElement::parse(about);
    parts.push(DocElement::table(&[column, does], entries.iter().map(row).collect()));
    let summary = super::part::summary(about);
    Entry { kind: Kind::Module, name: name.to_owned(), signatures: Vec::new(), summary, parts }
}
