//! The running instances.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    app::StartError,
    config::{Config, InstanceConfig},
};

/// One running instance.
pub struct Instance {
    /// As configured.
    pub config: InstanceConfig,
}

impl Instance {
    /// For `/readyz`: the word a person reads first.
    pub fn state(&self) -> &'static str {
        "ready"
    }
}

/// All of them, by name.
pub struct Instances(BTreeMap<String, Arc<Instance>>);

impl Instances {
    /// Builds every configured instance.
    pub fn build(config: &Config) -> Result<Self, StartError> {
        let built = config
            .instances
            .iter()
            .map(|(name, config)| (name.clone(), Arc::new(Instance { config: config.clone() })))
            .collect();
        Ok(Self(built))
    }

    /// The instance of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Instance>> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Instance>> {
        self.0.values()
    }
}
