//! Objects that are being written, so that a second write on one of them can be refused meanwhile.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use crate::harness::lock;

/// Ids of the objects being written.
#[derive(Default)]
pub(crate) struct Locks(Arc<Mutex<HashSet<String>>>);

impl Locks {
    /// Holds that id until dropped; None while somebody else does.
    pub(crate) fn hold(&self, id: &str) -> Option<Held> {
        lock(&self.0).insert(id.to_owned()).then(|| Held { id: id.to_owned(), all: Arc::clone(&self.0) })
    }
}

/// Marks an object as being written until dropped.
pub(crate) struct Held {
    id: String,
    all: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.id);
    }
}
