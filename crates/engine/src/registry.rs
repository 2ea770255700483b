//! Which sales are awake.
//!
//! What must always hold: an event has at most one task in this process; it is registered from before its task begins
//! until after its mailbox has closed and its last request was answered. So what one engine tells of a sale is in order.

use crate::engine::{Inner, SaleHandle};
use fairseat_domain::ids::EventNumber;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// An awake sale's place, empty while it is being woken.
type Slot = Arc<OnceCell<Arc<SaleHandle>>>;

/// The awake sales.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    slots: Mutex<BTreeMap<EventNumber, Slot>>,
}

impl Registry {
    pub(crate) fn len(&self) -> usize {
        self.slots.lock().len()
    }

    pub(crate) fn contains(&self, event: EventNumber) -> bool {
        self.slots.lock().contains_key(&event)
    }

    pub(crate) fn awake(&self) -> Vec<(EventNumber, Arc<SaleHandle>)> {
        let slots = self.slots.lock();
        slots.iter().filter_map(|(event, slot)| Some((*event, slot.get()?.clone()))).collect()
    }

    pub(crate) fn get(&self, event: EventNumber) -> Option<Arc<SaleHandle>> {
        self.slots.lock().get(&event)?.get().cloned()
    }

    /// A place to wake a sale in, shared by all who ask meanwhile; `None` when there are `max` already.
    pub(crate) fn place(&self, event: EventNumber, max: usize) -> Option<Place<'_>> {
        let mut slots = self.slots.lock();
        let slot = match slots.get(&event) {
            Some(slot) => slot.clone(),
            None if slots.len() >= max => return None,
            None => slots.entry(event).or_default().clone(),
        };
        Some(Place { registry: self, event, slot: Some(slot) })
    }

    fn remove(&self, event: EventNumber) {
        self.slots.lock().remove(&event);
    }
}

/// A caller's share of a place. A place that stays empty goes with the last who hoped for it, whatever became of them.
pub(crate) struct Place<'a> {
    registry: &'a Registry,
    event: EventNumber,
    slot: Option<Slot>,
}

impl Place<'_> {
    pub(crate) fn cell(&self) -> Option<&OnceCell<Arc<SaleHandle>>> {
        self.slot.as_deref()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut slots = self.registry.slots.lock();
        // Given back under the lock, so that of several who leave at once one is the last.
        self.slot = None;
        let is_last = |slot: &Slot| slot.get().is_none() && Arc::strong_count(slot) == 1;
        if slots.get(&self.event).is_some_and(is_last) {
            slots.remove(&self.event);
        }
    }
}

/// A task's entry in the registry. However the task ends, it goes; a task that panicked leaves its sale quarantined,
/// because what broke once would break again.
pub(crate) struct Registration {
    pub(crate) inner: Arc<Inner>,
    pub(crate) event: EventNumber,
}

impl Drop for Registration {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(event = self.event.0, "the task of a sale panicked: sale quarantined");
            self.inner.quarantine(self.event, "its task panicked".to_owned());
        }
        self.inner.sales.remove(self.event);
    }
}
