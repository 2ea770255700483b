//! The answers of `GET /events/{event_id}/sections`, which are made once for each version of a sale.

use bytes::Bytes;
use fairseat_domain::ids::EventNumber;
use fairseat_journal::Position;
use quick_cache::sync::Cache;

/// The answers for the newest versions that somebody asked for.
#[derive(Debug)]
pub struct SectionAnswers(Cache<EventNumber, (Position, Bytes)>);

/// The most events whose answer is kept.
const MAX_EVENTS: usize = 500;

impl Default for SectionAnswers {
    fn default() -> Self {
        Self(Cache::new(MAX_EVENTS))
    }
}

impl SectionAnswers {
    /// The answer for a version, if it is kept.
    #[must_use]
    pub fn of(&self, event: EventNumber, version: Position) -> Option<Bytes> {
        self.0.get(&event).filter(|(of, _)| *of == version).map(|(_, json)| json)
    }

    /// Keeps an answer instead of an earlier one.
    pub fn keep(&self, event: EventNumber, version: Position, answer: Bytes) {
        self.0.insert(event, (version, answer));
    }
}
