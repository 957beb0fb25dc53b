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
fn wrong_options_are_all_reported_at_the_line_of_the_call() {
    let expected = [
        "the option `image` is the whole number 1, not text",
        "unknown option `prot`",
        "the option `tasks` is the whole number 21, not a whole number from 1 to 20",
        "the option `log` is the text `loud`, not one of `info`, `debug`",
    ];
    let found = problems("let a = 1;\nweb(#{ image: 1, prot: 80, tasks: 21, log: \"loud\" });");
    assert_eq!(found, expected.map(|message| (5, message.to_owned())));
    assert_eq!(problems("web(#{});"), [(4, "the option `image` is missing".to_owned())]);
    let misspelt = problems("web(#{ imgae: \"a:1\" });");
    assert_eq!(misspelt, [(4, "unknown option `imgae`".to_owned())], "a misspelt name is not missing, too");
    // The reference of a resource is text that only AWS knows; a function is not.
    assert_eq!(problems("web(#{ image: AWS::SQS::Queue(\"Q\", #{}) });"), []);
    assert_eq!(problems("web(#{ image: || 1 });").len(), 1);
    assert_eq!(problems("web(());\n\nweb(5);").iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 6, 6]);
}

#[test]
fn option_of_another_type_has_the_value_to_write() {
    let hints = |given: &str| -> Vec<String> {
        let evaluation = evaluate(&format!("{WEB}web(#{{ {given} }});\nStack(\"s\")"), Vec::new(), Limits::default());
        let errors = evaluation.report.problems.iter().filter(|problem| problem.code == Code::FunctionOption);
        errors.flat_map(|problem| &problem.hints).map(ToString::to_string).collect()
    };
    assert_eq!(hints("image: \"a\", tasks: \"3\""), ["write `tasks: 3`"]);
    assert_eq!(hints("image: 5"), ["write `image: \"5\"`"]);
    // No hint has a value that is refused, too.
    assert_eq!(hints("image: \"a\", tasks: \"21\""), [""; 0]);
    assert_eq!(hints("image: \"a\", tasks: \"many\""), [""; 0]);
}

#[test]
fn wrong_option_is_shown_at_its_key() {
    let places = |calls: &str| -> Vec<Vec<(u32, u32)>> {
        let evaluation = evaluate(&format!("{WEB}{calls}\nStack(\"s\")"), Vec::new(), Limits::default());
        let errors = evaluation.report.problems.iter().filter(|problem| problem.is_error());
        let place = |problem: &Diagnostic| {
            problem.labels.iter().map(|label| (label.origin.line, label.origin.column)).collect()
        };
        errors.map(place).collect()
    };
    let (key, call) = ((5, 3), (4, 1));
    assert_eq!(places("web(#{ image: \"a\",\n  prot: 80 });"), [[key, call]]);
    assert_eq!(places("web(#{ image: \"a\",\n  tasks: 21 });"), [[key, call]]);
    // The option of another call, and a map that is not written in the call, have no key there.
    assert_eq!(places("let o = #{ image: \"a\", prot: 80 };\nweb(o);"), [[(5, 1)]]);
    assert_eq!(places("web(#{ });"), [[call]]);
}

#[test]
fn missing_option_causes_no_other_error() {
    let task = "fn task(name, given) {\n  let o = options(given, #{ schedule: required(\"string\"), image: required(\"any\") });\n  \
                [FargateService(name).image(o.image), AWS::Scheduler::Schedule(`${name}S`, #{ ScheduleExpression: o.schedule, \
                FlexibleTimeWindow: #{ Mode: \"OFF\" }, Target: #{ Arn: \"arn:aws:sqs:eu-west-1:123456789012:jobs\", \
                RoleArn: \"arn:aws:iam::123456789012:role/run\" } })]\n}\n";
    let text = format!("{task}Stack(\"s\").add(task(\"T\", #{{ }}))");
    let mut evaluation = evaluate(&text, Vec::new(), Limits::default());
    let schema = crate::cfn::schema::Schema::embedded();
    let report = evaluation.and_then(|program| crate::synth::synth(&program, schema));
    let errors: Vec<&str> =
        report.problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.message.as_str()).collect();
    assert_eq!(errors, ["the option `image` is missing", "the option `schedule` is missing"]);
}

#[test]
fn all_warnings_of_a_loop_are_at_the_calls_of_the_function() {
    let calls: String = (0..60).map(|at| format!("sized({});\n", 5000 + at)).collect();
    let text =
        format!("fn sized(cpu) {{ warn(`${{cpu}} is too much`); }}\n{calls}Stack(\"s\").add(AWS::SNS::Topic(\"T\"))");
    let found = found(&text);
    let lines: Vec<u32> = found.iter().filter(|(code, _)| *code == "package-warning").map(|(_, line)| *line).collect();
    assert_eq!(lines, (2..62).collect::<Vec<u32>>());
}

#[test]
fn problem_inside_of_a_module_of_rtiler_is_at_the_call() {
    let text =
        "import \"std/web\" as web;\nlet shop = web::service(\"Shop\", #{ image: 5 });\nStack(\"s\").add(shop.service)";
    assert_eq!(found(text)[0], ("wrong-argument", 2));
}

#[test]
fn map_of_blocks_is_added_by_its_values() {
    let text = "Stack(\"s\").add(#{ service: FargateService(\"Web\"), alb: Alb(\"Web\"), n: 1 })";
    let evaluation = evaluate(text, Vec::new(), Limits::default());
    assert!(shown(&evaluation).contains("`.add([made.alb, made.service])`"), "{}", shown(&evaluation));
}

#[test]
fn private_function_of_a_module_is_named_as_private() {
    let evaluation = evaluate(
        "import \"lib\" as lib;\nlib::hidden(1);\nStack(\"s\")",
        vec![("lib.rhai", "private fn hidden(x) { x }\nfn hidding(x) { x }")],
        Limits::default(),
    );
    let shown = shown(&evaluation);
    assert!(shown.contains("`lib::hidden` is a private function") && shown.contains("remove `private`"), "{shown}");
}

#[test]
fn type_any_is_for_options_only() {
    let found = found("let s = settings(\"APP\", #{ cluster: optional(\"any\") });\nStack(\"s\")");
    assert!(found.contains(&("setting-type", 1)), "{found:?}");
}
