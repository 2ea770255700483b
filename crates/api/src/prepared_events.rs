//! Public events as JSON bytes, encoded once per version.
//!
//! What must always hold: an answer is used only while nothing in it has changed through this process, and for at most one second, because
//! time changes an event's status and another process may change its row.

use crate::state::ApiState;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_edge::prepared::Prepared;
use fairseat_journal::Position;
use quick_cache::sync::Cache;

const MAX_CACHED: usize = 10_000;

const KEEP_FOR: Millis = Millis::from_seconds(1);

/// The versions of the catalogue and the sale from which an answer was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    catalogue: u64,
    sale: Position,
}

impl Version {
    /// The current version. Read it before reading the data that it describes.
    pub(crate) fn now(app: &ApiState, sale: Position) -> Self {
        Self { catalogue: app.store.catalogue_version(), sale }
    }
}

/// A cached answer.
#[derive(Clone, Debug)]
pub(crate) struct CachedEvent {
    version: Version,
    /// The last moment at which it may be used.
    until: Timestamp,
    pub(crate) prepared: Prepared,
}

impl CachedEvent {
    /// Whether it may still be used.
    pub(crate) fn holds(&self, version: Version, now: Timestamp) -> bool {
        // The clock may have been set back meanwhile.
        self.version == version && now <= self.until && self.until.since(now) <= KEEP_FOR
    }
}

/// The cached answers.
#[derive(Debug)]
pub(crate) struct PreparedEvents(Cache<EventNumber, CachedEvent>);

impl Default for PreparedEvents {
    fn default() -> Self {
        Self(Cache::new(MAX_CACHED))
    }
}

impl PreparedEvents {
    /// The cached answer for this version, unless it is too old.
    pub(crate) fn kept(&self, event: EventNumber, version: Version, now: Timestamp) -> Option<CachedEvent> {
        self.0.get(&event).filter(|kept| kept.holds(version, now))
    }

    pub(crate) fn keep(&self, event: EventNumber, version: Version, now: Timestamp, prepared: Prepared) {
        self.0.insert(event, CachedEvent { version, until: now.plus(KEEP_FOR), prepared });
    }
}
