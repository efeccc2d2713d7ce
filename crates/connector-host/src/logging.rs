//! Structured logs on stderr: lines for people on a terminal, JSON elsewhere.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{EnvFilter, fmt};

/// Chooses what is logged, written as `RUST_LOG` is. (No `__` in it, so it is not configuration.)
const VARIABLE: &str = "CONNECTOR_HOST_LOG";

/// Starts logging. A filter that cannot be read is said and replaced, as it never should stop the service.
pub(crate) fn start() {
    let wanted = std::env::var(VARIABLE).ok();
    let default = || EnvFilter::new("info,sqlx=warn");
    let (filter, odd) = match wanted.as_deref().map(EnvFilter::try_new) {
        None => (default(), None),
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (default(), Some(error)),
    };
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second start in one process (tests) keeps the first.
    let _ = if io::stderr().is_terminal() {
        lines.try_init()
    } else {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    }
    .inspect_err(|error| tracing::debug!(%error, "logging has started already"));
    if let Some(error) = odd {
        tracing::warn!(%error, "{VARIABLE} cannot be read; logging at info");
    }
}
