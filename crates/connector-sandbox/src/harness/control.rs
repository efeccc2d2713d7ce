//! The control paths: the same grip on a stand-in over HTTP as the library gives in Rust.

use std::time::Duration;

use serde_json::{Value, json};

use super::{App, Call, Harness, Reply};
use crate::fault::Fault;

/// Answers what follows `/_sandbox`.
pub(super) fn answer(harness: &Harness, app: &dyn App, path: &str, call: &Call) -> Reply {
    match (call.method.as_str(), path) {
        ("GET", "/requests") => reply(200, &json!(harness.requests())),
        ("DELETE", "/requests") => {
            harness.clear_requests();
            Reply::empty(204)
        }
        ("GET", "/options") => reply(200, &app.options()),
        ("PATCH", "/options") => match change(app, call) {
            Ok(()) => reply(200, &app.options()),
            Err(problem) => refused(&problem),
        },
        ("POST", "/faults") => match faults(call) {
            Ok(faults) => {
                for fault in faults {
                    harness.inject(fault);
                }
                Reply::empty(204)
            }
            Err(problem) => refused(&problem),
        },
        ("DELETE", "/faults") => {
            harness.clear_faults();
            Reply::empty(204)
        }
        ("POST", "/clock") => match advance(call) {
            Ok(by) => {
                harness.clock.advance(by);
                reply(200, &json!({"now_ms": harness.clock.now_ms()}))
            }
            Err(problem) => refused(&problem),
        },
        (_, "/requests" | "/options" | "/faults" | "/clock") => {
            reply(405, &json!({"error": "this control path has no such verb"}))
        }
        _ => app.control(path, call).unwrap_or_else(|| {
            reply(404, &json!({"error": "control paths are requests, options, faults and clock"}))
        }),
    }
}

fn change(app: &dyn App, call: &Call) -> Result<(), String> {
    app.change_options(body(call)?)
}

fn faults(call: &Call) -> Result<Vec<Fault>, String> {
    let value = body(call)?;
    let list = if value.is_array() { value } else { json!([value]) };
    serde_json::from_value(list).map_err(|e| e.to_string())
}

fn advance(call: &Call) -> Result<Duration, String> {
    let value = body(call)?;
    let ms = value.get("advance_ms").and_then(Value::as_u64);
    ms.map(Duration::from_millis).ok_or_else(|| "advance_ms must be a whole number of milliseconds".into())
}

fn body(call: &Call) -> Result<Value, String> {
    serde_json::from_slice(&call.body).map_err(|e| format!("the body is not JSON: {e}"))
}

fn refused(problem: &str) -> Reply {
    reply(400, &json!({"error": problem}))
}

fn reply(status: u16, value: &Value) -> Reply {
    Reply::json(status, value.to_string())
}
