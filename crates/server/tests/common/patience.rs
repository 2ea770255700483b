//! Bounded waiting: no test waits for ever, and a test that times out says what it waited for.
//!
//! The real clock measures the limit, because many tests stop or advance tokio's. The limit is far longer than any wait, so no test depends
//! on the speed of the machine.

use super::command::PATIENCE;
use std::sync::mpsc::{RecvTimeoutError, channel};

/// The result of `work`; fails with `awaited` after two minutes.
pub(crate) async fn within_patience<T>(awaited: &str, work: impl Future<Output = T>) -> T {
    let (ring, alarm) = tokio::sync::oneshot::channel();
    let (_finished, patience) = channel::<()>();
    // A thread of its own, because a runtime with a paused clock has no timers.
    std::thread::spawn(move || {
        if patience.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            // The test may have ended at this moment.
            let _test_has_ended = ring.send(());
        }
    });
    tokio::select! {
        biased;
        result = work => result,
        Ok(()) = alarm => panic!("waited two minutes: {awaited}"),
    }
}

/// Lets other tasks run until `holds` returns true; fails with `awaited` after two minutes.
pub(crate) async fn until(awaited: &str, holds: impl AsyncFn() -> bool) {
    within_patience(awaited, async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
