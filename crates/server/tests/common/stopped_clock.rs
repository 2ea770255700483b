//! A tokio clock that stands still, for limits that are counted against time.

use std::time::Duration;
use tokio::task::JoinHandle;

/// While this exists, time for timers and rate limits passes only by [`StoppedClock::advance`]. Needs a single-threaded runtime.
#[derive(Debug)]
pub(crate) struct StoppedClock {
    /// A paused clock jumps to the next timer when all tasks wait, so this task never waits.
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
