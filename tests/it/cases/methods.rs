//! Every function, method and property of the language is in a valid script. What only tests, policies and packages have is in the
//! standard library or in an example of the documentation, which tests execute as well.

use rtiler::script::reference::{DocElement, Kind, Reference};

use super::templates::scripts;
use super::{folder, stem};

/// What only a wrong script can have: a script declares no conditions that a resource could name
/// (`err/resource-policies.rhai`).
const IN_WRONG_SCRIPTS: [&str; 1] = ["Resource.condition"];

#[test]
fn every_method_and_property_is_in_the_script_of_its_block() {
    let (mut missing, mut seen) = (Vec::new(), 0);
    for entry in Reference::of_language().entries() {
        if !matches!(entry.kind, Kind::Method | Kind::Property) {
            continue;
        }
        let (owner, name) = (entry.owner().unwrap(), entry.short_name());
        if [owner, &entry.name].iter().any(|name| IN_WRONG_SCRIPTS.contains(name)) {
            continue;
        }
        let file = folder("tests/cases/ok").join(format!("{}.rhai", kebab(owner)));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|_| examples());
        for signature in &entry.signatures {
            // A setter and a property may share a name, and then have one entry.
            let used = if signature.contains('(') {
                calls(&text, &format!(".{name}(")).any(|count| count == taken(signature))
            } else {
                text.contains(&format!(".{name}"))
            };
            if !used {
                missing.push(format!("{signature} in {}.rhai", stem(&file)));
            }
            seen += 1;
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(seen > 100, "{seen} ways to call something");
}

#[test]
fn every_function_is_in_a_valid_script() {
    let mut texts: Vec<String> = scripts().iter().map(|script| std::fs::read_to_string(script).unwrap()).collect();
    texts.push(examples());
    let reference = Reference::of_language();
    let entries = reference.entries().iter().filter(|entry| matches!(entry.kind, Kind::Block | Kind::Function));
    let signatures = entries.flat_map(|entry| &entry.signatures).filter(|signature| !signature.starts_with("AWS::"));
    let missing: Vec<&String> = signatures
        .filter(|signature| !IN_WRONG_SCRIPTS.contains(&called(signature)))
        .filter(|signature| {
            let start = format!("{}(", called(signature));
            !texts.iter().any(|text| calls(text, &start).any(|given| given == taken(signature)))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Returns the standard library, its tests, and the right examples of the documentation.
fn examples() -> String {
    let reference = Reference::of_language();
    let parts = reference.entries().iter().flat_map(|entry| &entry.parts);
    // Examples of functions that only tests have are `rhai-test`.
    let examples = parts.filter_map(|part| match part {
        DocElement::Code { language, text, wrong: false } if language.starts_with("rhai") => Some(format!("{text}\n")),
        _ => None,
    });
    let mut text: String = examples.collect();
    for part in ["stdlib", "stdlib/tests"] {
        let files = std::fs::read_dir(folder(part)).unwrap().map(|file| file.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "rhai")) {
            text += &std::fs::read_to_string(file).unwrap();
        }
    }
    text
}

/// Returns the name before the brackets.
fn called(signature: &str) -> &str {
    signature.split('(').next().unwrap()
}

/// Returns the number of parameters in the brackets.
fn taken(signature: &str) -> usize {
    signature.split_once('(').map_or(0, |(_, parameters)| arguments(parameters))
}

/// Returns the numbers of arguments of the calls in a text that begin like this.
fn calls<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(start).map(move |(at, _)| arguments(&text[at + start.len()..]))
}

/// Counts the arguments up to the closing bracket.
fn arguments(text: &str) -> usize {
    let (mut depth, mut commas, mut quote, mut any) = (0, 0, None, false);
    for letter in text.chars() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '`', None) => (quote, any) = (Some(letter), true),
            (')', None) if depth == 0 => break,
            (',', None) if depth == 0 => commas += 1,
            ('(' | '[' | '{', None) => (depth, any) = (depth + 1, true),
            (')' | ']' | '}', None) => depth -= 1,
            (letter, None) => any |= !letter.is_whitespace(),
        }
    }
    if any { commas + 1 } else { 0 }
}

fn kebab(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
