//! SARIF, as GitHub's code scanning reads it. The schema in `tests/data` has the part of the standard that rtiler writes.

use serde_json::Value as Json;

use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"
let web = FargateService("Web").image("nginx:latest").port(80)
    .cpu(256)
    .memory(4096);
Stack("app").add(web)
"#;

const SCHEMA: &str = include_str!("../data/sarif.schema.json");

/// Returns the log of a check in a folder below the root of a repository.
fn log(file: &str, text: &str, arguments: &[&str]) -> Json {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("infra");
    std::fs::create_dir_all(root.path().join(".git")).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(file), text).unwrap();
    let output = rtiler(&folder, arguments.iter().copied()).output().unwrap();
    let log: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", printed(&output)));
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0], "{log:#}");
    log
}

/// Checks what a schema cannot say: each result has its rule, regions end after their begin, and links have a target.
fn check(log: &Json) {
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let related = result["relatedLocations"].as_array().unwrap();
        for location in result["locations"].as_array().unwrap().iter().chain(related) {
            let region = &location["physicalLocation"]["region"];
            let of = |name: &str| region[name].as_u64();
            assert!(of("endLine") >= of("startLine"), "{region}");
            assert!(of("endColumn").is_none() || of("endColumn") > of("startColumn"), "{region}");
        }
        let message = result["message"]["text"].as_str().unwrap();
        for location in related {
            assert!(message.contains(&format!("]({})", location["id"])), "{message}");
        }
    }
}

#[test]
fn script_has_rules_regions_and_related_locations() {
    for arguments in [&["run", "app.rhai", "check", "--sarif"][..], &["check", "app.rhai", "--sarif"]] {
        let log = log("app.rhai", SCRIPT, arguments);
        check(&log);
        let results = log["runs"][0]["results"].as_array().unwrap();
        let size = results.iter().find(|result| result["ruleId"] == "fargate-size").unwrap();
        let place = &size["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "infra/app.rhai", "from the root of the repository");
        assert_eq!((place["region"]["startLine"].as_u64(), place["region"]["endColumn"].as_u64()), (Some(4), Some(12)));
        assert_eq!(size["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 3);
        assert_eq!(log["runs"][0]["automationDetails"]["id"], "rtiler/infra/app.rhai/");
        assert!(results.iter().any(|result| result["level"] == "warning"));
    }
}

#[test]
fn template_and_unreadable_file_have_locations() {
    let template = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueNam: a\n";
    let found = log("a.yaml", template, &["check", "a.yaml", "--sarif"]);
    check(&found);
    assert_eq!(found["runs"][0]["results"][0]["ruleId"], "unknown-property");
    let absent = log("a.yaml", template, &["check", "absent.yaml", "--sarif"]);
    check(&absent);
    assert_eq!(absent["runs"][0]["results"].as_array().unwrap().len(), 1);
    let good = log("a.yaml", "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n", &["check", "a.yaml", "--sarif"]);
    assert_eq!(good["runs"][0]["results"].as_array().map(Vec::len), Some(0));
}
