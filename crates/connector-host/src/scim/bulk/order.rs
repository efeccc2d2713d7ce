//! The order of operations that refer to each other.

use std::collections::{BTreeSet, HashMap};

use super::Operation;

/// Which operation comes next.
pub(super) struct Queue {
    /// Those that wait for nothing.
    ready: BTreeSet<usize>,
    /// For which others each waits.
    waits_for: Vec<BTreeSet<usize>>,
    /// Who waits for each.
    waited_for_by: Vec<Vec<usize>>,
}

impl Queue {
    pub(super) fn of(operations: &[Operation]) -> Self {
        let by_id: HashMap<&str, usize> = operations
            .iter()
            .enumerate()
            .filter_map(|(index, one)| Some((one.bulk_id.as_deref()?, index)))
            .collect();
        let mut waited_for_by = vec![Vec::new(); operations.len()];
        let mut waits_for = Vec::with_capacity(operations.len());
        for (index, operation) in operations.iter().enumerate() {
            let others = operation.references();
            let others: BTreeSet<usize> =
                others.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
            for other in &others {
                waited_for_by[*other].push(index);
            }
            waits_for.push(others);
        }
        let ready = waits_for.iter().enumerate().filter(|(_, others)| others.is_empty());
        Self { ready: ready.map(|(index, _)| index).collect(), waits_for, waited_for_by }
    }

    /// The first of those that wait for nothing.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// Nobody waits for this one any more.
    pub(super) fn done(&mut self, index: usize) {
        for waiting in std::mem::take(&mut self.waited_for_by[index]) {
            self.let_go(waiting, index);
        }
    }

    /// One does not wait for the other any more.
    pub(super) fn let_go(&mut self, waiting: usize, other: usize) {
        if self.waits_for[waiting].remove(&other) && self.waits_for[waiting].is_empty() {
            self.ready.insert(waiting);
        }
    }

    /// When all that are left wait: some of them of which each waits for the next, and the last for the first. `None` when
    /// none is left.
    pub(super) fn circle(&self) -> Option<Vec<usize>> {
        let mut at = self.waits_for.iter().position(|others| !others.is_empty())?;
        let mut way = Vec::new();
        loop {
            if let Some(begin) = way.iter().position(|passed| *passed == at) {
                return Some(way.split_off(begin));
            }
            way.push(at);
            at = *self.waits_for[at].first()?;
        }
    }

    /// Takes operations out that can never be carried out.
    pub(super) fn give_up(&mut self, circle: &[usize]) {
        for index in circle {
            self.waits_for[*index].clear();
        }
        for index in circle {
            self.done(*index);
        }
    }
}
