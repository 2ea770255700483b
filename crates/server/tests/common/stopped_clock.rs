//! A tokio clock that stands still, for limits that are counted against time.

use std::time::Duration;
use tokio::task::JoinHandle;

/// As long as this exists, no time passes for timers and rate limits except by [`StoppedClock::advance`]. Needs a runtime of
/// one thread.
#[derive(Debug)]
pub(crate) struct StoppedClock {
    /// A paused clock jumps to the next timer whenever every task waits, so one task never does.
    busy: JoinHandle<()>,
}

impl StoppedClock {
    pub(crate) fn stop() -> Self {
        tokio::time::pause();
        let busy = tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        Self { busy }
    }

    /// Lets this much time pass at once.
    pub(crate) async fn advance(&self, time: Duration) {
        tokio::time::advance(time).await;
    }
}

impl Drop for StoppedClock {
    fn drop(&mut self) {
        self.busy.abort();
        tokio::time::resume();
    }
}
