//! Writes to one object, one after another; membership changes of one group that wait together, made together.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{OwnedMutexGuard, oneshot},
    time::{Instant, timeout_at},
};

use crate::{
    error::{Error, Kind, Result},
    scim::PatchRequest,
};

/// Resource type and id.
type Key = (usize, String);

/// Whose turn it is, per object that is being written.
#[derive(Debug, Default)]
pub struct Turns {
    objects: Mutex<HashMap<Key, Arc<Object>>>,
}

#[derive(Debug, Default)]
struct Object {
    turn: Arc<tokio::sync::Mutex<()>>,
    waiting: Mutex<VecDeque<Waiting>>,
}

/// A membership change that waits for its turn, or to be made with another's.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) patch: PatchRequest,
    pub(super) done: oneshot::Sender<Result<()>>,
}

/// The right to write one object, until it is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    key: Key,
    object: Arc<Object>,
    _guard: OwnedMutexGuard<()>,
}

impl Turns {
    /// Waits for the turn at an object, at most until the deadline.
    pub(super) async fn take(&self, index: usize, id: &str, deadline: Instant) -> Result<Turn<'_>> {
        let key = (index, id.to_owned());
        let object = self.object(&key);
        let guard = timeout_at(deadline, Arc::clone(&object.turn).lock_owned()).await;
        let late = |_| Error::new(Kind::Deadline, "earlier writes to this object have not ended yet");
        let guard = guard.map_err(late).inspect_err(|_| self.leave(&key, &object))?;
        Ok(Turn { turns: self, key, object, _guard: guard })
    }

    /// Puts a membership change where the next turn at this object finds it.
    pub(super) fn join(&self, index: usize, id: &str, patch: PatchRequest) -> oneshot::Receiver<Result<()>> {
        let (done, outcome) = oneshot::channel();
        let object = self.object(&(index, id.to_owned()));
        lock(&object.waiting).push_back(Waiting { patch, done });
        outcome
    }

    fn object(&self, key: &Key) -> Arc<Object> {
        Arc::clone(lock(&self.objects).entry(key.clone()).or_default())
    }

    /// Forgets an object that nobody writes and nobody waits for.
    fn leave(&self, key: &Key, object: &Arc<Object>) {
        let mut objects = lock(&self.objects);
        // The map's, and the caller's own.
        if Arc::strong_count(object) == 2 && lock(&object.waiting).is_empty() {
            objects.remove(key);
        }
    }
}

impl Turn<'_> {
    /// Everything that waits to be made together.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        lock(&self.object.waiting).drain(..).collect()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.leave(&self.key, &self.object);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[tokio::test(start_paused = true)]
    async fn one_object_has_one_writer_and_another_object_another() {
        let turns = Turns::default();
        let first = turns.take(0, "W1", soon()).await.unwrap();
        assert_eq!(turns.take(0, "W1", soon()).await.err().map(|error| error.kind()), Some(Kind::Deadline));
        drop(turns.take(0, "W2", soon()).await.unwrap());
        drop(turns.take(1, "W1", soon()).await.unwrap());
        drop(first);
        drop(turns.take(0, "W1", soon()).await.unwrap());
        assert!(lock(&turns.objects).is_empty(), "nothing stays of objects that nobody writes");
    }

    #[tokio::test]
    async fn the_next_turn_finds_all_that_wait() {
        let turns = Turns::default();
        let patch = PatchRequest { operations: Vec::new() };
        let outcomes = [turns.join(1, "S1", patch.clone()), turns.join(1, "S1", patch)];
        let turn = turns.take(1, "S1", soon()).await.unwrap();
        for waiting in turn.waiting() {
            waiting.done.send(Ok(())).unwrap();
        }
        for outcome in outcomes {
            outcome.await.unwrap().unwrap();
        }
        assert!(turn.waiting().is_empty());
    }
}
