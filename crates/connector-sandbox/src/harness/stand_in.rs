//! A stand-in that is being served, and the grip on it that all of them give.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::wire::{Tap, Wire};
use super::{App, Harness};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::log::RecordedRequest;

/// What every stand-in that is being served can tell and be told. It stops when dropped.
pub struct StandIn {
    base_url: String,
    address: SocketAddr,
    harness: Arc<Harness>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Binds first, so that the rules can be built with the real address.
pub(crate) async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

impl StandIn {
    /// Serves these rules until stopped.
    pub(crate) fn start(listener: TcpListener, address: SocketAddr, clock: Clock, app: Arc<dyn App>) -> Self {
        let harness = Harness::new(clock, app);
        let (stop, mut stopped) = watch::channel(false);
        let service = Router::new().fallback(super::handle).with_state(Arc::clone(&harness));
        let service = service.into_make_service_with_connect_info::<Wire>();
        let task = tokio::spawn(async move {
            let until = async move {
                // An error means that the handle is gone, which is a reason to stop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            let served = axum::serve(Tap(listener), service).with_graceful_shutdown(until).await;
            debug_assert!(served.is_ok(), "serving retries accept errors and returns no others");
        });
        Self { base_url: format!("http://{address}"), address, harness, stop, task }
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where requests, options, faults and clock are reached over HTTP.
    pub fn control_url(&self) -> String {
        format!("{}/_sandbox/", self.base_url)
    }

    /// Requests received since the start or the last clearing, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.harness.requests()
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.harness.clear_requests();
    }

    /// Makes the next matching requests go wrong.
    pub fn inject(&self, fault: Fault) {
        self.harness.inject(fault);
    }

    /// Forgets faults not yet spent.
    pub fn clear_faults(&self) {
        self.harness.clear_faults();
    }

    /// The clock it lives by.
    pub fn clock(&self) -> &Clock {
        &self.harness.clock
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.harness.clock.advance(by);
    }

    /// Takes no new requests and lets running ones finish, for two seconds at most.
    pub(crate) async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(Duration::from_secs(2), &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
