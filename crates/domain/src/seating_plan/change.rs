//! Changing a plan after sales began, without losing or renaming a seat.
//!
//! The result is the next plan in everything but its indexes: a guid known before keeps its index, a new one gets the next
//! free index, and a seat that is gone keeps its own, in a row of its old label in the section of its old name.

use super::builder::{Builder, NewSeat};
use super::index::SectionIndex;
use super::parts::{Parts, RowPart, SeatPart};
use crate::ids::SeatIndex;
use crate::planted::{Bug, planted};
use std::collections::BTreeMap;

/// What becomes of an index.
#[derive(Clone, Copy)]
enum Fate {
    /// The seat of this index in the next plan.
    Lives(SeatIndex),
    /// It is gone; the old plan knows what it was.
    Gone,
}

/// The parts of `old` changed to `next`.
pub(super) fn merge(old: &Parts, next: &Parts) -> Parts {
    let (fates, now) = decide_fates(old, next);
    let mut builder = Builder::default();
    copy_frame(&mut builder, next);
    place_living(&mut builder, next, &now);
    place_gone(&mut builder, old, &fates);
    let row_parts = row_part_of_each(&builder.parts, fates.len());
    for ((at, fate), row_part) in fates.iter().enumerate().zip(row_parts) {
        let (parts, index, removed) = match fate {
            Fate::Lives(index) => (next, *index, false),
            Fate::Gone => (old, SeatIndex::at(at), true),
        };
        if let Some(seat) = parts.seats.get(index.position()) {
            copy_seat(&mut builder, parts, seat, index, removed, row_part);
        }
    }
    builder.parts
}

/// By index from now on: its fate. By index in the next plan: the index from now on.
fn decide_fates(old: &Parts, next: &Parts) -> (Vec<Fate>, Vec<SeatIndex>) {
    let known: BTreeMap<&str, SeatIndex> =
        old.seats.iter().enumerate().map(|(at, seat)| (old.guid(seat), SeatIndex::at(at))).collect();
    let mut fates = vec![Fate::Gone; old.seats.len()];
    let mut now = vec![SeatIndex(0); next.seats.len()];
    let reused = |seat: &SeatPart| seat.removed && planted(Bug::ReuseSeatIndex);
    let mut spare = old.seats.iter().enumerate().filter(|(_, seat)| reused(seat)).map(|(at, _)| at);
    for index in next.order.iter().filter(|index| is_live(next, **index)) {
        let guid = next.seats.get(index.position()).map(|seat| next.guid(seat)).unwrap_or_default();
        let kept = known.get(guid).copied();
        let kept = kept.unwrap_or_else(|| SeatIndex::at(spare.next().unwrap_or(fates.len())));
        match fates.get_mut(kept.position()) {
            Some(fate) => *fate = Fate::Lives(*index),
            None => fates.push(Fate::Lives(*index)),
        }
        if let Some(now) = now.get_mut(index.position()) {
            *now = kept;
        }
    }
    (fates, now)
}

fn is_live(parts: &Parts, index: SeatIndex) -> bool {
    parts.seats.get(index.position()).is_some_and(|seat| !seat.removed)
}

/// Name, size, categories, sections and decorations are the next plan's.
fn copy_frame(builder: &mut Builder, next: &Parts) {
    builder.parts.name = next.name.clone();
    builder.parts.size = next.size;
    builder.parts.decorations = next.decorations.clone();
    for category in &next.categories {
        builder.category(&category.name, category.color.as_deref());
    }
    for section in &next.sections {
        builder.section(section.clone());
    }
}

fn place_living(builder: &mut Builder, next: &Parts, now: &[SeatIndex]) {
    for (part, seats) in next.row_parts_with_seats() {
        let live = seats.iter().filter(|index| is_live(next, **index));
        let live: Vec<SeatIndex> = live.filter_map(|index| now.get(index.position()).copied()).collect();
        if live.len() == seats.len() || !live.is_empty() {
            copy_row_part(builder, next, part, part.section, &live);
        }
    }
}

fn place_gone(builder: &mut Builder, old: &Parts, fates: &[Fate]) {
    for (part, seats) in old.row_parts_with_seats() {
        let is_gone = |index: &&SeatIndex| matches!(fates.get(index.position()), Some(Fate::Gone));
        let gone: Vec<SeatIndex> = seats.iter().filter(is_gone).copied().collect();
        let Some(section) = old.sections.get(part.section.position()).filter(|_| !gone.is_empty()) else {
            continue;
        };
        let same = builder.parts.sections.iter().position(|known| known.name == section.name);
        let section = same.map_or_else(|| builder.section(section.clone()), SectionIndex::at);
        copy_row_part(builder, old, part, section, &gone);
    }
}

fn copy_row_part(
    builder: &mut Builder,
    from: &Parts,
    part: &RowPart,
    section: SectionIndex,
    seats: &[SeatIndex],
) {
    let row_part = RowPart {
        section,
        label: builder.label(from.label(part.label)),
        row_label: part.row_label.map(|label| builder.label(from.label(label))),
        seat_label: part.seat_label.map(|label| builder.label(from.label(label))),
        seat_count: u32::try_from(seats.len()).unwrap_or(u32::MAX),
        ..*part
    };
    builder.row_part(row_part);
    builder.parts.order.extend_from_slice(seats);
}

fn row_part_of_each(parts: &Parts, count: usize) -> Vec<usize> {
    let mut row_parts = vec![0; count];
    for (at, (_, seats)) in parts.row_parts_with_seats().enumerate() {
        for index in seats {
            if let Some(row_part) = row_parts.get_mut(index.position()) {
                *row_part = at;
            }
        }
    }
    row_parts
}

/// A category the next plan does not have is lost with the seats that had it.
fn copy_seat(
    builder: &mut Builder,
    from: &Parts,
    seat: &SeatPart,
    index: SeatIndex,
    removed: bool,
    row_part: usize,
) {
    let category = from.categories.get(usize::from(seat.category));
    let copy = NewSeat {
        guid: from.guid(seat),
        number: from.label(seat.number),
        position: seat.position,
        category: category.and_then(|category| builder.known_category(&category.name)),
        radius: seat.radius,
        accessible: seat.accessible,
        removed,
        uuid: from.uuids.get(index.position()).copied().filter(|uuid| *uuid != 0),
    };
    builder.seat_without_place(&copy, row_part);
}
