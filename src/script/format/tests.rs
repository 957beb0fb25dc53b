#![allow(clippy::disallowed_methods, reason = "the scripts of the repository are read")]

use proptest::prelude::*;

use super::*;

fn formatted(text: &str) -> String {
    format("a.rhai", text).unwrap_or_else(|problems| {
        let (engine, result) = (parser(), arranged(text));
        let (old, new) = (tokens(&engine, text), tokens(&engine, &result));
        let differs = old.iter().zip(&new).find(|(old, new)| old != new);
        panic!("{text}\n{result}\n{differs:?}\n{}", problems[0].message)
    })
}

/// Asserts the format of a text, and that it stays so.
fn assert_format(text: &str, expected: &str) {
    let once = formatted(text);
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(formatted(&once), once);
}

#[test]
fn operators_have_spaces_and_calls_have_none() {
    assert_format(
        "let a=1+2*-3;let b = - 4;\nlet c=!x&&y||g::f( a,b )[0]  . h( );\nfor i in 0 .. 3{ }\nlet t = x !in y;",
        "let a = 1 + 2 * -3;\nlet b = - 4;\nlet c = !x && y || g::f(a, b)[0].h();\nfor i in 0..3 {}\nlet t = x !in y;\n",
    );
}

#[test]
fn numbers_and_texts_stay_as_they_are() {
    assert_format(
        "let a=[1.5,1e-5,0x1F,1_000,\"a  b\",`a ${ b+1 }\n  c`,'x',#\"raw \" ( \"#];",
        "let a = [1.5, 1e-5, 0x1F, 1_000, \"a  b\", `a ${ b+1 }\n  c`, 'x', #\"raw \" ( \"#];\n",
    );
}

#[test]
fn closure_has_its_parameters_between_bars() {
    assert_format(
        "let f=| a,b |a|b;let g=||1;list.map(|x|{x+1});",
        "let f = |a, b| a | b;\nlet g = || 1;\nlist.map(|x| { x + 1 });\n",
    );
}

#[test]
fn chain_is_indented_below_its_statement() {
    assert_format(
        "let a = A(\"x\")\n  .b(1)\n      .c(D(2)\n .e(3)\n .f(4))\n// why\n.g(5);\na\n",
        "let a = A(\"x\")\n    .b(1)\n    .c(D(2)\n        .e(3)\n        .f(4))\n    // why\n    .g(5);\na\n",
    );
}

#[test]
fn list_over_several_lines_ends_with_a_comma_and_one_on_a_line_does_not() {
    assert_format(
        "let a = #{ b: 1,\n  c: [\n1,\n2 // two\n], d: [3,], e: #{} };",
        "let a = #{\n    b: 1,\n    c: [\n        1,\n        2,  // two\n    ], d: [3], e: #{},\n};\n",
    );
}

#[test]
fn block_over_several_lines_has_a_line_for_each_statement() {
    assert_format(
        "if a{b();c();\nd()}\nelse if e { f() }\nelse\n{\n\n// none\n\n}\n\n\n\nswitch x { 1=>a,\n _ => { b } }",
        "if a {\n    b();\n    c();\n    d()\n} else if e { f() } else {\n    // none\n}\n\nswitch x {\n    1 => a,\n    _ => { b }\n}\n",
    );
}

#[test]
fn expression_over_several_lines_is_indented() {
    assert_format(
        "let a =\nb\n+ c\n&& d(\ne,\nf\n);\nfn g(a,b){\nreturn a+b;\n}\ng(1,2)",
        "let a =\n    b\n    + c\n    && d(\n        e,\n        f\n    );\nfn g(a, b) {\n    return a + b;\n}\ng(1, 2)\n",
    );
}

#[test]
fn chain_that_is_too_wide_is_broken_at_its_dots() {
    let call = "FargateService(\"Web\").image(\"registry.example.com/team/web:1\").cpu(256).memory(512).port(8080).behind(alb)";
    assert_format(
        &format!("let service = {call};"),
        "let service = FargateService(\"Web\")\n    .image(\"registry.example.com/team/web:1\")\n    .cpu(256)\n    .memory(512)\n    .port(8080)\n    .behind(alb);\n",
    );
}

#[test]
fn list_that_is_too_wide_is_broken_at_its_commas() {
    let items: Vec<String> = (1..=4).map(|number| format!("\"a long text number {number} of four\"")).collect();
    let list = |end: &str| items.iter().map(|item| format!("    {item},\n")).collect::<String>() + end;
    assert_format(&format!("let a = [{}];", items.join(", ")), &format!("let a = [\n{}", list("];\n")));
    assert_format(
        &format!("stack.tags(#{{ a: {0}, b: {0}, c: {0} }})", items[0]),
        &format!("stack.tags(#{{\n    a: {0},\n    b: {0},\n    c: {0},\n}})\n", items[0]),
    );
}

#[test]
fn line_with_a_suppression_is_not_broken() {
    let call =
        "a.bbbbbbbbbbbbbbbbbbbbbbbbb(1).ccccccccccccccccccccccccccccccc(2).dddddddddddddddddddddddddddddddddd(3);";
    assert_format(
        &format!("// rtiler: allow(x) why\n{call}\n{call} // rtiler: allow(y) why"),
        &format!("// rtiler: allow(x) why\n{call}\n{call}  // rtiler: allow(y) why\n"),
    );
}

#[test]
fn comment_and_empty_line_stay_where_they_are() {
    assert_format(
        "\n\n/// Docs.\nfn a(){ // one\n/* two */ b( /* three */ c ); // four\n\n\n// five\n}\n// six",
        "/// Docs.\nfn a() {  // one\n    /* two */ b( /* three */ c);  // four\n\n    // five\n}\n// six\n",
    );
}

#[test]
fn text_that_does_not_parse_is_an_error_at_its_line() {
    let problems = format("a.rhai", "let a = 1;\nlet b = (2;\n").expect_err("a syntax error");
    assert_eq!(problems[0].origin().map(|origin| origin.line), Some(2));
}

#[test]
fn scripts_of_the_repository_keep_their_meaning() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut scripts = 0;
    for folder in ["scripts", "stdlib", "tests/cases/ok", "tests/cases/err"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "rhai") {
                let text = std::fs::read_to_string(&path).expect("a text");
                if let Ok(once) = format("a.rhai", &text) {
                    assert_eq!(formatted(&once), once, "{}", path.display());
                    scripts += 1;
                } else {
                    assert!(parse(&parser(), "a.rhai", &text).is_err(), "{}", path.display());
                }
            }
        }
    }
    assert!(scripts > 50, "{scripts}");
}

/// Returns expressions as lists of tokens.
fn expression() -> impl Strategy<Value = Vec<String>> {
    let atom = prop_oneof![
        "[a-c]{1,12}",
        "[0-9]{1,3}",
        Just("\"text, (\"".to_owned()),
        Just("`a${b}`".to_owned()),
        Just("1.5".to_owned()),
    ];
    let atom = atom.prop_filter("a name", |name| name != "as").prop_map(|text| vec![text]);
    atom.prop_recursive(5, 40, 4, |inner| {
        let list = |open: &'static str, close: &'static str, items: Vec<Vec<String>>| {
            let items = items.join(&",".to_owned());
            [vec![open.to_owned()], items, vec![close.to_owned()]].concat()
        };
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(move |items| list("[", "]", items)),
            (
                inner.clone(),
                prop::sample::select(vec!["+", "-", "*", "&&", "||", "==", "??", "in", "!in"]),
                inner.clone()
            )
                .prop_map(|(a, operator, b)| [
                    vec!["(".into()],
                    a,
                    vec![operator.into()],
                    b,
                    vec![")".into()]
                ]
                .concat()),
            (inner.clone(), prop::collection::vec(inner.clone(), 0..4)).prop_map(move |(on, items)| {
                [vec!["(".into()], on, words(") . method"), list("(", ")", items)].concat()
            }),
            prop::collection::vec(("[a-c]{1,3}", inner.clone()), 0..4).prop_map(|entries| {
                let entry = |(at, (key, value)): (usize, (String, Vec<String>))| {
                    [vec![format!("{key}{at}"), ":".into()], value, vec![",".into()]].concat()
                };
                [vec!["#{".into()], entries.into_iter().enumerate().flat_map(entry).collect(), vec!["}".into()]]
                    .concat()
            }),
            (inner.clone(), inner.clone()).prop_map(move |(a, b)| [
                words("if"),
                a,
                words("{"),
                b,
                words("} else { 1 ; 2 }")
            ]
            .concat()),
            inner.clone().prop_map(move |body| [words("f ( | x , y |"), body, words(")")].concat()),
            inner.clone().prop_map(move |body| [words("f ( | | {"), body, words("; } )")].concat()),
            inner.prop_map(|value| [vec!["!".to_owned()], value].concat()),
        ]
    })
}

/// Returns scripts with any spaces, line breaks and comments between their tokens.
fn script() -> impl Strategy<Value = String> {
    let statement =
        expression().prop_map(|value| [vec!["let".into(), "v".into(), "=".into()], value, vec![";".into()]].concat());
    let tokens = prop::collection::vec(statement, 1..5).prop_map(|statements| statements.concat());
    let gaps = prop::sample::select(vec![" ", " ", " ", "  ", "\n", "\n\n\n", " // note\n", " /* note */ "]);
    (tokens, prop::collection::vec(gaps, 400)).prop_map(|(tokens, gaps)| {
        tokens.iter().zip(gaps.iter().cycle()).flat_map(|(token, gap)| [token.as_str(), gap]).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn formatting_keeps_the_meaning_and_is_idempotent(text in script()) {
        // Texts of which the generator made no script say nothing about the formatter.
        prop_assume!(parse(&parser(), "a.rhai", &text).is_ok());
        let once = formatted(&text);
        prop_assert_eq!(formatted(&once), once);
    }
}
