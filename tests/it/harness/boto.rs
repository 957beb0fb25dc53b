use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::python::python;

/// boto3, AWS's client for Python: looks at what is deployed apart from our own code.
pub(crate) struct Boto {
    child: Child,
    calls: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Boto {
    /// A client of the services behind this endpoint.
    pub(crate) fn new(endpoint: &str) -> Boto {
        let mut child = python("look.py")
            .arg(endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment has a Python");
        let calls = child.stdin.take().expect("standard input is a pipe");
        let answers = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Boto { child, calls, answers }
    }

    /// The reply to a call, named as in boto3: `call("ecs", "describe_services", json!({..}))`.
    pub(crate) fn call(&mut self, service: &str, operation: &str, arguments: Value) -> Value {
        let mut answer = self.answer(service, operation, arguments);
        assert!(answer.get("error").is_none(), "{service} {operation}: {}", answer["error"]);
        answer["reply"].take()
    }

    /// The code of the error that a call must meet.
    pub(crate) fn refusal(&mut self, service: &str, operation: &str, arguments: Value) -> String {
        let answer = self.answer(service, operation, arguments);
        answer["error"]["code"].as_str().unwrap_or_else(|| panic!("{service} {operation} works: {answer}")).to_owned()
    }

    fn answer(&mut self, service: &str, operation: &str, arguments: Value) -> Value {
        let call = json!({ "service": service, "operation": operation, "arguments": arguments });
        writeln!(self.calls, "{call}").expect("boto3 is listening");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("boto3 answers");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("boto3 ended in {service} {operation}: see above"))
    }
}

impl Drop for Boto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
