//! Requests that the limits on hoarding refused, for the organizer to see.
//!
//! A refusal is not a fact of the sale, so it is counted here, in memory: a restart forgets it, and each server counts its own.

use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::{Millis, Timestamp};
use quick_cache::sync::Cache;

/// How long refusals are shown.
const SHOWN_FOR: Millis = Millis::from_seconds(24 * 3_600);

/// Events, times limits, whose refusals are counted; the one that was not asked about for the longest time is forgotten first.
const MAX_EVENTS: usize = 10_000;

/// Which limit refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoardingLimit {
    /// Seats held from one network.
    Network,
    /// Tickets that are paid with one payment instrument.
    Instrument,
}

/// The refusals of one event by one limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How many, since the first after a day without any.
    pub count: u64,
    /// The last one.
    pub last: Option<Timestamp>,
}

/// The refusals of all events.
#[derive(Debug)]
pub struct HoldRefusals(Cache<(EventNumber, HoardingLimit), Refused>);

impl Default for HoldRefusals {
    fn default() -> Self {
        Self(Cache::new(MAX_EVENTS))
    }
}

impl HoldRefusals {
    /// Counts a refusal. Of two at the very same moment, one may be missed.
    pub fn note(&self, event: EventNumber, limit: HoardingLimit, now: Timestamp) {
        let known = self.of(event, limit, now);
        self.0.insert((event, limit), Refused { count: known.count.saturating_add(1), last: Some(now) });
    }

    /// The refusals of an event by a limit; none if the last one is older than a day.
    #[must_use]
    pub fn of(&self, event: EventNumber, limit: HoardingLimit, now: Timestamp) -> Refused {
        let known = self.0.get(&(event, limit)).unwrap_or_default();
        if known.last.is_some_and(|last| now.since(last) < SHOWN_FOR) { known } else { Refused::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_until_a_day_passes_without_any() {
        let (refusals, event, network) = (HoldRefusals::default(), EventNumber(1), HoardingLimit::Network);
        let at = |hours: i64| Timestamp::from_millis(1_000_000).plus(Millis::from_seconds(hours * 3_600));
        refusals.note(event, network, at(0));
        refusals.note(event, network, at(23));
        assert_eq!(refusals.of(event, network, at(46)), Refused { count: 2, last: Some(at(23)) });
        assert_eq!(refusals.of(event, HoardingLimit::Instrument, at(46)), Refused::default());
        assert_eq!(refusals.of(EventNumber(2), network, at(46)), Refused::default());
        assert_eq!(refusals.of(event, network, at(47)), Refused::default());
        refusals.note(event, network, at(50));
        assert_eq!(refusals.of(event, network, at(50)).count, 1);
    }
}
