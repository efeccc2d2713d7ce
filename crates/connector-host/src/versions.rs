//! Which major version of its connector each instance runs, and what a newer one would change.
//!
//! An instance that pins none takes the newest at its first start and stays with it: the store records it. Later majors
//! come by pin alone, because a client of the earlier one could break.

mod changes;

pub(crate) use changes::between;

use connector_core::contract::Change;

use crate::{
    app::StartError,
    cli::Failure,
    config::{Config, Sources, StoreUrl, StoreView},
    registry::{Registry, pinned},
    store::{Store, StoreError},
};

/// How many changes a log line holds, those that break clients first.
const TOLD: usize = 5;

/// Reads the configuration, each instance as the version it runs.
pub(crate) async fn load(sources: &Sources) -> Result<Config, Failure> {
    let mut sources = sources.clone();
    if let Ok(view) = StoreView::load(&sources)
        && needs_pins(sources.registry, &view)
    {
        sources.pins = recorded(&view).await?;
    }
    Config::load(&sources).map_err(Failure::usage)
}

/// Whether an instance has a choice: no pin, and more than one major of its connector.
fn needs_pins(registry: Registry, view: &StoreView) -> bool {
    let majors = |name: &String| registry.iter().filter(|known| known.spec.name == name).count();
    view.connectors.iter().any(|connector| majors(connector) > 1)
}

async fn recorded(view: &StoreView) -> Result<crate::config::Pins, Failure> {
    // Before the first start nothing is recorded, and nothing shall be made by looking.
    if matches!(&view.store.url, StoreUrl::Sqlite(file) if !file.exists()) {
        return Ok(crate::config::Pins::new());
    }
    let failed = |error: StoreError| {
        Failure::failed(format!("which version each instance runs cannot be read: {error}"))
    };
    let store = Store::open_without_key(&view.store).await.map_err(failed)?;
    let pins = store.pins().await;
    store.close().await;
    pins.map_err(failed)
}

/// Records what each instance runs at its first start, and refuses to run another without a pin.
pub(crate) async fn settle(store: &Store, config: &Config) -> Result<(), StartError> {
    for (name, instance) in &config.instances {
        let (connector, major) = (instance.registration.spec.name, instance.registration.spec.version.major);
        if instance.pinned {
            store.set_pin(name, connector, major).await?;
            continue;
        }
        let recorded = store.pin(name, connector, major).await?;
        if recorded != major {
            return Err(StartError::Version {
                instance: name.clone(),
                recorded: format!("{connector}@{recorded}"),
                found: pinned(instance.registration),
            });
        }
    }
    Ok(())
}

/// Tells the log where a newer major is built in, and what it would change.
pub(crate) fn tell(config: &Config) {
    for (name, instance) in &config.instances {
        let Some(newer) = config.registry.newer(instance.registration) else { continue };
        let mut changes = between(instance, newer);
        changes.sort_by_key(|change| std::cmp::Reverse(change.effect));
        let line = |Change { resource, text, .. }: &Change| match resource {
            Some(resource) => format!("{resource}: {text}"),
            None => text.clone(),
        };
        let mut told = changes.iter().take(TOLD).map(line).collect::<Vec<_>>().join("; ");
        if changes.len() > TOLD {
            told = format!("{told}; and {} more", changes.len() - TOLD);
        }
        tracing::info!(
            instance = name,
            runs = pinned(instance.registration),
            newer = pinned(newer),
            changes = told,
            "a newer major version is built in; see `connector-host upgrade-preview {name}`"
        );
    }
}
