//! Locks that let one request at a time change an event, because a change reads, merges and writes in two places.

use fairseat_domain::ids::EventNumber;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The number of locks. Events share them; waiting for the change of another event takes a few milliseconds.
const LOCKS: usize = 64;

/// The locks (see the module).
#[derive(Debug)]
pub struct EventLocks {
    locks: Vec<Arc<Mutex<()>>>,
}

impl Default for EventLocks {
    fn default() -> Self {
        Self { locks: std::iter::repeat_with(Arc::default).take(LOCKS).collect() }
    }
}

impl EventLocks {
    /// Waits until nobody else changes this event.
    pub async fn lock(&self, event: EventNumber) -> OwnedMutexGuard<()> {
        let at = usize::try_from(event.0).unwrap_or_default() % self.locks.len();
        Arc::clone(&self.locks[at]).lock_owned().await
    }
}
