//! Hostile packages: each is refused with its reason, and nothing of what it wanted is printed.

use super::*;

/// A package, and the code that refuses it.
struct Hostile {
    name: &'static str,
    entry: &'static str,
    /// The call of the project.
    call: &'static str,
    code: &'static str,
}

const fn hostile(name: &'static str, entry: &'static str, call: &'static str, code: &'static str) -> Hostile {
    Hostile { name, entry, call, code }
}

const DENIED: &str = "permission-denied";
const OUTSIDE: &str = "file-outside";

/// Each wants the text of `secret.txt`, the variable `AWS_SECRET_ACCESS_KEY` or `TEAM`, or the place of a function.
const PACKAGES: &[Hostile] = &[
    hostile("reads a file of the project", "fn f() { read_file(\"secret.txt\") }", "p::f()", DENIED),
    hostile("reads while it is imported", "export const A = read_file(\"secret.txt\");", "p::A", DENIED),
    hostile("reads by a function pointer", "fn f() { Fn(\"read_file\").call(\"secret.txt\") }", "p::f()", DENIED),
    hostile(
        "reads by a curried pointer",
        "fn f() { Fn(\"read_file\").curry(\"secret.txt\") }",
        "p::f().call()",
        DENIED,
    ),
    hostile("reads by a method", "fn f() { \"secret.txt\".read_file() }", "p::f()", DENIED),
    hostile("reads by map", "fn f() { [\"secret.txt\"].map(Fn(\"read_file\")) }", "p::f()", DENIED),
    hostile("reads by the name in map", "fn f() { [\"secret.txt\"].map(\"read_file\") }", "p::f()", DENIED),
    hostile(
        "reads in a filter of the project's list",
        "fn f() { |x| read_file(x) != \"\" }",
        "[\"secret.txt\"].filter(p::f())",
        DENIED,
    ),
    hostile(
        "reads in a comparison",
        "fn f() { |a, b| read_file(\"secret.txt\").len() }",
        "let l = [2, 1]; l.sort(p::f());",
        DENIED,
    ),
    hostile(
        "reads by a closure in a map",
        "fn f() { #{ read_file: |m, x| read_file(\"secret.txt\") } }",
        "p::f().read_file(1)",
        DENIED,
    ),
    hostile(
        "reads by a pointer in a map",
        "fn f() { #{ g: Fn(\"read_file\").curry(\"secret.txt\") } }",
        "p::f().g.call()",
        DENIED,
    ),
    hostile(
        "reads by a thrown pointer",
        "fn f() { throw Fn(\"read_file\").curry(\"secret.txt\") }",
        "try { p::f(); } catch (e) { print(e.call()); }",
        DENIED,
    ),
    hostile(
        "curries its pointer to that of the project",
        "fn f(g) { g.curry(Fn(\"read_file\")) }",
        "p::f(|h| h.call(\"secret.txt\")).call()",
        DENIED,
    ),
    hostile(
        "reads by a nested closure",
        "fn f() { || || || read_file(\"secret.txt\") }",
        "p::f().call().call().call()",
        DENIED,
    ),
    hostile("reads in a file of its own", "import \"./x\" as x;\nfn f() { x::g() }", "p::f()", DENIED),
    hostile("reads JSON", "fn f() { read_json(\"secret.txt\") }", "p::f()", DENIED),
    hostile("reads YAML", "fn f() { read_yaml(\"secret.txt\") }", "p::f()", DENIED),
    hostile("reads TOML", "fn f() { read_toml(\"secret.txt\") }", "p::f()", DENIED),
    hostile("reads what is granted, upwards", "fn f() { read_file(\"open/../secret.txt\") }", "p::f()", OUTSIDE),
    hostile("reads an absolute path", "fn f() { read_file(\"/etc/passwd\") }", "p::f()", OUTSIDE),
    hostile("reads the environment of the process", "fn f() { read_file(\"/proc/self/environ\") }", "p::f()", OUTSIDE),
    hostile("reads a path of Windows", "fn f() { read_file(\"open\\\\..\\\\secret.txt\") }", "p::f()", OUTSIDE),
    hostile("reads a path with a NUL", "fn f() { read_file(\"open/a\\x00/../../secret.txt\") }", "p::f()", OUTSIDE),
    hostile("reads an encoded path", "fn f() { read_file(\"open/%2e%2e/secret.txt\") }", "p::f()", "file-missing"),
    hostile("reads a grant in other case", "fn f() { read_file(\"OPEN/a.txt\") }", "p::f()", DENIED),
    hostile("reads a sibling of a grant", "fn f() { read_file(\"open-secret.txt\") }", "p::f()", DENIED),
    hostile("reads a granted link to another file", "fn f() { read_file(\"open/link.txt\") }", "p::f()", DENIED),
    hostile("reads the lock file", "fn f() { read_file(\"rtiler.lock\") }", "p::f()", DENIED),
    hostile("reads a granted file with settings", "fn f() { read_file(\"open/.env\") }", "p::f()", DENIED),
    hostile("reads the configuration of git", "fn f() { read_file(\"open/.GIT/config\") }", "p::f()", DENIED),
    hostile("reads credentials", "fn f() { env(\"AWS_SECRET_ACCESS_KEY\") }", "p::f()", DENIED),
    hostile("reads credentials with a default", "fn f() { env(\"AWS_SECRET_ACCESS_KEY\", \"\") }", "p::f()", DENIED),
    hostile("reads a variable", "fn f() { env(\"TEAM\") }", "p::f()", DENIED),
    hostile(
        "reads a variable by a setting",
        "fn f() { settings(\"AWS\", #{ secret_access_key: optional(\"string\") }) }",
        "p::f()",
        DENIED,
    ),
    hostile("evaluates a text", "fn f() { eval(\"read_file(1)\") }", "p::f()", "syntax-error"),
    hostile("imports a file of the project", "import \"../app\" as app;", "1", OUTSIDE),
    hostile("imports an absolute path", "import \"/etc/passwd\" as x;", "1", OUTSIDE),
    hostile("imports by a computed name", "let up = \"..\";\nimport up + \"/secret\" as x;", "1", OUTSIDE),
    hostile("imports a file that only the project has", "import \"lib/own\" as x;", "1", "file-missing"),
    hostile("imports a package that it does not name", "import \"other\" as x;", "1", "unknown-package"),
    hostile("imports itself", "import \"./main\" as x;", "1", "cyclic-import"),
    hostile("imports in a function", "fn f() { import \"other\" as o; o::f() }", "p::f()", "unknown-package"),
    hostile("names an import as a namespace", "import \"./x\" as cfn;", "1", "reserved-namespace"),
    hostile("calls a function of the project", "fn f() { hidden() }", "p::f()", "unknown-function"),
    hostile(
        "calls a function of the project by name",
        "fn f() { Fn(\"hidden\").call() }",
        "p::f()",
        "unknown-function",
    ),
    hostile("reads a constant of the project", "fn f() { global::SECRET }", "p::f()", "unknown-variable"),
    hostile("captures its state", "fn f() { capture_the_state__().len() }", "p::f()", "unknown-function"),
    hostile(
        "nests lists without end",
        "fn f() { let a = []; for x in 0..500 { a = [a]; } a }",
        "p::f()",
        "limit-value",
    ),
    hostile("recurses with the project", "fn f(g) { g.call(g) }", "let h = |x| p::f(x); p::f(h)", "limit-calls"),
];

fn project(entry: &str) -> Project {
    Project::default()
        .package("p", entry, &[("x.rhai", "fn g() { read_file(\"secret.txt\") }")])
        .package("other", "fn f() { \"MARK\" }", &[])
        .permit("p", "read = [\"open\"]\nenv = [\"OPEN\", \"AWS_*\"]")
        .file("secret.txt", "\"MARK\"")
        .file("open-secret.txt", "MARK")
        .file("lib/own.rhai", "fn f() { \"MARK\" }")
        .file("app.rhai", "fn f() { \"MARK\" }")
        .file("open/.env", "MARK")
        .file("open/.GIT/config", "MARK")
        .file("rtiler.lock", "MARK")
        .file("open/a.txt", "open")
        .link("open/link.txt", "secret.txt")
        .variable("AWS_SECRET_ACCESS_KEY", "MARK")
        .variable("TEAM", "MARK")
}

#[test]
fn hostile_package_is_refused_with_its_reason() {
    let mut faults = String::new();
    for Hostile { name, entry, call, code } in PACKAGES {
        let script = format!(
            "const SECRET = \"MARK\";\nfn hidden() {{ \"MARK\" }}\nimport \"p\" as p;\nprint({call});\nStack(\"s\").add(AWS::SNS::Topic(\"T\"))"
        );
        let script = if call.contains(';') { script.replace(&format!("print({call})"), call) } else { script };
        let evaluation = project(entry).eval(&script);
        let codes: Vec<&str> = evaluation.report.problems.iter().map(|problem| problem.code.as_str()).collect();
        let printed = format!("{:?}", evaluation.printed);
        if !codes.contains(code) || printed.contains("MARK") {
            faults += &format!("{name}: {codes:?}, not {code}; printed {printed}\n{}\n", shown(&evaluation));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
