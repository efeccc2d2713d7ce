//! `check`, and `check --online`.

use std::{sync::Arc, time::Duration};

use connector_core::{
    complete::{NoSpill, SnapshotSpace},
    http::Cx,
    ledger::NoLedger,
};
use tokio::{task::JoinSet, time::Instant};

use super::{print, serve::start_failure, small_runtime};
use crate::{
    app,
    cli::Failure,
    config::{Config, Sources},
    instances::Instances,
};

/// The longest wait for one target; a person is waiting.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says what is wrong with the configuration; online also whether each target answers with its credential.
pub(super) fn run(sources: &Sources, online: bool) -> Result<(), Failure> {
    let config = Config::load(sources).map_err(Failure::usage)?;
    if !online {
        return Ok(());
    }
    small_runtime()?.block_on(targets(&config))
}

async fn targets(config: &Config) -> Result<(), Failure> {
    let base_url = config.server.base_url(config.server.listen);
    let instances = Instances::build(
        config,
        |name| app::scim_url(&base_url, name),
        |_| Arc::new(NoLedger),
        &SnapshotSpace::new(Arc::new(NoSpill)),
    )
    .map_err(start_failure)?;
    let deadline = Instant::now() + PATIENCE.min(config.server.request_deadline);
    let mut asked = JoinSet::new();
    for instance in instances.iter().cloned() {
        asked.spawn(async move {
            let core = &instance.core;
            let cx = Cx::new(&core.door, &core.settings, deadline, "check");
            let answer = core.connector.check(&cx).await.map_err(|error| error.to_string());
            (core.name.clone(), answer)
        });
    }
    let mut answers = asked.join_all().await;
    answers.sort();
    let mut failed = Vec::new();
    for (name, answer) in answers {
        match answer {
            Ok(()) => print(&format!("{name}: the target answers\n"))?,
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::Failed(failed.join("\n"))) }
}
