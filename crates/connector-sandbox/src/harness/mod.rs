//! What every stand-in needs around its rules: a listener whose connections can be cut, faults, the request log and
//! the control paths under `/_sandbox`.

mod control;
mod http;
mod stand_in;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::http::{Call, Reply};
pub use self::stand_in::StandIn;
pub(crate) use self::stand_in::bind;
use self::wire::Wire;
use crate::clock::Clock;
use crate::fault::{Effect, Fault, Faults};
use crate::log::{Log, RecordedRequest, loggable, loggable_query};

/// The rules of one target.
pub(crate) trait App: Send + Sync + 'static {
    /// Called before anything else: what must be held while the request is under way, or a refusal.
    fn admit(&self, call: &Call) -> Result<Admission, Reply>;
    /// Answers a request.
    fn answer(&self, call: &Call) -> Reply;
    /// Answers the cheapest reads without faults and log, when the stand-in is in its fast mode.
    fn fast(&self, call: &Call) -> Option<Reply>;
    /// The switches as JSON.
    fn options(&self) -> Value;
    /// Changes the switches named in `change`.
    fn change_options(&self, change: Value) -> Result<(), String>;
    /// The last touch on every answer but those of the control paths, whoever made it.
    fn finish(&self, _call: &Call, reply: Reply) -> Reply {
        reply
    }
    /// Answers a control path of this target alone, such as `/activate`.
    fn control(&self, _path: &str, _call: &Call) -> Option<Reply> {
        None
    }
}

/// The switches with those of `change` in their place.
pub(crate) fn changed<T: Serialize + DeserializeOwned>(options: &T, change: Value) -> Result<T, String> {
    let (Ok(Value::Object(mut all)), Value::Object(change)) = (serde_json::to_value(options), change) else {
        return Err("the body must be an object of switches".into());
    };
    all.extend(change);
    serde_json::from_value(Value::Object(all)).map_err(|e| e.to_string())
}

/// Kept until the answer is sent.
#[derive(Default)]
pub(crate) struct Admission {
    /// How long the target takes over this request.
    pub(crate) takes: Duration,
    /// Released when dropped, also when the client goes away.
    pub(crate) hold: Option<Box<dyn Send>>,
}

/// Faults, log and clock of one running stand-in.
pub(crate) struct Harness {
    pub(crate) clock: Clock,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
    app: Arc<dyn App>,
}

impl Harness {
    pub(crate) fn new(clock: Clock, app: Arc<dyn App>) -> Arc<Self> {
        Arc::new(Self { clock, faults: Mutex::default(), log: Mutex::default(), app })
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.log).all()
    }

    pub(crate) fn clear_requests(&self) {
        lock(&self.log).clear();
    }

    pub(crate) fn inject(&self, fault: Fault) {
        lock(&self.faults).add(fault);
    }

    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    async fn respond(&self, call: &Call, wire: &Wire) -> Response {
        if let Some(reply) = self.app.fast(call) {
            return self.app.finish(call, reply).into_response(http::Framing::Length);
        }
        if let Some(rest) = call.path.strip_prefix("/_sandbox") {
            return control::answer(self, self.app.as_ref(), rest, call).into_response(http::Framing::Length);
        }
        let (reply, effect) = self.process(call).await;
        let reply = self.app.finish(call, reply);
        let cut = matches!(effect, Effect::CloseBefore | Effect::CloseAfter);
        lock(&self.log).add(RecordedRequest {
            method: call.method.clone(),
            path: call.path.clone(),
            query: loggable_query(&call.query),
            body: loggable(call.content_type.as_deref(), &call.body),
            status: if cut { 0 } else { reply.status },
            authorization: call.authorization.is_some() || call.api_token.is_some(),
            request_id: call.request_id.clone(),
        });
        if cut {
            wire.cut();
        }
        let framing = match effect {
            Effect::TruncateBody { bytes } => http::Framing::Truncated(bytes),
            _ => http::Framing::Chunked,
        };
        reply.into_response(framing)
    }

    async fn process(&self, call: &Call) -> (Reply, Effect) {
        let Admission { takes, hold } = match self.app.admit(call) {
            Ok(admission) => admission,
            Err(reply) => return (reply, Effect::Pass),
        };
        let fault = lock(&self.faults).strike(&call.method, &call.path).unwrap_or_default();
        let wait = takes + Duration::from_millis(fault.delay_ms);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let reply = match &fault.effect {
            Effect::Pass | Effect::CloseAfter | Effect::TruncateBody { .. } => self.app.answer(call),
            Effect::StatusAfter { status, body } => {
                self.app.answer(call);
                Reply::json(*status, body.clone())
            }
            Effect::CloseBefore => Reply::empty(500),
            Effect::Status { status, body, retry_after, content_type } => {
                let mut reply = Reply::json(*status, body.clone());
                if let Some(content_type) = content_type {
                    reply.content_type = Some(content_type.clone().into());
                }
                reply.header_if("retry-after", retry_after.as_deref())
            }
            Effect::MalformedJson => {
                let mut reply = self.app.answer(call);
                reply.body = b"{\"schemas\":[\"urn:scim:schemas:core:1.0\",}".to_vec().into();
                reply
            }
            Effect::HugeBody { bytes } => {
                let mut reply = self.app.answer(call);
                reply.body = format!("{{\"padding\":\"{}\"}}", "x".repeat(*bytes)).into();
                reply
            }
            Effect::Redirect { location, status } => {
                Reply::empty(*status).header_if("location", Some(location.as_str()))
            }
        };
        drop(hold);
        (reply, fault.effect)
    }
}

async fn handle(
    State(harness): State<Arc<Harness>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    match Call::read(request).await {
        Ok(call) => harness.respond(&call, &wire).await,
        Err(reply) => reply.into_response(http::Framing::Length),
    }
}

/// A panic while holding a lock is a failed test already; the state is still good to look at.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
