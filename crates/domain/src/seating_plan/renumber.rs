//! New numbers for seats whose section, row and number another seat has: the second `A-1` becomes `A-1~2`.

use super::builder::Builder;
use super::index::SectionIndex;
use super::label::stem;
use super::parts::{LabelIndex, Parts};
use super::repair::Locator;
use super::report::Renumbering;
use crate::ids::SeatIndex;
use std::collections::{BTreeMap, BTreeSet};

/// A number, or what it begins with, in the row of a section.
type Place = (SectionIndex, LabelIndex, String);

/// Gives new numbers to all but the first seat of each duplicate label, in the order of the file. Numbers already taken in the
/// row are skipped.
pub(super) fn give_new_numbers(parts: &mut Parts, duplicates: &[Vec<SeatIndex>]) -> Vec<Renumbering> {
    if duplicates.is_empty() {
        return Vec::new();
    }
    let locator = Locator::of(parts);
    let mut taken: BTreeSet<Place> = BTreeSet::new();
    let mut last_suffix: BTreeMap<Place, u32> = BTreeMap::new();
    for (row, seats) in parts.row_objects_with_seats() {
        let numbers = seats.iter().filter_map(|index| parts.seats.get(index.position()));
        taken.extend(numbers.map(|seat| (row.section, row.label, parts.label(seat.number).to_owned())));
    }
    let mut renumbered = Vec::new();
    for index in duplicates.iter().flat_map(|seats| seats.iter().skip(1).copied()).collect::<BTreeSet<_>>() {
        let Some(seat) = parts.seats.get(index.position()) else { continue };
        let row = usize::try_from(seat.row_object).ok().and_then(|row| parts.row_objects.get(row));
        let Some(row) = row else { continue };
        let from = parts.label(seat.number).to_owned();
        let place = |number: String| (row.section, row.label, number);
        let suffix = last_suffix.entry(place(stem(&from).to_owned())).or_insert(1);
        let to = loop {
            *suffix = suffix.saturating_add(1);
            let candidate = format!("{}~{suffix}", stem(&from));
            if taken.insert(place(candidate.clone())) {
                break candidate;
            }
        };
        renumbered.push(Renumbering { from, to, location: locator.locate(parts, index) });
    }
    rewrite_labels(parts, &renumbered);
    renumbered
}

/// Collects the labels again in the order of the file, so that equal plans have equal parts.
fn rewrite_labels(parts: &mut Parts, renumbered: &[Renumbering]) {
    let new: BTreeMap<SeatIndex, &str> =
        renumbered.iter().map(|seat| (seat.location.index, &*seat.to)).collect();
    let old = std::mem::take(&mut parts.labels);
    let text = |label: LabelIndex| -> &str {
        usize::try_from(label.0).ok().and_then(|at| old.get(at)).map_or("", |label| label)
    };
    let mut builder = Builder::default();
    let mut seats = parts.order.iter();
    for row in &mut parts.row_objects {
        row.label = builder.label(text(row.label));
        row.row_label = row.row_label.map(|label| builder.label(text(label)));
        row.seat_label = row.seat_label.map(|label| builder.label(text(label)));
        for index in seats.by_ref().take(usize::try_from(row.seat_count).unwrap_or(usize::MAX)) {
            if let Some(seat) = parts.seats.get_mut(index.position()) {
                let number = new.get(index).copied().unwrap_or_else(|| text(seat.number));
                seat.number = builder.label(number);
            }
        }
    }
    parts.labels = builder.parts.labels;
}
