//! The examples of the guides to networks and to Express Mode are valid scripts.

use std::process::Output;

use crate::program::{printed, rtiler};
use crate::scripted::{deep, scripted};

/// Rehearses the deployment of a script with these arguments.
fn rehearse(script: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), script).unwrap();
    let command = [&["run", "app.rhai", "deploy", "--rehearse", "--yes"], arguments].concat();
    rtiler(folder.path(), command.iter().copied()).output().unwrap()
}

#[test]
fn tasks_in_isolated_subnets_start_with_the_endpoints_only() {
    let script = |endpoints: &str| {
        format!(
            "let net = Vpc(\"Net\").nat_gateways(0){endpoints};\n\
             let image = \"123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1.0.0\";\n\
             Stack(\"web\").vpc(net).add(FargateService(\"Web\").image(image).subnets(\"isolated\"))\n"
        )
    };
    let closed = rehearse(&script(".endpoint(\"s3\")"), &[]);
    let text = printed(&closed);
    assert_eq!(closed.status.code(), Some(4), "{text}");
    let problem = &text[text.find("error[task-no-route]").unwrap_or_else(|| panic!("{text}"))..];
    assert!(problem.contains("app.rhai:3") && problem.contains(".subnets(\"isolated\")"), "{problem}");
    assert!(problem.contains("connection issue between the task and Amazon ECR"), "{problem}");
    let open = rehearse(&script(".private_endpoints()"), &[]);
    assert!(open.status.success(), "{}", printed(&open));
}

#[test]
fn ids_of_a_network_come_from_parameter_store() {
    const LIST: &str = "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>";
    let script = format!(
        "let id = parameter(\"Net\", #{{ Type: \"AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>\", Default: \"/net/id\" }});\n\
         let inner = parameter(\"Inner\", #{{ Type: \"{LIST}\", Default: \"/net/inner\" }});\n\
         let outer = parameter(\"Outer\", #{{ Type: \"{LIST}\", Default: \"/net/outer\" }});\n\
         let net = Vpc::existing(id).public_subnets(outer).private_subnets(inner);\n\
         let web = FargateService(\"Web\").image(\"nginx:1.29\").port(80).behind(Alb(\"Web\")).subnets(inner);\n\
         Stack(\"web\").vpc(net).add(web)\n"
    );
    let assumed = "/net/inner=subnet-0a1b2c3d4e5f60718,subnet-1a2b3c4d5e6f70819";
    let output = rehearse(&script, &["--assume", assumed]);
    let text = printed(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("/net/outer = subnet-") && !text.contains("/net/inner = "), "{text}");
}

#[test]
fn every_example_of_the_guides_has_no_problem() {
    deep(|| {
        let guides = [include_str!("../../docs/networks.md"), include_str!("../../docs/express.md")].concat();
        let examples: Vec<&str> = guides
            .split("```rhai\n")
            .skip(1)
            .map(|rest| rest.split("```").next().expect("an example has an end"))
            .collect();
        assert!(examples.len() >= 4, "{}", examples.len());
        for example in examples {
            let result = scripted(example, &[]);
            assert!(result.report.problems.is_empty(), "{example}\n{}", result.shown());
            assert!(result.report.value.is_some_and(|stacks| !stacks.is_empty()), "{example}");
        }
    });
}
