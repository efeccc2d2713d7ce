//! A call in a dry run: a read is made, a write is kept and answered as the target would.
//!
//! The answer to a write is an echo: what was sent, laid over what this address answered before, with the id of the call
//! where something is made, in the envelope it was sent in. [`Call::pretended`] adds what a target adds by itself.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use super::{Call, Credential, Reply, wire};
use crate::{
    dry_run::{DryRun, Pretended, id_of, is_about_promised, readable},
    error::{Error, Result},
};

impl Call<'_> {
    /// What the target answers beyond an echo of what it was sent: values it fills in by itself, what becomes of a list of
    /// changes, or the list that an address shows before anything is in it. Asked for in a dry run alone, and laid over the
    /// echo.
    pub fn pretended(mut self, answer: impl FnOnce() -> Value) -> Self {
        if self.cx.dry_run().is_some() {
            self.pretended = Some(answer());
        }
        self
    }

    /// Makes the call if it reads what is there, and pretends it otherwise.
    pub(super) async fn rehearse(self, run: &DryRun, failure: fn(&Reply) -> Option<Error>) -> Result<Reply> {
        let address = self.address();
        let read = self.method.is_safe();
        let answer = match run.answer(&address) {
            Some(Pretended::Written(value)) if read => Some((200, value)),
            Some(Pretended::Gone) if read => Some((404, json!({}))),
            // Something about an object that is not there yet.
            _ if read && is_about_promised(self.url.as_str()) => Some((200, self.beyond(json!({})))),
            _ => None,
        };
        let credential = self.credential().await?;
        if read && answer.is_none() {
            self.keep(run, &credential, true);
            let reply = self.make(failure).await?;
            run.set_answer(&address, Pretended::Read(reply.body.clone()));
            return Ok(reply);
        }
        self.check_destination()?;
        let number = self.keep(run, &credential, false);
        let (status, body) = match answer {
            Some(answer) => answer,
            None => self.write(run, &address, number),
        };
        let body = if status == 204 { Bytes::new() } else { body.to_string().into() };
        let token = credential.token().clone();
        let reply = Reply { status, url: self.url.clone(), headers: HeaderMap::new(), body, token };
        match failure(&reply) {
            Some(error) => Err(error.during(self.operation)),
            None => Ok(reply),
        }
    }

    /// The answer to a write, which later reads of the same address see.
    fn write(&self, run: &DryRun, address: &str, number: usize) -> (u16, Value) {
        let sent = self.sent();
        if self.method == Method::DELETE {
            // With a query it takes something out of what this address shows.
            if self.url.query().is_none() {
                run.set_answer(address, Pretended::Gone);
            }
            return (204, Value::Null);
        }
        if self.method == Method::POST {
            let mut made = if sent.is_object() { sent } else { json!({}) };
            let id = id_of(number);
            object_in(&mut made).entry("id").or_insert_with(|| id.clone().into());
            let made = self.beyond(made);
            run.set_answer(&format!("{address}/{id}"), Pretended::Written(made.clone()));
            return (201, made);
        }
        let before = match run.answer(address) {
            Some(Pretended::Read(body)) => serde_json::from_slice(&body).ok(),
            Some(Pretended::Written(value)) => Some(value),
            _ => None,
        };
        let known = before.is_some();
        let mut now = before.unwrap_or_else(|| json!({}));
        if !sent.is_null() {
            // In a PATCH a list may be what changes of it: what becomes of it the table tells (`complete/rehearse.rs`).
            lay_over(&mut now, sent, self.method != Method::PATCH);
        }
        let now = self.beyond(now);
        if known {
            run.set_answer(address, Pretended::Written(now.clone()));
        }
        (200, now)
    }

    fn beyond(&self, mut answer: Value) -> Value {
        if let Some(more) = &self.pretended {
            lay_over(&mut answer, more.clone(), true);
        }
        answer
    }

    /// Where it goes, without its query, ids that are not there yet as they are written.
    fn address(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        readable(url.as_str())
    }

    /// Keeps the call as it is shown; returns its number, which counts only where it is.
    fn keep(&self, run: &DryRun, credential: &Credential, made: bool) -> usize {
        if run.is_aside() {
            return 0;
        }
        let mut headers = Map::from_iter([("accept".to_owned(), json!("application/json"))]);
        if self.body.is_some() {
            headers.insert("content-type".to_owned(), json!("application/json; charset=utf-8"));
        }
        headers.insert(credential.name().as_str().to_owned(), crate::dry_run::REDACTED.into());
        let mut url = self.url.clone();
        if let Some(proof) = &self.proof {
            let hidden = [(proof.time, crate::dry_run::REDACTED), (proof.hash, crate::dry_run::REDACTED)];
            url.query_pairs_mut().extend_pairs(hidden);
        }
        run.plan(self.method.as_str(), &url, headers, self.sent(), made)
    }

    fn sent(&self) -> Value {
        let Some(body) = &self.body else { return Value::Null };
        serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
    }

    /// The refusals a call meets that leaves.
    fn check_destination(&self) -> Result<()> {
        let door = self.cx.door;
        if let Some(refusal) = &door.refusal {
            return Err(wire::refused(refusal));
        }
        door.outbound.policy().check_url(&self.url).map_err(|refusal| wire::refused(&refusal))
    }
}

/// The object a body is about: the body itself, or the one it holds as an envelope.
fn object_in(body: &mut Value) -> &mut Map<String, Value> {
    let enveloped = matches!(&*body, Value::Object(members) if members.len() == 1 && members.values().all(Value::is_object));
    let object = if enveloped {
        let members = body.as_object_mut().and_then(|members| members.values_mut().next());
        members.expect("an envelope has one member")
    } else {
        body
    };
    object.as_object_mut().expect("a body that makes something is an object")
}

/// Lays `more` over `value`: objects member by member, everything else whole; lists that are there only if `lists`.
fn lay_over(value: &mut Value, more: Value, lists: bool) {
    match (value, more) {
        (Value::Object(members), Value::Object(more)) => {
            for (name, more) in more {
                lay_over(members.entry(name).or_insert(Value::Null), more, lists);
            }
        }
        (Value::Array(_), _) if !lists => {}
        (value, more) => *value = more,
    }
}
