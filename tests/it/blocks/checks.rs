//! Checks that speak in the script's lines: the code, and the words that are underlined.

use crate::scripted::{problems, service_problems};

/// The setters of a service, the code of the problem, and the words that are underlined, the primary one first.
const CASES: &[(&str, &str, &[&str])] = &[
    (".cpu(256).memory(4096)", "fargate-size", &["memory", "cpu"]),
    (".cpu(300)", "fargate-size", &["cpu"]),
    (".cpu(1024)", "fargate-size", &["cpu"]),
    (".memory(700)", "fargate-size", &["memory", "FargateService"]),
    (".image(\"nginx\")", "mutable-image-tag", &["image"]),
    (".image(\"localhost:5000/nginx\")", "mutable-image-tag", &["image"]),
    (".image(\"nginx:latest\")", "mutable-image-tag", &["image"]),
    (".image(Image::build(\"missing\"))", "image-context", &["build"]),
    (".image(Image::build(\"app\").platform(\"linux/arm64\"))", "image-platform", &["platform", "FargateService"]),
    (".image(Image::build(\"app\").arg(\"A\", \"1\").arg(\"A\", \"2\"))", "image-setting", &["arg", "arg"]),
    (
        ".image(Image::build(\"app\").secret(\"a\", \"env:A\").secret(\"a\", \"env:B\"))",
        "image-setting",
        &["secret", "secret"],
    ),
    (".image(Image::build(\"app\").registry(\"ghcr.io/acme/web:1\"))", "wrong-argument", &["registry"]),
    (".image(Image::build(\"app\").secret(\"a\", \"hunter2\"))", "wrong-argument", &["secret"]),
    (".image(Image::build(\"app\").tag(\"-x\"))", "wrong-argument", &["tag"]),
    (".image(Image::build(\"../app\"))", "file-outside", &["build"]),
    (".image(Image(`x${AWS::Region}:1`).pin())", "image-setting", &["pin", "Image"]),
    (".image(Image(\"nginx:latest\"))", "mutable-image-tag", &["image"]),
    (".port(0)", "port-range", &["port"]),
    (".port(80).user(\"app\")", "privileged-port", &["user", "port"]),
    (".log_retention(31)", "log-retention", &["log_retention"]),
    (".ephemeral_storage(20)", "ephemeral-storage", &["ephemeral_storage"]),
    (".stop_timeout(121)", "stop-timeout", &["stop_timeout"]),
    (".grace_period(-1)", "grace-period", &["grace_period"]),
    (".count(-1)", "task-count", &["count"]),
    (".healthy_percent(100..=100)", "healthy-percent", &["healthy_percent"]),
    (".healthy_percent(200..=100)", "healthy-percent", &["healthy_percent"]),
    (".circuit_breaker(3).no_circuit_breaker()", "circuit-breaker", &["no_circuit_breaker", "circuit_breaker"]),
    (".subnets(\"privat\")", "subnets", &["subnets"]),
    (".public_ip().subnets(\"private\")", "public-ip-in-private-subnet", &["public_ip", "subnets"]),
    (".spot(1).cluster(Cluster(\"Main\"))", "spot-without-provider", &["spot", "Cluster"]),
    (".exec().read_only_root()", "exec-read-only-root", &["exec", "read_only_root"]),
    (".efs(\"data\", \"fs-1\")", "efs-path", &["efs"]),
    (".secret(\"A\", \"arn:aws:ssm:eu-west-1:123456789012:parameter/a\", \"key\")", "secret-json-key", &["secret"]),
    (".secret(\"A\", \"password\")", "secret-arn", &["secret"]),
    (
        ".env(\"A\", \"1\").secret(\"A\", \"arn:aws:ssm:eu-west-1:123456789012:parameter/a\")",
        "duplicate-variable",
        &["secret", "env"],
    ),
    (".scaling(Scaling(10..=2).cpu(50))", "scaling-range", &["Scaling"]),
    (".scaling(Scaling(-1..=2).cpu(50))", "scaling-range", &["Scaling"]),
    (".scaling(Scaling(1..=2).cpu(101))", "scaling-percent", &["cpu"]),
    (".scaling(Scaling(1..=2).requests_per_target(600))", "requests-without-alb", &["requests_per_target"]),
    (".scaling(Scaling(1..=2).schedule(\"night\", \"at night\", 0..=1))", "scaling-schedule", &["schedule"]),
    (".count(2).scaling(Scaling(1..=2).cpu(50))", "count-with-scaling", &["count", "scaling"]),
    (".gunicorn(Gunicorn())", "gunicorn-workers", &["gunicorn"]),
    (".gunicorn(Gunicorn().workers_per_core(4)).cpu(256)", "gunicorn-workers", &["workers_per_core", "cpu"]),
    (
        ".gunicorn(Gunicorn().max_workers(2).web_concurrency(3)).cpu(1024).memory(2048)",
        "gunicorn-max-workers",
        &["max_workers", "web_concurrency"],
    ),
    (".health_check(\"/up\")", "unused-health-check", &["health_check"]),
    (
        ".behind(Alb(\"A\")).health_check(HealthCheck(\"/up\").interval(5).timeout(5))",
        "health-check-timeout",
        &["timeout", "interval"],
    ),
    (".behind(Alb(\"A\")).health_check(HealthCheck(\"/up\").interval(5))", "health-check-timeout", &["interval"]),
    (".behind(Alb(\"A\")).health_check(\"up\")", "health-check-path", &["health_check"]),
    (".behind(Alb(\"A\")).health_check(HealthCheck(\"/up\").healthy(1))", "health-check-range", &["healthy"]),
    (".container_health_check(HealthCheck(\"true\").codes(\"200\"))", "health-check-setting", &["codes"]),
    (".sidecar(Container(\"web\").image(\"envoy:1\"))", "duplicate-container", &["Container", "FargateService"]),
    (".sidecar(Container(\"proxy\"))", "missing-image", &["Container"]),
    (
        ".sidecar(Container(\"proxy\").image(\"envoy:1\").depends_on(\"wep\", \"START\"))",
        "unknown-container",
        &["depends_on"],
    ),
    (".sidecar(Container(\"proxy\").image(\"envoy:1\").cpu(512))", "sidecar-size", &["sidecar"]),
    (
        ".sidecar(Container(\"proxy\").image(\"envoy:1\").depends_on(\"web\", \"HEALTHY\"))",
        "container-condition",
        &["depends_on", "FargateService"],
    ),
    (
        ".sidecar(Container(\"proxy\").image(\"envoy:1\").depends_on(\"web\", \"SUCCESS\"))",
        "container-condition",
        &["depends_on", "FargateService"],
    ),
];

#[test]
fn each_check_underlines_the_setting_in_the_script() {
    for (setters, code, words) in CASES {
        let found = service_problems(setters);
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(found, [(*code, words)], "{setters}");
    }
}

#[test]
fn valid_settings_have_no_problem() {
    for setters in [
        ".cpu(32768).memory(249856)",
        ".cpu(8192).memory(20480)",
        ".image(\"nginx@sha256:0123456789012345678901234567890123456789012345678901234567890123\")",
        ".image(\"localhost:5000/nginx:1\")",
        ".port(80).user(\"root\")",
        ".port(8080).user(\"app\")",
        ".log_retention(3653)",
        ".scaling(Scaling(0..=0).memory(1))",
        ".gunicorn(Gunicorn().max_workers(1))",
        ".behind(Alb(\"A\")).scaling(Scaling(1..=2).requests_per_target(60))",
        ".spot(1).cluster(Cluster(\"Main\").spot())",
    ] {
        assert_eq!(service_problems(setters), [], "{setters}");
    }
}

#[test]
fn low_request_target_is_reported_with_its_calculation() {
    let text = "Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").behind(Alb(\"Web\"))\n\
                .scaling(Scaling(5..=50).requests_per_target(50)))";
    let scripted = crate::scripted::scripted(text, &[]);
    let shown = scripted.shown();
    assert!(shown.contains("50 requests a minute for each task are 0.83 a second"), "{shown}");
    assert!(shown.contains("all 50 tasks run at 41.67 requests a second (50 x 50 / 60)"), "{shown}");
}

#[test]
fn all_problems_of_a_stack_are_found_in_one_run() {
    let found = service_problems(".image(\"nginx\").cpu(300).port(0).log_retention(2).subnets(\"all\")");
    let mut codes: Vec<&str> = found.into_iter().map(|(code, _)| code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["fargate-size", "log-retention", "mutable-image-tag", "port-range", "subnets"]);
}

#[test]
fn problems_of_all_stacks_are_found() {
    let text = "let a = FargateService(\"A\").image(\"nginx:1\").cpu(1);\nlet b = FargateService(\"B\").image(\"nginx:1\").cpu(2);\n\
                [Stack(\"a\").add(a), Stack(\"b\").add(b)]";
    assert_eq!(problems(text).len(), 2);
}

#[test]
fn reference_to_a_missing_resource_is_an_error() {
    let found = problems("Stack(\"a\").add(AWS::SQS::Queue(\"Jobs\", #{})).output(\"Url\", #{ Ref: \"Jebs\" })");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "undefined-reference");
}
