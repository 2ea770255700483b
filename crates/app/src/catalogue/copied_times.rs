//! The times of a copy of an event. They keep what the clocks at the venue show, also when the clocks change between the original and
//! the copy: sales that opened at 10:00 open at 10:00.

use fairseat_domain::time::Timestamp;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Moves the times of an event to its copy.
#[derive(Debug)]
pub struct CopiedTimes {
    original: Timestamp,
    copy: Timestamp,
    zone: TimeZone,
}

impl CopiedTimes {
    /// From an event that starts at `original` to a copy that starts at `copy`, on the clocks of a time zone; of UTC if the zone is
    /// unknown.
    #[must_use]
    pub fn new(original: Timestamp, copy: Timestamp, timezone: &str) -> Self {
        Self { original, copy, zone: TimeZone::get(timezone).unwrap_or(TimeZone::UTC) }
    }

    /// A time that belongs to the start, such as the end: it is as far from the start as before, by the clocks.
    #[must_use]
    pub fn with_start(&self, time: Timestamp) -> Timestamp {
        let (from, to) = (self.local(self.original), self.local(self.copy));
        self.moved(time, from.zip(to).map(|(from, to)| to.duration_since(from)))
    }

    /// A time with a time of day of its own, such as the start of sales: as many days from the start as before, at the same time of day.
    #[must_use]
    pub fn by_days(&self, time: Timestamp) -> Timestamp {
        let midnight =
            |at| self.local(at).map(|local| local.date().to_datetime(jiff::civil::Time::midnight()));
        let days = midnight(self.original).zip(midnight(self.copy));
        self.moved(time, days.map(|(from, to)| to.duration_since(from)))
    }

    /// Without a distance, or where the calendar ends, the time moves by as many milliseconds as the start.
    fn moved(&self, time: Timestamp, distance: Option<SignedDuration>) -> Timestamp {
        if time == self.original {
            return self.copy;
        }
        let local = self.local(time).zip(distance).and_then(|(local, by)| local.checked_add(by).ok());
        let moved = local.and_then(|local| self.instant(local, time));
        moved.unwrap_or_else(|| self.copy.plus(time.since(self.original)))
    }

    /// What the clocks show.
    fn local(&self, at: Timestamp) -> Option<DateTime> {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
        Some(self.zone.to_datetime(at))
    }

    /// The instant at which the clocks show this. A time that they skip is as much later as they skip. Of a time that they show twice, it
    /// is the first that is on the same side of the copy's start as `time` is of the original's.
    fn instant(&self, local: DateTime, time: Timestamp) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let offsets = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => [offset, offset],
            AmbiguousOffset::Gap { before, .. } => [before, before],
            AmbiguousOffset::Fold { before, after } => [before, after],
        };
        let instants = offsets.map(|offset| {
            let at = offset.to_timestamp(local).ok()?;
            Some(Timestamp::from_millis(at.as_millisecond()))
        });
        let side = |at: &Timestamp| at.cmp(&self.copy) == time.cmp(&self.original);
        instants.into_iter().flatten().find(side).or(instants[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let zoned: jiff::ZonedDateTime = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        Timestamp::from_millis(zoned.timestamp().as_millisecond())
    }

    /// The zone in brackets at the end.
    fn zone(text: &str) -> &str {
        text.split(['[', ']']).nth(1).unwrap_or_default()
    }

    /// The original's start and a time of it; the copy's start and that time in the copy, moved by days and with the start.
    const CASES: [(&str, &str, &str, &str, &str, &str); 12] = [
        (
            "summer time begins",
            "2026-03-20T20:00[Europe/Berlin]",
            "2026-03-01T10:00[Europe/Berlin]",
            "2026-04-10T20:00[Europe/Berlin]",
            "2026-03-22T10:00[Europe/Berlin]",
            "2026-03-22T10:00[Europe/Berlin]",
        ),
        (
            "summer time ends",
            "2026-10-20T20:00[Europe/Berlin]",
            "2026-10-20T23:30[Europe/Berlin]",
            "2026-11-10T20:00[Europe/Berlin]",
            "2026-11-10T23:30[Europe/Berlin]",
            "2026-11-10T23:30[Europe/Berlin]",
        ),
        (
            "by half an hour",
            "2026-03-20T20:00[Australia/Lord_Howe]",
            "2026-03-01T10:00[Australia/Lord_Howe]",
            "2026-04-10T20:00[Australia/Lord_Howe]",
            "2026-03-22T10:00[Australia/Lord_Howe]",
            "2026-03-22T10:00[Australia/Lord_Howe]",
        ),
        (
            "in the southern hemisphere",
            "2026-09-20T19:30[America/Santiago]",
            "2026-08-01T09:00[America/Santiago]",
            "2026-08-10T19:30[America/Santiago]",
            "2026-06-21T09:00[America/Santiago]",
            "2026-06-21T09:00[America/Santiago]",
        ),
        (
            "without summer time",
            "2026-03-20T20:00[Asia/Tokyo]",
            "2026-03-01T10:00[Asia/Tokyo]",
            "2026-04-10T20:00[Asia/Tokyo]",
            "2026-03-22T10:00[Asia/Tokyo]",
            "2026-03-22T10:00[Asia/Tokyo]",
        ),
        (
            "another time of day",
            "2026-03-20T20:00[Europe/Berlin]",
            "2026-03-01T10:00[Europe/Berlin]",
            "2026-04-10T15:00[Europe/Berlin]",
            "2026-03-22T10:00[Europe/Berlin]",
            "2026-03-22T05:00[Europe/Berlin]",
        ),
        (
            "over the night in which clocks skip an hour",
            "2026-03-20T23:00[Europe/Berlin]",
            "2026-03-21T04:00[Europe/Berlin]",
            "2026-03-28T23:00[Europe/Berlin]",
            "2026-03-29T04:00[Europe/Berlin]",
            "2026-03-29T04:00[Europe/Berlin]",
        ),
        (
            "a skipped time",
            "2026-03-20T23:00[Europe/Berlin]",
            "2026-03-21T02:30[Europe/Berlin]",
            "2026-03-28T23:00[Europe/Berlin]",
            "2026-03-29T03:30[Europe/Berlin]",
            "2026-03-29T03:30[Europe/Berlin]",
        ),
        (
            "a skipped half hour",
            "2026-10-02T23:00[Australia/Lord_Howe]",
            "2026-10-03T02:15[Australia/Lord_Howe]",
            "2026-10-03T23:00[Australia/Lord_Howe]",
            "2026-10-04T02:45[Australia/Lord_Howe]",
            "2026-10-04T02:45[Australia/Lord_Howe]",
        ),
        (
            "a time shown twice",
            "2026-10-17T23:00[Europe/Berlin]",
            "2026-10-18T02:30[Europe/Berlin]",
            "2026-10-24T23:00[Europe/Berlin]",
            "2026-10-25T02:30+02:00[Europe/Berlin]",
            "2026-10-25T02:30+02:00[Europe/Berlin]",
        ),
        (
            "after a start in the second hour of that name",
            "2026-10-18T02:15[Europe/Berlin]",
            "2026-10-18T02:45[Europe/Berlin]",
            "2026-10-25T02:15+01:00[Europe/Berlin]",
            "2026-10-25T02:45+01:00[Europe/Berlin]",
            "2026-10-25T02:45+01:00[Europe/Berlin]",
        ),
        (
            "the start itself",
            "2026-10-18T02:15[Europe/Berlin]",
            "2026-10-18T02:15[Europe/Berlin]",
            "2026-10-25T02:15+01:00[Europe/Berlin]",
            "2026-10-25T02:15+01:00[Europe/Berlin]",
            "2026-10-25T02:15+01:00[Europe/Berlin]",
        ),
    ];

    #[test]
    fn copies_keep_the_times_of_day_at_the_venue() {
        for (name, original, time, copy, by_days, with_start) in CASES {
            let times = CopiedTimes::new(at(original), at(copy), zone(original));
            assert_eq!(times.by_days(at(time)), at(by_days), "{name}, by days");
            assert_eq!(times.with_start(at(time)), at(with_start), "{name}, with the start");
        }
    }

    #[test]
    fn an_unknown_zone_is_utc_and_the_ends_of_the_calendar_are_no_obstacle() {
        let (original, copy) = (at("2026-03-20T20:00[UTC]"), at("2026-04-10T20:00[UTC]"));
        let times = CopiedTimes::new(original, copy, "Mars/Base");
        assert_eq!(times.by_days(at("2026-03-01T10:00[UTC]")), at("2026-03-22T10:00[UTC]"));
        let late = CopiedTimes::new(original, Timestamp::MAX, "Europe/Berlin");
        assert_eq!(late.with_start(at("2026-03-20T23:00[UTC]")), Timestamp::MAX);
        let early = CopiedTimes::new(original, Timestamp::EPOCH, "America/New_York");
        assert_eq!(early.by_days(at("2026-03-01T10:00[UTC]")), Timestamp::EPOCH);
    }
}
