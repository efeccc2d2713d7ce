//! `check`, and `check --online`.

use std::{sync::Arc, time::Duration};

use connector_core::{
    complete::{NoSpill, SnapshotSpace},
    connector::Checked,
    http::Cx,
    ledger::NoLedger,
};
use tokio::{task::JoinSet, time::Instant};

use super::{print, serve::start_failure, small_runtime};
use crate::{
    app::{self, Tasks},
    cli::Failure,
    config::{Config, Credential, InstanceConfig, Sources},
    instances::{self, Consents, Instances},
    store::Store,
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
    let (outbound, tasks) = (instances::outbound(config), Tasks::default());
    let lives_by_consent = |instance: &InstanceConfig| matches!(instance.credential, Credential::OAuth(_));
    let consents = if config.instances.values().any(lives_by_consent) {
        let store = Store::open(&config.store).await.map_err(Failure::failed)?;
        instances::consents(config, &outbound, &store, &tasks, &base_url).await.map_err(Failure::failed)?
    } else {
        Consents::new()
    };
    let instances = Instances::build(
        config,
        &outbound,
        &consents,
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
    answers.sort_by(|(left, _), (right, _)| left.cmp(right));
    tasks.ended().await;
    let mut failed = Vec::new();
    for (name, answer) in answers {
        match answer {
            Ok(checked) => {
                print(&format!("{name}: the target answers{}\n", whose(&checked)))?;
                for note in &checked.notes {
                    eprintln!("{name}: {note}");
                }
                failed.extend(checked.problems.iter().map(|problem| format!("{name}: {problem}")));
            }
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::Failed(failed.join("\n"))) }
}

fn whose(checked: &Checked) -> String {
    let names: Vec<_> = checked.account.iter().chain(&checked.organization).map(String::as_str).collect();
    if names.is_empty() { String::new() } else { format!(" to {}", names.join(" of ")) }
}
