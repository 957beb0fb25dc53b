//! Code of the project and of packages never sees the names or the values of each other.

use super::Project;

/// Returns a project with a package whose functions call what they are given.
fn caller(more: &str) -> Project {
    let entry = format!(
        "{more}\nfn each(f) {{ f.call(1) }}\nfn pass(f) {{ f }}\nfn all(list, f) {{ list.map(f) }}\nfn run() {{ helper(1) }}"
    );
    Project::default().package("p", &entry, &[])
}

fn printed(project: &Project, script: &str) -> Vec<String> {
    project.printed(&format!("import \"p\" as p;\n{script}"))
}

#[test]
fn closure_of_the_project_runs_with_the_names_of_the_project() {
    let hijack =
        "import \"evil.rhai\" as lib;\nfn helper(x) { \"hijacked\" }\nfn Stack(x) { \"hijacked\" }\nconst SIZE = 1;";
    let project = Project::default()
        .package("p", &format!("{hijack}\nfn each(f) {{ f.call(1) }}"), &[("evil.rhai", "fn who() { \"hijacked\" }")])
        .file("lib.rhai", "fn who() { \"project\" }");
    let script = "import \"lib\" as lib;\nconst SIZE = 7;\nfn helper(x) { `helper ${x}` }\n";
    let call = |body: &str| printed(&project, &format!("{script}print(p::each(|x| {body}));"));
    assert_eq!(call("helper(x)"), ["helper 1"]);
    assert_eq!(call("lib::who()"), ["project"]);
    assert_eq!(call("type_of(Stack(\"a\"))"), ["Stack"]);
    assert_eq!(call("global::SIZE"), ["7"]);
}

#[test]
fn package_sees_no_function_of_the_project() {
    let project = caller("");
    let script = "fn helper(x) { \"secret\" }\nimport \"p\" as p;\np::run();";
    assert_eq!(project.problems(script), [("unknown-function", "app.rhai:3".into())]);
    let project = caller("fn by_name() { Fn(\"helper\").call(1) }");
    let script = "fn helper(x) { \"secret\" }\nimport \"p\" as p;\np::by_name();";
    assert_eq!(project.problems(script), [("unknown-function", "app.rhai:3".into())]);
}

#[test]
fn closures_pass_in_both_directions() {
    let project = caller("fn adder(n) { |x| x + n + own(n) }\nfn own(n) { n * 100 }");
    assert_eq!(printed(&project, "print(p::adder(2).call(1));"), ["203"]);
    assert_eq!(printed(&project, "print([1, 2].map(p::adder(1)));"), ["[102, 103]"]);
    assert_eq!(printed(&project, "let n = 5;\nprint(p::all([1, 2], |x| x + n));"), ["[6, 7]"]);
    assert_eq!(printed(&project, "print(p::all([\"a\", \"b\"], |x, i| `${x}${i}`));"), ["[\"a0\", \"b1\"]"]);
    assert_eq!(printed(&project, "let n = 0;\np::each(|x| n += x);\nprint(n);"), ["1"]);
    assert_eq!(printed(&project, "print(p::pass(|x| x + 1).call(1));"), ["2"]);
    assert_eq!(printed(&project, "print(p::pass([#{ f: |x| x + 1 }])[0].f.call(1));"), ["2"]);
    assert_eq!(printed(&project, "print(p::each(Fn(\"to_hex\")));"), ["1"]);
}

#[test]
fn method_that_a_package_adds_to_a_type_is_its_own() {
    let project = caller("fn string.len() { 99 }\nfn string.shout() { 1 }\nfn own() { \"abc\".len() }");
    assert_eq!(printed(&project, "print(\"abc\".len());"), ["3"]);
    assert_eq!(printed(&project, "print(p::own());"), ["99"]);
    assert_eq!(project.problems("import \"p\" as p;\n\"abc\".shout();"), [("unknown-function", "app.rhai:2".into())]);
}

#[test]
fn exports_do_not_change() {
    let project = caller(
        "export const MAP = #{ a: [1] };\nexport let LIST = [1];\nfn map() { MAP_OF_ALL() }\nfn MAP_OF_ALL() { global::MAP }",
    );
    let script = "let m = p::MAP;\nm.a.push(2);\nlet l = p::LIST;\nl.push(2);\nlet n = p::map();\nn.a.push(3);\nprint(p::MAP);\nprint(p::LIST);\nprint(p::map());";
    assert_eq!(printed(&project, script), ["#{\"a\": [1]}", "[1]", "#{\"a\": [1]}"]);
    assert_ne!(project.problems("import \"p\" as p;\np::MAP.a = 2;"), []);
    assert_ne!(project.problems("import \"p\" as p;\np::LIST.push(2);"), []);
}

#[test]
fn package_remembers_nothing_between_calls() {
    let counter = "let count = 0;\nconst BUMP = || { count += 1; count };\nexport const COUNT = || { count += 1; count };\n\
                   fn bump() { global::BUMP.call() }";
    let project = Project::default()
        .inner_package("shared", "", counter, &[])
        .inner_package("a", "shared", "import \"shared\" as s;\nfn f() { s::COUNT.call() + s::bump() }", &[])
        .depends_on("a")
        .depends_on("shared");
    let script = "import \"a\" as a;\nimport \"shared\" as s;\n\
                  print(a::f()); print(s::COUNT.call()); print(s::COUNT.call()); print(s::bump()); print(s::bump()); print(a::f());";
    assert_eq!(project.printed(script), ["2", "1", "1", "1", "1", "2"]);
}

#[test]
fn value_that_a_package_got_is_a_copy() {
    let project = caller("fn change(list) { list.push(9); list.len() }");
    assert_eq!(printed(&project, "let l = [1];\nprint(p::change(l));\nprint(l);"), ["2", "[1]"]);
}

#[test]
fn callback_of_one_package_in_another_keeps_its_names() {
    let project = Project::default()
        .inner_package(
            "outer",
            "inner",
            "import \"inner\" as i;\nfn who() { \"outer\" }\nfn f() { i::each(|x| who()) }",
            &[],
        )
        .inner_package("inner", "", "fn who() { \"inner\" }\nfn each(f) { f.call(1) }", &[])
        .depends_on("outer");
    assert_eq!(project.printed("import \"outer\" as o;\nfn who() { \"project\" }\nprint(o::f());"), ["outer"]);
}
