//! A registry on the loopback, in memory, with faults.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::package::Digest;

/// An answer of the registry.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// The body of an answer.
#[derive(Clone)]
pub(crate) enum Body {
    Bytes(Vec<u8>),
    /// Bytes without an end, until the client hangs up.
    Endless,
    /// Nothing, until the client hangs up.
    Silence,
    /// Nothing: the connection ends before the answer.
    Cut,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &[u8]) -> Self {
        Self { status, headers: Vec::new(), body: Body::Bytes(body.to_vec()) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// Returns another answer to a request, by its method and path.
type Fault = Box<dyn FnMut(&Request) -> Option<Answer> + Send>;

/// A request that the registry received.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    body: Vec<u8>,
}

#[derive(Default)]
struct State {
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
    fault: Option<Fault>,
    ended: bool,
}

/// A registry with one repository of any name.
pub(crate) struct TestRegistry {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl TestRegistry {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state: Arc<Mutex<State>> = Arc::default();
        let registry = Self { address, state: Arc::clone(&state) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if locked(&state).ended {
                    return;
                }
                let state = Arc::clone(&state);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        registry
    }

    /// Returns the host with the port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sets what answers instead of the registry.
    pub(crate) fn set_fault(&self, fault: impl FnMut(&Request) -> Option<Answer> + Send + 'static) {
        locked(&self.state).fault = Some(Box::new(fault));
    }

    /// Returns the requests so far: `GET /v2/..`.
    pub(crate) fn requests(&self) -> Vec<String> {
        locked(&self.state).requests.clone()
    }

    /// Returns the manifest of a tag.
    pub(crate) fn manifest(&self, tag: &str) -> Option<Vec<u8>> {
        locked(&self.state).manifests.get(tag).cloned()
    }

    /// Stores the manifest of a tag, and returns its digest.
    pub(crate) fn store_manifest(&self, tag: &str, content: &[u8]) -> String {
        let digest = Digest::of(content).to_string();
        let manifests = &mut locked(&self.state).manifests;
        manifests.insert(tag.to_owned(), content.to_vec());
        manifests.insert(digest.clone(), content.to_vec());
        digest
    }

    /// Stores a blob, and returns its digest.
    pub(crate) fn store_blob(&self, content: &[u8]) -> String {
        let digest = Digest::of(content).to_string();
        locked(&self.state).blobs.insert(digest.clone(), content.to_vec());
        digest
    }

    /// Replaces what is stored: manifests and blobs.
    pub(crate) fn change(&self, change: impl Fn(&mut Vec<u8>)) {
        let mut state = locked(&self.state);
        let State { blobs, manifests, .. } = &mut *state;
        blobs.values_mut().chain(manifests.values_mut()).for_each(change);
    }
}

impl Drop for TestRegistry {
    fn drop(&mut self) {
        locked(&self.state).ended = true;
        // Wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(request) = request(&stream) else { return };
    let answer = {
        let mut state = locked(state);
        state.requests.push(format!("{} {}", request.method, request.path));
        let other = state.fault.as_mut().and_then(|fault| fault(&request));
        other.unwrap_or_else(|| answer(&mut state, &request))
    };
    // The client may have hung up.
    let _ = send(&mut stream, &request, &answer);
}

fn request(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, authorization, body })
}

/// Answers as the OCI distribution specification says.
fn answer(state: &mut State, request: &Request) -> Answer {
    let path = request.path.split('?').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let missing = |code: &str| Answer::new(404, format!("{{\"errors\":[{{\"code\":\"{code}\"}}]}}").as_bytes());
    match request.method.as_str() {
        _ if path == "/v2/" => Answer::new(200, b"{}"),
        "GET" if path.ends_with("/tags/list") => {
            let tags: Vec<&String> = state.manifests.keys().filter(|tag| !tag.contains(':')).collect();
            if tags.is_empty() {
                missing("NAME_UNKNOWN")
            } else {
                Answer::new(200, serde_json::json!({ "name": "x", "tags": tags }).to_string().as_bytes())
            }
        }
        "GET" | "HEAD" if path.contains("/manifests/") => match state.manifests.get(last) {
            Some(manifest) => Answer::new(200, manifest).with("Docker-Content-Digest", Digest::of(manifest).as_str()),
            None => missing("MANIFEST_UNKNOWN"),
        },
        "GET" | "HEAD" if path.contains("/blobs/") => match state.blobs.get(last) {
            Some(blob) => Answer::new(200, blob),
            None => missing("BLOB_UNKNOWN"),
        },
        "POST" => Answer::new(202, b"").with("Location", &format!("{path}session")),
        "PUT" if path.contains("/blobs/") => {
            state.blobs.insert(Digest::of(&request.body).to_string(), request.body.clone());
            Answer::new(201, b"").with("Location", path)
        }
        "PUT" => {
            state.manifests.insert(Digest::of(&request.body).to_string(), request.body.clone());
            state.manifests.insert(last.to_owned(), request.body.clone());
            Answer::new(201, b"").with("Location", path)
        }
        _ => Answer::new(405, b""),
    }
}

fn send(stream: &mut TcpStream, request: &Request, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match &answer.body {
        Body::Bytes(bytes) => {
            write!(stream, "{head}Content-Length: {}\r\n\r\n", bytes.len())?;
            if request.method != "HEAD" {
                stream.write_all(bytes)?;
            }
            Ok(())
        }
        Body::Endless => {
            write!(stream, "{head}\r\n")?;
            loop {
                stream.write_all(&[b' '; 8_192])?;
            }
        }
        Body::Silence => stream.read(&mut [0]).map(drop),
        Body::Cut => Ok(()),
    }
}
