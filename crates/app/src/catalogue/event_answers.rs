//! Answers about public events, made once per version.
//!
//! What must always hold: an answer is used only while nothing in it has changed through this process, and for at most one second, because
//! time changes an event's status and another process may change its row.

use crate::app::App;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_journal::Position;
use quick_cache::sync::Cache;

const MAX_CACHED: usize = 10_000;

const KEEP_FOR: Millis = Millis::from_seconds(1);

/// The versions of the catalogue and the sale from which an answer was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    catalogue: u64,
    sale: Position,
}

impl Version {
    /// The current version. Read it before reading the data that it describes.
    #[must_use]
    pub fn now(app: &App, sale: Position) -> Self {
        Self { catalogue: app.store.catalogue_version(), sale }
    }
}

/// A cached answer.
#[derive(Clone, Debug)]
pub struct CachedAnswer<A> {
    version: Version,
    /// The last moment at which it may be used.
    until: Timestamp,
    /// The answer.
    pub answer: A,
}

impl<A> CachedAnswer<A> {
    /// Whether it may still be used.
    #[must_use]
    pub fn holds(&self, version: Version, now: Timestamp) -> bool {
        // The clock may have been set back meanwhile.
        self.version == version && now <= self.until && self.until.since(now) <= KEEP_FOR
    }
}

/// The cached answers.
#[derive(Debug)]
pub struct EventAnswers<A>(Cache<EventNumber, CachedAnswer<A>>);

impl<A: Clone> Default for EventAnswers<A> {
    fn default() -> Self {
        Self(Cache::new(MAX_CACHED))
    }
}

impl<A: Clone> EventAnswers<A> {
    /// The cached answer for this version, unless it is too old.
    #[must_use]
    pub fn kept(&self, event: EventNumber, version: Version, now: Timestamp) -> Option<CachedAnswer<A>> {
        self.0.get(&event).filter(|kept| kept.holds(version, now))
    }

    /// Keeps an answer for this version.
    pub fn keep(&self, event: EventNumber, version: Version, now: Timestamp, answer: A) {
        self.0.insert(event, CachedAnswer { version, until: now.plus(KEEP_FOR), answer });
    }
}
