//! A plain HTTP/1.1 client, so that tests see what is on the wire and nothing is tidied up.

use connector_sandbox::StandIn;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
    /// Whether the connection ended before the body was whole.
    pub(crate) broken: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body, which must have come with that status.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }
}

/// Sends one request on a connection of its own; None when the connection was cut before any answer.
pub(crate) async fn send(
    target: &StandIn,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(target.address()).await.expect("the stand-in listens");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}",
        target.address()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    let broken = stream.read_to_end(&mut bytes).await.is_err();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    let (text, whole) = if chunked { unchunk(body) } else { (body.to_owned(), true) };
    Some(Answer { status, head: head.to_owned(), text, broken: broken || !whole })
}

/// Joins chunks, of which the sizes count bytes; says whether the last one was there.
fn unchunk(mut rest: &str) -> (String, bool) {
    let mut text = String::new();
    while let Some((size, tail)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        if size == 0 {
            return (text, true);
        }
        let Some((chunk, tail)) = tail.split_at_checked(size) else {
            text.push_str(tail);
            break;
        };
        text.push_str(chunk);
        rest = tail.strip_prefix("\r\n").unwrap_or(tail);
    }
    (text, false)
}
