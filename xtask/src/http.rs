//! As much HTTP/1.1 as these tasks need: one request, one answer, over loopback.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: String,
}

/// Sends a request and reads the answer to its end. `url` is `http://HOST:PORT/PATH`.
pub(crate) fn send(method: &str, url: &str, token: &str, body: &str) -> io::Result<Answer> {
    let (authority, path) = parts(url)?;
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let authorization =
        if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n{authorization}content-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| odd("an answer without a head"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| odd("an answer without a status"))?;
    Ok(Answer { status, body: body.to_owned() })
}

/// `HOST:PORT` and path of a URL.
pub(crate) fn parts(url: &str) -> io::Result<(&str, &str)> {
    let rest = url.strip_prefix("http://").ok_or_else(|| odd("not an http URL"))?;
    let slash = rest.find('/').ok_or_else(|| odd("a URL without a path"))?;
    Ok(rest.split_at(slash))
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
