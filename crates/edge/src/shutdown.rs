//! The signal that the server is about to stop, and the notice that it soon will be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Tells every long-lived task (connections, live feeds, background work) that the server is about to stop. Clones share the signal.
///
/// Before the signal the server may drain: it answers everything as before, but says that it is not ready and closes each connection with its
/// next answer, so that load balancers and clients turn to other servers in time.
#[derive(Clone, Debug)]
pub struct Shutdown {
    signal: watch::Sender<bool>,
    drains: Arc<AtomicBool>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { signal: watch::Sender::new(false), drains: Arc::default() }
    }
}

impl Shutdown {
    /// Begins to drain.
    pub fn drain(&self) {
        self.drains.store(true, Ordering::Relaxed);
    }

    /// Whether the server drains or is about to stop.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.drains.load(Ordering::Relaxed) || self.has_begun()
    }

    /// Sends the signal. Sending it twice has no further effect.
    pub fn begin(&self) {
        self.signal.send_replace(true);
    }

    /// Whether the signal was sent.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.signal.borrow()
    }

    /// A receiver whose value becomes true with the signal.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<bool> {
        self.signal.subscribe()
    }

    /// Waits for the signal.
    pub async fn begun(&self) {
        let mut signal = self.signal.subscribe();
        // `self` holds a sender, so the wait ends only when the value becomes true.
        drop(signal.wait_for(|begun| *begun).await);
    }
}
