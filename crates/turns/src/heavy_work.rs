//! Work that takes much time or memory: a few tasks at once, on blocking threads, and callers take turns (see `turns`).
//!
//! A blocking thread goes on when the request that wanted its result is given up. So the thread holds the turn: otherwise a client that
//! asks and leaves, again and again, would have more and more of it done at the same time.

use crate::turns::{Lane, TurnKeys, Turns};

/// One kind of such work.
#[derive(Clone, Debug)]
pub struct HeavyWork(Turns);

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum HeavyWorkError {
    /// Too much is waiting, in all or from this address; nothing was done.
    #[error("too much work of this kind is waiting")]
    Busy,
    /// The work failed, which is a bug.
    #[error("heavy work failed: {0}")]
    Failed(String),
}

impl HeavyWork {
    /// `at_once` tasks at the same time; `max_waiting` more wait, `max_waiting_of_address` of them for the same address.
    #[must_use]
    pub fn new(at_once: usize, max_waiting: usize, max_waiting_of_address: usize) -> Self {
        Self(Turns::new(at_once, max_waiting, max_waiting_of_address))
    }

    /// Waits for a turn and does `work` on a blocking thread.
    ///
    /// # Errors
    /// [`HeavyWorkError`].
    pub async fn run<T: Send + 'static>(
        &self,
        keys: TurnKeys,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HeavyWorkError> {
        self.run_in(Lane::Usual, keys, work).await
    }

    /// As [`Self::run`], but before all who wait there: for callers who have shown who they are.
    ///
    /// # Errors
    /// [`HeavyWorkError`].
    pub async fn run_first<T: Send + 'static>(
        &self,
        keys: TurnKeys,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HeavyWorkError> {
        self.run_in(Lane::Proven, keys, work).await
    }

    async fn run_in<T: Send + 'static>(
        &self,
        lane: Lane,
        keys: TurnKeys,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HeavyWorkError> {
        let turn = self.0.take(lane, keys).await.ok_or(HeavyWorkError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|failed| HeavyWorkError::Failed(failed.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_turn() {
        let heavy = HeavyWork::new(1, 1, 1);
        let (begun, begins) = channel();
        let (release, released) = channel::<()>();
        let mut given_up = heavy
            .run([1, 1], move || {
                begun.send(()).unwrap();
                released.recv().unwrap();
            })
            .boxed();
        assert!(futures::poll!(&mut given_up).is_pending());
        begins.recv().unwrap();
        drop(given_up);
        let mut next = heavy.run([2, 2], || 2).boxed();
        assert!(futures::poll!(&mut next).is_pending(), "the thread has the only turn");
        assert!(matches!(heavy.run([3, 3], || 3).await, Err(HeavyWorkError::Busy)));
        release.send(()).unwrap();
        assert_eq!(next.await.unwrap(), 2);
    }
}
