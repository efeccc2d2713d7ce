//! `preview`: what a request would send to the target, beside a running service and without its help.

use std::path::Path;

use connector_core::scim::ErrorBody;
use tokio::time::Instant;

use super::{beside::Beside, print, small_runtime};
use crate::{
    cli::Failure,
    config::Sources,
    scim::{self, Asked},
};

/// Prints `{requests, resource, trace}`, or the SCIM error that the request would get.
pub(super) fn run(
    sources: &Sources,
    instance: &str,
    method: String,
    path: String,
    body: Option<&Path>,
) -> Result<(), Failure> {
    let body = match body {
        None => Vec::new(),
        Some(file) => std::fs::read(file)
            .map_err(|error| Failure::usage(format!("--body {}: {error}", file.display())))?,
    };
    let asked = Asked { method, path, body: body.into() };
    small_runtime()?.block_on(async {
        let beside = Beside::open(sources, instance).await?;
        let deadline = Instant::now() + beside.config.server.request_deadline;
        let told = scim::preview(&beside.tasks, deadline, &beside.instance, "preview", asked).await;
        beside.close().await;
        match told {
            Ok(document) => print(&format!("{document:#}\n")),
            Err(error) => {
                let body = serde_json::to_value(ErrorBody::from(&error)).map_err(Failure::failed)?;
                print(&format!("{body:#}\n"))?;
                Err(Failure::failed(format!("the request would be refused: {error}")))
            }
        }
    })
}
