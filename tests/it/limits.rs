//! Bombs: scripts and templates of strangers that would take all time or memory. Each is made here, not stored.
//!
//! The address space of the program is limited to its stack and the bound that docs/limits.md states, so that a bomb that
//! takes more memory ends with a signal. Times are not asserted: the limit of 20 s is tested with virtual clocks.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use rtiler::script::Limits;

use crate::program::printed;

/// The stack of the main thread, the bound of docs/limits.md, and the program with the arenas of its allocator, in KiB.
#[cfg(target_os = "linux")]
const ADDRESS_SPACE: u64 = (2 << 20) + (1_331 << 10) + (512 << 10);

/// Runs the program within the address space.
fn bounded(folder: &Path, arguments: &[&str]) -> Output {
    #[cfg(target_os = "linux")]
    let mut command = {
        let mut command = Command::new("/bin/sh");
        let line = format!("ulimit -v {ADDRESS_SPACE} && exec \"$0\" \"$@\"");
        command.args(["-c", line.as_str(), env!("CARGO_BIN_EXE_rtiler")]);
        command
    };
    #[cfg(not(target_os = "linux"))]
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtiler"));
    command.args(arguments).current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap()
}

/// Checks a file; returns its exit code, the code of the first problem, and everything that was printed.
fn checked(name: &str, text: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let output = bounded(folder.path(), &["check", name]);
    let text = printed(&output);
    let first = text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(code, _)| code);
    (output.status.code(), first.to_owned(), text)
}

#[track_caller]
fn refused(name: &str, text: &str, codes: &[&str]) {
    let (exit, code, shown) = checked(name, text);
    let start: String = shown.chars().take(2_000).collect();
    assert_eq!(exit, Some(1), "{start}");
    assert!(codes.contains(&code.as_str()), "{code}: {start}");
    assert!(shown.len() < 500_000, "{} bytes are printed", shown.len());
}

#[track_caller]
fn refused_script(text: &str, codes: &[&str]) {
    refused("a.rhai", &format!("{text}\nStack(\"s\").add(AWS::S3::Bucket(\"B\"))\n"), codes);
}

fn resources(body: impl Fn(usize) -> String, count: usize) -> String {
    format!("Resources:\n{}", (0..count).map(body).collect::<String>())
}

fn bucket(properties: &str) -> String {
    format!("Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n{properties}")
}

#[test]
fn number_of_zones_is_not_an_allocation() {
    for (zones, code) in [("4294967296", "availability-zones"), ("9223372036854775807", "wrong-argument")] {
        let service = format!("FargateService(\"Web\").cluster(Cluster(\"Web\").azs({zones})).image(\"nginx:1.29\")");
        let (exit, _, shown) = checked("a.rhai", &format!("Stack(\"web\").add({service})"));
        assert_eq!(exit, Some(1), "{shown}");
        assert!(shown.contains(&format!("error[{code}]")), "{shown}");
    }
}

#[test]
fn numbers_of_a_script_are_checked_before_they_are_sizes() {
    refused_script("let a = []; a.pad(1000000000000, \"x\");", &["limit-array", "limit-string"]);
    refused_script("let a = \"x\"; a.pad(1000000000000, 'y');", &["limit-string"]);
}

#[test]
fn memory_is_looked_at_before_curried_functions_double_it() {
    refused_script("fn q(x) { x }\nlet f = Fn(\"q\");\nfor i in 0..40 { f = f.curry(f); }", &["limit-memory"]);
}

#[test]
fn clones_of_a_large_block_are_counted() {
    let script = "let s = \"x\";\nfor i in 0..19 { s += s; }\nlet b = FargateService(\"A\").image(\"x:1\").port(80);\n\
                  for i in 0..300 { b = b.env(\"K\" + i, s + i); }\nlet f = [];\nfor i in 0..90000 { f.push(b.cpu(256)); }";
    refused_script(script, &["limit-memory", "limit-time"]);
}

#[test]
fn chain_of_closures_does_not_overflow_the_stack() {
    let script = "let f = || 1;\nfor i in 0..400000 { let g = f; f = || g; }";
    let (exit, code, shown) = checked("a.rhai", &format!("{script}\nStack(\"s\").add(AWS::S3::Bucket(\"B\"))"));
    assert!(exit == Some(0) || (exit == Some(1) && code.starts_with("limit-")), "{exit:?} {shown}");
}

#[test]
fn values_that_double_end_at_a_limit() {
    refused_script("let a = cfn::base64(\"x\"); loop { a = cfn::join(\"\", [a, a]); }", &["limit-value"]);
    refused_script("let a = \"x\"; for i in 0..5000 { a = cfn::sub(\"${a}\", #{ a: a }); }", &["limit-value"]);
    refused_script("let a = #{}; loop { a = #{ a: a, b: a }; }", &["limit-map"]);
    refused_script("let a = [1]; loop { a.append(a); }", &["limit-array"]);
    refused_script("let a = \"xx\"; loop { a = `${a}${a}`; }", &["limit-string"]);
}

#[test]
fn maps_that_grow_by_their_keys_end_at_their_limit() {
    for body in [
        "let m = #{}; let i = 0; loop { m[i.to_string()] = i; i += 1; }",
        "let m = #{ a: #{ b: #{} } }; let i = 0; loop { m.a.b[`${i}`] = #{ a: i }; i += 1; }",
        "let m = #{}; let i = 0; loop { m[`${i % 100}`] = #{}; m[`${i % 100}`][`${i}`] = i; m[`${i}`] = m; i += 1; }",
        "fn fill() { let i = 0; loop { this[`${i}`] = i; i += 1; } } let m = #{}; m.fill();",
        "let l = []; l.pad(1000, #{}); let i = 0; loop { l[i % 1000][`${i}`] = i; i += 1; }",
    ] {
        refused_script(body, &["limit-map", "limit-array"]);
    }
    // No variable is used, but a method of the map: after it, Rhai measures the map.
    let grow = "fn grow() { loop { this[this.len().to_string()] = 1; } } let m = #{}; m.grow();";
    refused_script(grow, &["limit-map", "limit-time"]);
}

#[test]
fn endless_list_of_texts_ends_at_its_limit() {
    refused_script("let list = [];\nloop { list.push(\"x\"); }", &["limit-array", "limit-time"]);
}

#[test]
fn imports_are_linear_and_chains_have_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.rhai".into(), "import \"a0\" as t;\nStack(\"s\").add(AWS::S3::Bucket(\"B\"))\n".into());
    write("c.rhai".into(), "import \"c0\" as t;\nStack(\"s\").add(AWS::S3::Bucket(\"B\"))\n".into());
    for at in 0..30 {
        write(format!("a{at}.rhai"), (at + 1..30).map(|to| format!("import \"a{to}\" as t{to};\n")).collect());
    }
    for at in 0..2_000 {
        write(format!("c{at}.rhai"), format!("import \"c{}\" as t;\n", at + 1));
    }
    let of = |name: &str| bounded(folder.path(), &["check", name]);
    assert_eq!(of("a.rhai").status.code(), Some(0), "{}", printed(&of("a.rhai")));
    let chain = of("c.rhai");
    assert_eq!(chain.status.code(), Some(1));
    assert!(printed(&chain).contains("error[limit-modules]"), "{}", printed(&chain));
}

#[test]
fn names_that_the_parser_compares_have_a_limit() {
    let list = |part: &str| (0..20_000).map(|at| format!("{part}{at}")).collect::<Vec<_>>().join(", ");
    refused_script(&format!("fn f({}) {{ 1 }}", list("a")), &["limit-variables"]);
    refused_script(&format!("let f = |{}| 1;", list("a")), &["limit-variables"]);
    refused_script(&list("a").replace('a', "let a").replace(',', " = 1;"), &["limit-variables"]);
    refused_script(&format!("let m = #{{ {}: 1 }};", list("a").replace(',', ": 1,")), &["limit-variables"]);
    let use_of_many = format!("{}{}", &list("let a")[..80_000].replace(',', " = 1;"), "; a1".repeat(100_000));
    refused_script(&use_of_many, &["limit-variables"]);
}

#[test]
fn conditions_that_double_with_each_other_are_checked() {
    let next = |at: usize| format!("  C{}: !And [!Condition C{at}, !Condition C{at}]\n", at + 1);
    let chain: String = (0..500).map(next).collect();
    let bucket = "Resources:\n  B: {Type: AWS::S3::Bucket, Condition: C500}\n";
    let text = format!("Conditions:\n  C0: !Equals [!Ref 'AWS::Region', b]\n{chain}{bucket}");
    let (exit, _, shown) = checked("t.yaml", &text);
    assert_eq!(exit, Some(0), "{shown}");
}

#[test]
fn import_cannot_have_the_name_of_a_namespace() {
    for name in ["cfn", "AWS", "Vpc", "Cluster", "Image"] {
        refused_script(&format!("import \"std/titiler\" as {name};"), &["reserved-namespace"]);
    }
}

#[test]
fn problems_are_capped_and_the_rest_is_counted() {
    let template = bucket(&(0..5_000).map(|at| format!("      BucketNam{at}: 1\n")).collect::<String>());
    let (exit, _, shown) = checked("t.yaml", &template);
    assert_eq!(exit, Some(1));
    assert_eq!(shown.matches("error[unknown-property]").count(), 100);
    assert!(
        shown.contains("4900 more problems are not shown: 4900 unknown-property"),
        "{}",
        &shown[shown.len() - 300..]
    );
    assert!(shown.contains("5000 errors"), "{}", &shown[shown.len() - 300..]);
}

#[test]
fn warnings_of_many_stacks_are_capped_and_counted() {
    let script = r#"let vpc = Vpc::existing("vpc-0123456789abcdef0")
    .private_subnets(["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]);
let stacks = [];
for i in 0..150 {
    let web = FargateService(`Web${i}`).cluster(Cluster("Main").vpc(vpc)).image(`example/web${i}:latest`);
    stacks.push(Stack(`s${i}`).add(web.env(`TOKEN_${i}`, `hunter${i}hunter`).env(`A_${i}_PASSWORD`, "hunter2hunter")));
}
stacks"#;
    let (exit, _, shown) = checked("a.rhai", script);
    let warnings = shown.matches("warning[").count();
    let start: String = shown.chars().take(2_000).collect();
    assert_eq!((exit, warnings), (Some(0), 100), "{start}");
    let end = &shown[shown.len().saturating_sub(400)..];
    let of = |code: &str, number: usize| format!("{number} {code}");
    for line in
        [of("mutable-image-tag", 150 - shown.matches("warning[mutable-image-tag]").count()), of("warnings", 300)]
    {
        assert!(end.contains(&line), "{line}: {end}");
    }
    assert!(end.contains("200 more problems are not shown"), "{end}");
}

#[test]
fn documents_for_programs_have_a_number_of_problems_and_count_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let template = bucket(&(0..6_000).map(|at| format!("      BucketNam{at}: 1\n")).collect::<String>());
    std::fs::write(folder.path().join("t.yaml"), template).unwrap();
    let document = |form: &str| -> serde_json::Value {
        let output = bounded(folder.path(), &["check", form, "t.yaml"]);
        assert_eq!(output.status.code(), Some(1));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let json = document("--json");
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(5_000));
    assert_eq!(json["omitted_problems"]["unknown-property"], 1_000);
    assert_eq!(json["result"]["errors"], 6_000);
    let run = &document("--sarif")["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(5_000));
    assert_eq!(run["properties"]["omittedProblems"]["unknown-property"], 1_000);
}

#[test]
fn resources_in_many_circles_are_reported_once_for_a_group() {
    let needs = |at: usize| (1..60).map(|k| format!("B{}", (at * k + k) % 400)).collect::<Vec<_>>().join(",");
    let of = |at| format!("  B{at}:\n    Type: AWS::S3::Bucket\n    DependsOn: [{}]\n", needs(at));
    let (exit, code, shown) = checked("t.yaml", &resources(of, 400));
    assert_eq!((exit, code.as_str()), (Some(1), "circular-dependency"));
    assert!(shown.matches("error[circular-dependency]").count() <= 60 && shown.len() < 100_000, "{}", shown.len());
}

#[test]
fn long_values_lines_and_names_are_shown_in_part() {
    let long = "x".repeat(1_000_000);
    let (_, _, shown) = checked("t.yaml", &bucket(&format!("      VersioningConfiguration: {{Status: {long}}}\n")));
    assert!(shown.contains("... (10000") && shown.len() < 20_000, "{}", shown.len());
    refused("u.yaml", &bucket(&format!("      ? {long}\n      : 1\n")), &["unknown-property"]);
    refused("a.rhai", &format!("let a = {long};"), &["unknown-variable"]);
    let line = format!(
        "{{\"Resources\":{{\"B\":{{\"Type\":\"AWS::S3::Bucket\",\"Properties\":{{\"A{long}\":1,\"Wrong\":1}}}}}}}}"
    );
    let (_, _, shown) = checked("t.json", &line);
    assert!(shown.contains("\"Wrong\":1") && shown.len() < 20_000, "{}", shown.len());
}

#[test]
fn aliases_and_anchors_have_a_limit() {
    let mut bomb = bucket("      Tags: []\n    Metadata:\n      a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for at in 1..8 {
        let _ = writeln!(bomb, "      a{at}: &a{at} [{}]", vec![format!("*a{}", at - 1); 10].join(","));
    }
    refused("t.yaml", &bomb, &["yaml-alias", "template-syntax"]);
    let text =
        format!("    Metadata:\n      a: &a {}\n      b: [{}]\n", "x".repeat(100_000), vec!["*a"; 20_000].join(","));
    refused("t.yaml", &bucket(&text), &["yaml-alias", "template-syntax"]);
    let open: String = (0..90).map(|at| format!("&a{at} [")).collect();
    let nested = format!("    Metadata:\n      b: {open}{}x{}\n", "x,".repeat(100_000), "]".repeat(90));
    refused("t.yaml", &bucket(&nested), &["template-syntax"]);
}

#[test]
fn patterns_of_parameters_have_a_limit() {
    let parameters: String = (0..200)
        .map(|at| format!("  P{at}: {{Type: String, Default: a, AllowedPattern: '(\\w{{1,100}}){{1,99}}{at}'}}\n"))
        .collect();
    let (exit, _, shown) = checked("t.yaml", &format!("{}Parameters:\n{parameters}", bucket("      Tags: []\n")));
    assert!(matches!(exit, Some(0 | 1)), "{exit:?} {shown}");
}

#[test]
fn template_far_over_the_limits_of_cloudformation_is_not_checked_further() {
    let of = |at| format!("  B{at}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: same}}}}\n");
    refused("t.yaml", &resources(of, 10_000), &["template-limit"]);
}

#[test]
fn megabyte_of_anything_is_refused_with_words() {
    let kinds =
        ["[", "{", "(", "\"", "`", "//", "/*", "- ", "a: b\n", "a:\n", "${", "!a ", "&a [", "fn a(){}\n", "if true {"];
    for kind in kinds {
        for ending in ["yaml", "json", "rhai"] {
            let (exit, _, shown) = checked(&format!("a.{ending}"), &kind.repeat(300_000 / kind.len()));
            assert_eq!(exit, Some(1), "{kind:?} as {ending}: {}", shown.chars().take(500).collect::<String>());
            assert!(shown.len() < 500_000, "{kind:?} as {ending}: {} bytes", shown.len());
        }
    }
}

#[test]
fn documented_limits_are_those_of_the_code() {
    let limits = Limits::default();
    let page = include_str!("../../docs/limits.md");
    for line in [
        format!("| time | {} s |", limits.time.as_secs()),
        format!("| memory | {} MiB |", limits.memory >> 20),
        format!("| steps | {} million |", limits.operations / 1_000_000),
        format!("| a source file | {} MiB |", limits.source >> 20),
        format!("| a string | {} MiB |", limits.string >> 20),
        format!("| an array | {} items |", thousands(limits.array)),
        format!("| a map | {} entries |", thousands(limits.map)),
        format!("| calls inside calls | {} |", limits.calls),
        format!("| a template | {} MiB |", rtiler::cfn::parse::LONGEST >> 20),
        format!("| lists and objects inside each other | {} |", rtiler::cfn::parse::DEEPEST),
    ] {
        assert!(page.contains(&line), "docs/limits.md does not say {line:?}");
    }
    assert!(include_str!("../../README.md").contains("docs/limits.md"));
}

fn thousands(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}
