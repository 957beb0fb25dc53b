//! Servers that are silent or odd: the program says what they are, ends in time, and obeys signals meanwhile.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rtiler::deploy::api::ErrorKind;
use rtiler::deploy::{DeployEventKind, StackResult};
use serde_json::json;

use super::Account;
use super::binary::{Desk, result, signal, until_called, until_in_progress};
use super::world::{deploy, stack};
use crate::harness::{Emulator, Fault};
use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"Stack("web").add(AWS::SQS::Queue("Queue").deletion_policy("Retain"))"#;

const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in to the guest network</title></head><body></body></html>";

/// Far more than the second in which a signal ends a command: the machine of the tests may be busy.
const AT_ONCE: Duration = Duration::from_secs(10);

/// The behaviour of a server after a request.
#[derive(Clone)]
enum Behaviour {
    /// It says nothing.
    Silent,
    /// It sends these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// It sends a byte of a body each second.
    Drip,
    /// It sends a body without an end.
    Endless,
}

/// A server of the loopback with one behaviour, which ends with the test.
struct OddServer {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl OddServer {
    fn start(behaviour: Behaviour) -> OddServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, connections) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counted.fetch_add(1, Ordering::Relaxed);
                let behaviour = behaviour.clone();
                thread::spawn(move || answer(stream, &behaviour));
            }
        });
        OddServer { port, connections }
    }

    /// Waits until the program waits for an answer.
    fn until_asked(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.connections.load(Ordering::Relaxed) == 0 {
            assert!(Instant::now() < deadline, "the program never connected");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Answers until the client is gone; the errors of a closed connection are not of interest.
fn answer(mut stream: TcpStream, behaviour: &Behaviour) -> Option<()> {
    let mut request = [0; 4096];
    // A request may come in parts; the first one is enough to answer.
    let _first = stream.read(&mut request).ok()?;
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    match behaviour {
        Behaviour::Silent => while stream.read(&mut request).ok()? > 0 {},
        Behaviour::Bytes(bytes) => stream.write_all(bytes).ok()?,
        Behaviour::Drip => {
            stream.write_all(chunked).ok()?;
            loop {
                stream.write_all(b"1\r\n<\r\n").ok()?;
                thread::sleep(Duration::from_secs(1));
            }
        }
        Behaviour::Endless => {
            stream.write_all(chunked).ok()?;
            let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk).ok()?;
            }
        }
    }
    Some(())
}

/// Returns an answer with its length.
fn http(status: &str, headers: &str, body: &str) -> Behaviour {
    let length = body.len();
    Behaviour::Bytes(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes())
}

/// Returns the command `rtiler run app.rhai ...` against an endpoint, in a folder of its own.
fn command(folder: &tempfile::TempDir, words: &str, endpoint: &str) -> Command {
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    let mut command = rtiler(folder.path(), ["run", "app.rhai"].into_iter().chain(words.split(' ')));
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "eu-west-1");
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `status` against an endpoint.
fn status(endpoint: &str) -> (Output, Duration) {
    let (folder, started) = (tempfile::tempdir().unwrap(), Instant::now());
    (command(&folder, "status", endpoint).output().unwrap(), started.elapsed())
}

/// Runs `status` against each server, all at once, and looks for the text in what it prints.
fn assert_reported(scheme: &str, servers: Vec<(&str, Behaviour, &str)>) {
    thread::scope(|scope| {
        for (name, behaviour, text) in servers {
            scope.spawn(move || {
                let server = OddServer::start(behaviour);
                let (output, _) = status(&format!("{scheme}://127.0.0.1:{}", server.port));
                let printed = printed(&output);
                assert_eq!(output.status.code(), Some(3), "{name}: {printed}");
                let text = text.replace("HOST", &format!("127.0.0.1:{}", server.port));
                assert!(printed.contains(&text), "{name}: {printed}");
            });
        }
    });
}

#[test]
fn answers_that_aws_does_not_send_are_reported_as_what_they_are() {
    let html = "Content-Type: text/html\r\n";
    let skewed = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error>\
                  </ErrorResponse>";
    let date = "Content-Type: text/xml\r\nDate: Thu, 01 Jan 2099 00:00:00 GMT\r\n";
    let unfinished = "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>we";
    assert_reported(
        "http",
        vec![
            (
                "page",
                http("200 OK", html, PAGE),
                "HOST answered with a web page, `Sign in to the guest network` (status 200)",
            ),
            ("refusal of a proxy", http("403 Forbidden", html, PAGE), "`Sign in to the guest network` (status 403)"),
            ("unavailable", http("503 Busy", html, PAGE), "error[aws-unavailable]"),
            ("empty", http("200 OK", "", ""), "HOST answered with an empty body (status 200)"),
            (
                "other format",
                http("200 OK", "Content-Type: application/json\r\n", "{}"),
                "of the type `application/json`",
            ),
            (
                "not found",
                http("404 Not Found", "", "404 page not found"),
                "a body that AWS does not send (status 404)",
            ),
            (
                "compressed",
                http("200 OK", "Content-Encoding: gzip\r\n", "\u{1f}"),
                "HOST answered with a body compressed as `gzip`, which was not requested (status 200)",
            ),
            ("unfinished", http("200 OK", "", unfinished), "ends in its middle (status 200)"),
            (
                "redirect",
                http("302 Found", "Location: https://portal.example/x\r\n", ""),
                "redirects to `portal.example`",
            ),
            ("login", http("407 Proxy Authentication Required", "", ""), "requires a login (status 407)"),
            (
                "cut",
                Behaviour::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<x".to_vec()),
                "error[aws-unreachable]",
            ),
            ("not HTTP", Behaviour::Bytes(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()), "the answer is not HTTP"),
            ("clock", http("403 Forbidden", date, skewed), "error[aws-clock-skew]: the clock of this machine is "),
            ("endless", Behaviour::Endless, "HOST answered with more than 32 MiB (status 200)"),
        ],
    );
}

#[test]
fn server_that_does_not_speak_tls_is_reported_as_such() {
    assert_reported("https", vec![("plain", http("400 Bad Request", "", "no"), "the server does not speak TLS")]);
}

#[test]
fn closed_port_and_unknown_name_are_reported_with_the_address() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let printed = |endpoint: &str| printed(&status(endpoint).0);
    let refused = printed(&format!("http://127.0.0.1:{port}"));
    assert!(
        refused.contains(&format!("AWS cannot be reached at http://127.0.0.1:{port}: Connection refused")),
        "{refused}"
    );
    let unknown = printed("http://no-such-name.invalid");
    assert!(unknown.contains("AWS cannot be reached at http://no-such-name.invalid: "), "{unknown}");
}

#[test]
fn command_that_reads_ends_in_time_if_a_server_is_silent() {
    thread::scope(|scope| {
        for behaviour in [Behaviour::Silent, Behaviour::Drip] {
            scope.spawn(|| {
                let server = OddServer::start(behaviour);
                let (output, took) = status(&format!("http://127.0.0.1:{}", server.port));
                let printed = printed(&output);
                assert!(printed.contains("no complete answer within 25 s"), "{printed}");
                assert_waits_before_the_error(&printed);
                assert!(took < Duration::from_mins(1), "{took:?}");
            });
        }
    });
}

/// Asserts that the user learnt of the silence before the error.
fn assert_waits_before_the_error(printed: &str) {
    let (waiting, error) = (printed.find("waiting for "), printed.find("error["));
    assert!(waiting.is_some_and(|at| error.is_some_and(|error| at < error)), "{printed}");
    assert!(printed.contains(" (10 s): no answer to "), "{printed}");
}

#[test]
fn command_that_operates_says_that_it_waits_if_a_server_is_silent() {
    thread::scope(|scope| {
        for words in ["plan", "destroy --yes", "plan --json"] {
            scope.spawn(move || {
                let (server, folder) = (OddServer::start(Behaviour::Silent), tempfile::tempdir().unwrap());
                let output = command(&folder, words, &format!("http://127.0.0.1:{}", server.port)).output().unwrap();
                assert_eq!(output.status.code(), Some(3), "{words}: {}", printed(&output));
                let (results, status) =
                    (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                assert!(!results.contains("waiting for "), "{words}: {results}");
                if words.ends_with("--json") {
                    assert!(status.contains(" (10 s): no answer to "), "{status}");
                } else {
                    assert_waits_before_the_error(&status);
                }
            });
        }
    });
}

/// Sends a signal to each of these commands while a server is silent, and returns their output.
fn signalled(name: &str, commands: &[&str]) -> Vec<(Option<i32>, String)> {
    let run = |words: &&str| {
        let server = OddServer::start(Behaviour::Silent);
        let folder = tempfile::tempdir().unwrap();
        let child = command(&folder, words, &format!("http://127.0.0.1:{}", server.port)).spawn().unwrap();
        server.until_asked();
        ended_by(child, name, words)
    };
    thread::scope(|scope| {
        let runs: Vec<_> = commands.iter().map(|words| scope.spawn(move || run(words))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// Sends a signal to a command and waits for its end.
fn ended_by(child: Child, name: &str, words: &str) -> (Option<i32>, String) {
    let sent = Instant::now();
    signal(&child, name);
    let output = child.wait_with_output().unwrap();
    assert!(sent.elapsed() < AT_ONCE, "{words}: {:?} after {name}", sent.elapsed());
    (output.status.code(), printed(&output))
}

#[test]
fn ctrl_c_ends_every_command_while_a_server_is_silent() {
    let commands = [
        "status",
        "deploy --yes",
        "deploy",
        "plan",
        "destroy --yes",
        "destroy",
        "diff",
        "drift",
        "outputs",
        "events",
        "inspect Queue",
        "logs",
        "tasks",
        "exec Web",
        "scale Web 2 --yes",
        "hotswap --yes",
        "rollback --yes",
        "run-task Web --yes -- ls",
        "import web Queue=https://queue --yes",
    ];
    for (words, (code, printed)) in commands.iter().zip(signalled("INT", &commands)) {
        assert_eq!(code, Some(130), "{words}: {printed}");
    }
    let followed = signalled("INT", &["logs --follow"]);
    assert_eq!(followed[0].0, Some(0), "Ctrl-C is the normal end of `--follow`: {followed:?}");
}

#[test]
fn signals_of_the_system_end_commands_with_their_exit_codes() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let commands = ["status", "plan", "logs --follow"];
        for (words, (actual, printed)) in commands.iter().zip(signalled(name, &commands)) {
            assert_eq!(actual, Some(code), "{words}: {printed}");
        }
        let (actual, printed) = &signalled(name, &["deploy --yes"])[0];
        assert_eq!(*actual, Some(code), "{printed}");
        assert!(printed.contains("run it again with `rtiler run app.rhai deploy web`"), "{printed}");
    }
}

/// A stack whose creation waits for a signal.
const SLOW: &str = r#"let handle = AWS::CloudFormation::WaitConditionHandle("Handle", #{});
    let wait = AWS::CloudFormation::WaitCondition("Wait", #{ Handle: handle, Count: 1, Timeout: "120" });
    Stack("slow").add(wait)"#;

fn deploying(desk: &Desk) -> Child {
    let mut command = desk.command("deploy --yes --region us-east-1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Returns the last line of the record of the only run.
fn end_of_record(desk: &Desk) -> serde_json::Value {
    let runs = desk.folder.path().join(".rtiler/runs");
    let record = std::fs::read_dir(runs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "ndjson"));
    let text = std::fs::read_to_string(record.unwrap()).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn signal_of_the_system_ends_the_record_of_a_deployment_and_says_how_to_follow_it() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let desk = Desk::new(SLOW);
        let child = deploying(&desk);
        until_in_progress(&desk.account);
        let (actual, printed) = ended_by(child, name, "deploy");
        assert_eq!(actual, Some(code), "{printed}");
        assert!(printed.contains("follow it with `rtiler run app.rhai deploy slow"), "{printed}");
        let end = end_of_record(&desk);
        assert_eq!((&end["record"], &end["exit_code"]), (&json!("run-finished"), &json!(code)), "{end}");
    }
}

#[test]
fn ctrl_c_detaches_at_once_while_a_poll_has_no_answer() {
    let desk = Desk::new(SLOW);
    desk.account.proxy.spoil("DescribeStackEvents", vec![Fault::Slow(Duration::from_mins(1)); 9]);
    let child = deploying(&desk);
    until_in_progress(&desk.account);
    let (code, printed) = ended_by(child, "INT", "deploy");
    assert!(
        code == Some(130) && printed.contains("CloudFormation is still changing stack `slow`"),
        "{code:?} {printed}"
    );
    assert_eq!(end_of_record(&desk)["exit_code"], json!(130));
}

#[test]
fn ctrl_c_detaches_at_once_while_the_execution_has_no_answer() {
    let desk = Desk::new(SLOW);
    desk.account.proxy.spoil("ExecuteChangeSet", vec![Fault::Slow(Duration::from_mins(1)); 9]);
    let child = deploying(&desk);
    until_called(&desk.account, "ExecuteChangeSet");
    let (code, printed) = ended_by(child, "INT", "deploy");
    assert!(
        code == Some(130) && printed.contains("CloudFormation is still changing stack `slow`"),
        "{code:?} {printed}"
    );
}

#[test]
fn odd_answers_during_a_deployment_do_not_end_its_watch() {
    let account = Account::new(Emulator::Ministack);
    let page = Fault::Answer(200, "text/html", PAGE.as_bytes().to_vec());
    let empty = Fault::Answer(200, "text/xml", Vec::new());
    let unfinished =
        Fault::Answer(200, "text/xml", b"<DescribeStackEventsResponse><DescribeStackEventsResult>".to_vec());
    // The SDK sends a call five times.
    let faults = [vec![page.clone(); 6], vec![empty; 6], vec![unfinished; 6]].concat();
    account.proxy.spoil("DescribeStackEvents", faults);
    account.proxy.spoil("DescribeStacks", vec![Fault::Answer(404, "text/html", PAGE.as_bytes().to_vec()); 3]);
    let template =
        json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "odd" } } } });
    let report = deploy(&account.aws, &[stack("odd", &template)]);
    assert_eq!((&report.only().result, &report.only().problems), (&StackResult::Created, &Vec::new()));
    let retried = |error: ErrorKind| {
        report.has(|fact| matches!(fact, DeployEventKind::PollFailed { error: it, .. } if it.kind == error))
    };
    assert!(retried(ErrorKind::OddAnswer), "{:?}", report.events);
}

#[test]
fn update_and_deletion_without_events_end_with_the_first_polls() {
    // The CloudFormation of moto reports no events with tokens.
    let desk = Desk::of(SCRIPT, Emulator::Moto);
    let polls = || desk.account.proxy.count("DescribeStackEvents");
    for (seconds, words) in [(30, "deploy --yes"), (60, "deploy --yes"), (60, "destroy --yes")] {
        let script = format!(r#"Stack("moto-web").add(AWS::SQS::Queue("Queue", #{{ VisibilityTimeout: {seconds} }}))"#);
        std::fs::write(desk.folder.path().join("app.rhai"), script).unwrap();
        let before = polls();
        let (code, printed) = result(&desk.run(words));
        assert_eq!(code, Some(0), "{words}: {printed}");
        assert!(polls() - before <= 4, "{words}: {} polls: {printed}", polls() - before);
    }
}

#[test]
fn source_of_credentials_that_does_not_answer_is_reported_and_obeys_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::write(&config, "[profile slow]\ncredential_process = /bin/sleep 40\n").unwrap();
    let run = || {
        let mut command = command(&folder, "status --profile slow", "http://127.0.0.1:9");
        command.env("AWS_CONFIG_FILE", &config).spawn().unwrap()
    };
    let child = run();
    thread::sleep(Duration::from_secs(2));
    assert_eq!(ended_by(child, "INT", "status").0, Some(130));
    let printed = printed(&run().wait_with_output().unwrap());
    assert!(printed.contains("the source of the AWS credentials did not answer within 15 s"), "{printed}");
}

/// Returns what the first client of a proxy sends, and refuses it with 407.
fn first_request_to_a_proxy(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let mut request = [0; 1024];
    let length = stream.read(&mut request).unwrap();
    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(refusal);
    String::from_utf8_lossy(&request[..length]).into_owned()
}

#[test]
fn calls_of_aws_go_through_the_proxy_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let mut command = rtiler(folder.path(), ["run", "app.rhai", "status", "--region", "eu-central-1"]);
    command.env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "secret").env("HTTPS_PROXY", &proxy);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let request = first_request_to_a_proxy(&listener);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(request.starts_with("CONNECT cloudformation.eu-central-1.amazonaws.com:443 "), "{request}");
}

#[test]
fn servers_of_this_machine_are_called_without_the_proxy() {
    let desk = Desk::new(SCRIPT);
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", unused.local_addr().unwrap());
    let mut command = desk.command("deploy --yes --region us-east-1");
    command.envs([("HTTP_PROXY", &proxy), ("HTTPS_PROXY", &proxy), ("ALL_PROXY", &proxy)]);
    let (code, printed) = result(&command.output().unwrap());
    assert_eq!(code, Some(0), "{printed}");
    unused.set_nonblocking(true).unwrap();
    assert!(unused.accept().is_err(), "the proxy was called");
}
