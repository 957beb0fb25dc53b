//! The examples of the guide to networks are valid scripts.

use crate::scripted::{deep, scripted};

#[test]
fn every_example_of_the_guide_to_networks_has_no_problem() {
    deep(|| {
        let guide = include_str!("../../docs/networks.md");
        let examples: Vec<&str> = guide
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
