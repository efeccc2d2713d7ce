//! A small HTTP/1.1 client: one request per connection, read to its end.

use std::{fmt::Write as _, net::SocketAddr};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::PATIENCE;

/// A SCIM client of one instance.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where the host listens.
    pub address: SocketAddr,
    /// What every path begins with.
    pub base: String,
    /// The bearer token; empty for none.
    pub token: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub text: String,
}

impl Client {
    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// POST with a SCIM body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.write("POST", path, body).await
    }

    /// PUT with a SCIM body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.write("PUT", path, body).await
    }

    /// PATCH with these operations.
    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.write("PATCH", path, &body).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "").await
    }

    async fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/scim+json")], &body.to_string()).await
    }

    /// Any request; `path` is below the base, blanks and quotes in it are escaped.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let length = body.len().to_string();
        let framed = [headers, &[("content-length", length.as_str())]].concat();
        self.send_raw(method, path, if body.is_empty() { headers } else { &framed }, body).await
    }

    /// The same with a body that the headers frame.
    pub async fn send_raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let answer = self.attempt(method, path, headers, body).await;
        answer.unwrap_or_else(|| panic!("{method} {path} is not answered"))
    }

    /// The same where the host may close the connection instead of answering, or be gone.
    pub async fn attempt(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let path = format!("{}{}", self.base, path.replace(' ', "%20").replace('"', "%22"));
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        if !self.token.is_empty() {
            let _ = write!(text, "authorization: Bearer {}\r\n", self.token);
        }
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        text.push_str(body);
        let exchanged = timeout(PATIENCE, exchange(self.address, text.as_bytes())).await;
        let bytes =
            exchanged.unwrap_or_else(|_| panic!("{method} {path} is not answered within {PATIENCE:?}"));
        Answer::parse(&bytes)
    }
}

/// Sends, and reads until the answer is whole or the host closes. It may do so before it has read everything (a body that
/// is too large), so a failed write is no failure yet.
async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(mut stream) = TcpStream::connect(address).await else { return bytes };
    let _ = stream.write_all(request).await;
    while !is_whole(&bytes) {
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            break;
        }
    }
    bytes
}

/// Whether everything is there that `Content-Length` promises.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length =
        head.split("\r\n").find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    length.is_some_and(|length: usize| bytes.len() >= end + 4 + length)
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = &bytes[end + 4..];
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked { unchunked(body)? } else { body.to_vec() };
        Some(Self { status, headers, text: String::from_utf8(body).ok()? })
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body, after checking the status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if status == 204 {
            assert_eq!(self.text, "", "204 has no body");
        }
        self.json()
    }

    /// The `detail` of a SCIM error, after checking its form, status and `scimType`.
    #[track_caller]
    pub fn refused(&self, status: u16, scim_type: &str) -> String {
        let body = self.ok(status);
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{body}");
        assert_eq!(body["status"], status.to_string(), "{body}");
        assert_eq!(body["scimType"].as_str().unwrap_or_default(), scim_type, "{body}");
        let media = self.header("content-type").unwrap_or_default();
        assert!(media.starts_with("application/scim+json"), "{media}");
        body["detail"].as_str().expect("an error says what is wrong").to_owned()
    }
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
