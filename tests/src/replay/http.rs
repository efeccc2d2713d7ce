//! As much HTTP/1.1 as the corpus needs: one request, one answer, any header, nothing beyond the standard library.

use std::{
    fmt::Write as _,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(70);

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// `http://HOST:PORT/PATH`.
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case, values as JSON texts.
    pub(super) headers: Value,
    /// None for an empty body; text that is not JSON as a JSON text.
    pub(super) body: Option<Value>,
}

/// Sends a request on a connection of its own.
pub(super) fn send(request: &Request) -> io::Result<Answer> {
    let rest = request.url.strip_prefix("http://").ok_or_else(|| odd("not an http URL"))?;
    let (authority, path) = rest.split_at(rest.find('/').ok_or_else(|| odd("a URL without a path"))?);
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n",
        request.method,
        escaped(path)
    );
    for (name, value) in &request.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let body = request.body.as_deref().unwrap_or_default();
    if request.body.is_some() {
        let _ = write!(head, "content-length: {}\r\n", body.len());
    }
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    answer(&bytes).ok_or_else(|| odd("an answer that is not HTTP/1.1"))
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// What must not stand in a request line, percent-encoded; `%` is sent as it is.
fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => {
                text.push(char::from(byte));
            }
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers: Value =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), Value::from(value.trim()))).collect();
    let body = match headers["transfer-encoding"].as_str() {
        Some("chunked") => unchunked(&bytes[end + 4..])?,
        _ => bytes[end + 4..].to_vec(),
    };
    let text = String::from_utf8_lossy(&body);
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.as_ref()));
    Some(Answer { status, headers, body: (!text.is_empty()).then_some(body) })
}

/// The content of a chunked body.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(body.get(line + 2..line + 2 + size)?);
        body = body.get(line + 2 + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_escaped_once() {
        assert_eq!(escaped("/Users?filter=a eq \"å%20\""), "/Users?filter=a%20eq%20%22%C3%A5%20%22");
        assert_eq!(escaped("/Users?filter=emails[type+eq+1]"), "/Users?filter=emails[type+eq+1]");
    }

    #[test]
    fn answers_are_read_whole_and_in_chunks() {
        let whole = answer(b"HTTP/1.1 201 Created\r\nETag: W/\"1\"\r\n\r\n{\"a\":1}").expect("an answer");
        assert_eq!((whole.status, &whole.headers["etag"]), (201, &Value::from("W/\"1\"")));
        assert_eq!(whole.body, Some(serde_json::json!({"a": 1})));
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n";
        assert_eq!(answer(chunks).and_then(|answer| answer.body), Some(serde_json::json!([1])));
        assert!(answer(b"HTTP/1.1 204 No Content\r\n\r\n").expect("an answer").body.is_none());
    }
}
