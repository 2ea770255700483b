//! The seats that changed lately, so that a reader of an older version gets the difference instead of all seats.

use crate::machine::ChangeLog;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::sale::Changes;
use fairseat_journal::Position;
use std::collections::{BTreeSet, VecDeque};

/// The most seats remembered, over all versions; beyond that, a full answer is no larger.
const MAX_SEATS: usize = 65_536;

/// The newest changes of one sale.
#[derive(Debug)]
pub struct SeatChangeLog {
    /// The log holds all changes after this version.
    known_after: Position,
    newest: Position,
    batches: VecDeque<(Position, Vec<SeatIndex>)>,
    seats: usize,
}

impl ChangeLog<Changes> for SeatChangeLog {
    fn starting_at(position: Position) -> Self {
        Self { known_after: position, newest: position, batches: VecDeque::new(), seats: 0 }
    }

    /// A change of plan or prices can change every seat, so the log begins again there.
    fn push(&mut self, at: Position, changes: &Changes) {
        self.newest = at;
        if changes.everything {
            *self = Self::starting_at(at);
            return;
        }
        if !changes.seats.is_empty() {
            self.seats = self.seats.saturating_add(changes.seats.len());
            self.batches.push_back((at, changes.seats.clone()));
        }
        while self.seats > MAX_SEATS
            && let Some((position, seats)) = self.batches.pop_front()
        {
            self.seats = self.seats.saturating_sub(seats.len());
            self.known_after = position;
        }
    }
}

impl SeatChangeLog {
    /// The newest version noted.
    #[must_use]
    pub fn newest(&self) -> Position {
        self.newest
    }

    /// The seats that changed after `since`, each once; `None` when `since` is before the log or after the newest version.
    #[must_use]
    pub fn since(&self, since: Position) -> Option<Vec<SeatIndex>> {
        if since < self.known_after || since > self.newest {
            return None;
        }
        let newer = self.batches.iter().rev().take_while(|(at, _)| *at > since);
        let seats: BTreeSet<SeatIndex> = newer.flat_map(|(_, seats)| seats.iter().copied()).collect();
        Some(seats.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(seats: &[u32]) -> Changes {
        Changes { seats: seats.iter().copied().map(SeatIndex).collect(), everything: false }
    }

    #[test]
    fn the_log_answers_the_seats_that_changed_after_a_version() {
        let mut log = SeatChangeLog::starting_at(Position(10));
        log.push(Position(11), &changed(&[1, 2]));
        log.push(Position(12), &changed(&[]));
        log.push(Position(13), &changed(&[2, 3]));
        let since =
            |at| log.since(Position(at)).map(|seats| seats.iter().map(|seat| seat.0).collect::<Vec<_>>());
        assert_eq!(since(9), None, "before the log began");
        assert_eq!(since(10), Some(vec![1, 2, 3]));
        assert_eq!(since(11), Some(vec![2, 3]));
        assert_eq!(since(13), Some(vec![]));
        assert_eq!(since(14), None, "a version that does not exist yet");
    }

    #[test]
    fn a_change_of_plan_or_too_many_changes_end_the_log_before_them() {
        let mut log = SeatChangeLog::starting_at(Position(1));
        log.push(Position(2), &Changes { seats: vec![], everything: true });
        assert_eq!(log.since(Position(1)), None);
        assert_eq!(log.since(Position(2)), Some(vec![]));
        let many: Vec<u32> = (0..40_000).collect();
        log.push(Position(3), &changed(&many));
        log.push(Position(4), &changed(&many));
        assert_eq!(log.since(Position(2)), None);
        assert_eq!(log.since(Position(3)).map(|seats| seats.len()), Some(40_000));
    }
}
