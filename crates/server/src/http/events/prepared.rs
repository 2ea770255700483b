//! Public events as bytes, made once for each version of what they show.
//!
//! What must always hold: an answer is given out only while nothing it was made from has changed through this process, and for a second at
//! most, since time changes an event's status and another process may change its row.

use crate::app::App;
use crate::http::cache::Prepared;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::Published;
use fairseat_journal::Position;
use quick_cache::sync::Cache;

const KEPT: usize = 10_000;
const KEEP_FOR: Millis = Millis::from_seconds(1);

/// What an answer was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    catalogue: u64,
    sale: Position,
}

impl Version {
    /// As it is now; take it before reading what it stands for.
    pub(super) fn now(app: &App, published: &Published) -> Self {
        Self { catalogue: app.platform.store.catalogue_version(), sale: published.position }
    }
}

#[derive(Clone, Debug)]
struct Kept {
    version: Version,
    /// The last moment it may be given out.
    until: Timestamp,
    prepared: Prepared,
}

/// See the module.
#[derive(Debug)]
pub struct PreparedEvents(Cache<EventNumber, Kept>);

impl Default for PreparedEvents {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl PreparedEvents {
    /// The answer of this version, unless it is too old.
    pub(super) fn get(&self, event: EventNumber, version: Version, now: Timestamp) -> Option<Prepared> {
        let kept = self.0.get(&event)?;
        // The clock may have been set back meanwhile.
        let is_young = now <= kept.until && kept.until.since(now) <= KEEP_FOR;
        (kept.version == version && is_young).then_some(kept.prepared)
    }

    pub(super) fn keep(&self, event: EventNumber, version: Version, now: Timestamp, prepared: Prepared) {
        self.0.insert(event, Kept { version, until: now.plus(KEEP_FOR), prepared });
    }
}
