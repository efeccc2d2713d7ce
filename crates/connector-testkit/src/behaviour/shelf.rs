//! The objects a stand-in holds.

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

/// Objects by resource type, each with its id.
#[derive(Debug, Default)]
pub(crate) struct Held {
    objects: BTreeMap<String, Vec<(String, Value)>>,
    /// What a creation leaves, and whether it was made.
    created: BTreeMap<String, (String, Value, Cell<bool>)>,
}

impl Held {
    pub(crate) fn of(&self, name: &str) -> &[(String, Value)] {
        self.objects.get(name).map_or(&[], Vec::as_slice)
    }

    /// The object of this id, one that was created meanwhile too.
    pub(crate) fn one(&self, name: &str, id: &str) -> Option<&Value> {
        let created = self.created.get(name).filter(|(known, _, made)| known == id && made.get());
        let held = self.of(name).iter().find(|(known, _)| known == id).map(|(_, object)| object);
        created.map(|(_, object, _)| object).or(held)
    }

    /// What a creation leaves, which from now on is there.
    pub(crate) fn created(&self, name: &str) -> Option<&Value> {
        let (_, object, made) = self.created.get(name)?;
        made.set(true);
        Some(object)
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
    pub(crate) fn will_create(&self, of: &str, (id, object): (String, Value)) {
        self.held().created.insert(of.to_owned(), (id, object, Cell::new(false)));
    }
}
