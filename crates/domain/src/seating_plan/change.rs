//! Changing a plan after sales began, without losing or renaming a seat.
//!
//! The result is the next plan except for its indexes: a guid of the old plan keeps its index, and a new guid gets the next
//! free index. A seat that the next plan does not have keeps its index too, as removed, in a row with its old label in the
//! section with its old name.

use super::builder::{Builder, NewSeat};
use super::index::SectionIndex;
use super::parts::{Parts, RowObject, SeatPart};
use crate::ids::SeatIndex;
use crate::planted_bugs::{Bug, planted};
use std::collections::BTreeMap;

/// Where the seat with an index is copied from.
#[derive(Clone, Copy)]
enum Source {
    /// From the seat with this index in the next plan.
    Next(SeatIndex),
    /// From the old plan, as removed: the next plan does not have it.
    Old,
}

/// The parts of `old` changed to `next`.
pub(super) fn merge(old: &Parts, next: &Parts) -> Parts {
    let (sources, new_indexes) = find_sources(old, next);
    let mut builder = Builder::default();
    copy_all_but_seats(&mut builder, next);
    add_rows_of_next(&mut builder, next, &new_indexes);
    add_rows_of_removed(&mut builder, old, &sources);
    let row_objects = row_object_of_each(&builder.parts, sources.len());
    for ((at, source), row_object) in sources.iter().enumerate().zip(row_objects) {
        let (parts, index, removed) = match source {
            Source::Next(index) => (next, *index, false),
            Source::Old => (old, SeatIndex::at(at), true),
        };
        if let Some(seat) = parts.seats.get(index.position()) {
            copy_seat(&mut builder, parts, seat, index, removed, row_object);
        }
    }
    builder.parts
}

/// The source of the seat with each new index, and the new index of each seat of the next plan.
fn find_sources(old: &Parts, next: &Parts) -> (Vec<Source>, Vec<SeatIndex>) {
    let known: BTreeMap<&str, SeatIndex> =
        old.seats.iter().enumerate().map(|(at, seat)| (old.guid(seat), SeatIndex::at(at))).collect();
    let mut sources = vec![Source::Old; old.seats.len()];
    let mut new_indexes = vec![SeatIndex(0); next.seats.len()];
    let reused = |seat: &SeatPart| seat.removed && planted(Bug::ReuseSeatIndex);
    let mut reusable = old.seats.iter().enumerate().filter(|(_, seat)| reused(seat)).map(|(at, _)| at);
    for index in next.order.iter().filter(|index| is_live(next, **index)) {
        let guid = next.seats.get(index.position()).map(|seat| next.guid(seat)).unwrap_or_default();
        let kept = known.get(guid).copied();
        let kept = kept.unwrap_or_else(|| SeatIndex::at(reusable.next().unwrap_or(sources.len())));
        match sources.get_mut(kept.position()) {
            Some(source) => *source = Source::Next(*index),
            None => sources.push(Source::Next(*index)),
        }
        if let Some(new_index) = new_indexes.get_mut(index.position()) {
            *new_index = kept;
        }
    }
    (sources, new_indexes)
}

fn is_live(parts: &Parts, index: SeatIndex) -> bool {
    parts.seats.get(index.position()).is_some_and(|seat| !seat.removed)
}

/// Name, size, categories, sections, decorations and focus are the next plan's.
fn copy_all_but_seats(builder: &mut Builder, next: &Parts) {
    builder.parts.name = next.name.clone();
    builder.parts.size = next.size;
    builder.parts.decorations = next.decorations.clone();
    builder.parts.focus = next.focus;
    for category in &next.categories {
        builder.category(&category.name, category.color.as_deref());
    }
    for section in &next.sections {
        builder.section(section.clone());
    }
}

fn add_rows_of_next(builder: &mut Builder, next: &Parts, new_indexes: &[SeatIndex]) {
    for (part, seats) in next.row_objects_with_seats() {
        let live = seats.iter().filter(|index| is_live(next, **index));
        let live: Vec<SeatIndex> =
            live.filter_map(|index| new_indexes.get(index.position()).copied()).collect();
        if live.len() == seats.len() || !live.is_empty() {
            copy_row_object(builder, next, part, part.section, &live);
        }
    }
}

fn add_rows_of_removed(builder: &mut Builder, old: &Parts, sources: &[Source]) {
    for (part, seats) in old.row_objects_with_seats() {
        let is_removed = |index: &&SeatIndex| matches!(sources.get(index.position()), Some(Source::Old));
        let removed: Vec<SeatIndex> = seats.iter().filter(is_removed).copied().collect();
        let Some(section) = old.sections.get(part.section.position()).filter(|_| !removed.is_empty()) else {
            continue;
        };
        let known = builder.parts.sections.iter().position(|known| known.name == section.name);
        let section = known.map_or_else(|| builder.section(section.clone()), SectionIndex::at);
        copy_row_object(builder, old, part, section, &removed);
    }
}

fn copy_row_object(
    builder: &mut Builder,
    from: &Parts,
    part: &RowObject,
    section: SectionIndex,
    seats: &[SeatIndex],
) {
    let row_object = RowObject {
        section,
        label: builder.label(from.label(part.label)),
        row_label: part.row_label.map(|label| builder.label(from.label(label))),
        seat_label: part.seat_label.map(|label| builder.label(from.label(label))),
        seat_count: u32::try_from(seats.len()).unwrap_or(u32::MAX),
        ..*part
    };
    builder.row_object(row_object);
    builder.parts.order.extend_from_slice(seats);
}

fn row_object_of_each(parts: &Parts, count: usize) -> Vec<usize> {
    let mut row_objects = vec![0; count];
    for (at, (_, seats)) in parts.row_objects_with_seats().enumerate() {
        for index in seats {
            if let Some(row_object) = row_objects.get_mut(index.position()) {
                *row_object = at;
            }
        }
    }
    row_objects
}

/// Copies a seat. A removed seat loses its category when the next plan does not have that category.
fn copy_seat(
    builder: &mut Builder,
    from: &Parts,
    seat: &SeatPart,
    index: SeatIndex,
    removed: bool,
    row_object: usize,
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
        start_direction: from.start_directions.get(&index).copied(),
    };
    builder.seat_without_order(&copy, row_object);
}
