//! What every stand-in needs around its rules: a listener whose connections can be cut, faults, the request log and
//! the control paths under `/_sandbox`.

mod control;
mod http;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) use self::http::{Call, Reply};
use self::wire::{Tap, Wire};
use crate::clock::Clock;
use crate::fault::{Effect, Fault, Faults};
use crate::log::{Log, RecordedRequest, loggable};

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
            return reply.into_response(http::Framing::Length);
        }
        if let Some(rest) = call.path.strip_prefix("/_sandbox") {
            return control::answer(self, self.app.as_ref(), rest, call).into_response(http::Framing::Length);
        }
        let (reply, effect) = self.process(call).await;
        let cut = matches!(effect, Effect::CloseBefore | Effect::CloseAfter);
        lock(&self.log).add(RecordedRequest {
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            body: loggable(&call.body),
            status: if cut { 0 } else { reply.status },
            authorization: call.authorization.is_some(),
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
            Effect::CloseBefore => Reply::empty(500),
            Effect::Status { status, body, retry_after, content_type } => {
                let mut reply = Reply::text(*status, "application/json; charset=utf-8", body.clone());
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

/// A stand-in that is being served.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Binds first, so that the rules can be built with the real address, and serves until stopped.
pub(crate) async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

impl Serving {
    pub(crate) fn start(listener: TcpListener, address: SocketAddr, harness: Arc<Harness>) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let service = Router::new().fallback(handle).with_state(harness);
        let service = service.into_make_service_with_connect_info::<Wire>();
        let task = tokio::spawn(async move {
            let until = async move {
                // An error means that the handle is gone, which is a reason to stop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            let served = axum::serve(Tap(listener), service).with_graceful_shutdown(until).await;
            debug_assert!(served.is_ok(), "serving retries accept errors and returns no others");
        });
        Self { address, stop, task }
    }

    /// Takes no new requests and lets running ones finish, for two seconds at most.
    pub(crate) async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(Duration::from_secs(2), &mut self.task).await.is_err() {
            self.task.abort();
        }
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
