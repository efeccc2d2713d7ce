//! `POST /?batch=[…]`: several calls in one, each answered for itself.

use serde_json::{Value, json};

use super::super::api::{Ask, draw, trace};
use super::super::error::{Refusal, Result, Surface};
use super::super::state::State;
use super::{ok, route};
use crate::harness::{Call, Reply};

const MOST: usize = 50;

/// Runs the entries one after the other.
pub(super) fn run(state: &mut State, ask: &Ask<'_>, batch: &str) -> Result<Reply> {
    let entries: Vec<Value> =
        serde_json::from_str(batch).map_err(|_| Refusal::invalid("Param batch must be a JSON array"))?;
    if entries.len() > MOST {
        return Err(Refusal::invalid(format!(
            "Too many requests in batch message. Maximum batch size is {MOST}"
        )));
    }
    let answers: Vec<Value> = entries.iter().map(|entry| answer(state, ask, entry)).collect();
    Ok(ok(&Value::from(answers)))
}

/// `{"code","body"}`, the body being a text.
fn answer(state: &mut State, ask: &Ask<'_>, entry: &Value) -> Value {
    let reply = one(state, ask, entry).unwrap_or_else(|refusal| {
        state.asked += 1;
        refusal.reply(Surface::Graph, &state.options, &trace(state.asked))
    });
    json!({"code": reply.status, "body": String::from_utf8_lossy(&reply.body)})
}

fn one(state: &mut State, ask: &Ask<'_>, entry: &Value) -> Result<Reply> {
    if state.options.failing_batch_entries > 0 {
        state.options.failing_batch_entries -= 1;
        return Err(Refusal::new(
            500,
            2,
            "An unexpected error has occurred. Please retry your request later.",
        ));
    }
    draw(state, ask.now_ms)?;
    let url = entry["relative_url"].as_str().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = format!("/{}", path.trim_start_matches('/'));
    if path == "/" {
        return Err(Refusal::invalid("A batch cannot hold another"));
    }
    let call = Call {
        method: entry["method"].as_str().unwrap_or("GET").to_owned(),
        path: format!("/graph{path}"),
        query: query.to_owned(),
        authorization: None,
        api_token: None,
        content_type: Some("application/x-www-form-urlencoded".into()),
        user_agent: None,
        request_id: None,
        body: entry["body"].as_str().unwrap_or_default().to_owned().into(),
    };
    let query = call.query();
    let ask = Ask { call: &call, query, permissions: ask.permissions.clone(), now_ms: ask.now_ms };
    route(state, &ask, &path)
}
