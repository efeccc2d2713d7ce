//! What another major version of a connector changes for an instance: what differs between the two contracts, but for what
//! the instance has switched off, and what the newer one makes of its configuration.

use std::fmt::Display;

use connector_core::{
    connector::{Connector, Registration},
    contract::{Change, Contract, Effect, changes},
};

use crate::{config::InstanceConfig, instances};

/// What `newer` would change for this instance.
pub(crate) fn between(instance: &InstanceConfig, newer: &Registration) -> Vec<Change> {
    let built = (instance.registration.build)(&instance.settings)
        .and_then(|old| Ok((old, (newer.build)(&instance.settings)?)));
    let does_not_start = |why: &dyn Display| stops(format!("it does not start as it is configured: {why}"));
    let mut found = match built {
        Ok((old, new)) => {
            let mut found = changes(&contract(instance, &*old), &contract(instance, &*new));
            let faults = instances::plans(instance, &*new, "").err().unwrap_or_default();
            found.extend(faults.iter().map(|fault| does_not_start(fault)));
            found
        }
        Err(error) => vec![does_not_start(&error)],
    };
    let is_known = |name: &str| newer.spec.parameters.iter().any(|known| known.name == name);
    let set = instance.registration.spec.parameters.iter().map(|parameter| parameter.name);
    let gone = set.filter(|name| instance.settings.is_set(name) && !is_known(name));
    found.extend(gone.map(|name| stops(format!("this instance sets `{name}`: remove it with the pin"))));
    found
}

/// What this instance promises of a version.
fn contract(instance: &InstanceConfig, connector: &dyn Connector) -> Contract {
    let mut contract = Contract::of(connector);
    for resource in &mut contract.resources {
        if let Some(disabled) = instance.disabled_attributes.get(resource.resource.as_str()) {
            resource.leave_out(disabled);
        }
    }
    contract
}

const fn stops(text: String) -> Change {
    Change { resource: None, effect: Effect::Breaks, text }
}
