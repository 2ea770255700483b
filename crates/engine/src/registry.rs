//! The machines that are awake.
//!
//! What must always hold: a machine has at most one task in this process. It is registered before its task begins and
//! removed after its mailbox has closed and its last request was answered. So one engine publishes a machine's versions
//! in order.

use crate::handle::Handle;
use crate::machine::Machine;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, OnceCell};

/// The slot of a machine that is awake or being woken; empty until it is awake.
type Slot<M> = Arc<OnceCell<Arc<Handle<M>>>>;

/// The awake machines of one kind.
#[derive(Debug)]
pub(crate) struct Registry<M: Machine> {
    slots: Mutex<BTreeMap<M::Number, Slot<M>>>,
    removed: Notify,
}

impl<M: Machine> Registry<M> {
    pub(crate) fn new() -> Self {
        Self { slots: Mutex::new(BTreeMap::new()), removed: Notify::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.lock().len()
    }

    pub(crate) fn contains(&self, number: M::Number) -> bool {
        self.slots.lock().contains_key(&number)
    }

    pub(crate) fn awake(&self) -> Vec<(M::Number, Arc<Handle<M>>)> {
        let slots = self.slots.lock();
        slots.iter().filter_map(|(number, slot)| Some((*number, slot.get()?.clone()))).collect()
    }

    pub(crate) fn get(&self, number: M::Number) -> Option<Arc<Handle<M>>> {
        self.slots.lock().get(&number)?.get().cloned()
    }

    /// The slot in which a machine is woken, shared by all callers that ask meanwhile; `None` when there are `max` slots already.
    pub(crate) fn wake_slot(&self, number: M::Number, max: usize) -> Option<WakeSlot<'_, M>> {
        let mut slots = self.slots.lock();
        let slot = match slots.get(&number) {
            Some(slot) => slot.clone(),
            None if slots.len() >= max => return None,
            None => slots.entry(number).or_default().clone(),
        };
        Some(WakeSlot { registry: self, number, slot: Some(slot) })
    }

    pub(crate) fn remove(&self, number: M::Number) {
        self.slots.lock().remove(&number);
        self.removed.notify_waiters();
    }

    /// Waits for a machine that is removed after this call.
    pub(crate) fn one_removed(&self) -> Notified<'_> {
        self.removed.notified()
    }
}

/// A caller's reference to a slot. The last caller to drop it removes a slot that stayed empty, also when callers are
/// cancelled.
pub(crate) struct WakeSlot<'a, M: Machine> {
    registry: &'a Registry<M>,
    number: M::Number,
    slot: Option<Slot<M>>,
}

impl<M: Machine> WakeSlot<'_, M> {
    pub(crate) fn cell(&self) -> Option<&OnceCell<Arc<Handle<M>>>> {
        self.slot.as_deref()
    }
}

impl<M: Machine> Drop for WakeSlot<'_, M> {
    fn drop(&mut self) {
        let mut slots = self.registry.slots.lock();
        // Dropped under the lock, so that exactly one of several callers that leave at once finds that it is the last.
        self.slot = None;
        let is_last = |slot: &Slot<M>| slot.get().is_none() && Arc::strong_count(slot) == 1;
        if slots.get(&self.number).is_some_and(is_last) {
            slots.remove(&self.number);
        }
    }
}
