//! A limit names the package that was running.

use std::time::Duration;

use super::*;
use crate::budget::UsageMeter;

fn report(entry: &str, script: &str) -> (String, String, String) {
    let limits = Limits { operations: 100_000, string: 10_000, array: 1_000, map: 1_000, ..Limits::default() };
    let project = Project::default().package("greedy", entry, &[]).limits(limits);
    let evaluation = project.eval(&format!("import \"greedy\" as g;\n\n{script}\nStack(\"s\")"));
    let problem = evaluation.report.problems.first().unwrap_or_else(|| panic!("a problem of {script}"));
    let place = problem.origin().map(ToString::to_string).unwrap_or_default();
    (problem.code.as_str().to_owned(), problem.message.clone(), place.rsplit_once(':').expect("a column").0.to_owned())
}

#[test]
fn package_over_a_limit_is_named_with_the_call() {
    for (entry, code) in [
        ("fn f() { loop { } }", "limit-operations"),
        ("fn f() { g(1) }\nfn g(x) { g(x + 1) }", "limit-calls"),
        ("fn f() { let a = \"aaaaaaaa\"; loop { a += a; } }", "limit-string"),
        ("fn f() { let a = []; loop { a.push(1); } }", "limit-array"),
        ("fn f() { let a = 0; for x in 0..100_000 { [1, 2, 3].map(|y| y + x); } }", "limit-operations"),
    ] {
        let (found, message, place) = report(entry, "g::f();");
        assert_eq!((found.as_str(), place.as_str()), (code, "app.rhai:3"), "{entry}: {message}");
        assert!(message.contains("the package `greedy`"), "{message}");
    }
}

#[test]
fn package_may_use_half_of_the_operations() {
    let loops = |n: u32| format!("fn f() {{ for x in 0..{n} {{ let a = x; }} }}");
    let (code, message, _) = report(&loops(40_000), "g::f();");
    assert_eq!(code, "limit-operations");
    assert!(message.contains("50000 operations"), "{message}");
    // Many short calls are counted together.
    let (code, message, place) = report(&loops(1_000), "for x in 0..1000 { g::f(); }");
    assert_eq!((code.as_str(), place.as_str()), ("limit-operations", "app.rhai:3"));
    assert!(message.contains("the package `greedy`"), "{message}");
}

#[test]
fn import_that_never_ends_names_the_package() {
    let limits = Limits { operations: 100_000, ..Limits::default() };
    let project = Project::default().package("greedy", "loop { }", &[]).limits(limits);
    let evaluation = project.eval("import \"greedy\" as g;\nStack(\"s\")");
    let problem = &evaluation.report.problems[0];
    assert_eq!(problem.code, Code::LimitOperations);
    assert!(problem.message.contains("the package `greedy`"), "{}", problem.message);
    assert_eq!(problem.origin().map(ToString::to_string), Some("app.rhai:1:8".into()));
}

#[test]
fn endless_closure_of_the_project_is_not_blamed_on_the_package() {
    let (code, message, _) = report("fn each(f) { f.call(1) }", "g::each(|x| { loop { } });");
    assert_eq!((code.as_str(), message.as_str()), ("limit-operations", "the script takes more than 100000 operations"));
}

#[test]
fn package_cannot_catch_a_limit() {
    let entry = "fn f() { try { loop { } } catch { } 1 }";
    assert_eq!(report(entry, "try { g::f(); } catch { }").0, "limit-operations");
}

/// Shows more time at each look.
struct Clock(std::cell::Cell<u64>);

impl UsageMeter for Clock {
    fn elapsed(&self) -> Duration {
        self.0.set(self.0.get() + 1);
        Duration::from_millis(self.0.get())
    }

    fn allocated(&self) -> usize {
        0
    }
}

#[test]
fn package_may_use_half_of_the_time() {
    let limits =
        Limits { time: Duration::from_secs(2), meter: Rc::new(Clock(std::cell::Cell::new(0))), ..Limits::default() };
    let project = Project::default().package("greedy", "fn f() { loop { } }", &[]).limits(limits);
    let evaluation = project.eval("import \"greedy\" as g;\ng::f();\nStack(\"s\")");
    let problem = &evaluation.report.problems[0];
    assert_eq!(
        (problem.code, problem.message.as_str()),
        (Code::LimitTime, "the package `greedy` takes longer than 1 s, half of the time of an evaluation")
    );
}
