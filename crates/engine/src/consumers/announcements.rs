//! Announced batches that one consumer has not taken yet. The runner adds to them without waiting; batches of one stream are
//! merged until the consumer takes them.

use super::stream_slice::AnnouncedBatches;
use crate::machine::Machine;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use tokio::sync::Notify;

/// The most entries kept for one consumer; if there are more, it reads them from the journal.
const MAX_ENTRIES: usize = 100_000;

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
}

impl<M: Machine> Default for Announced<M> {
    fn default() -> Self {
        Self { streams: BTreeMap::new(), must_find_behind: false, entries: 0 }
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
        self.announced.lock().must_find_behind = true;
        self.arrived.notify_one();
    }

    /// Waits until something arrives, then takes everything.
    pub(super) async fn take(&self) -> Announced<M> {
        self.arrived.notified().await;
        std::mem::take(&mut *self.announced.lock())
    }
}
