//! The running service: listener, connections, and an end that loses no request.

mod body;
mod observe;
mod patience;
mod probe;
mod request_id;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, middleware, routing::get};
use connector_core::http::{Resolver, SystemResolver};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tower::Service as _;

pub use body::BodyTimeout;
pub use observe::TargetTime;
pub(crate) use observe::{Reached, Seen};
pub(crate) use probe::states;
pub use request_id::RequestId;

use patience::{Observed, Patience};

use crate::{
    admin,
    app::{App, StartError, WRITE_GRACE},
    auth,
    config::Config,
    consent, oauth, outbound, scim,
    shares::Shares,
};

/// How long a client may take to send a request's body.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// Every route of the service.
pub fn router(app: Arc<App>) -> Router {
    around(scim::router(), app)
}

/// What stands around the SCIM routes.
fn around(scim: Router<Arc<App>>, app: Arc<App>) -> Router {
    probe::router()
        .merge(auth::oauth_token())
        .nest(admin::PATH, admin::router(&app))
        .nest("/scim", scim)
        .route("/outbound", get(outbound::get))
        .nest("/consent", consent::router())
        .fallback(probe::not_found)
        .method_not_allowed_fallback(probe::method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), observe::refuse_while_draining))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// A service that answers requests.
pub struct Service {
    /// Its state.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    drain: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    following: JoinHandle<()>,
}

impl Service {
    /// Starts it; when this returns, requests are answered.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_resolving(config, Arc::new(SystemResolver)).await
    }

    /// The same with the names of targets resolved by another resolver than the system's.
    pub async fn start_resolving(config: Config, resolver: Arc<dyn Resolver>) -> Result<Self, StartError> {
        Self::start_with(config, &resolver, scim::router()).await
    }

    async fn start_with(
        config: Config,
        resolver: &Arc<dyn Resolver>,
        scim: Router<Arc<App>>,
    ) -> Result<Self, StartError> {
        let listen = config.server.listen;
        let refused = |error| StartError::Listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let app = App::new(config, address, resolver).await?;
        let instances: Vec<_> = app.instances.iter().cloned().collect();
        let shares = app.store.is_shared().then(|| Shares::join(app.serving.process(), &instances));
        let (drain, draining) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, around(scim, app.clone()), draining));
        let following = tokio::spawn({
            let app = app.clone();
            async move {
                let known = app.known.follow(&app.store, app.changes.subscribe());
                let consents = app.instances.iter().filter_map(|instance| instance.consented.clone());
                let consents = oauth::follow(consents.collect(), app.store.clone(), app.changes.subscribe());
                let shares = async {
                    if let Some(shares) = shares {
                        shares.follow(&app.store, &instances).await;
                    }
                };
                tokio::join!(known, consents, app.changes.follow(&app.store), app.serving.stay(), shares);
            }
        });
        Ok(Self { app, address, drain, accepting, following })
    }

    /// Takes no new requests, waits for running ones, closes the store. False when some did not finish in time.
    pub async fn shut_down(self) -> bool {
        self.app.drain();
        self.drain.send_replace(true);
        let longest = self.app.config.server.request_deadline.max(BODY_TIMEOUT) + WRITE_GRACE;
        let (accepting, mut following) = (self.accepting, self.following);
        let finished = tokio::time::timeout(longest, async {
            let _ = accepting.await;
            // From now on nothing begins by itself that nobody would wait for, as a refresh.
            following.abort();
            let _ = (&mut following).await;
            self.app.tasks.ended().await;
        })
        .await
        .is_ok();
        following.abort();
        for instance in self.app.instances.iter() {
            if let Some(consented) = &instance.consented {
                consented.settle().await;
            }
        }
        self.app.known.note_uses(&self.app.store).await;
        self.app.serving.end().await;
        finished
    }
}

/// Accepts connections until draining, then waits for those it has. New ones are still heard meanwhile, to be told 503.
async fn accept(listener: TcpListener, router: Router, mut draining: watch::Receiver<bool>) {
    let connections = GracefulShutdown::new();
    loop {
        tokio::select! {
            _ = draining.wait_for(|draining| *draining) => break,
            stream = next(&listener) => {
                let (connection, patience) = connection(stream, router.clone(), true);
                tokio::spawn(serve(connections.watch(connection), patience));
            }
        }
    }
    let ended = connections.shutdown();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => return,
            stream = next(&listener) => {
                let (connection, patience) = connection(stream, router.clone(), false);
                tokio::spawn(serve(connection, patience));
            }
        }
    }
}

async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                // Out of file descriptors, mostly: others must end first.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// One connection, ready to be served, and how long it is waited for.
fn connection(stream: TcpStream, router: Router, keep_alive: bool) -> (Connection, Arc<Patience>) {
    // Without it answers in two segments wait for the client's delayed acknowledgement; failing to set it costs no more.
    let _ = stream.set_nodelay(true);
    let patience = Patience::new();
    let stream = TokioIo::new(Observed::new(stream, patience.clone()));
    let entry = Entry { router, patience: patience.clone() };
    // Without a timer hyper waits for ever; the patience above does not.
    (http1::Builder::new().keep_alive(keep_alive).serve_connection(stream, entry), patience)
}

type Connection = http1::Connection<TokioIo<Observed<TcpStream>>, Entry>;

/// Serves a connection until it ends or is waited for no longer.
async fn serve(connection: impl Future, patience: Arc<Patience>) {
    tokio::select! {
        _ = connection => {}
        () = patience.lost() => {}
    }
}

/// Where hyper's requests become the router's.
struct Entry {
    router: Router,
    patience: Arc<Patience>,
}

impl hyper::service::Service<http::Request<Incoming>> for Entry {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        self.patience.busy();
        let patience = self.patience.clone();
        let request = request.map(|body| Body::new(body::Timed::new(body, BODY_TIMEOUT)));
        // A router is always ready.
        let answer = self.router.clone().call(request);
        Box::pin(async move {
            let answer = answer.await;
            patience.idle();
            answer
        })
    }
}
