//! The declared defaults of setters: which are shown, and that they hold.

use std::rc::Rc;

use crate::budget::Budget;
use crate::cfn::emit;
use crate::repl::templates;
use crate::script::session::{DisplayValue, EntryResult, Session};
use crate::script::{Limits, NoFiles};

fn value(expression: &str) -> DisplayValue {
    let mut session = Session::new(Rc::new(NoFiles), Vec::new(), Limits::default());
    match session.evaluate(expression) {
        EntryResult::Done(done) => done.value.unwrap_or_else(|| panic!("{expression} has a value")),
        _ => panic!("{expression} is evaluated"),
    }
}

fn template(expression: &str) -> String {
    let (synth, problems) = templates::of_block(&value(expression), &Budget::unlimited());
    emit::yaml(&synth.unwrap_or_else(|| panic!("{expression}: {problems:?}")).template)
}

const SERVICE: &str = "FargateService(\"Web\").image(\"nginx:1.29\")";

#[test]
fn service_without_setters_shows_every_declared_default() {
    let expected = [
        ("cluster", "the cluster of the stack"),
        ("cpu", "256"),
        ("memory", "512"),
        ("log_retention", "30"),
        ("stop_timeout", "30"),
        ("count", "1"),
        ("drain", "30"),
        ("protocol", "http"),
        ("algorithm", "round_robin"),
        ("grace_period", "60"),
        ("healthy_percent", "100..=200"),
    ];
    assert_eq!(value(SERVICE).defaults(), expected);
}

#[test]
fn setter_that_was_called_has_no_default() {
    let set = value(&format!("{SERVICE}.cpu(512).scaling(Scaling(1..=4))"));
    let names: Vec<&str> = set.defaults().into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"memory"), "{names:?}");
    assert!(!names.contains(&"cpu"), "{names:?}");
    assert!(!names.contains(&"count"), "`.scaling` leaves `.count` without a default: {names:?}");
}

/// Defaults that ECS applies: the template does not contain them.
const OF_ECS: [&str; 1] = ["stop_timeout"];

#[test]
fn declared_default_gives_the_template_without_the_setter() {
    let bases = [SERVICE, "Vpc(\"Net\")", "Cluster(\"Apps\")"];
    let mut compared = 0;
    for base in bases {
        for (name, default) in value(base).defaults().into_iter().filter(|(name, _)| !OF_ECS.contains(name)) {
            let is_number = default.parse::<i64>().is_ok() || default.contains("..=");
            let argument = if is_number { default.to_owned() } else { format!("\"{default}\"") };
            if is_number || default.contains('/') {
                let set = format!("{base}.{name}({argument})");
                assert_eq!(template(&set), template(base), "{set}");
                compared += 1;
            }
        }
    }
    assert!(compared > 8, "{compared} defaults were compared");
}
