//! Files and variables: what the project and packages read.

use super::*;

const READS: &str = "fn file(p) { read_file(p) }\nfn variable(n) { env(n) }\nfn list(p) { list_files(p) }";

#[test]
fn project_reads_its_files_as_text_and_data() {
    let project = Project::default()
        .file("config/a.json", "{\"a\": [1, 2.5, null, true, \"x\"]}")
        .file("config/b.yaml", "a:\n  - 1\n  - b: c\n")
        .file("config/c.toml", "a = 1\n[b]\nc = [\"d\"]\nwhen = 2026-01-02\n")
        .file("config/d.txt", "hello\n");
    assert_eq!(project.printed("print(read_file(\"config/d.txt\"));"), ["hello\n"]);
    assert_eq!(project.printed("print(read_json(\"config/a.json\").a);"), ["[1, 2.5, (), true, \"x\"]"]);
    assert_eq!(project.printed("print(read_yaml(\"./config/b.yaml\").a[1].b);"), ["c"]);
    assert_eq!(
        project.printed("let t = read_toml(\"config/c.toml\"); print(t.b.c); print(t.b.when);"),
        ["[\"d\"]", "2026-01-02"]
    );
    assert_eq!(
        project.printed("print(list_files(\"config/?.*\").len()); print(list_files(\"**/*.json\"));"),
        ["4", "[\"config/a.json\"]"]
    );
    assert_eq!(project.printed("print(\"config/d.txt\".read_file());"), ["hello\n"]);
}

#[test]
fn mistake_in_a_data_file_is_at_its_line() {
    let project =
        Project::default().file("a.json", "{\n \"a\": }").file("b.toml", "a = 1\nb = = 2").file("c.yaml", "a: [1\nb");
    for (call, place) in [
        ("read_json(\"a.json\")", "a.json:2"),
        ("read_toml(\"b.toml\")", "b.toml:2"),
        ("read_yaml(\"c.yaml\")", "c.yaml"),
    ] {
        let found = project.problems(&format!("let x = {call};"));
        assert_eq!(found[0].0, "data-syntax", "{found:?}");
        assert!(found[0].1.starts_with(place), "{found:?}");
    }
}

#[test]
fn missing_file_or_variable_is_at_the_call() {
    let project = Project::default().permit("app", "env = [\"ACME_*\"]").variable("ACME_TEAM", "tiles");
    assert_eq!(project.problems("\nlet a = read_file(\"none\");"), [("file-missing", "app.rhai:2".into())]);
    assert_eq!(project.problems("\nlet a = env(\"ACME_NONE\");"), [("variable-missing", "app.rhai:2".into())]);
    assert_eq!(project.printed("print(env(\"ACME_TEAM\")); print(env(\"ACME_NONE\", 5));"), ["tiles", "5"]);
    assert_eq!(project.problems("let a = env(\"HOME\");"), [("permission-denied", "app.rhai:1".into())]);
}

#[test]
fn package_reads_its_own_files_and_what_is_granted() {
    let project = Project::default()
        .package("p", READS, &[("data/a.txt", "own"), ("config/x.txt", "own x")])
        .file("config/x.txt", "project x")
        .file("config/y.txt", "project y")
        .file("other.txt", "other")
        .variable("ACME_A", "a")
        .variable("OTHER", "o");
    let run = |project: &Project, call: &str| project.printed(&format!("import \"p\" as p;\nprint({call});"));
    let refused = |project: &Project, call: &str| project.problems(&format!("import \"p\" as p;\n{call};"));
    let denied = [("permission-denied", "app.rhai:2".to_owned())];
    assert_eq!(run(&project, "p::file(\"data/a.txt\")"), ["own"]);
    assert_eq!(run(&project, "p::file(\"config/x.txt\")"), ["own x"]);
    for call in ["p::file(\"config/y.txt\")", "p::file(\"other.txt\")", "p::variable(\"ACME_A\")"] {
        assert_eq!(refused(&project, call), denied, "{call}");
    }
    assert_eq!(
        run(&project, "p::list(\"**\")"),
        ["[\"config/x.txt\", \"data/a.txt\", \"main.rhai\", \"rtiler.toml\"]"]
    );
    let granted = project.permit("p", "read = [\"config\"]\nenv = [\"ACME_*\"]");
    assert_eq!(run(&granted, "p::file(\"config/y.txt\")"), ["project y"]);
    assert_eq!(run(&granted, "p::variable(\"ACME_A\")"), ["a"]);
    assert_eq!(run(&granted, "p::list(\"config/*\")"), ["[\"config/x.txt\", \"config/y.txt\"]"]);
    assert_eq!(refused(&granted, "p::file(\"other.txt\")"), denied);
    assert_eq!(refused(&granted, "p::variable(\"OTHER\")"), denied);
}

#[test]
fn callback_reads_with_the_rights_of_its_file() {
    let entry = format!(
        "{READS}\nfn each(f) {{ f.call(\"config/x.txt\") }}\nfn reader() {{ |p| read_file(p) }}\nfn pointer() {{ Fn(\"read_file\") }}"
    );
    let project = Project::default().package("p", &entry, &[]).file("config/x.txt", "x");
    let run = |call: &str| project.printed(&format!("import \"p\" as p;\nprint({call});"));
    let refused = |call: &str| project.problems(&format!("import \"p\" as p;\n{call};"));
    let denied = [("permission-denied", "app.rhai:2".to_owned())];
    // The project gives the function away, so the package may use it.
    assert_eq!(run("p::each(|p| read_file(p))"), ["x"]);
    assert_eq!(run("p::each(Fn(\"read_file\"))"), ["x"]);
    // The package keeps its own rights, wherever its functions are called.
    assert_eq!(refused("p::reader().call(\"config/x.txt\")"), denied);
    assert_eq!(refused("p::pointer().call(\"config/x.txt\")"), denied);
    assert_eq!(refused("[\"config/x.txt\"].map(p::pointer())"), denied);
    assert_eq!(refused("p::pointer().curry(\"config/x.txt\").call()"), denied);
}
