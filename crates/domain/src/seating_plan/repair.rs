//! Guids that several seats have: named when refused, given anew when repaired.

use super::index::SectionIndex;
use super::parts::Parts;
use super::report::{Duplicate, ImportError, Repair, SeatLocation};
use crate::ids::SeatIndex;
use std::collections::{BTreeMap, BTreeSet};

/// Seats renumbered in one file; a file with more to renumber has another fault, and is refused.
const MAX_REPAIRS: usize = 10_000;
/// Duplicates named.
const MAX_DUPLICATES: usize = 1_000;
/// Seats named for one duplicate.
const MAX_LOCATIONS: usize = 100;

/// Whether there are few enough to renumber.
pub(super) fn is_possible(duplicates: &[Vec<SeatIndex>]) -> bool {
    let seats = duplicates.iter().map(|seats| seats.len().saturating_sub(1)).fold(0, usize::saturating_add);
    seats <= MAX_REPAIRS
}

/// Gives every seat but the first of each guid a new one: `X~2`, `X~3` and so on, passing over names already taken. Seats
/// are renumbered in the order of the file, so that the same file always gets the same names.
pub(super) fn renumber(parts: &mut Parts, duplicates: &[Vec<SeatIndex>]) -> Vec<Repair> {
    let mut to_renumber: Vec<SeatIndex> =
        duplicates.iter().flat_map(|seats| seats.iter().skip(1).copied()).collect();
    to_renumber.sort_unstable();
    let locator = Locator::of(parts);
    let mut taken: BTreeSet<String> = parts.seats.iter().map(|seat| parts.guid(seat).to_owned()).collect();
    let mut last: BTreeMap<&str, u32> = BTreeMap::new();
    let mut repairs = Vec::new();
    for index in to_renumber {
        let Some(seat) = parts.seats.get(index.position()) else { continue };
        let from = parts.guid(seat);
        let counter = last.entry(from).or_insert(1);
        let to = loop {
            *counter = counter.saturating_add(1);
            let candidate = format!("{from}~{counter}");
            if taken.insert(candidate.clone()) {
                break candidate;
            }
        };
        repairs.push(Repair { from: from.to_owned(), to, location: locator.locate(parts, index) });
    }
    rewrite_guids(parts, &repairs);
    repairs
}

/// Writes all guids anew, so that equal plans have equal parts.
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

/// Adds the duplicates to what else is wrong.
pub(super) fn refuse(parts: &Parts, duplicates: &[Vec<SeatIndex>], mut error: ImportError) -> ImportError {
    let locator = Locator::of(parts);
    error.more_duplicates = duplicates.len().saturating_sub(MAX_DUPLICATES);
    error.duplicates = duplicates
        .iter()
        .take(MAX_DUPLICATES)
        .map(|seats| {
            let first = seats.first().and_then(|index| parts.seats.get(index.position()));
            Duplicate {
                guid: first.map(|seat| parts.guid(seat)).unwrap_or_default().to_owned(),
                locations: seats
                    .iter()
                    .take(MAX_LOCATIONS)
                    .map(|index| locator.locate(parts, *index))
                    .collect(),
            }
        })
        .collect();
    error
}

/// Finds a seat's place in the file again. Seats, rows and zones come in the file's order, so counting is enough.
struct Locator {
    /// By row part: its first seat, and its number within its zone.
    row_parts: Vec<(usize, usize)>,
}

impl Locator {
    fn of(parts: &Parts) -> Self {
        let (mut seats, mut rows, mut section) = (0_usize, 0_usize, None);
        let row_parts = parts.row_parts.iter().map(|part| {
            rows = if section == Some(part.section) { rows.saturating_add(1) } else { 0 };
            section = Some(part.section);
            let first = seats;
            seats = seats.saturating_add(usize::try_from(part.seat_count).unwrap_or(usize::MAX));
            (first, rows)
        });
        Self { row_parts: row_parts.collect() }
    }

    fn locate(&self, parts: &Parts, index: SeatIndex) -> SeatLocation {
        let seat = parts.seats.get(index.position());
        let at = seat.and_then(|seat| usize::try_from(seat.row_part).ok()).unwrap_or(usize::MAX);
        let (first, row) = self.row_parts.get(at).copied().unwrap_or_default();
        let part = parts.row_parts.get(at);
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
