use super::*;

const WHOLE: &str = r#"
[package]
name = "shop"
version = "1.2.0"
description = "The shop."
licence = "MIT"
rtiler = ">=0.2"
entry = "scripts/app.rhai"
files = ["*.rhai", "README.md"]

[dependencies]
acme-web = { git = "https://github.com/acme/stacks", folder = "web", version = "1.2" }
net = { oci = "registry.example.com/team/net", version = "0.3" }
local = { path = "../local" }
edge = { git = "https://github.com/acme/edge", branch = "main" }

[permissions."acme-web"]
env = ["ACME_*"]
read = ["./config"]

[requests]
env = ["SHOP_REGION"]
"#;

fn manifest(text: &str) -> Manifest {
    Manifest::parse("rtiler.toml", text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn problems(text: &str) -> Vec<String> {
    let problems = Manifest::parse("rtiler.toml", text).expect_err("a mistake");
    problems.iter().map(|problem| format!("{}: {}", problem.origin().expect("a place"), problem.message)).collect()
}

#[test]
fn manifest_with_every_key_is_read() {
    let manifest = manifest(WHOLE);
    assert_eq!((manifest.name.as_str(), manifest.entry.value.as_str()), ("shop", "scripts/app.rhai"));
    let sources: Vec<String> =
        manifest.dependencies.values().map(|it| format!("{} {}", it.value.source, it.value.revision)).collect();
    assert_eq!(
        sources,
        [
            "git+https://github.com/acme/stacks//web ^1.2.0",
            "git+https://github.com/acme/edge main",
            "path+../local ",
            "oci://registry.example.com/team/net ^0.3.0",
        ]
    );
    let grants = &manifest.permissions.values().next().expect("a grant").value;
    assert_eq!(*grants, Grants { env: vec!["ACME_*".into()], read: vec!["config".into()] });
    assert_eq!(manifest.requests.env, ["SHOP_REGION"]);
}

#[test]
fn unknown_key_is_an_error_at_its_line_with_the_nearest_key() {
    let problems = Manifest::parse("rtiler.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n");
    let problem = &problems.expect_err("a mistake")[0];
    assert_eq!(problem.origin().map(|origin| (origin.line, origin.column)), Some((4, 1)));
    assert_eq!(problem.message, "`[package]` has no key `license`");
    assert!(problem.hints[0].contains("did you mean `licence`?"), "{:?}", problem.hints);
}

#[test]
fn every_mistake_is_reported_at_its_line() {
    let text = "dependencys = 1\n[package]\nname = \"Shop\"\nversion = \"1.2\"\nentry = \"../app.rhai\"\n[dependencies]\n\
                a = { git = \"ext::sh -c x\", version = \"1\" }\nb = \"1.2\"\nc = { path = \"../c\", version = \"1\" }\n\
                d = { git = \"https://h/r\", branch = \"--x\" }\nB = { path = \".\" }\n\
                e = { git = \"https://h/r\", commit = \"abc\" }\nf = { oci = \"h/r\", branch = \"x\" }\n\
                [permissions.x]\nenv = [\"*\"]\nread = [\"/etc\", \"../up\", 1]\n";
    let lines: Vec<String> =
        problems(text).iter().map(|problem| problem.split(':').nth(1).expect("a line").to_owned()).collect();
    let mut sorted: Vec<u32> = lines.iter().map(|line| line.parse().expect("a number")).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16, 16, 16], "{:#?}", problems(text));
}

#[test]
fn text_that_is_not_toml_is_an_error_at_its_line() {
    assert!(problems("[package]\nname = \n")[0].starts_with("rtiler.toml:2"));
    assert_eq!(problems("")[0], "rtiler.toml:1:1: `rtiler.toml` has no `package`");
}

#[test]
fn grants_that_are_wider_than_others_are_found() {
    let grants = |env: &[&str], read: &[&str]| Grants {
        env: env.iter().map(|name| (*name).to_owned()).collect(),
        read: read.iter().map(|path| (*path).to_owned()).collect(),
    };
    let given = grants(&["ACME_*", "HOME"], &["config"]);
    assert!(grants(&["ACME_REGION", "ACME_A*"], &["config/web.json"]).without(&given).is_empty());
    assert_eq!(
        grants(&["AC*", "HOME2"], &["configs", "other"]).without(&given),
        grants(&["AC*", "HOME2"], &["configs", "other"])
    );
}
