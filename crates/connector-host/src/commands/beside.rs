//! An instance as a running service has it, for a command beside that service: same configuration, same store.

use std::sync::Arc;

use connector_core::complete::{NoSpill, SnapshotSpace};

use super::serve::start_failure;
use crate::{
    app::{self, Tasks},
    cli::Failure,
    config::{Config, Sources, problem::did_you_mean},
    instances::{self, Instance, Instances},
    ledger::Ledgers,
    outbound::Ways,
    store::Store,
    versions,
};

/// One instance, and what it needs.
pub(super) struct Beside {
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) tasks: Tasks,
    pub(super) instance: Arc<Instance>,
}

impl Beside {
    /// Reads the configuration and builds this instance of it.
    pub(super) async fn open(sources: &Sources, name: &str) -> Result<Self, Failure> {
        let mut config = versions::load(sources).await?;
        if !config.instances.contains_key(name) {
            let known = did_you_mean(name, config.instances.keys().map(String::as_str));
            return Err(Failure::usage(format!("no instance {name:?} is configured; {known}")));
        }
        // What is wrong with the others is not this command's business.
        config.instances.retain(|known, _| known == name);
        let base_url = config.server.base_url(config.server.listen);
        let (ways, tasks) = (Ways::open(&config).map_err(Failure::usage)?, Tasks::default());
        let store = Store::open(&config.store).await.map_err(Failure::failed)?;
        let consents = instances::consents(&config, &ways, &store, &tasks, &base_url).await;
        let consents = consents.map_err(Failure::failed)?;
        let ledgers = Ledgers::start(store.clone());
        let instances = Instances::build(
            &config,
            &ways,
            &consents,
            |name| app::scim_url(&base_url, name),
            |name| ledgers.of(name),
            &SnapshotSpace::new(Arc::new(NoSpill)),
        )
        .map_err(start_failure)?;
        let instance = instances.get(name).cloned();
        let instance = instance.ok_or_else(|| Failure::failed("the instance was not built"))?;
        Ok(Self { config, store, tasks, instance })
    }

    /// Waits for what goes on, and closes the store.
    pub(super) async fn close(self) {
        self.tasks.ended().await;
        self.store.close().await;
    }
}
