//! The objects a stand-in holds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

/// Objects by resource type, each with its id.
#[derive(Debug, Default)]
pub(crate) struct Held {
    objects: BTreeMap<String, Vec<(String, Value)>>,
    created: BTreeMap<String, Value>,
}

impl Held {
    pub(crate) fn of(&self, name: &str) -> &[(String, Value)] {
        self.objects.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn created(&self, name: &str) -> Option<&Value> {
        self.created.get(name)
    }
}

/// A shelf that the suite and the stand-in share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<Held>>);

impl Shelf {
    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts these objects there in place of all others of the type.
    pub(crate) fn put(&self, of: &str, objects: impl IntoIterator<Item = (String, Value)>) {
        self.held().objects.insert(of.to_owned(), objects.into_iter().collect());
    }

    /// The object that a creation leaves.
    pub(crate) fn will_create(&self, of: &str, object: Value) {
        self.held().created.insert(of.to_owned(), object);
    }
}
