use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An HTTP message as it came: the head with its empty line, and the body.
pub(crate) struct Message {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Reads a request; none if the other side has closed the connection.
pub(crate) fn read_request(stream: &TcpStream) -> io::Result<Option<Message>> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Message { head, body }))
}

/// Sends a request over a connection of its own and returns the reply, byte for byte.
pub(crate) fn exchange(port: u16, request: &Message) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(closing(&request.head).as_bytes())?;
    stream.write_all(&request.body)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(reply)
}

/// Returns whether a server answers a GET with a status below 500.
pub(crate) fn answers(port: u16, path: &str) -> bool {
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    let reply = exchange(port, &Message { head, body: Vec::new() }).unwrap_or_default();
    String::from_utf8_lossy(&reply).split(' ').nth(1).is_some_and(|status| status < "500")
}

/// Sends a POST and returns whether the server accepts it.
pub(crate) fn post(port: u16, path: &str, body: &str) -> bool {
    let head = format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\n\r\n", body.len());
    let reply = exchange(port, &Message { head, body: body.as_bytes().to_vec() }).unwrap_or_default();
    String::from_utf8_lossy(&reply).split(' ').nth(1).is_some_and(|status| status.starts_with('2'))
}

/// Returns the status of a GET; none without an answer within two seconds.
pub(crate) fn status(address: &str, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address.parse().ok()?, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.split(' ').nth(1)?.trim().parse().ok()
}

/// Returns the value of a header.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}

/// Returns the head with `Connection: close`, so that the end of the reply is the end of the connection.
fn closing(head: &str) -> String {
    let kept = head.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    kept.chain(["Connection: close", "", ""]).collect::<Vec<_>>().join("\r\n")
}
