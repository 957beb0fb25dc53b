mod examples;

use std::collections::BTreeSet;

use regex::Regex;

use super::site::{Pages, anchor, pages};
use super::*;

fn text_of(name: &str) -> String {
    everything().look_up(name).to_text(WIDTH)
}

/// Returns the anchors of the headings of a page, without code blocks.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_code = false;
    let headings = text.lines().filter(|line| {
        in_code ^= line.starts_with("```");
        !in_code && line.starts_with('#')
    });
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

/// Returns the links without a target.
fn dead_links(pages: &Pages) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
    let mut dead = Vec::new();
    for (from, text) in pages {
        for address in link.captures_iter(text).map(|found| found[1].to_owned()) {
            let (page, anchor) = address.split_once('#').unwrap_or((&address, ""));
            let folder = Path::new(from).parent().unwrap_or(Path::new(""));
            let to = match (page.strip_prefix("../"), page) {
                (_, "") => from.clone(),
                (Some(above), _) => above.to_owned(),
                (None, page) => folder.join(page).display().to_string(),
            };
            let resolves = pages.get(&to).is_some_and(|text| anchor.is_empty() || anchors(text).contains(anchor));
            if !resolves && !address.starts_with("http") {
                dead.push(format!("{from} links to {address}"));
            }
        }
    }
    dead
}

#[test]
fn every_link_resolves_and_every_entry_has_a_heading() {
    let reference = everything();
    let pages = pages(&reference, false);
    assert_eq!(dead_links(&pages), [""; 0]);
    for entry in reference.entries() {
        let has_its_heading =
            |text: &String| text.lines().any(|line| line.trim_start_matches('#').trim() == entry.name);
        assert!(pages.values().any(has_its_heading), "{} has no heading", entry.name);
    }
    let linked = &pages["blocks/FargateService.md"];
    assert!(linked.contains("[`.cpu(units)`](#fargateservicecpu)"), "{linked}");
    assert!(pages["codes/fargate-size.md"].contains("```rhai wrong"));
    assert!(pages["types.md"].contains("- `AWS::S3::Bucket`"));
}

#[test]
fn types_have_pages_if_requested() {
    let pages = pages(&everything(), true);
    assert!(pages.len() > 2000, "{} pages", pages.len());
    assert!(pages["types/AWS/S3/Bucket.md"].contains("| `BucketName` | string |  | replaces |"));
    assert!(pages["types.md"].contains("[`AWS::S3::Bucket`](types/AWS/S3/Bucket.md)"));
}

#[test]
fn command_is_found_by_its_last_word_with_all_options() {
    let deploy = text_of("deploy");
    assert!(deploy.starts_with("rtiler run <SCRIPT> deploy"), "{deploy}");
    for option in ["--allow-replace", "--fault", "--set <NAME=VALUE>", "--color <WHEN>", "`broadening`"] {
        assert!(deploy.contains(option), "no {option} in:\n{deploy}");
    }
    let check = text_of("check");
    assert!(check.contains("rtiler check") && check.contains("rtiler run <SCRIPT> check"), "{check}");
}

#[test]
fn code_has_the_page_of_explain() {
    assert!(text_of("fargate-size").contains("Windows begins at 1024"));
}

#[test]
fn misspelt_name_of_every_kind_has_a_suggestion() {
    let cases = [
        ("FargateServise", "FargateService"),
        ("FargateService.cpuu", "FargateService.cpu"),
        ("memroy", "memory"),
        ("deplyo", "deploy"),
        ("fargate-sise", "fargate-size"),
        ("AWS::S3::Buckett", "AWS::S3::Bucket"),
        (
            "AWS::ECS::Service.DeploymentConfiguration.MinimumHealtyPercent",
            "AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent",
        ),
        ("titiler::GDALL", "titiler::GDAL"),
    ];
    for (written, meant) in cases {
        assert_eq!(everything().look_up(written), SearchResult::Nothing(Some(meant.to_owned())), "{written}");
    }
}

#[test]
fn lines_of_text_fit_eighty_columns() {
    let names =
        ["FargateService", "AWS::S3::Bucket", "AWS::ECS", "deploy", "AWS::ECS::*", "settings", "Alb.access_logs"];
    for name in names {
        let text = text_of(name);
        // A name longer than a line is not wrapped.
        let wide = text
            .lines()
            .filter(|line| line.chars().count() > WIDTH && line.trim().contains(' ') && !line.starts_with("rtiler"));
        let wide: Vec<&str> = wide.filter(|line| !line.starts_with("    ")).collect();
        assert!(wide.is_empty(), "{name}: {wide:#?}");
    }
}
