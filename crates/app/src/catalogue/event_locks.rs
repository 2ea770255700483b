//! One organizer's change of an event at a time: a change reads what is there, merges, and writes in two places.

use fairseat_domain::ids::EventNumber;
use tokio::sync::{Mutex, MutexGuard};

/// Events share this many locks; a wait for another event's change is a few milliseconds.
const LOCKS: usize = 64;

/// See the module.
#[derive(Debug)]
pub struct EventLocks {
    locks: Vec<Mutex<()>>,
}

impl Default for EventLocks {
    fn default() -> Self {
        Self { locks: std::iter::repeat_with(Mutex::default).take(LOCKS).collect() }
    }
}

impl EventLocks {
    /// Waits until nobody else changes this event.
    pub async fn lock(&self, event: EventNumber) -> MutexGuard<'_, ()> {
        let at = usize::try_from(event.0).unwrap_or_default() % self.locks.len();
        self.locks[at].lock().await
    }
}
