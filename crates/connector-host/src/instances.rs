//! The running instances: each with its connector, compiled tables and way out.

use std::{collections::HashMap, sync::Arc};

use connector_core::{
    complete::{self, CursorKey, SnapshotSpace, Turns, Walks},
    connector::Connector,
    error::{Error, Kind},
    http::{Credential as DoorCredential, CredentialSource, Door, Endpoints, Fixed},
    ledger::Ledger,
    mapping::{self, Fault, Plan, PlanOptions},
    scim::PatchRules,
    spec::CredentialKind,
};

use crate::{
    app::{StartError, Tasks},
    config::{Config, Credential, InstanceConfig, StoreConfig},
    consent,
    oauth::{Consented, Protocol},
    outbound::Ways,
    scim::Discovery,
    store::{Store, StoreError},
};

/// One running instance.
pub struct Instance {
    /// As configured.
    pub config: InstanceConfig,
    /// What serves its requests.
    pub core: Arc<complete::Instance>,
    /// What clients can discover about it.
    pub discovery: Discovery,
    /// Its consent, where it lives by one.
    pub consented: Option<Consented>,
}

impl Instance {
    /// For `/readyz`: whether requests can leave at all.
    pub fn state(&self) -> &'static str {
        match &self.consented {
            _ if self.core.door.refusal().is_some() => "target address refused",
            Some(consented) if !consented.is_usable() => "consent needed",
            _ => "ready",
        }
    }
}

/// All of them, by name.
pub struct Instances {
    by_name: HashMap<String, Arc<Instance>>,
    sorted: Vec<Arc<Instance>>,
}

/// The way of every instance's extension URN; the instance's name and the resource type follow.
pub const CUSTOM_URN: &str = "urn:connector-host:scim:instance:";

impl Instances {
    /// Builds every configured instance. `scim_url` gives the SCIM base URL of one, `ledger` its ledger; `consents` are
    /// those of [`consents`].
    pub fn build(
        config: &Config,
        ways: &Ways,
        consents: &Consents,
        scim_url: impl Fn(&str) -> String,
        ledger: impl Fn(&str) -> Arc<dyn Ledger>,
        space: &Arc<SnapshotSpace>,
    ) -> Result<Self, StartError> {
        let store = &config.store;
        let build = |(name, config): (&String, &InstanceConfig)| {
            instance(config, store, ways, consents.get(name), &scim_url(name), ledger(name), space)
                .map(Arc::new)
                .map_err(|source| StartError::Instance { name: name.clone(), source })
        };
        let sorted = config.instances.iter().map(build).collect::<Result<Vec<_>, _>>()?;
        let by_name =
            sorted.iter().map(|instance| (instance.config.name.clone(), instance.clone())).collect();
        Ok(Self { by_name, sorted })
    }

    /// The instance of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Instance>> {
        self.by_name.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Instance>> {
        self.sorted.iter()
    }
}

/// The consents of the instances that live by one, by name.
pub type Consents = HashMap<String, Consented>;

/// Reads what the store holds for every instance that lives by a consent.
pub async fn consents(
    config: &Config,
    ways: &Ways,
    store: &Store,
    tasks: &Tasks,
    base_url: &str,
) -> Result<Consents, StoreError> {
    let mut consents = HashMap::new();
    for (name, instance) in &config.instances {
        if let Credential::OAuth(oauth) = &instance.credential {
            let outbound = ways.of(instance.registration.spec.name);
            let protocol = Protocol::new((**oauth).clone(), Arc::clone(outbound));
            let protocol = protocol.observed_by(ways.observer(instance));
            let page = consent::page_url(base_url, name);
            let held = Consented::load(name, protocol, store.clone(), tasks.clone(), page).await?;
            consents.insert(name.clone(), held);
        }
    }
    Ok(consents)
}

fn instance(
    config: &InstanceConfig,
    store: &StoreConfig,
    ways: &Ways,
    consented: Option<&Consented>,
    scim_url: &str,
    ledger: Arc<dyn Ledger>,
    space: &Arc<SnapshotSpace>,
) -> Result<Instance, Box<Error>> {
    let connector = (config.registration.build)(&config.settings)?;
    let plans = plans(config, &*connector, scim_url).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Error::new(Kind::Internal, format!("its tables do not compile: {}", faults.join("; ")))
    })?;
    let core = complete::Instance {
        name: config.name.clone(),
        connector,
        plans,
        door: door(config, ways, consented)?,
        settings: config.settings.clone(),
        patch_rules: PatchRules {
            strict: config.strict_patch,
            refuse_remove_all_members: config.refuse_remove_all_members,
        },
        adopt_existing: config.adopt_existing,
        ledger,
        walks: Walks::new(Arc::clone(space)),
        turns: Turns::default(),
        cursors: cursors(config, store)?,
    };
    let discovery = Discovery::of(&core, scim_url);
    Ok(Instance { config: config.clone(), core: Arc::new(core), discovery, consented: consented.cloned() })
}

/// What signs the cursors of an instance. Every replica must take those of the others, so it comes from a secret that all of
/// them are given.
fn cursors(config: &InstanceConfig, store: &StoreConfig) -> Result<CursorKey, Box<Error>> {
    match (&store.encryption_key, &config.credential) {
        (Some(key), _) => Ok(CursorKey::derived(key.bytes(), &config.name)),
        (None, Credential::AccessToken(secret) | Credential::ApiKey(secret)) => {
            Ok(CursorKey::derived(secret.expose().as_bytes(), &config.name))
        }
        // It cannot start without a key for its tokens.
        (None, Credential::OAuth(_)) => Ok(CursorKey::random()?),
    }
}

/// The connector's tables as this instance has them, in the order of its resource types.
pub(crate) fn plans(
    config: &InstanceConfig,
    connector: &dyn Connector,
    scim_url: &str,
) -> Result<Vec<Plan>, Vec<Fault>> {
    let (mut plans, mut faults) = (Vec::new(), Vec::new());
    for resource in connector.resources() {
        let (spec, name) = (resource.spec(), resource.spec().table.resource);
        let custom = config.custom_attributes.iter().filter(|attribute| attribute.resource == name);
        let options = PlanOptions {
            base: scim_url.to_owned(),
            offset: config.datetime_offset,
            disabled: config.disabled_attributes.get(name).cloned().unwrap_or_default(),
            custom: custom
                .map(|attribute| mapping::CustomAttribute {
                    urn: format!("{CUSTOM_URN}{}:2.0:{name}", config.name),
                    name: attribute.scim.clone(),
                    target: attribute.target.clone(),
                    kind: attribute.kind,
                    multi_valued: attribute.multi_valued,
                    description: attribute.description.clone().unwrap_or_default(),
                    direction: attribute.direction,
                })
                .collect(),
            members_per_call: spec.members_per_call,
        };
        match Plan::compile(spec.table, &options) {
            Ok(plan) => plans.push(plan),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(plans) } else { Err(faults) }
}

/// The way out of one instance: to its target, to the addresses among its parameters, and to its OAuth endpoints.
fn door(config: &InstanceConfig, ways: &Ways, consented: Option<&Consented>) -> Result<Door, Box<Error>> {
    let spec = config.registration.spec;
    let (outbound, observer) = (ways.of(spec.name), ways.observer(config));
    let (credentials, mut endpoints): (Arc<dyn CredentialSource>, _) = match consented {
        Some(consented) => (Arc::new(consented.clone()), consented.protocol().endpoints().clone()),
        None => (
            Arc::new(fixed(config)?),
            Endpoints::new(Arc::clone(outbound)).observed_by(Arc::clone(&observer)),
        ),
    };
    for parameter in spec.parameters.iter().filter(|parameter| parameter.kind.is_url()) {
        if let Some(url) = config.settings.text(parameter.name).and_then(|text| text.parse().ok()) {
            endpoints = endpoints.with(parameter.name, url);
        }
    }
    let door = Door::new(Arc::clone(outbound), config.target_url.clone(), credentials, spec.budgets);
    door.set_share(config.budget_factor);
    Ok(door.with_endpoints(endpoints).observed_by(observer))
}

/// The credential that stands in the configuration.
fn fixed(config: &InstanceConfig) -> Result<Fixed, Box<Error>> {
    let key = match &config.credential {
        Credential::AccessToken(token) => {
            return Ok(Fixed::new(DoorCredential::bearer(token), "replace access_token"));
        }
        Credential::ApiKey(key) => key,
        Credential::OAuth(_) => {
            return Err(Error::new(Kind::Internal, "its consent was not loaded").into());
        }
    };
    let kind = config.registration.spec.credentials.iter().find_map(|kind| match kind {
        CredentialKind::ApiKey { header, prefix } => Some((*header, *prefix)),
        _ => None,
    });
    let found = kind.and_then(|(header, prefix)| Some((http::HeaderName::try_from(header).ok()?, prefix)));
    let (header, prefix) = found
        .ok_or_else(|| Error::new(Kind::Internal, "the connector's spec names no header for an api_key"))?;
    Ok(Fixed::new(DoorCredential::header(header, prefix, key), "replace api_key"))
}
