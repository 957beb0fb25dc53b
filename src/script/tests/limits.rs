//! Limits are noticed at any step of a script.

use std::cell::Cell;
use std::time::Duration;

use super::*;
use crate::budget::UsageMeter;

/// Shows a millisecond more at each look.
struct Clock(Cell<u64>);

impl UsageMeter for Clock {
    fn elapsed(&self) -> Duration {
        self.0.set(self.0.get() + 1);
        Duration::from_millis(self.0.get())
    }

    fn allocated(&self) -> usize {
        0
    }
}

fn codes(text: &str, limits: Limits) -> Vec<&'static str> {
    let evaluation = evaluate(text, Vec::new(), limits);
    evaluation.report.problems.iter().map(|problem| problem.code.as_str()).collect()
}

#[test]
fn time_is_noticed_in_a_loop_of_any_number_of_steps() {
    // Rhai drops the error of some steps. The clock is read at each 64th step, which may be the same one in every iteration.
    for step in ["", "i += 1;", "i += 1; i += 1;", "let j = i + 1;", "let j = i; i = j;"] {
        let text = format!(
            "let w = Stack(\"W\");\nlet i = 0;\nloop {{ w = w.add(AWS::S3::Bucket(\"B\" + i, #{{}})); i += 1; {step} }}"
        );
        let time = Duration::from_millis(50);
        let limits = Limits { operations: 50_000, time, meter: Rc::new(Clock(Cell::new(0))), ..Limits::default() };
        assert_eq!(codes(&text, limits), ["limit-time"], "{step}");
    }
}

#[test]
fn number_that_is_far_too_large_is_refused_before_it_is_computed_with() {
    for setter in [
        "FargateService(\"W\").count(9223372036854775807)",
        "FargateService(\"W\").cpu(9223372036854775807)",
        "Cluster(\"W\").azs(-9223372036854775807)",
        "Scaling(1..=9223372036854775807)",
        "Route().path(\"/a\").priority(9223372036854775807)",
    ] {
        assert_eq!(
            codes(&format!("let x = {setter};\nStack(\"s\")"), Limits::default()),
            ["wrong-argument"],
            "{setter}"
        );
    }
}
