//! `serve`.

use tokio::signal::unix::{SignalKind, signal};

use super::server_runtime;
use crate::{app::StartError, cli::Failure, config::Sources, logging, serve::Service, versions};

pub(super) fn run(sources: &Sources) -> Result<(), Failure> {
    let runtime = server_runtime()?;
    let config = runtime.block_on(versions::load(sources))?;
    logging::start();
    runtime.block_on(async {
        let stop = stop_signal()?;
        let service = Service::start(config).await.map_err(start_failure)?;
        tracing::info!(
            address = %service.address,
            base_url = service.app.base_url,
            instances = service.app.instances.iter().count(),
            "ready"
        );
        stop.await;
        tracing::info!("stopping: running requests finish, new ones are refused");
        shut_down(service).await
    })
}

/// A store that its key does not open is a mistake in the configuration.
pub(super) fn start_failure(error: StartError) -> Failure {
    match error {
        StartError::Store(store) if store.is_configuration() => Failure::usage(store),
        error @ (StartError::Instance { .. } | StartError::Bind(_) | StartError::Version { .. }) => {
            Failure::usage(error)
        }
        error => Failure::failed(error),
    }
}

/// Ends at the next SIGTERM or SIGINT; both are caught from this call on.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Lets running requests finish; a second signal ends them.
pub(super) async fn shut_down(service: Service) -> Result<(), Failure> {
    let again = stop_signal()?;
    tokio::select! {
        finished = service.shut_down() => {
            if finished { Ok(()) } else { Err(Failure::failed("some requests did not finish in time and were cut off")) }
        }
        () = again => Err(Failure::failed("stopped at once; running requests were cut off")),
    }
}
