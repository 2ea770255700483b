//! How much memory an awake machine takes, when it was used last, and what others ask of it: that it falls asleep, or reads other writers'
//! batches.

use crate::machine::Machine;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The time of the last use is noted no more often than this. A note for each request would make all threads write to one place in memory,
/// which costs cache-line contention.
const NOTE_EVERY_MS: u64 = 1_000;

/// Shared by a machine's task and its handle.
#[derive(Debug)]
pub(crate) struct Usage {
    bytes: AtomicUsize,
    used_at_ms: AtomicU64,
    asked: Notify,
    behind: Notify,
}

impl Usage {
    pub(crate) fn of<M: Machine>(state: &M) -> Self {
        Self {
            bytes: AtomicUsize::new(state.memory_bytes()),
            used_at_ms: AtomicU64::new(0),
            asked: Notify::new(),
            behind: Notify::new(),
        }
    }

    /// An estimate of the memory that the newest version takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn measure<M: Machine>(&self, state: &M) {
        self.bytes.store(state.memory_bytes(), Ordering::Relaxed);
    }

    /// When it was used last, to a second, in milliseconds since the engine began.
    pub(crate) fn used_at_ms(&self) -> u64 {
        self.used_at_ms.load(Ordering::Relaxed)
    }

    /// Notes a use, this long after the engine began.
    pub(crate) fn note_use(&self, since_begin: Duration) {
        let now = u64::try_from(since_begin.as_millis()).unwrap_or(u64::MAX);
        if now.saturating_sub(self.used_at_ms()) >= NOTE_EVERY_MS {
            self.used_at_ms.store(now, Ordering::Relaxed);
        }
    }

    /// Asks the machine to fall asleep soon, to make room for others.
    pub(crate) fn ask_to_sleep(&self) {
        self.asked.notify_one();
    }

    /// Waits until it is asked to fall asleep.
    pub(crate) async fn asked_to_sleep(&self) {
        self.asked.notified().await;
    }

    /// Tells the machine that other writers may have appended to its stream.
    pub(crate) fn note_other_writers(&self) {
        self.behind.notify_one();
    }

    /// Waits until other writers may have appended to the machine's stream.
    pub(crate) async fn noted_other_writers(&self) {
        self.behind.notified().await;
    }
}
