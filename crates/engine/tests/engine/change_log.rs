//! How many changed seats are remembered.

use fairseat_domain::ids::SeatIndex;
use fairseat_domain::sale::Changes;
use fairseat_engine::{ChangeLog, SeatChangeLog};
use fairseat_journal::Position;

#[test]
fn changes_of_65_536_seats_are_remembered_and_no_more() {
    let mut log = SeatChangeLog::starting_at(Position(1));
    for (at, seats, remembered) in [(2, 40_000, true), (3, 25_536, true), (4, 1, false)] {
        let changes = Changes { seats: (0..seats).map(SeatIndex).collect(), everything: false };
        log.push(Position(at), &changes);
        assert_eq!(log.since(Position(1)).is_some(), remembered, "at {at}");
    }
}
