//! Ranks seats by how good they are: by their distance from the best seat of their section.
//!
//! The best seat of a section is the one nearest to the [`focus`], which is usually the stage. Nearness is computed once per
//! plan, on first use.

use super::focus::focus;
use super::index::{SectionIndex, SegmentIndex};
use super::parts::Parts;
use super::segments::Structure;
use super::shape::Point;
use std::ops::Range;

/// The distances of seats, and segments sorted from good to bad.
#[derive(Debug)]
pub(crate) struct Nearness {
    /// For each seat, the squared distance to the best seat of its section.
    pub(crate) of_seat: Vec<u64>,
    /// Segments of numbered seats, best section first, within it nearest first.
    pub(crate) ranked: Vec<Ranked>,
    /// The same segments section by section, and the range of each section in this list.
    by_section: Vec<Ranked>,
    section_ranges: Vec<Range<usize>>,
    /// General-admission sections, best first.
    pub(crate) general_admission: Vec<GeneralAdmission>,
    /// Whether the plan has a seat with room for a wheelchair.
    pub(crate) any_accessible: bool,
}

/// A section whose places are sold by count.
#[derive(Debug)]
pub(crate) struct GeneralAdmission {
    section_distance: u64,
    pub(crate) section: SectionIndex,
    /// The indexes of its live seats, in as few ranges as possible.
    pub(crate) runs: Vec<Range<u32>>,
}

/// A segment with the distances by which it is sorted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub(crate) segment: SegmentIndex,
    /// The squared distance of its section's best seat to the focus.
    pub(crate) section_distance: u64,
    /// The smallest distance of its seats: a lower bound for every block in it.
    pub(crate) nearest: u64,
}

impl Nearness {
    pub(crate) fn of(parts: &Parts, structure: &Structure) -> Self {
        let focus = focus(parts);
        let best: Vec<Option<Point>> = (0..parts.sections.len())
            .map(|at| best_place(parts, structure, SectionIndex::at(at), focus))
            .collect();
        let mut nearness = Self {
            of_seat: vec![0; parts.seats.len()],
            ranked: Vec::new(),
            by_section: Vec::new(),
            section_ranges: Vec::new(),
            general_admission: Vec::new(),
            any_accessible: parts.seats.iter().any(|seat| seat.accessible && !seat.removed),
        };
        for (at, best) in best.into_iter().enumerate() {
            nearness.add_section(parts, structure, SectionIndex::at(at), best, focus);
        }
        nearness.general_admission.sort_by_key(|general| (general.section_distance, general.section));
        nearness.ranked.clone_from(&nearness.by_section);
        nearness.ranked.sort_by_key(|ranked| (ranked.section_distance, ranked.nearest, ranked.segment));
        nearness
    }

    /// The segments of one section, nearest first.
    pub(crate) fn in_section(&self, section: SectionIndex) -> &[Ranked] {
        let range = self.section_ranges.get(section.position()).cloned().unwrap_or_default();
        self.by_section.get(range).unwrap_or_default()
    }

    fn add_section(
        &mut self,
        parts: &Parts,
        structure: &Structure,
        section: SectionIndex,
        best: Option<Point>,
        focus: Point,
    ) {
        let start = self.by_section.len();
        let section_distance = best.map_or(u64::MAX, |best| best.distance_squared(focus));
        let mut live: Vec<u32> = Vec::new();
        let is_general =
            parts.sections.get(section.position()).is_some_and(|section| section.general_admission);
        for index in structure.live_segments(section) {
            let mut nearest = u64::MAX;
            for seat in structure.seats(index) {
                let place = parts.seats.get(seat.position()).map(|seat| seat.position);
                let distance = best.zip(place).map_or(0, |(best, place)| place.distance_squared(best));
                nearest = nearest.min(distance);
                if let Some(of_seat) = self.of_seat.get_mut(seat.position()) {
                    *of_seat = distance;
                }
            }
            if is_general {
                live.extend(structure.seats(index).iter().map(|seat| seat.0));
            } else {
                self.by_section.push(Ranked { segment: index, section_distance, nearest });
            }
        }
        if let Some(own) = self.by_section.get_mut(start..) {
            own.sort_by_key(|ranked| (ranked.nearest, ranked.segment));
        }
        self.section_ranges.push(start..self.by_section.len());
        if is_general {
            self.general_admission.push(GeneralAdmission { section_distance, section, runs: runs(live) });
        }
    }
}

/// The position of the section's live seat that is nearest to the focus; among equals, the one with the lowest index.
fn best_place(parts: &Parts, structure: &Structure, section: SectionIndex, focus: Point) -> Option<Point> {
    let segments = structure.live_segments(section);
    let seats = segments.flat_map(|segment| structure.seats(segment));
    let places = seats.filter_map(|seat| Some((parts.seats.get(seat.position())?.position, *seat)));
    places.min_by_key(|(place, seat)| (place.distance_squared(focus), *seat)).map(|(place, _)| place)
}

/// Numbers as ranges of consecutive numbers.
fn runs(mut numbers: Vec<u32>) -> Vec<Range<u32>> {
    numbers.sort_unstable();
    let follows = |a: &u32, b: &u32| a.checked_add(1) == Some(*b);
    numbers.chunk_by(follows).filter_map(|run| Some(*run.first()?..run.last()?.saturating_add(1))).collect()
}
