//! Diagnostics as SARIF 2.1.0 (OASIS), as GitHub's code scanning reads it ("SARIF support for code scanning" in GitHub's
//! documentation): rules with descriptions and help, regions with ends, related locations that the message links to, paths
//! from the root of the repository, and a category for each script.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::diag::{Diagnostic, Hint, Label, MOST_IN_DOCUMENT, Origin, Selection, Severity, SourceMap, columns};
use crate::explain::page;
use crate::script::reference::DocElement;

/// The name of the root of the repository in locations.
const ROOT: &str = "%SRCROOT%";

/// The files of a check.
pub(crate) struct Checked<'a> {
    /// The script or template; a problem without a file is shown there.
    pub(crate) file: &'a str,
    /// The texts of the sources.
    pub(crate) sources: &'a SourceMap,
    /// The root of the repository; the working directory if there is no repository.
    pub(crate) root: PathBuf,
    /// The working directory.
    pub(crate) working: PathBuf,
}

impl<'a> Checked<'a> {
    /// Creates the files of a check in the working directory; `.git` marks the root of a repository.
    pub(crate) fn new(file: &'a str, sources: &'a SourceMap) -> Self {
        let working = std::env::current_dir().unwrap_or_default();
        let root = working.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&working).to_owned();
        Self { file, sources, root, working }
    }

    /// Returns a SARIF log with one run.
    pub(crate) fn log(&self, problems: &[Diagnostic]) -> Json {
        let selection = Selection::new(problems, MOST_IN_DOCUMENT);
        let rules: BTreeMap<_, _> = problems.iter().map(|problem| (problem.name(), problem)).collect();
        let index = |problem: &Diagnostic| rules.keys().position(|name| *name == problem.name()).unwrap_or(0);
        let result = |problem: &Diagnostic| self.result(problem, index(problem));
        let root = format!("file://{}/", encoded(&self.root.display().to_string()).trim_end_matches('/'));
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "rtiler",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules.values().map(|problem| rule(problem)).collect::<Vec<_>>(),
                } },
                // The text before the last slash is the category: the alerts of one script do not close those of another.
                "automationDetails": { "id": format!("rtiler/{}/", self.path(self.file)) },
                "originalUriBaseIds": {
                    ROOT: { "uri": root, "description": { "text": "The root of the repository." } },
                },
                "columnKind": "unicodeCodePoints",
                "results": selection.shown.iter().map(|problem| result(&problem.shortened())).collect::<Vec<_>>(),
                "properties": { "omittedProblems": selection.omitted },
            }],
        })
    }

    fn result(&self, problem: &Diagnostic, rule: usize) -> Json {
        let is_file = |label: &&Label| is_file(&label.origin.source);
        let primary = problem.labels.iter().find(is_file);
        let others: Vec<&Label> = problem.labels.iter().filter(is_file).skip(1).collect();
        let place = primary.map_or_else(|| Origin::new(self.file, 0, 0), |label| label.origin.clone());
        json!({
            "ruleId": problem.name(),
            "ruleIndex": rule,
            "level": level(problem.severity),
            "message": { "text": text(problem, &others) },
            "locations": [self.location(&place)],
            "relatedLocations": (1..).zip(&others).map(|(id, label)| self.related(id, label)).collect::<Vec<_>>(),
        })
    }

    fn related(&self, id: usize, label: &Label) -> Json {
        let mut location = self.location(&label.origin);
        location["id"] = json!(id);
        location["message"] = json!({ "text": label_text(label) });
        location
    }

    /// Returns the location of a place. GitHub needs a line: a place without one is the first line.
    fn location(&self, origin: &Origin) -> Json {
        let line = origin.line.max(1);
        let mut region = json!({ "startLine": line, "endLine": line });
        if let Some(columns) = columns(origin, self.sources) {
            region["startColumn"] = json!(columns.start);
            region["endColumn"] = json!(columns.end);
        } else if origin.column > 0 {
            region["startColumn"] = json!(origin.column);
        }
        let artifact = json!({ "uri": encoded(&self.path(&origin.source)), "uriBaseId": ROOT });
        json!({ "physicalLocation": { "artifactLocation": artifact, "region": region } })
    }

    /// Returns the path of a source from the root of the repository, with slashes.
    fn path(&self, source: &str) -> String {
        let mut full = PathBuf::new();
        for part in self.working.join(source).components() {
            match part {
                Component::ParentDir => drop(full.pop()),
                Component::CurDir => {}
                part => full.push(part),
            }
        }
        let path = full.strip_prefix(&self.root).unwrap_or(Path::new(source));
        path.display().to_string().replace('\\', "/")
    }
}

/// Returns the rule of a problem: its code, or the policy that found it.
fn rule(problem: &Diagnostic) -> Json {
    let code = problem.code;
    let text = page(code).text.trim();
    let plain = text.replace("```rhai", "```").replace("```sh", "```");
    json!({
        "id": problem.name(),
        "name": pascal_case(&problem.name()),
        "shortDescription": { "text": title(problem) },
        "fullDescription": { "text": first_paragraph(text) },
        "defaultConfiguration": { "level": level(code.severity()) },
        "help": { "text": plain, "markdown": format!("{text}\n\n`rtiler explain {code}` shows this page.") },
        "properties": { "tags": ["rtiler"], "precision": "high", "problem.severity": level(code.severity()) },
    })
}

/// Returns the title of a rule: that of its code, with the name of its policy.
fn title(problem: &Diagnostic) -> String {
    match &problem.rule {
        Some(policy) => format!("{} (`{policy}`)", problem.code.title()),
        None => problem.code.title().to_owned(),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Returns the message: the problem, its notes and hints, and links to the related locations.
fn text(problem: &Diagnostic, others: &[&Label]) -> String {
    let hints = problem.hints.iter().map(Hint::to_string);
    let links = (1..).zip(others).map(|(id, label)| format!("see [{}]({id})", label_text(label)));
    let parts = std::iter::once(problem.message.clone()).chain(problem.notes.iter().cloned()).chain(hints).chain(links);
    parts.collect::<Vec<_>>().join("\n")
}

/// Returns the text of a label as the text of a link.
fn label_text(label: &Label) -> String {
    let text = if label.message.is_empty() { label.origin.to_string() } else { label.message.clone() };
    text.replace('[', "(").replace(']', ")")
}

/// Returns whether a source is a file: `std/titiler` and `--set` are not.
fn is_file(source: &str) -> bool {
    let name = source.rsplit(['/', '\\']).next().unwrap_or(source);
    !source.starts_with("--") && name.contains('.')
}

fn first_paragraph(text: &str) -> String {
    let parts = DocElement::parse(text).into_iter();
    parts
        .into_iter()
        .find_map(|part| if let DocElement::Text { text } = part { Some(text) } else { None })
        .unwrap_or_default()
}

fn pascal_case(code: &str) -> String {
    let capital = |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
    code.split(['-', '_', ':']).map(capital).collect()
}

/// Returns a path with the characters that a URI does not allow as `%XX` (RFC 3986).
fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    fn log(problems: &[Diagnostic]) -> Json {
        let mut sources = SourceMap::default();
        sources.add("my app.rhai", "let größe = 1;\nAlb(\"web\").listen(0)\n");
        let (root, working) = (PathBuf::from("/work/shop"), PathBuf::from("/work/shop/infra"));
        Checked { file: "my app.rhai", sources: &sources, root, working }.log(problems)
    }

    #[test]
    fn result_has_a_path_from_the_root_and_the_end_of_its_region() {
        let problem = Diagnostic::new(Code::FargateSize, "wrong").at(&Origin::new("my app.rhai", 2, 12), "");
        let log = log(&[problem]);
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"], json!({ "uri": "infra/my%20app.rhai", "uriBaseId": ROOT }));
        assert_eq!(place["region"], json!({ "startLine": 2, "endLine": 2, "startColumn": 12, "endColumn": 18 }));
        assert_eq!(log["runs"][0]["originalUriBaseIds"][ROOT]["uri"], "file:///work/shop/");
        assert_eq!(log["runs"][0]["automationDetails"]["id"], "rtiler/infra/my app.rhai/");
    }

    #[test]
    fn problem_of_a_flag_is_shown_in_the_script() {
        let problem = Diagnostic::new(Code::UnknownSetting, "unknown").at(&Origin::new("--set", 0, 0), "here");
        let place = &log(&[problem])["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "infra/my%20app.rhai");
        assert_eq!(place["region"], json!({ "startLine": 1, "endLine": 1 }));
    }

    #[test]
    fn second_label_is_a_related_location_that_the_message_links_to() {
        let problem = Diagnostic::new(Code::FargateSize, "wrong")
            .at(&Origin::new("my app.rhai", 2, 12), "")
            .at(&Origin::new("my app.rhai", 1, 5), "set [here]");
        let result = &log(&[problem])["runs"][0]["results"][0];
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        assert_eq!(result["relatedLocations"][0]["physicalLocation"]["region"]["endColumn"], 10);
        assert_eq!(result["message"]["text"], "wrong\nsee [set (here)](1)");
    }

    #[test]
    fn findings_of_two_policies_have_two_rules() {
        let finding = |policy: &str| Diagnostic::new(Code::Policy, "wrong").of_rule(policy);
        let log = log(&[finding("names"), finding("missing_backups"), finding("names")]);
        let rules = &log["runs"][0]["tool"]["driver"]["rules"];
        assert_eq!([&rules[0]["id"], &rules[1]["id"]], ["policy:missing_backups", "policy:names"]);
        assert_eq!((&rules[0]["name"], rules.as_array().map(Vec::len)), (&json!("PolicyMissingBackups"), Some(2)));
        let results = log["runs"][0]["results"].as_array().expect("results");
        let of: Vec<_> = results.iter().map(|result| (&result["ruleId"], &result["ruleIndex"])).collect();
        assert_eq!(of[0], (&json!("policy:names"), &json!(1)));
        assert_eq!(of[1], (&json!("policy:missing_backups"), &json!(0)));
        assert_eq!(of[0], of[2]);
    }

    #[test]
    fn rule_has_its_page_as_text_and_markdown() {
        let rule = rule(&Diagnostic::new(Code::FargateSize, "wrong"));
        assert_eq!(rule["name"], "FargateSize");
        let of = |field: &str, form: &str| rule[field][form].as_str().unwrap_or_default().len();
        assert!(of("fullDescription", "text") > 20 && of("help", "text") > 20 && of("help", "markdown") > 20, "{rule}");
    }
}
