use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::http::{Message, exchange, header, read_request};

/// What goes wrong with a call.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// AWS refuses with this HTTP status, error code and message; the call does not reach the server.
    Refuse(u16, &'static str, &'static str),
    /// The connection is cut before the server sees the call.
    Cut,
    /// The server does the work, and the connection is cut before its reply.
    CutReply,
}

/// Stands between a client and an emulator: counts the calls, and spoils those that it was told to.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    calls: Vec<String>,
    faults: Vec<(String, VecDeque<Fault>)>,
}

impl Proxy {
    /// A proxy in front of a port of the loopback.
    pub(crate) fn before(upstream: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, upstream, &shared));
            }
        });
        Proxy { port, state }
    }

    /// What a client is given as its endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next calls of this action (`DescribeStacks`) meet these faults, one each.
    pub(crate) fn spoil(&self, action: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.push((action.to_owned(), faults.into_iter().collect()));
    }

    /// The actions called so far, in order; of S3 the method and path.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// How often an action was called.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.state().calls.iter().filter(|call| *call == action).count()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the proxy panics")
    }
}

fn serve(mut stream: &TcpStream, upstream: u16, state: &Mutex<State>) -> Option<()> {
    let request = read_request(stream).ok()??;
    let fault = note(state, &action(&request));
    let reply = match fault {
        None => exchange(upstream, &request),
        Some(Fault::Refuse(status, code, message)) => Ok(refusal(status, code, message)),
        Some(Fault::Cut) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(Fault::CutReply) => exchange(upstream, &request).and(Err(io::ErrorKind::ConnectionReset.into())),
    };
    if let Ok(reply) = reply {
        stream.write_all(&reply).ok()?;
    }
    stream.shutdown(Shutdown::Both).ok()
}

/// Writes the call down and takes the fault that waits for it.
fn note(state: &Mutex<State>, action: &str) -> Option<Fault> {
    let mut state = state.lock().ok()?;
    state.calls.push(action.to_owned());
    state.faults.iter_mut().filter(|(name, _)| name == action).find_map(|(_, faults)| faults.pop_front())
}

/// The action of a request of the query protocol or of JSON; otherwise its method and path.
fn action(request: &Message) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let query = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let json = header(&request.head, "x-amz-target").and_then(|target| target.rsplit('.').next());
    let line = || request.head.split(' ').take(2).collect::<Vec<_>>().join(" ");
    query.or(json).map_or_else(line, str::to_owned)
}

/// A refusal in the form of AWS's query protocol.
fn refusal(status: u16, code: &str, message: &str) -> Vec<u8> {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>{kind}</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>proxy</RequestId></ErrorResponse>"
    );
    format!(
        "HTTP/1.1 {status} Fault\r\nx-amzn-RequestId: proxy\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
