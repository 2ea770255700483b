//! The signal that the server is about to stop.

use tokio::sync::watch;

/// Tells every long-lived task (connections, live feeds, background work) that the server is about to stop. Clones share the signal.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Shutdown {
    /// Sends the signal. Sending it twice has no further effect.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether the signal was sent.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// A receiver whose value becomes true with the signal.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }

    /// Waits for the signal.
    pub async fn begun(&self) {
        let mut signal = self.0.subscribe();
        // `self` holds a sender, so the wait ends only when the value becomes true.
        drop(signal.wait_for(|begun| *begun).await);
    }
}
