use std::collections::BTreeMap;

use super::*;
use crate::cfn::schema::Schema;
use crate::diag::Origin;
use crate::script::{LoadError, NoFiles, eval};
use crate::synth::synth;

const APP: &str = "let bucket = AWS::S3::Bucket(\"Site\", #{\n    AccessControl: \"PublicRead\",\n    OwnershipControls: #{ Rules: [#{ ObjectOwnership: \"BucketOwnerPreferred\" }] },\n});\n\
                   Stack(\"web\").add(bucket).add(AWS::SQS::Queue(\"Jobs\", #{ QueueName: \"jobs\" }))";

/// The scripts of a project in memory.
struct Scripts(BTreeMap<&'static str, &'static str>);

impl SourceLoader for Scripts {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.0.get(path).map(|text| (*text).to_owned()).ok_or(LoadError::Missing)
    }
}

fn stacks() -> Vec<DesiredStack> {
    let (files, given, limits) = (Rc::new(NoFiles), Vec::new(), Limits::default());
    let program = eval(&Input { name: "app.rhai", text: APP, files, given, limits }).report;
    synth(&program.value.expect("a script without errors"), Schema::embedded()).value.expect("a stack without errors")
}

/// Returns the problems of a policy, which may be in the script `own.rhai` next to the manifest.
fn problems(module: &str, function: &str, own: &'static str) -> Vec<Diagnostic> {
    let policy = PolicyFunction { module: module.to_owned(), function: function.to_owned() };
    let policy = WithOrigin::new(policy, Origin::new("shop/rtiler.toml", 7, 13));
    let files: Rc<dyn SourceLoader> = Rc::new(Scripts([("shop/own.rhai", own)].into_iter().collect()));
    findings(&[policy], &stacks(), &files, &Limits::default()).problems
}

fn place(problem: &Diagnostic) -> String {
    problem.origin().expect("a place").to_string()
}

#[test]
fn finding_is_a_warning_at_the_line_of_the_property_with_its_policy() {
    let problems = problems("std/policies", "public_buckets", "");
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert_eq!((problem.name().as_ref(), problem.is_error()), ("policy:public_buckets", false));
    assert!(place(problem).starts_with("app.rhai:2:"), "{problem:?}");
    assert!(
        problem.notes[0].contains("`public_buckets` of `std/policies` in `Site` of the stack `web`"),
        "{problem:?}"
    );
    assert!(problem.hints.iter().any(|hint| hint.to_string().contains("rtiler: allow(policy:public_buckets)")));
}

#[test]
fn policy_of_the_project_is_found_next_to_the_manifest() {
    let own = "fn names(t) {\n  [[finding(t.resource(\"Jobs\"), \"error\", \"it has a fixed name\")], ()]\n}";
    let problems = problems("./own", "names", own);
    assert_eq!((problems.len(), problems[0].is_error()), (1, true));
    assert!(place(&problems[0]).starts_with("app.rhai:5:"), "{problems:?}");
}

#[test]
fn policy_that_fails_is_an_error_that_names_it() {
    for (own, message) in [
        ("fn check(t) { t.resources(\"AWS::S3::Bucket\")[0].properties.Nope }", "the policy `./own::check` fails:"),
        ("fn check(t) { loop { } }", "more than 50000000 operations"),
        ("fn check(t) { 5 }", "returned the whole number 5 as a finding"),
        ("fn check(t) { finding(\"Site\", \"fatal\", \"x\") }", "`fatal` is not a severity"),
        ("fn check(t) { [finding(\"Sites\", \"error\", \"x\")] }", "found `Sites`, and `web` has no such resource"),
        ("fn check(t) { assert_eq(1, 1); [] }", "there is no function `assert_eq`"),
        ("fn other(t) { [] }", "there is no function `./own::check`"),
        ("private fn check(t) { [] }", "`./own::check` is a private function"),
        ("fn check(t, more) { [] }", "the function `./own::check` does not take one argument, the template"),
        ("fn check(t) { t.has(\"AWS::SQS::Queue\", #{}) }", "`.has` fails a test; a policy returns findings"),
        ("fn check(t) { t.resourses() }", "`Template` has no method `.resourses`"),
        ("fn check(t) { env(\"TEAM\", \"none\") }", "a policy reads templates, and neither files nor variables"),
        ("fn check(t) { read_file(\"a.txt\") }", "a policy reads templates, and neither files nor variables"),
        ("fn check(t) { list_files(\"*\") }", "a policy reads templates, and neither files nor variables"),
        ("fn check(t { }", "`./own::check` fails:"),
    ] {
        let problems = problems("./own", "check", own);
        assert!(
            problems.iter().all(|problem| problem.code == Code::PolicyError && problem.is_error()),
            "{problems:#?}"
        );
        assert!(problems.iter().any(|problem| problem.message.contains(message)), "{message}: {problems:#?}");
        let at_manifest =
            |problem: &Diagnostic| problem.labels.iter().any(|label| &*label.origin.source == "shop/rtiler.toml");
        assert!(problems.iter().all(at_manifest), "{problems:#?}");
    }
    assert!(problems("./missing", "check", "")[0].message.contains("there is no file `shop/missing.rhai`"));
}

#[test]
fn path_reads_a_value_inside_of_maps_and_lists() {
    let own = "fn check(t) {\n  let m = #{ a: #{ b: [#{ c: 5 }] } };\n  let all = [m.value_at(\"a.b[0].c\"), m.value_at(\"a.b[1].c\"), \
               m.value_at(\"x.y\")];\n  if all == [5, (), ()] { [] } else { throw `${all}` }\n}";
    assert_eq!(problems("./own", "check", own), []);
}

#[test]
fn name_that_is_not_a_policy_has_a_remedy_for_the_manifest() {
    let hint = |own: &'static str| problems("./own", "check", own)[0].hints[0].to_string();
    assert_eq!(hint("fn chekc(t) { [] }"), "did you mean `./own::chekc`?");
    assert_eq!(hint("private fn check(t) { [] }"), "remove `private` from `fn check` in `./own`");
    assert_eq!(hint("fn check() { [] }"), "write `fn check(template) { .. }`");
}

#[test]
fn what_a_policy_prints_is_returned() {
    let policy = PolicyFunction { module: "./own".to_owned(), function: "check".to_owned() };
    let policy = WithOrigin::new(policy, Origin::new("rtiler.toml", 1, 1));
    let files: Rc<dyn SourceLoader> =
        Rc::new(Scripts([("own.rhai", "fn check(t) { print(t.name); [] }")].into_iter().collect()));
    let report = findings(&[policy], &stacks(), &files, &Limits::default());
    assert_eq!(report.printed.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), ["web"]);
}
