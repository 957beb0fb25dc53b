use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};

use super::python::python;
use super::server::{Emulator, Server};

/// boto3, AWS's client for Python, in one account: reads what is deployed without our own code.
pub(crate) struct Boto {
    account: String,
    process: Arc<Mutex<Process>>,
}

/// Python with boto3: it takes a second to start, so that the accounts of a server share one.
struct Process {
    child: Child,
    calls: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Boto {
    /// Starts a client of the services behind this endpoint.
    pub(crate) fn new(endpoint: &str, account: &str) -> Boto {
        let mut child = python("look.py")
            .arg(endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment has a Python");
        let calls = child.stdin.take().expect("standard input is a pipe");
        let answers = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Boto { account: account.to_owned(), process: Arc::new(Mutex::new(Process { child, calls, answers })) }
    }

    /// Returns boto3 for the emulator that the tests of this process share.
    pub(crate) fn shared(emulator: Emulator) -> &'static Boto {
        static BOTOS: [OnceLock<Boto>; 2] = [OnceLock::new(), OnceLock::new()];
        BOTOS[emulator as usize].get_or_init(|| Boto::new(&Server::shared(emulator).url(), "test"))
    }

    /// Returns a client of another account.
    pub(crate) fn of(&self, account: &str) -> Boto {
        Boto { account: account.to_owned(), process: Arc::clone(&self.process) }
    }

    /// Returns another handle of the same client.
    pub(crate) fn of_same(&self) -> Boto {
        self.of(&self.account)
    }

    /// Returns the reply to a call, named as in boto3: `call("ecs", "describe_services", json!({..}))`.
    pub(crate) fn call(&self, service: &str, operation: &str, arguments: &Value) -> Value {
        let mut answer = self.answer(service, operation, arguments);
        assert!(answer.get("error").is_none(), "{service} {operation}: {}", answer["error"]);
        answer["reply"].take()
    }

    /// Returns the code of the error that a call must end with.
    pub(crate) fn refusal(&self, service: &str, operation: &str, arguments: &Value) -> String {
        let answer = self.answer(service, operation, arguments);
        answer["error"]["code"].as_str().unwrap_or_else(|| panic!("{service} {operation} works: {answer}")).to_owned()
    }

    fn answer(&self, service: &str, operation: &str, arguments: &Value) -> Value {
        let call =
            json!({ "account": self.account, "service": service, "operation": operation, "arguments": arguments });
        let mut process = self.process.lock().expect("boto3 has not ended in another test");
        writeln!(process.calls, "{call}").expect("boto3 is listening");
        let mut line = String::new();
        process.answers.read_line(&mut line).expect("boto3 answers");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("boto3 ended in {service} {operation}: see above"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
