//! Which seats are good: how near each is to what people come to see. Worked out once per plan, when first asked.
//!
//! The focus is the stage, found as a decoration with such a word on it; without one, the middle of the front edge of
//! all seats. A section's best seat is its nearest to the focus, and every seat is measured from its section's best.

use super::index::{SectionIndex, SegmentIndex};
use super::parts::{Parts, SeatPart};
use super::segments::Structure;
use super::shape::{Decoration, Point, Shape};
use std::ops::Range;

/// What a decoration says that people look at: letters only, in lower case.
const STAGES: [&str; 21] = [
    "stage",
    "mainstage",
    "thestage",
    "bühne",
    "buehne",
    "hauptbühne",
    "scène",
    "scene",
    "escenario",
    "palco",
    "palcoscenico",
    "podium",
    "scena",
    "сцена",
    "panggung",
    "screen",
    "leinwand",
    "pitch",
    "field",
    "court",
    "ring",
];

/// The order of goodness of seats and segments.
#[derive(Debug)]
pub(crate) struct Nearness {
    /// By seat: the squared distance to its section's best seat.
    pub(crate) of_seat: Vec<u64>,
    /// Segments of numbered seats, best section first, within it nearest first.
    pub(crate) ranked: Vec<Ranked>,
    /// The same, section by section, and where each section's begin and end.
    by_section: Vec<Ranked>,
    section_ranges: Vec<Range<usize>>,
    /// General-admission sections, best first.
    pub(crate) general_admission: Vec<GeneralAdmission>,
    /// Whether the plan has a seat fit for a wheelchair.
    pub(crate) any_accessible: bool,
}

/// A section whose places are sold by count.
#[derive(Debug)]
pub(crate) struct GeneralAdmission {
    section_distance: u64,
    pub(crate) section: SectionIndex,
    /// The indexes of its live seats, as few ranges as possible.
    pub(crate) runs: Vec<Range<u32>>,
}

/// A segment in its order of goodness.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub(crate) segment: SegmentIndex,
    /// The squared distance of its section's best seat to the focus.
    pub(crate) section_distance: u64,
    /// The least of its seats' distances: a bound for every block in it.
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

/// Where the section's live seat nearest to the focus is; of equals, the lowest index.
fn best_place(parts: &Parts, structure: &Structure, section: SectionIndex, focus: Point) -> Option<Point> {
    let segments = structure.live_segments(section);
    let seats = segments.flat_map(|segment| structure.seats(segment));
    let places = seats.filter_map(|seat| Some((parts.seats.get(seat.position())?.position, *seat)));
    places.min_by_key(|(place, seat)| (place.distance_squared(focus), *seat)).map(|(place, _)| place)
}

/// Sorted numbers as runs of neighbours.
fn runs(mut numbers: Vec<u32>) -> Vec<Range<u32>> {
    numbers.sort_unstable();
    let follows = |a: &u32, b: &u32| a.checked_add(1) == Some(*b);
    numbers.chunk_by(follows).filter_map(|run| Some(*run.first()?..run.last()?.saturating_add(1))).collect()
}

/// What people look at.
fn focus(parts: &Parts) -> Point {
    let stages = || parts.decorations.iter().filter(|decoration| is_stage(decoration));
    let drawn = stages().find(|decoration| decoration.shape != Shape::Text);
    drawn.or_else(|| stages().next()).map_or_else(|| middle_of_front(&parts.seats), middle_of)
}

fn is_stage(decoration: &Decoration) -> bool {
    decoration.text.as_ref().is_some_and(|text| {
        let letters: String =
            text.text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        STAGES.contains(&letters.as_str())
    })
}

/// The top centre of the box around all live seats.
fn middle_of_front(seats: &[SeatPart]) -> Point {
    let places = || seats.iter().filter(|seat| !seat.removed).map(|seat| seat.position);
    let left = places().map(|place| place.x).min().unwrap_or(0);
    let right = places().map(|place| place.x).max().unwrap_or(0);
    Point { x: left.midpoint(right), y: places().map(|place| place.y).min().unwrap_or(0) }
}

/// A decoration's middle; its rotation counts to the nearest quarter turn, which is near enough to rank seats.
fn middle_of(decoration: &Decoration) -> Point {
    let middle = match &decoration.shape {
        Shape::Rectangle { width, height } => Point { x: width / 2, y: height / 2 },
        Shape::Polygon(points) => {
            let middle = |side: fn(&Point) -> i32| {
                let (low, high) = (points.iter().map(side).min(), points.iter().map(side).max());
                low.unwrap_or(0).midpoint(high.unwrap_or(0))
            };
            Point { x: middle(|point| point.x), y: middle(|point| point.y) }
        }
        Shape::Text => decoration.text.as_ref().map(|text| text.position).unwrap_or_default(),
        Shape::Circle { .. } | Shape::Ellipse { .. } => Point::default(),
    };
    const QUARTER: i32 = 90_000;
    let turns = decoration.rotation.saturating_add(QUARTER / 2).div_euclid(QUARTER).rem_euclid(4);
    let turned = match turns {
        1 => Point { x: middle.y.saturating_neg(), y: middle.x },
        2 => Point { x: middle.x.saturating_neg(), y: middle.y.saturating_neg() },
        3 => Point { x: middle.y, y: middle.x.saturating_neg() },
        _ => middle,
    };
    decoration.position.plus(turned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seating_plan::{ImportOptions, import};

    /// The focus of two seats, at (0, 100) and (50, 200), and these areas; in the file's units.
    fn found(areas: &str) -> (i32, i32) {
        let json = format!(
            r#"{{"zones": [{{"rows": [{{"seats": [{{"seat_guid": "a", "position": {{"x": 0, "y": 100}}}},
                {{"seat_guid": "b", "position": {{"x": 50, "y": 200}}}}]}}], "areas": [{areas}]}}]}}"#
        );
        let imported = import(&json, ImportOptions::default()).expect("a plan");
        let focus = focus(imported.plan.parts());
        (focus.x / 1_000, focus.y / 1_000)
    }

    #[test]
    fn people_look_at_the_stage() {
        let area = |text: &str, shape: &str, x: i32| {
            format!(
                r#"{{"text": {{"text": "{text}", "position": {{"x": 1, "y": 2}}}}, "position": {{"x": {x}, "y": 7}}, {shape}}}"#
            )
        };
        let (circle, words) = (r#""circle": {"radius": 3}"#, r#""shape": "text""#);
        let bar = area("Bar", circle, 500);
        assert_eq!(found(""), (25, 100), "the middle of the front");
        assert_eq!(found(&bar), (25, 100), "is no stage");
        assert_eq!(found(&[bar, area("Bühne 1", circle, 600)].join(",")), (600, 7));
        let written = area("STAGE", words, 700);
        assert_eq!(found(&written), (701, 9), "where the word stands");
        assert_eq!(found(&[written, area("stage", circle, 800)].join(",")), (800, 7), "rather a drawn one");
    }

    #[test]
    fn a_stage_is_where_its_middle_is() {
        let rectangle = r#""rectangle": {"width": 100, "height": 40}"#;
        let polygon =
            r#""polygon": {"points": [{"x": -10, "y": 30}, {"x": 90, "y": 0}, {"x": 40, "y": 10}]}"#;
        let cases = [
            (rectangle, 0, (60, 320)),
            (rectangle, 40, (60, 320)),
            (rectangle, 50, (-10, 350)),
            (rectangle, 90, (-10, 350)),
            (rectangle, 180, (-40, 280)),
            (rectangle, 270, (30, 250)),
            (rectangle, -90, (30, 250)),
            (polygon, 0, (50, 315)),
            (r#""ellipse": {"radius": {"x": 8, "y": 4}}"#, 90, (10, 300)),
        ];
        for (shape, rotation, expected) in cases {
            let stage = format!(
                r#"{{"text": "Stage", "position": {{"x": 10, "y": 300}}, "rotation": {rotation}, {shape}}}"#
            );
            assert_eq!(found(&stage), expected, "{shape} at {rotation}");
        }
    }
}
