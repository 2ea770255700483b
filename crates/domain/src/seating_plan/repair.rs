//! Duplicate and empty guids. Without repair the plan is refused and they are listed; with repair they are replaced.
//! Duplicate labels are listed here as well; `renumber.rs` replaces them.

use super::index::SectionIndex;
use super::label::{seat_label, stem};
use super::parts::Parts;
use super::report::{Duplicate, DuplicateLabel, ImportError, Repair, SeatLocation};
use crate::ids::SeatIndex;
use std::collections::{BTreeMap, BTreeSet};

/// The most guids, and the most numbers, replaced in one file. A file with more of them has another fault, and is refused.
const MAX_REPAIRS: usize = 10_000;
/// The most duplicate guids, and the most duplicate labels, named.
const MAX_DUPLICATES: usize = 1_000;
/// The most seats named for one duplicate guid or label.
const MAX_LOCATIONS: usize = 100;

/// Whether few enough seats need a new guid or a new number.
pub(super) fn is_possible(parts: &Parts, guids: &[Vec<SeatIndex>], labels: &[Vec<SeatIndex>]) -> bool {
    let renumbered = labels.iter().map(|seats| seats.len().saturating_sub(1)).fold(0, usize::saturating_add);
    seats_to_rename(parts, guids).len() <= MAX_REPAIRS && renumbered <= MAX_REPAIRS
}

/// All seats without a guid, and all but the first seat of each duplicate guid, in the order of the file.
fn seats_to_rename(parts: &Parts, duplicates: &[Vec<SeatIndex>]) -> BTreeSet<SeatIndex> {
    let without = parts.seats.iter().enumerate().filter(|(_, seat)| seat.guid_len == 0);
    let without = without.map(|(at, _)| SeatIndex::at(at));
    duplicates.iter().flat_map(|seats| seats.iter().skip(1).copied()).chain(without).collect()
}

/// Gives new guids where needed. Duplicates of `X` become `X~2`, `X~3` and so on; an empty guid becomes section, row and
/// number. Guids already taken are skipped. Seats are renamed in the order of the file, so the result is deterministic.
pub(super) fn give_new_guids(parts: &mut Parts, duplicates: &[Vec<SeatIndex>]) -> Vec<Repair> {
    let locator = Locator::of(parts);
    let mut taken: BTreeSet<String> = parts.seats.iter().map(|seat| parts.guid(seat).to_owned()).collect();
    let mut last_suffix: BTreeMap<String, u32> = BTreeMap::new();
    let mut repairs = Vec::new();
    for index in seats_to_rename(parts, duplicates) {
        let Some(seat) = parts.seats.get(index.position()) else { continue };
        let (from, location) = (parts.guid(seat).to_owned(), locator.locate(parts, index));
        let named = [&*location.section, &*location.row, &*location.number].into_iter();
        let own_place = named.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("-");
        let stem = stem(if from.is_empty() { &own_place } else { &from });
        let suffix = last_suffix.entry(stem.to_owned()).or_insert(u32::from(!from.is_empty()));
        let to = loop {
            *suffix = suffix.saturating_add(1);
            let candidate = if *suffix == 1 { stem.to_owned() } else { format!("{stem}~{suffix}") };
            if taken.insert(candidate.clone()) {
                break candidate;
            }
        };
        repairs.push(Repair { from, to, location });
    }
    rewrite_guids(parts, &repairs);
    repairs
}

/// Writes the pool of guids again in the order of the seats, so that equal plans have equal parts.
fn rewrite_guids(parts: &mut Parts, repairs: &[Repair]) {
    let new: BTreeMap<SeatIndex, &str> =
        repairs.iter().map(|repair| (repair.location.index, &*repair.to)).collect();
    let old = std::mem::take(&mut parts.guids);
    for (at, seat) in parts.seats.iter_mut().enumerate() {
        let start = usize::try_from(seat.guid_start).unwrap_or(usize::MAX);
        let unchanged = old.get(start..start.saturating_add(usize::from(seat.guid_len))).unwrap_or_default();
        let guid = new.get(&SeatIndex::at(at)).copied().unwrap_or(unchanged);
        seat.guid_start = u32::try_from(parts.guids.len()).unwrap_or(u32::MAX);
        seat.guid_len = u16::try_from(guid.len()).unwrap_or(u16::MAX);
        parts.guids.push_str(guid);
    }
}

/// Adds the duplicates to the other problems.
pub(super) fn refuse(
    parts: &Parts,
    guids: &[Vec<SeatIndex>],
    labels: &[Vec<SeatIndex>],
    mut error: ImportError,
) -> ImportError {
    let locator = Locator::of(parts);
    let locate = |seats: &[SeatIndex]| {
        seats.iter().take(MAX_LOCATIONS).map(|index| locator.locate(parts, *index)).collect::<Vec<_>>()
    };
    error.more_duplicates = guids.len().saturating_sub(MAX_DUPLICATES);
    let duplicate = |seats: &Vec<SeatIndex>| {
        let first = seats.first().and_then(|index| parts.seats.get(index.position()));
        let guid = first.map(|seat| parts.guid(seat)).unwrap_or_default().to_owned();
        Duplicate { guid, locations: locate(seats) }
    };
    error.duplicates = guids.iter().take(MAX_DUPLICATES).map(duplicate).collect();
    error.more_duplicate_labels = labels.len().saturating_sub(MAX_DUPLICATES);
    let duplicate_label = |seats: &Vec<SeatIndex>| {
        let locations = locate(seats);
        let label = locations
            .first()
            .map(|SeatLocation { section, row, number, .. }| seat_label(section, row, number))
            .unwrap_or_default();
        DuplicateLabel { label, locations }
    };
    error.duplicate_labels = labels.iter().take(MAX_DUPLICATES).map(duplicate_label).collect();
    error
}

/// Finds the path of a seat in the file by counting, since seats, rows and zones are in the order of the file.
pub(super) struct Locator {
    /// By row object: its first seat, and its number within its zone.
    row_objects: Vec<(usize, usize)>,
}

impl Locator {
    pub(super) fn of(parts: &Parts) -> Self {
        let (mut seats, mut rows, mut section) = (0_usize, 0_usize, None);
        let row_objects = parts.row_objects.iter().map(|part| {
            rows = if section == Some(part.section) { rows.saturating_add(1) } else { 0 };
            section = Some(part.section);
            let first = seats;
            seats = seats.saturating_add(usize::try_from(part.seat_count).unwrap_or(usize::MAX));
            (first, rows)
        });
        Self { row_objects: row_objects.collect() }
    }

    pub(super) fn locate(&self, parts: &Parts, index: SeatIndex) -> SeatLocation {
        let seat = parts.seats.get(index.position());
        let at = seat.and_then(|seat| usize::try_from(seat.row_object).ok()).unwrap_or(usize::MAX);
        let (first, row) = self.row_objects.get(at).copied().unwrap_or_default();
        let part = parts.row_objects.get(at);
        let section = part.map(|part| part.section);
        let zone = section.map_or(0, SectionIndex::position);
        SeatLocation {
            path: format!("zones[{zone}].rows[{row}].seats[{}]", index.position().saturating_sub(first)),
            section: section
                .and_then(|at| parts.sections.get(at.position()))
                .map_or("", |section| &section.name)
                .to_owned(),
            row: part.map_or("", |part| parts.label(part.label)).to_owned(),
            number: seat.map_or("", |seat| parts.label(seat.number)).to_owned(),
            index,
        }
    }
}
