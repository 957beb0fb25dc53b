use super::Desk;

/// Returns the rehearsal account in which the script is deployed.
fn deployed() -> Desk {
    let desk = Desk::new();
    let output = desk.lines(&[":rehearse"]);
    assert!(output.code == Some(0) && output.talk.contains("app created in"), "{}", output.all());
    desk
}

#[test]
fn rehearsed_stack_of_the_repl_is_seen_by_run_and_vice_versa() {
    let desk = deployed();
    let status = desk.run(&["status", "--rehearse"]).good();
    assert!(status.contains("CREATE_COMPLETE") && status.contains("WebService"), "{status}");
    desk.run(&["destroy", "--rehearse"]).good();
    assert!(desk.lines(&[":status"]).absent().contains("app is not deployed"));
}

#[test]
fn read_only_command_in_the_repl_prints_what_run_prints() {
    let desk = deployed();
    for (typed, words) in [
        (":status", vec!["status"]),
        (":status app", vec!["status", "app"]),
        (":outputs", vec!["outputs"]),
        (":events -n 4", vec!["events", "-n", "4"]),
        (
            ":logs Web* --since 1h --grep 'Listening at'",
            vec!["logs", "Web*", "--since", "1h", "--grep", "Listening at"],
        ),
        (":tasks WebService", vec!["tasks", "WebService"]),
        (":tasks --stopped", vec!["tasks", "--stopped"]),
        (":inspect WebService", vec!["inspect", "WebService"]),
        (":diff", vec!["diff"]),
        (":plan", vec!["plan"]),
    ] {
        let run = desk.run(&[words, vec!["--rehearse"]].concat());
        let repl = desk.lines(&[typed]);
        assert_eq!((run.code, repl.code), (Some(0), Some(0)), "{typed}: {}{}", run.all(), repl.all());
        assert!(
            !run.answer.is_empty() && repl.answer.ends_with(&run.answer),
            "{typed}: {}\n{}",
            run.answer,
            repl.answer
        );
        assert!(repl.talk.contains("rehearsal account"), "{typed} says where it looked: {}", repl.talk);
    }
}

#[test]
fn changed_session_is_compared_with_the_deployed_stack_and_then_deployed() {
    let desk = deployed();
    let output =
        desk.lines(&[":set tasks=3", ":diff", ":inspect WebService", ":deploy", ":inspect WebService"]).different();
    assert!(output.contains("DesiredCount: 2 -> 3"), "{output}");
    let rows: Vec<Vec<&str>> = output
        .lines()
        .filter(|line| line.contains("DesiredCount  ") && !line.contains("->"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows, [vec!["~", "DesiredCount", "2", "3"], vec!["DesiredCount", "3", "="]], "{output}");
}

#[test]
fn resource_changed_outside_cloudformation_is_shown_by_inspect() {
    let desk = deployed();
    desk.run(&["scale", "WebService", "4", "--rehearse"]).good();
    let quick = desk.lines(&[":inspect WebService"]).good();
    assert!(quick.contains("no differences between the script and the deployed resource"), "{quick}");
    let output = desk.lines(&[":inspect WebService --drift"]).good();
    let row = output.lines().find(|line| line.contains("DesiredCount")).unwrap();
    assert!(row.starts_with("!  DesiredCount") && row.contains("4 (deployed as 2)"), "{output}");
}

#[test]
fn failed_deployment_ends_the_session_with_its_exit_code() {
    let desk = Desk::new();
    let output = desk.lines(&[":rehearse --fault WebService:image-not-found --seed 3", ":status"]);
    assert_eq!(output.code, Some(4), "{}", output.all());
    assert!(output.talk.contains("app failed and was rolled back"), "{}", output.talk);
    assert!(!output.answer.contains("is not deployed"), "nothing is done after it: {}", output.answer);
    let status = desk.piped(&["--keep-going"], ":inspect Nothing\n:status\n");
    assert_eq!(status.code, Some(2), "{}", status.all());
    assert!(status.answer.contains("app is not deployed"), "{}", status.answer);
}

#[test]
fn mistake_in_the_repl_reads_as_in_run_with_a_hint_that_can_be_typed() {
    let desk = Desk::new();
    for (typed, code, words) in [
        (":deploy --alow-replace X", 2, "--allow-replace"),
        (":deploy other", 2, "error[unknown-stack]"),
        (":inspect WebServic", 2, "did you mean `WebService`?"),
        (":target moon", 2, "`:target aws`"),
        (":deploy --set tasks=3", 2, "`:set NAME=VALUE`"),
        (":deploy --fault Nowhere", 2, "from the output of `:synth`"),
        (":logs Web --grep '('", 2, "error[log-pattern]"),
        (":logs 'open", 2, "is not closed"),
    ] {
        let output = desk.lines(&[typed]);
        assert_eq!(output.code, Some(code), "{typed}: {}", output.all());
        assert!(output.talk.contains(words), "{typed}: {}", output.talk);
    }
    let help = desk.lines(&[":deploy --help"]).good();
    assert!(help.contains("Usage: :deploy [OPTIONS]") && help.contains("--allow-replace"), "{help}");
}

#[test]
fn session_without_stacks_gets_a_hint_and_session_with_errors_gets_them() {
    let desk = Desk::with("1");
    let output = desk.lines(&[":status"]);
    assert!(output.code == Some(1) && output.talk.contains("error[not-a-stack]"), "{}", output.all());
    let wrong = Desk::with(r#"Stack("app").add(AWS::SQS::Queue("Q", #{ VisibilityTimeout: "soon" }))"#);
    let output = wrong.lines(&[":rehearse"]);
    assert!(output.code == Some(1) && output.talk.contains("VisibilityTimeout"), "{}", output.all());
    assert!(!wrong.path().join(".rtiler").exists(), "nothing was started");
}

#[test]
fn session_without_a_target_uses_the_rehearsal_without_a_question() {
    let desk = Desk::new();
    assert!(desk.lines(&[":target"]).good().ends_with("the rehearsal account\n"));
    assert!(desk.lines(&[":target aws", ":target"]).good().ends_with("AWS, with your credentials\n"));
    let output = desk.piped(&["--target", "aws"], ":target\n:target rehearsal\n:rehearse\n:destroy\n:status\n");
    let answer = output.absent();
    assert!(answer.contains("AWS, with") && answer.ends_with("app is not deployed\n"), "{answer}");
}
