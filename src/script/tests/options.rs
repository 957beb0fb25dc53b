//! `options(given, #{ .. })` at the calls of functions.

use super::*;

const WEB: &str = "fn web(given) {\n    options(given, #{ image: required(\"string\"), port: 8080, tasks: range(1..=20, 2), cluster: optional(\"any\"), log: choice([\"info\", \"debug\"]) })\n}\n";

/// Returns the codes, lines and messages of a script that calls `web` from its fourth line on.
fn problems(calls: &str) -> Vec<(u32, String)> {
    let evaluation = evaluate(&format!("{WEB}{calls}\nStack(\"s\")"), Vec::new(), Limits::default());
    let problems = evaluation.report.problems.iter().filter(|problem| problem.is_error());
    problems.map(|problem| (problem.origin().map_or(0, |origin| origin.line), problem.message.clone())).collect()
}

#[test]
fn options_that_fit_are_returned_with_the_defaults_of_the_others() {
    let text = "let o = web(#{ image: \"a:1\", cluster: Cluster(\"C\") });\nlet p = web(#{ image: AWS::SQS::Queue(\"Q\", #{}).Arn, port: () });\n\
        Stack(`${o.image}-${o.port}-${o.tasks}-${o.log}-${p.port}`.replace(\":\", \"-\")).description(type_of(o.cluster))";
    let stack = stack(&format!("{WEB}{text}"));
    assert_eq!(stack.name.value, "a-1-8080-2-info-8080");
    assert_eq!(stack.description.as_ref().map(|text| text.value.as_str()), Some("Cluster"));
}

#[test]
fn wrong_options_are_all_reported_at_the_call() {
    let expected = [
        "unknown option `prot`",
        "the option `image` is the whole number 1, not text",
        "the option `log` is the text `loud`, not one of `info`, `debug`",
        "the option `tasks` is the whole number 21, not a whole number from 1 to 20",
    ];
    let found = problems("let a = 1;\nweb(#{ image: 1, prot: 80, tasks: 21, log: \"loud\" });");
    assert_eq!(found, expected.map(|message| (5, message.to_owned())));
    assert_eq!(problems("web(#{});"), [(4, "the option `image` is missing".to_owned())]);
    // The reference of a resource is text that only AWS knows; a function is not.
    assert_eq!(problems("web(#{ image: AWS::SQS::Queue(\"Q\", #{}) });"), []);
    assert_eq!(problems("web(#{ image: || 1 });").len(), 1);
    assert_eq!(problems("web(());\n\nweb(5);").iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 6, 6]);
}

#[test]
fn type_any_is_for_options_only() {
    let found = found("let s = settings(\"APP\", #{ cluster: optional(\"any\") });\nStack(\"s\")");
    assert!(found.contains(&("setting-type", 1)), "{found:?}");
}
