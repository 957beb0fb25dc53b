//! The resources that a block creates, for its page: found by evaluating the examples of its methods, never written by
//! hand.
//!
//! The block alone gives the resources that are always created. If an example of a method has more or fewer resources, the
//! methods that it calls are the condition. So a change of a block changes its page.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{cost, example, templates, tree};
use crate::cfn::Template;
use crate::script::reference::{DocElement, Entry, Kind, Reference, SearchResult};
use crate::script::session::{DisplayValue, EntryResult, Evaluated, Session};
use crate::script::{Limits, NoFiles};

/// The blocks and parts of blocks that create resources: the example of each, and the call that creates its resources.
const BASES: &[(&str, &str, &str)] = &[
    ("Alb", "Alb(\"Web\").vpc(vpc)", "Alb("),
    ("Cluster", "Cluster(\"Apps\")", "Cluster("),
    ("FargateService", "FargateService(\"Web\").image(\"nginx:1.27\")", "FargateService("),
    ("Job", "Job(\"Clean\").image(\"ghcr.io/acme/shop:1.4.2\")", "Job("),
    ("Scaling", "FargateService(\"Web\").image(\"nginx:1.27\")", "FargateService("),
    ("Vpc", "Vpc(\"Net\")", "Vpc("),
];

/// The number of resources with one condition from which only the first is named.
const LISTED: usize = 15;

/// Adds to the pages of blocks the resources that they create, their cost drivers and their defaults.
#[must_use]
pub fn with_generated_resources(result: SearchResult, reference: &Reference) -> SearchResult {
    let SearchResult::Pages(mut entries) = result else { return result };
    for entry in entries.iter_mut().filter(|entry| entry.kind == Kind::Block) {
        if let Some(parts) = parts(entry, reference) {
            entry.parts.extend(parts);
        }
    }
    SearchResult::Pages(entries)
}

/// Returns the generated sections of a page.
fn parts(entry: &Entry, reference: &Reference) -> Option<Vec<DocElement>> {
    let (name, base, call) = BASES.iter().find(|(name, ..)| *name == entry.name)?;
    let is_part = !call.starts_with(name);
    let alone = script(entry, base, is_part);
    let first = evaluate(&alone, call)?;
    let others = results_of_methods(name, base, call, reference);
    let mut parts = vec![heading("Created resources")];
    let source = if is_part { "in addition to those of the service".to_owned() } else { format!("of `{base}`") };
    parts.push(DocElement::Text { text: format!("Resources {source}, by logical id:") });
    parts.push(DocElement::table(&["Logical id", "When", "Type"], resources(&first, &others, is_part)));
    let costs = costs(&first, &others, is_part);
    if !costs.is_empty() {
        parts.push(heading("Billed by the hour"));
        parts.push(DocElement::table(&["Resource", "When"], costs));
    }
    let defaults = if is_part { Vec::new() } else { first.value.defaults() };
    if !defaults.is_empty() {
        parts.push(heading("Defaults"));
        let rows = defaults.into_iter().map(|(name, default)| vec![format!(".{name}"), default.to_owned()]).collect();
        parts.push(DocElement::table(&["Method", "Default"], rows));
    }
    Some(parts)
}

/// Evaluates the examples of the methods of a block; returns the methods that each calls, with its result.
fn results_of_methods(block: &str, base: &str, call: &str, reference: &Reference) -> Vec<(Calls, ExampleResult)> {
    let is_method = |entry: &&Entry| entry.kind == Kind::Method && entry.owner() == Some(block);
    let mut results = Vec::new();
    for method in reference.entries().iter().filter(is_method) {
        for (text, _) in method.examples().filter(|(_, wrong)| !wrong) {
            let calls: Calls = called(text, block).difference(&called(base, block)).cloned().collect();
            if let Some(result) = evaluate(&example::script(method, text), call).filter(|_| !calls.is_empty()) {
                results.push((calls, result));
            }
        }
    }
    results
}

fn heading(text: &str) -> DocElement {
    DocElement::Heading { text: text.to_owned() }
}

/// Returns a base as a script; that of a part is a service without the part.
fn script(entry: &Entry, base: &str, is_part: bool) -> String {
    if is_part { format!("let it = {base};\nStack(\"example\").add(it)") } else { example::script(entry, base) }
}

/// The names of the methods that an example calls on a block.
type Calls = BTreeSet<String>;

/// Returns the methods that are called on `Alb(..)` and on `alb`, without those of blocks in the arguments.
fn called(text: &str, block: &str) -> Calls {
    let mut calls = Calls::new();
    for start in [block.to_owned(), example::variable(block)] {
        for (at, _) in text.match_indices(&start) {
            let before = text[..at].chars().next_back();
            let rest = &text[at + start.len()..];
            let whole = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
            if before != Some('.') && whole(before) && whole(rest.chars().next()) {
                chain(rest, &mut calls);
            }
        }
    }
    calls
}

/// Adds the chained calls from here: `("x").a(1).b` has `a`.
fn chain(text: &str, calls: &mut Calls) {
    let mut rest = text.strip_prefix("::existing").unwrap_or(text);
    loop {
        rest = after_arguments(rest).trim_start();
        let Some(member) = rest.strip_prefix('.') else { return };
        let end = member.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(member.len());
        if !member[end..].starts_with('(') {
            return;
        }
        calls.insert(member[..end].to_owned());
        rest = &member[end..];
    }
}

/// Returns the text after the arguments of a call, if there are any.
fn after_arguments(text: &str) -> &str {
    let (mut depth, mut is_text) = (0_usize, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && !is_text {
            return if letter == ')' { &text[at + 1..] } else { text };
        }
    }
    text
}

/// The result of an example.
struct ExampleResult {
    value: DisplayValue,
    /// The logical ids with their types, in the order of the template.
    resources: Vec<(String, String)>,
    costs: Vec<String>,
}

/// Evaluates a script; returns the resources that a call created, or `None` if it created none.
fn evaluate(script: &str, call: &str) -> Option<ExampleResult> {
    let mut session = Session::new(Rc::new(NoFiles), Vec::new(), Limits::default());
    let EntryResult::Done(Evaluated { value: Some(stack), .. }) = session.evaluate(script) else { return None };
    let synth = templates::of_stacks(&stack.stacks(), stack.mentions(), &session.budget()).value?.into_iter().next()?;
    let sources = stack.sources();
    let mut template = Template::default();
    for (id, resource) in &synth.template.resources {
        if tree::creator_call(tree::creator(&synth, id, resource), &sources).starts_with(call) {
            template.resources.insert(id.clone(), resource.clone());
        }
    }
    let resources: Vec<_> =
        template.resources.iter().map(|(id, resource)| (id.to_string(), resource.kind.to_string())).collect();
    let value = session.variable("it").unwrap_or(stack);
    (!resources.is_empty()).then(|| ExampleResult { value, resources, costs: cost::drivers(&template) })
}

/// Returns the smallest conditions: `.https` is enough if both `.https` and `.https` with `.redirect_http` have an effect.
fn condition(word: &str, all: &[&Calls]) -> String {
    let mut least: Vec<&Calls> = Vec::new();
    for calls in all {
        let smaller = |other: &&Calls| other.is_subset(calls) && other != calls;
        if !all.iter().any(smaller) && !least.contains(calls) {
            least.push(calls);
        }
    }
    let one = |calls: &&Calls| calls.iter().map(|name| format!("`.{name}`")).collect::<Vec<_>>().join(" and ");
    let shown: Vec<String> = least.iter().map(one).collect();
    if shown.is_empty() { "always".to_owned() } else { format!("{word} {}", shown.join(" or ")) }
}

/// Returns the rows of resources: those that differ only by a number, with one condition, share a row.
fn resources(first: &ExampleResult, others: &[(Calls, ExampleResult)], is_part: bool) -> Vec<Vec<String>> {
    let has = |result: &ExampleResult, id: &str| result.resources.iter().any(|(known, _)| known == id);
    let mut all: Vec<(String, String, String)> = Vec::new();
    for (id, kind) in first.resources.iter().filter(|_| !is_part) {
        let without: Vec<&Calls> =
            others.iter().filter(|(_, result)| !has(result, id)).map(|(calls, _)| calls).collect();
        all.push((id.clone(), kind.clone(), condition("unless", &without)));
    }
    for (id, kind) in others.iter().flat_map(|(_, result)| &result.resources) {
        if !has(first, id) && all.iter().all(|(known, ..)| known != id) {
            let with: Vec<&Calls> =
                others.iter().filter(|(_, result)| has(result, id)).map(|(calls, _)| calls).collect();
            // Resources of every example belong to the part itself.
            let is_always = is_part && with.len() == others.len();
            all.push((
                id.clone(),
                kind.clone(),
                if is_always { "always".to_owned() } else { condition("with", &with) },
            ));
        }
    }
    rows(&all)
}

fn rows(all: &[(String, String, String)]) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    all.iter().for_each(|(.., when)| *counts.entry(when).or_default() += 1);
    let mut groups: Vec<(String, &str, &str, Vec<&str>)> = Vec::new();
    for (id, kind, when) in all {
        let many = when != "always" && counts[when.as_str()] > LISTED;
        let pattern = if many { String::new() } else { id.replace(|letter: char| letter.is_ascii_digit(), "#") };
        let same = |group: &&mut (String, &str, &str, Vec<&str>)| group.0 == pattern && group.2 == when;
        match groups.iter_mut().find(same) {
            Some(group) => group.3.push(id),
            None => groups.push((pattern, kind, when, vec![id])),
        }
    }
    let row = |(pattern, kind, when, ids): &(String, &str, &str, Vec<&str>)| {
        let more = match (pattern.is_empty(), ids.len()) {
            (_, 1) => ids[0].to_owned(),
            (true, count) => format!("{} and {} more", ids[0], count - 1),
            (false, _) => ids.join(", "),
        };
        let kind = if pattern.is_empty() { kinds(all, when) } else { (*kind).to_owned() };
        vec![more, (*when).to_owned(), kind]
    };
    groups.iter().map(row).collect()
}

/// Returns the types of the resources with a condition, each once.
fn kinds(all: &[(String, String, String)], when: &str) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for (_, kind, _) in all.iter().filter(|(.., known)| known == when) {
        if !kinds.contains(&kind.as_str()) {
            kinds.push(kind);
        }
    }
    kinds.join(", ")
}

/// Returns the rows of cost drivers.
fn costs(first: &ExampleResult, others: &[(Calls, ExampleResult)], is_part: bool) -> Vec<Vec<String>> {
    let mut seen: Vec<&String> = first.costs.iter().filter(|_| !is_part).collect();
    let mut rows: Vec<Vec<String>> =
        seen.iter().map(|driver| vec![(*driver).clone(), "always, unless changed".to_owned()]).collect();
    for driver in others.iter().flat_map(|(_, result)| &result.costs) {
        if !seen.contains(&driver) && !first.costs.contains(driver) {
            seen.push(driver);
            let with = others.iter().filter(|(_, result)| result.costs.contains(driver)).map(|(calls, _)| calls);
            rows.push(vec![driver.clone(), condition("with", &with.collect::<Vec<_>>())]);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> String {
        let reference = Reference::of_language();
        with_generated_resources(reference.look_up(name), &reference).to_text(80)
    }

    /// Returns the row of a resource with the line below it.
    fn row<'t>(page: &'t str, id: &str) -> &'t str {
        let at = page.find(&format!("\n{id}")).unwrap_or_else(|| panic!("no {id} in\n{page}")) + 1;
        let end = page[at..].match_indices('\n').nth(1).map_or(page.len(), |(end, _)| at + end);
        &page[at..end]
    }

    fn deep(test: fn()) {
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(test).expect("a thread");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }

    #[test]
    fn calls_on_other_blocks_are_ignored() {
        let calls = |text: &str, block: &str| called(text, block).into_iter().collect::<Vec<_>>().join(" ");
        let both = "service.cluster(Cluster(\"Apps (2)\").spot())\n    .port(80)";
        assert_eq!(calls(both, "FargateService"), "cluster port");
        assert_eq!(calls(both, "Cluster"), "spot");
        assert_eq!(calls("Stack(\"a\").add(my_alb.https(1).listen(2)).output(\"U\", alb.url)", "Alb"), "");
        assert_eq!(calls("Vpc::existing(\"vpc-1\").public_subnets([(1)]).flow_logs", "Vpc"), "public_subnets");
    }

    #[test]
    fn page_lists_the_resources_of_a_block_with_their_conditions() {
        deep(|| {
            let alb = page("Alb");
            assert!(row(&alb, "WebAlbSecurityGroup ").contains("always"), "{alb}");
            assert!(row(&alb, "WebListener443").contains("with `.https`"), "{alb}");
            assert!(row(&alb, "WebListener80 ").contains("unless `.listen` or `.https`"), "{alb}");
            let service = page("FargateService");
            assert!(row(&service, "WebTask ").contains("AWS::ECS::TaskDefinition"), "{service}");
            assert!(row(&service, "WebScalableTarget").contains("with `.scaling`"), "{service}");
            assert!(!service.contains("Vpc"), "the network is that of the stack: {service}");
            let vpc = page("Vpc");
            assert!(row(&vpc, "NetVpcPublicSubnet2NatGateway").contains("unless `.nat_gateways`"), "{vpc}");
            assert!(vpc.contains("1 NAT gateway ") && vpc.contains("2 NAT gateways"), "{vpc}");
            assert!(vpc.contains("10.0.0.0/16"), "{vpc}");
            assert!(row(&page("Scaling"), "WebScalableTarget").contains("always"), "{}", page("Scaling"));
        });
    }
}
