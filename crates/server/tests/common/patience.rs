//! Bounded waiting: no test waits for ever, and one that gave up says what it waited for.
//!
//! The bound is measured by the real clock, because many tests stop or turn tokio's. It is far longer than any wait takes, so no
//! test depends on how fast the machine is.

use super::command::PATIENCE;
use std::sync::mpsc::{RecvTimeoutError, channel};

/// The result of `work`; the test fails with `awaited` when it takes longer than two minutes.
pub(crate) async fn within_patience<T>(awaited: &str, work: impl Future<Output = T>) -> T {
    let (ring, alarm) = tokio::sync::oneshot::channel();
    let (_finished, patience) = channel::<()>();
    // A thread of its own, because a runtime whose clock stands still has no timers.
    std::thread::spawn(move || {
        if patience.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            // The test may have ended in this moment.
            let _test_has_ended = ring.send(());
        }
    });
    tokio::select! {
        biased;
        result = work => result,
        Ok(()) = alarm => panic!("waited two minutes: {awaited}"),
    }
}

/// Lets other tasks run until `holds` answers true; the test fails with `awaited` when that takes longer than two minutes.
pub(crate) async fn until(awaited: &str, holds: impl AsyncFn() -> bool) {
    within_patience(awaited, async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
