//! Publishing while the broker comes and goes: one breaker for all events.
//!
//! A broker that is away is noticed by the first call that fails. From then on nothing is tried but one check after a pause that
//! grows, so thousands of events cost neither time-outs nor log lines. What could not be published stays in the journal.

use crate::message::Message;
use crate::publisher::{PublishError, Publisher};
use fairseat_breaker::{Breaker, BreakerOptions, BreakerState, Outcome, Permit};
use parking_lot::Mutex;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Counts what the bus does.
pub trait BusObserver: Debug + Send + Sync + 'static {
    /// Messages were published.
    fn published(&self, messages: usize);

    /// A call failed: `away` or `refused`.
    fn failed(&self, reason: &'static str);
}

/// Why messages were not published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// The broker is away. Wait until the bus is [`ready`](Bus::ready).
    #[error("the broker is away")]
    Away,
    /// The broker refuses one of these messages.
    #[error("the broker refuses a message: {0}")]
    Refused(String),
}

/// Publishes messages unless the broker is away.
#[derive(Debug)]
pub struct Bus {
    publisher: Arc<dyn Publisher>,
    observer: Arc<dyn BusObserver>,
    breaker: Breaker,
    /// Whether the broker answered a check since the process started.
    is_reached: AtomicBool,
    /// Whether the breaker opened because messages could not be published. Then only messages that were published prove that the broker
    /// is back: a check does not find, for example, that too few replicas are in sync.
    must_publish: AtomicBool,
    /// The trial after a check that succeeded; the next messages are the trial.
    trial: Mutex<Option<Permit>>,
}

impl Bus {
    /// A bus over a broker.
    #[must_use]
    pub fn new(
        publisher: Arc<dyn Publisher>,
        observer: Arc<dyn BusObserver>,
        options: BreakerOptions,
    ) -> Self {
        let breaker = Breaker::new(options);
        let (is_reached, must_publish) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { publisher, observer, breaker, is_reached, must_publish, trial: Mutex::new(None) }
    }

    /// Whether the broker is there, as far as is known.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.breaker.state() == BreakerState::Closed
    }

    /// How long the broker has been away; `None` while it is there.
    #[must_use]
    pub fn away_for(&self) -> Option<Duration> {
        self.breaker.away_for()
    }

    /// Waits until messages can be published. Dropping the future gives up the check that it makes.
    pub async fn ready(&self) {
        loop {
            let permit = self.breaker.permitted().await;
            if self.is_reached.load(Ordering::Relaxed) && !permit.is_trial() {
                return;
            }
            match self.publisher.check().await {
                Ok(()) => return self.reached(permit),
                Err(error) => self.note_failure(permit, &error),
            }
        }
    }

    fn reached(&self, permit: Permit) {
        self.is_reached.store(true, Ordering::Relaxed);
        if permit.is_trial() && self.must_publish.load(Ordering::Relaxed) {
            *self.trial.lock() = Some(permit);
        } else {
            note_success(permit);
        }
    }

    /// Publishes messages, as [`Publisher::publish`].
    ///
    /// # Errors
    /// [`BusError`]; some messages may be published.
    pub async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        let trial = self.trial.lock().take();
        let Some(permit) = trial.or_else(|| self.breaker.permit()) else { return Err(BusError::Away) };
        match self.publisher.publish(messages).await {
            Ok(()) => {
                self.must_publish.store(false, Ordering::Relaxed);
                self.observer.published(messages.len());
                note_success(permit);
                Ok(())
            }
            Err(PublishError::Refused(reason)) => {
                // A broker that answers is there.
                note_success(permit);
                self.observer.failed("refused");
                Err(BusError::Refused(reason))
            }
            Err(error @ PublishError::Away(_)) => {
                self.must_publish.store(true, Ordering::Relaxed);
                self.note_failure(permit, &error);
                Err(BusError::Away)
            }
        }
    }

    fn note_failure(&self, permit: Permit, error: &PublishError) {
        self.observer.failed("away");
        if permit.fail() == Outcome::Opened {
            tracing::warn!(%error, "the message broker is away: messages wait in the journal");
        } else {
            tracing::debug!(%error, "the message broker is still away");
        }
    }
}

fn note_success(permit: Permit) {
    if let Outcome::Closed { away_for } = permit.succeed() {
        tracing::info!(
            away_s = away_for.as_secs(),
            "the message broker is back: messages that waited are published"
        );
    }
}
