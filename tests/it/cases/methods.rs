//! Every function, method and property that scripts see stands in a good script.

use rtiler::script::reference;

use super::templates::scripts;
use super::{folder, stem};

/// What only a wrong script can have: images cannot be built yet (`err/image-build.rhai`), and a script declares no
/// conditions that a resource could name (`err/resource-policies.rhai`).
const IN_WRONG_SCRIPTS: [&str; 3] = ["Image", "Image::build", "Resource.condition"];

#[test]
fn every_method_and_property_stands_in_the_script_of_its_block() {
    let mut missing = Vec::new();
    for entry in reference() {
        let Some(owner) = entry.owner else { continue };
        if [owner, &entry.full_name()].iter().any(|name| IN_WRONG_SCRIPTS.contains(name)) {
            continue;
        }
        let file = folder("tests/cases/ok").join(format!("{}.rhai", kebab(owner)));
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("a script for {owner}: {}", file.display()));
        let used = match &entry.parameters {
            Some(parameters) => calls(&text, &format!(".{}(", entry.name)).any(|count| count == parameters.len()),
            None => text.contains(&format!(".{}", entry.name)),
        };
        if !used {
            missing.push(format!("{} in {}.rhai", entry.signature(), stem(&file)));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_function_stands_in_a_good_script() {
    let texts: Vec<String> = scripts().iter().map(|script| std::fs::read_to_string(script).unwrap()).collect();
    let functions = reference().into_iter().filter(|entry| entry.owner.is_none());
    let missing: Vec<String> = functions
        .filter(|entry| !IN_WRONG_SCRIPTS.contains(&entry.name.as_str()))
        .filter(|entry| {
            let count = entry.parameters.as_ref().map_or(0, Vec::len);
            !texts.iter().any(|text| calls(text, &format!("{}(", entry.name)).any(|given| given == count))
        })
        .map(|entry| entry.signature())
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The numbers of arguments of the calls in a text that begin so.
fn calls<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(start).map(move |(at, _)| arguments(&text[at + start.len()..]))
}

/// The number of arguments up to the bracket that closes.
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
