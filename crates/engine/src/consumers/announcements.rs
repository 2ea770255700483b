//! Announced batches that one consumer has not taken yet. The runner adds to them without waiting; batches of one stream are
//! merged until the consumer takes them.

use super::stream_slice::AnnouncedBatches;
use crate::machine::Machine;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Notify;

/// The most entries kept for one consumer; if there are more, it reads them from the journal.
const MAX_ENTRIES: usize = 100_000;
/// The most streams noted for a consumer that is not ready; it finds the others in the journal.
const MAX_NOTED: usize = 100_000;

#[derive(Debug)]
pub(super) struct AnnouncementMailbox<M: Machine> {
    announced: Mutex<Announced<M>>,
    arrived: Notify,
}

/// Batches that were announced since the consumer last took them.
#[derive(Debug)]
pub(super) struct Announced<M: Machine> {
    pub(super) streams: BTreeMap<M::Number, AnnouncedBatches<M>>,
    /// The feed was too fast, so some streams are missing here: the consumer must search for streams that it is behind with.
    pub(super) must_find_behind: bool,
    entries: usize,
    /// The consumer is not ready: of what is announced, only the streams' numbers are kept.
    paused: Option<BTreeSet<M::Number>>,
}

impl<M: Machine> Default for Announced<M> {
    fn default() -> Self {
        Self { streams: BTreeMap::new(), must_find_behind: false, entries: 0, paused: None }
    }
}

impl<M: Machine> Default for AnnouncementMailbox<M> {
    fn default() -> Self {
        Self { announced: Mutex::default(), arrived: Notify::new() }
    }
}

impl<M: Machine> AnnouncementMailbox<M> {
    /// Adds announced batches; their entries are shared with the other consumers.
    pub(super) fn put(&self, streams: &BTreeMap<M::Number, AnnouncedBatches<M>>) {
        let mut announced = self.announced.lock();
        if let Some(noted) = &mut announced.paused {
            if noted.len() < MAX_NOTED {
                noted.extend(streams.keys());
            }
            return;
        }
        for (number, batches) in streams {
            announced.entries = announced.entries.saturating_add(batches.entries());
            match announced.streams.get_mut(number) {
                Some(before) => before.append(batches),
                None => drop(announced.streams.insert(*number, batches.clone())),
            }
        }
        if announced.entries > MAX_ENTRIES {
            announced.streams.values_mut().for_each(AnnouncedBatches::clear);
            announced.entries = 0;
        }
        drop(announced);
        self.arrived.notify_one();
    }

    /// Tells the consumer to search for streams that it is behind with.
    pub(super) fn find_behind(&self) {
        let mut announced = self.announced.lock();
        if announced.paused.is_none() {
            announced.must_find_behind = true;
            drop(announced);
            self.arrived.notify_one();
        }
    }

    /// Drops everything, and what is announced until [`Self::resume`]: even a stream's newest version, which keeps a whole state in memory.
    /// Only the numbers of these streams, and of those with work, are noted.
    pub(super) fn pause(&self, with_work: impl IntoIterator<Item = M::Number>) {
        let mut announced = self.announced.lock();
        let dropped = std::mem::take(&mut *announced);
        let noted = with_work.into_iter().chain(dropped.streams.into_keys()).take(MAX_NOTED);
        announced.paused = Some(noted.collect());
    }

    /// Collects again. Returns the streams that were noted: the journal's list of what the consumer is behind with may belong to another node,
    /// and would name them only a minute later.
    pub(super) fn resume(&self) -> BTreeSet<M::Number> {
        self.announced.lock().paused.take().unwrap_or_default()
    }

    /// Waits until something arrives, then takes everything.
    pub(super) async fn take(&self) -> Announced<M> {
        self.arrived.notified().await;
        std::mem::take(&mut *self.announced.lock())
    }
}
