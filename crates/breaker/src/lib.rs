//! A circuit breaker for a service that may be away, such as a message broker.
//!
//! While the service answers, the breaker is closed and every call is permitted. When calls fail it opens: then no call is
//! permitted until a pause has passed, so that nobody waits for time-outs. After the pause one caller gets a trial. If the trial
//! succeeds the breaker closes; if it fails the breaker stays open for twice as long, up to a bound.
//!
//! What must always hold: while the breaker is not closed, at most one call is under way. A trial that is dropped without an
//! outcome, because its task ended, can be taken by another caller at once.
//!
//! The breaker calls nothing itself and writes no log: [`Outcome`] tells its user when something changed. Time is tokio's, so tests can
//! stop it.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerOptions {
    /// Failures in a row that open it; at least 1.
    pub failures: u32,
    /// The pause after it opened. It doubles with each trial that fails.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for BreakerOptions {
    /// The first failure opens it, for 1 s, later for up to 30 s.
    fn default() -> Self {
        let (first_pause, longest_pause) = (Duration::from_secs(1), Duration::from_secs(30));
        Self { failures: 1, first_pause, longest_pause }
    }
}

/// Whether calls are permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Every call is permitted.
    Closed,
    /// One call is under way, as a trial. No other is permitted.
    Trying,
    /// No call is permitted until the pause has passed.
    Open,
}

/// What a call's success or failure changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    Unchanged,
    /// The breaker opened: log that the service is away.
    Opened,
    /// The breaker closed: log that the service is back, after this long.
    Closed {
        /// The time since it opened.
        away_for: Duration,
    },
}

/// A circuit breaker. Clones share one state.
#[derive(Clone, Debug)]
pub struct Breaker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: BreakerOptions,
    condition: Mutex<Condition>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    Closed { failures: u32 },
    Open { since: Instant, trial_at: Instant, pause: Duration },
    Trying { since: Instant, pause: Duration },
}

/// The permission to make one call. Report the call's outcome with [`Permit::succeed`] or [`Permit::fail`]; a permit that is
/// dropped counts as a call that was never made.
#[derive(Debug)]
#[must_use = "report whether the call succeeded"]
pub struct Permit {
    breaker: Breaker,
    is_trial: bool,
    is_reported: bool,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(options: BreakerOptions) -> Self {
        let condition = Mutex::new(Condition::Closed { failures: 0 });
        Self { shared: Arc::new(Shared { options, condition, changed: Notify::new() }) }
    }

    /// Whether calls are permitted.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        match *self.shared.condition.lock() {
            Condition::Closed { .. } => BreakerState::Closed,
            Condition::Trying { .. } => BreakerState::Trying,
            Condition::Open { .. } => BreakerState::Open,
        }
    }

    /// How long the service has been away; `None` while the breaker is closed.
    #[must_use]
    pub fn away_for(&self) -> Option<Duration> {
        match *self.shared.condition.lock() {
            Condition::Closed { .. } => None,
            Condition::Trying { since, .. } | Condition::Open { since, .. } => Some(since.elapsed()),
        }
    }

    /// The permission for a call now; `None` while the service is away. If a trial is due, the permit is the trial.
    #[must_use]
    pub fn permit(&self) -> Option<Permit> {
        let mut condition = self.shared.condition.lock();
        let is_trial = match *condition {
            Condition::Closed { .. } => false,
            Condition::Open { since, trial_at, pause } if trial_at <= Instant::now() => {
                *condition = Condition::Trying { since, pause };
                true
            }
            Condition::Open { .. } | Condition::Trying { .. } => return None,
        };
        Some(Permit { breaker: self.clone(), is_trial, is_reported: false })
    }

    /// Waits until a call is permitted.
    pub async fn permitted(&self) -> Permit {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            if let Some(permit) = self.permit() {
                return permit;
            }
            match self.trial_at() {
                Some(trial_at) => tokio::select! {
                    () = sleep_until(trial_at) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
        }
    }

    fn trial_at(&self) -> Option<Instant> {
        match *self.shared.condition.lock() {
            Condition::Open { trial_at, .. } => Some(trial_at),
            Condition::Closed { .. } | Condition::Trying { .. } => None,
        }
    }
}

impl Permit {
    /// Whether the call is the trial of an open breaker.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// The call succeeded.
    pub fn succeed(mut self) -> Outcome {
        self.is_reported = true;
        let mut condition = self.breaker.shared.condition.lock();
        match *condition {
            Condition::Closed { .. } => {
                *condition = Condition::Closed { failures: 0 };
                Outcome::Unchanged
            }
            Condition::Trying { since, .. } if self.is_trial => {
                *condition = Condition::Closed { failures: 0 };
                self.breaker.shared.changed.notify_waiters();
                Outcome::Closed { away_for: since.elapsed() }
            }
            // The call began before the breaker opened, so it proves nothing.
            Condition::Trying { .. } | Condition::Open { .. } => Outcome::Unchanged,
        }
    }

    /// The call failed in a way that says that the service is away.
    pub fn fail(mut self) -> Outcome {
        self.is_reported = true;
        let options = self.breaker.shared.options;
        let now = Instant::now();
        let mut condition = self.breaker.shared.condition.lock();
        match *condition {
            Condition::Closed { failures } if failures.saturating_add(1) < options.failures => {
                *condition = Condition::Closed { failures: failures.saturating_add(1) };
                Outcome::Unchanged
            }
            Condition::Closed { .. } => {
                let pause = options.first_pause;
                *condition = Condition::Open { since: now, trial_at: now + pause, pause };
                Outcome::Opened
            }
            Condition::Trying { since, pause } if self.is_trial => {
                let pause = pause.saturating_mul(2).min(options.longest_pause);
                *condition = Condition::Open { since, trial_at: now + pause, pause };
                self.breaker.shared.changed.notify_waiters();
                Outcome::Unchanged
            }
            Condition::Trying { .. } | Condition::Open { .. } => Outcome::Unchanged,
        }
    }
}

impl Drop for Permit {
    /// Gives a trial without an outcome back, so that the next caller can make it.
    fn drop(&mut self) {
        if self.is_reported || !self.is_trial {
            return;
        }
        let mut condition = self.breaker.shared.condition.lock();
        if let Condition::Trying { since, pause } = *condition {
            *condition = Condition::Open { since, trial_at: Instant::now(), pause };
            self.breaker.shared.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests;
