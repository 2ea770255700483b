//! The messages of one entry.

use super::bodies::Bodies;
use crate::ids::PublicIds;
use fairseat_bus::data::{SeatData, SeatsData};
use fairseat_bus::{Body, Message, Place, Time};
use fairseat_domain::Sale;
use fairseat_domain::entry::Entry;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::sale::{Changes, SeatState};
use fairseat_journal::Position;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The messages of an entry: first those of its facts, then the seats that have another status after it.
pub(super) fn messages_of(
    ids: &PublicIds,
    (position, entry_place): (Position, usize),
    entry: &Entry,
    (before, after): (&Sale, &Sale),
    changes: &Changes,
) -> Result<Vec<Message>, serde_json::Error> {
    let event = ids.event(after.event());
    let at = Time(entry.at.as_millis());
    let place = |index| Place { event, position: position.0, entry: entry_place, index, at };
    let bodies = Bodies { ids, event, before, after };
    let mut messages = Vec::new();
    for (index, fact) in entry.facts.iter().enumerate() {
        for body in bodies.of(fact) {
            messages.push(Message::new(&place(index), &body)?);
        }
    }
    let seats = changed_seats(ids, before, after, changes);
    for (index, part) in seats.chunks(SeatsData::MAX_SEATS).enumerate() {
        messages.push(Message::new(&place(index), &seats_body(event, part))?);
    }
    Ok(messages)
}

fn seats_body(event_id: Uuid, seats: &[SeatData]) -> Body {
    Body::SeatsChanged(SeatsData { event_id, seats: seats.to_vec() })
}

/// The seats with another status than before, in the order of the plan. Seats that are new had none.
fn changed_seats(ids: &PublicIds, before: &Sale, after: &Sale, changes: &Changes) -> Vec<SeatData> {
    let changed = |seat: SeatIndex| {
        let status = status_of(after.seat(seat)?);
        let is_other = before.seat(seat).map(status_of) != Some(status);
        is_other.then(|| SeatData { seat_id: ids.seat(after.event(), seat), status })
    };
    if changes.everything {
        return (0..after.plan().seat_count()).map(SeatIndex::at).filter_map(changed).collect();
    }
    let touched: BTreeSet<SeatIndex> = changes.seats.iter().copied().collect();
    touched.into_iter().filter_map(changed).collect()
}

const fn status_of(state: SeatState) -> &'static str {
    match state {
        SeatState::Available => "available",
        SeatState::Reserved(_) => "reserved",
        SeatState::Sold(_) => "sold",
        SeatState::Blocked(_) => "blocked",
    }
}
