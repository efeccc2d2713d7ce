//! A plain HTTP/1.1 client, so that tests see what is on the wire and nothing is tidied up.

use std::net::SocketAddr;

use connector_sandbox::Clock;
use connector_sandbox::slack::{self, Options, Slack};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";
pub(crate) const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
pub(crate) const GUEST: &str = "urn:scim:schemas:extension:slack:guest:1.0";
pub(crate) const PROFILE: &str = "urn:scim:schemas:extension:slack:profile:1.0";

/// A stand-in with a clock that stands still.
pub(crate) async fn start(options: Options) -> Slack {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    slack::start_with_clock(listen, options, Clock::manual()).await.expect("a free port")
}

/// A usual organisation.
pub(crate) async fn usual() -> Slack {
    start(Options::default()).await
}

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

    /// The description of an error, after checking that the body has the right form.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String) {
        let body = self.json();
        let description = body["Errors"]["description"].as_str().unwrap_or_default().to_owned();
        assert_eq!(body, json!({"Errors": {"description": description, "code": self.status}}), "{self:?}");
        (self.status, description)
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
    slack: &Slack,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(slack.address()).await.expect("the stand-in listens");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}",
        slack.address()
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

/// A SCIM call with that token; `path` is relative to the SCIM base.
pub(crate) async fn scim_as(slack: &Slack, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(slack, method, &format!("/scim/v1/{path}"), &headers, &body).await.expect("an answer")
}

/// A SCIM call with the good token.
pub(crate) async fn scim(slack: &Slack, method: &str, path: &str, body: Value) -> Answer {
    scim_as(slack, slack.token(), method, path, &body).await
}

pub(crate) async fn get(slack: &Slack, path: &str) -> Answer {
    scim(slack, "GET", path, Value::Null).await
}

pub(crate) async fn patch(slack: &Slack, path: &str, body: Value) -> Answer {
    scim(slack, "PATCH", path, body).await
}

/// POSTs a user of that name, with more members if given; answers with what Slack made of it.
pub(crate) async fn post_user(slack: &Slack, name: &str, more: Value) -> Answer {
    let email = format!("{}@new.example", name.split('@').next().unwrap_or_default().replace(' ', "."));
    let mut body = json!({"schemas": [CORE, ENTERPRISE], "userName": name, "emails": [{"value": email}]});
    let (Some(all), Value::Object(more)) = (body.as_object_mut(), more) else { panic!("objects") };
    all.extend(more);
    scim(slack, "POST", "Users", body).await
}

/// Makes a user that must be accepted.
pub(crate) async fn new_user(slack: &Slack, name: &str, more: Value) -> Value {
    post_user(slack, name, more).await.ok(201)
}

/// `Users/{id}` of a user.
pub(crate) fn path(user: &Value) -> String {
    format!("Users/{}", user["id"].as_str().expect("an id"))
}

/// The first seeded user for whom that holds.
pub(crate) fn seeded(slack: &Slack, holds: impl Fn(&Value) -> bool) -> Value {
    slack.users().into_iter().find(|user| holds(user)).expect("such a user is seeded")
}
