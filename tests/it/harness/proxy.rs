use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::http::{Message, exchange, header, read_request};

/// A fault of a call.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// AWS refuses with this HTTP status, error code and message; the call does not reach the server.
    Refuse(u16, &'static str, &'static str),
    /// The connection is cut before the server sees the call.
    Cut,
    /// The server does the work, and the connection is cut before its reply.
    CutReply,
    /// The reply is cut in its middle.
    CutInside,
    /// The reply takes this long.
    Slow(Duration),
    /// The reply is the one that the same action got last, as if it came late; the call does not reach the server.
    Late,
    /// The reply's page of events has each entry twice.
    Twice,
    /// This reply instead of the server's: status, content type and body.
    Answer(u16, &'static str, Vec<u8>),
}

/// Changes the body of a reply.
type Edit = Arc<dyn Fn(String) -> String + Send + Sync>;

/// A proxy between a client and an emulator that counts the calls and injects faults.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    calls: Vec<String>,
    heads: Vec<String>,
    bodies: Vec<Vec<u8>>,
    faults: Vec<(String, VecDeque<Fault>)>,
    /// The last reply to each action.
    replies: HashMap<String, Vec<u8>>,
    edits: HashMap<String, Edit>,
    refuses_like_aws: bool,
}

impl Proxy {
    /// Starts a proxy in front of a port of the loopback.
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

    /// Returns the endpoint for a client.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sets the faults of the next calls of this action (`DescribeStacks`), one each.
    pub(crate) fn spoil(&self, action: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.push((action.to_owned(), faults.into_iter().collect()));
    }

    /// Changes the body of every reply to this action.
    pub(crate) fn edit(&self, action: &str, edit: impl Fn(String) -> String + Send + Sync + 'static) {
        self.state().edits.insert(action.to_owned(), Arc::new(edit));
    }

    /// Gives the refusals of the server the form that AWS gives them: moto sends XML in every protocol.
    pub(crate) fn refuse_like_aws(&self) {
        self.state().refuses_like_aws = true;
    }

    /// Sets the bodies of the next replies to this action, of the type `application/x-amz-json-1.1` or `text/xml`.
    pub(crate) fn answer(&self, action: &str, bodies: impl IntoIterator<Item = String>) {
        let kind = |body: &str| if body.starts_with('<') { "text/xml" } else { "application/x-amz-json-1.1" };
        self.spoil(action, bodies.into_iter().map(|body| Fault::Answer(200, kind(&body), body.into_bytes())));
    }

    /// Returns the bodies of the requests of an action, in order.
    pub(crate) fn requests(&self, action: &str) -> Vec<String> {
        let state = self.state();
        let of_action = state.calls.iter().zip(&state.bodies).filter(|(call, _)| *call == action);
        of_action.map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
    }

    /// Returns the heads of the requests of an action, in order.
    pub(crate) fn heads(&self, action: &str) -> Vec<String> {
        let state = self.state();
        let of_action = state.calls.iter().zip(&state.heads).filter(|(call, _)| *call == action);
        of_action.map(|(_, head)| head.clone()).collect()
    }

    /// Returns the actions called so far, in order; of S3 the method and path.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// Returns how often an action was called.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.state().calls.iter().filter(|call| *call == action).count()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the proxy panics")
    }
}

fn serve(mut stream: &TcpStream, upstream: u16, state: &Mutex<State>) -> Option<()> {
    let request = read_request(stream).ok()??;
    let action = action(&request);
    let (fault, edit) = note(state, &action, &request)?;
    let cut = || Err(io::ErrorKind::ConnectionReset.into());
    let reply = match fault {
        None => exchange(upstream, &request),
        Some(Fault::Refuse(status, code, message)) => Ok(refusal(&request, status, code, message)),
        Some(Fault::Cut) => cut(),
        Some(Fault::CutReply) => exchange(upstream, &request).and(cut()),
        Some(Fault::CutInside) => exchange(upstream, &request).map(|reply| reply[..reply.len() / 2].to_vec()),
        Some(Fault::Slow(pause)) => {
            thread::sleep(pause);
            exchange(upstream, &request)
        }
        Some(Fault::Late) => match state.lock().ok()?.replies.get(&action) {
            Some(reply) => Ok(reply.clone()),
            None => cut(),
        },
        Some(Fault::Twice) => exchange(upstream, &request).map(|reply| edited(&reply, &doubled)),
        Some(Fault::Answer(status, kind, body)) => Ok(message(status, kind, &body)),
    };
    let like_aws = state.lock().ok()?.refuses_like_aws;
    let reply = reply.map(|reply| if like_aws { refused_like_aws(&request, reply) } else { reply });
    let reply = reply.map(|reply| edit.map_or(reply.clone(), |edit| edited(&reply, &*edit)));
    if let Ok(reply) = reply {
        stream.write_all(&reply).ok()?;
        state.lock().ok()?.replies.insert(action, reply);
    }
    stream.shutdown(Shutdown::Both).ok()
}

/// Records the call and takes its next fault.
fn note(state: &Mutex<State>, action: &str, request: &Message) -> Option<(Option<Fault>, Option<Edit>)> {
    let mut state = state.lock().ok()?;
    state.calls.push(action.to_owned());
    state.heads.push(request.head.clone());
    state.bodies.push(request.body.clone());
    let fault = state.faults.iter_mut().filter(|(name, _)| name == action).find_map(|(_, faults)| faults.pop_front());
    let edit = state.edits.get(action).cloned();
    Some((fault, edit))
}

/// Replaces the body of a reply.
fn edited(reply: &[u8], edit: &dyn Fn(String) -> String) -> Vec<u8> {
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n").map_or(reply.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&reply[..end]).into_owned();
    let body = edit(String::from_utf8_lossy(&reply[end..]).into_owned());
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(200);
    message(status, header(&head, "content-type").unwrap_or("text/xml"), body.as_bytes())
}

/// Repeats the entries of a page of events.
fn doubled(body: String) -> String {
    let (open, close) = ("<StackEvents>", "</StackEvents>");
    let Some((before, rest)) = body.split_once(open) else { return body };
    let Some((entries, after)) = rest.split_once(close) else { return body };
    format!("{before}{open}{entries}{entries}{close}{after}")
}

/// Returns the action of a request of the query protocol, of JSON or of CBOR; otherwise its method and path.
fn action(request: &Message) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let query = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let json = header(&request.head, "x-amz-target").and_then(|target| target.rsplit('.').next());
    let path = request.head.split(' ').nth(1).unwrap_or_default();
    let cbor = path.split_once("/operation/").map(|(_, operation)| operation);
    let line = || request.head.split(' ').take(2).collect::<Vec<_>>().join(" ");
    query.or(json).or(cbor).map_or_else(line, str::to_owned)
}

/// Builds a refusal in the form of the protocol that the request came in.
fn refusal(request: &Message, status: u16, code: &str, text: &str) -> Vec<u8> {
    if header(&request.head, "x-amz-target").is_some() {
        let body = format!("{{\"__type\":\"com.amazonaws#{code}\",\"message\":\"{text}\"}}");
        return message(status, "application/x-amz-json-1.1", body.as_bytes());
    }
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>{kind}</Type>\
         <Code>{code}</Code><Message>{text}</Message></Error><RequestId>proxy</RequestId></ErrorResponse>"
    );
    message(status, "text/xml", body.as_bytes())
}

/// Returns a reply, or the refusal in it as AWS sends it.
fn refused_like_aws(request: &Message, reply: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&reply);
    let part =
        |tag: &str| text.split_once(&format!("<{tag}>"))?.1.split_once(&format!("</{tag}>")).map(|(part, _)| part);
    match (part("Code"), part("Message")) {
        (Some(code @ "AccessDenied"), Some(message)) => refusal(request, 403, code, message),
        _ => reply,
    }
}

fn message(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let protocol = if kind == "application/cbor" { "smithy-protocol: rpc-v2-cbor\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status} Proxied\r\nx-amzn-RequestId: proxy\r\nContent-Type: {kind}\r\n{protocol}Content-Length: \
         {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
