//! What a valid plan is: the one check that every plan passes, wherever its parts come from.

use super::parts::{LabelIndex, NO_CATEGORY, Parts, RowPart, SeatPart, SectionPart};
use super::shape::{Decoration, MAX_COORDINATE, Point, Shape};
use crate::ids::SeatIndex;
use crate::limits::{
    MAX_CATEGORIES, MAX_DECORATIONS, MAX_LABEL_CHARS, MAX_POLYGON_POINTS, MAX_ROWS, MAX_SEATS, MAX_SECTIONS,
};

/// Why parts are no valid plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// More of something than a plan may have.
    #[error("a plan has at most {max} {what}")]
    TooMany {
        /// What there is too much of: `seats`, `sections`, …
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// Not one seat that is not removed.
    #[error("the plan has no seat")]
    NoSeats,
    /// Parts that contradict each other: damaged bytes, or a bug.
    #[error("the plan is damaged: {0}")]
    Damaged(&'static str),
}

/// Whether a text may be a name or label: not too long, no control characters.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= MAX_LABEL_CHARS.saturating_mul(4)
        && text.chars().count() <= MAX_LABEL_CHARS
        && !text.chars().any(char::is_control)
}

/// Whether a text may be written on a decoration: as a label, but of several lines.
pub(super) fn is_text(text: &str) -> bool {
    text.chars().count() <= MAX_LABEL_CHARS
        && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The seats of one guid, lowest index first, for every guid that several seats have; by first seat.
pub(super) fn duplicates(parts: &Parts) -> Vec<Vec<SeatIndex>> {
    let mut sorted: Vec<(&str, SeatIndex)> =
        parts.seats.iter().enumerate().map(|(at, seat)| (parts.guid(seat), SeatIndex::at(at))).collect();
    sorted.sort_unstable();
    let mut groups: Vec<Vec<SeatIndex>> = sorted
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|group| group.len() > 1)
        .map(|group| group.iter().map(|(_, seat)| *seat).collect())
        .collect();
    groups.sort_unstable();
    groups
}

impl Parts {
    /// Checks everything the rest of the program relies on.
    pub(super) fn check(&self) -> Result<(), PlanError> {
        self.check_counts()?;
        if self.seats.iter().all(|seat| seat.removed) {
            return Err(PlanError::NoSeats);
        }
        self.check_order()?;
        let row_parts = self.row_parts.iter().all(|part| self.row_part_is_sound(part));
        let seats = self.seats.iter().all(|seat| self.seat_is_sound(seat));
        let decorations = self.decorations.iter().all(|decoration| self.decoration_is_sound(decoration));
        let size =
            [self.size.width, self.size.height].into_iter().all(|side| (0..=MAX_COORDINATE).contains(&side));
        for (sound, what) in [
            (is_label(&self.name) && size, "its name or size"),
            (self.labels.iter().all(|label| is_label(label)), "a label"),
            (self.categories_are_sound(), "a category"),
            (self.sections_are_sound(), "a section"),
            (row_parts, "a row"),
            (seats, "a seat"),
            (decorations, "a decoration"),
            (duplicates(self).is_empty(), "two seats with one guid"),
        ] {
            if !sound {
                return Err(PlanError::Damaged(what));
            }
        }
        Ok(())
    }

    pub(super) fn check_counts(&self) -> Result<(), PlanError> {
        for (count, max, what) in [
            (self.seats.len(), MAX_SEATS, "seats"),
            (self.sections.len(), MAX_SECTIONS, "sections"),
            (self.row_parts.len(), MAX_ROWS, "rows"),
            (self.categories.len(), MAX_CATEGORIES, "categories"),
            (self.decorations.len(), MAX_DECORATIONS, "decorations"),
        ] {
            if count > max {
                return Err(PlanError::TooMany { what, max });
            }
        }
        Ok(())
    }

    /// Every seat stands in the order once, with the row part it names.
    fn check_order(&self) -> Result<(), PlanError> {
        let damaged = PlanError::Damaged("the order of its seats");
        let mut seen = vec![false; self.seats.len()];
        let mut placed = 0_usize;
        for (at, (_, seats)) in self.row_parts_with_seats().enumerate() {
            placed = placed.saturating_add(seats.len());
            for index in seats {
                let seat = self.seats.get(index.position()).ok_or_else(|| damaged.clone())?;
                let seen = seen.get_mut(index.position()).ok_or_else(|| damaged.clone())?;
                if *seen || usize::try_from(seat.row_part) != Ok(at) {
                    return Err(damaged);
                }
                *seen = true;
            }
        }
        if placed == self.seats.len() && self.order.len() == placed { Ok(()) } else { Err(damaged) }
    }

    fn categories_are_sound(&self) -> bool {
        let names = self.categories.iter().map(|category| &*category.name);
        all_different(names)
            && self.categories.iter().all(|category| is_label(&category.name) && is_color(&category.color))
    }

    fn sections_are_sound(&self) -> bool {
        all_different(self.sections.iter().map(|section| &*section.name))
            && self.sections.iter().all(section_is_sound)
    }

    fn row_part_is_sound(&self, part: &RowPart) -> bool {
        let known = |label: Option<LabelIndex>| label.is_none_or(|label| self.has_label(label));
        part.section.position() < self.sections.len()
            && self.has_label(part.label)
            && known(part.row_label)
            && known(part.seat_label)
            && in_bounds(part.position)
    }

    fn seat_is_sound(&self, seat: &SeatPart) -> bool {
        let guid = self.guid(seat);
        self.has_label(seat.number)
            && in_bounds(seat.position)
            && (seat.category == NO_CATEGORY || usize::from(seat.category) < self.categories.len())
            && !guid.is_empty()
            && is_label(guid)
            && (self.uuids.is_empty() || self.uuids.len() == self.seats.len())
    }

    fn decoration_is_sound(&self, decoration: &Decoration) -> bool {
        let shape = match &decoration.shape {
            Shape::Rectangle { width, height } => in_bounds(Point { x: *width, y: *height }),
            Shape::Circle { radius } => in_bounds(Point { x: *radius, y: 0 }),
            Shape::Ellipse { radius } => in_bounds(*radius),
            Shape::Polygon(points) => {
                points.len() <= MAX_POLYGON_POINTS && points.iter().all(|point| in_bounds(*point))
            }
            Shape::Text => true,
        };
        shape
            && decoration.section.position() < self.sections.len()
            && in_bounds(decoration.position)
            && in_bounds(Point { x: decoration.rotation, y: 0 })
            && is_color(&decoration.color)
            && is_color(&decoration.border_color)
            && decoration.text.as_ref().is_none_or(|text| {
                is_text(&text.text)
                    && is_color(&text.color)
                    && in_bounds(text.position)
                    && text.size.is_none_or(in_range)
            })
    }

    fn has_label(&self, label: LabelIndex) -> bool {
        usize::try_from(label.0).is_ok_and(|at| at < self.labels.len())
    }
}

fn section_is_sound(section: &SectionPart) -> bool {
    let known = |text: &Option<Box<str>>| text.as_deref().is_none_or(is_label);
    !section.name.is_empty()
        && is_label(&section.name)
        && known(&section.zone_name)
        && known(&section.zone_id)
        && in_bounds(section.position)
}

fn is_color(color: &Option<Box<str>>) -> bool {
    color.as_deref().is_none_or(is_label)
}

fn in_bounds(point: Point) -> bool {
    in_range(point.x) && in_range(point.y)
}

fn in_range(value: i32) -> bool {
    (-MAX_COORDINATE..=MAX_COORDINATE).contains(&value)
}

fn all_different<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut names: Vec<&str> = names.collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    names.len() == count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seating_plan::{Category, DecorationText, ImportOptions, SectionIndex, import};

    const FAR: i32 = MAX_COORDINATE + 1;
    const BELL: &str = "\u{7}";

    /// Two sections and a row of two seats, everything that may be left out given once.
    fn sound() -> Parts {
        let json = r##"{"name": "P", "categories": [{"name": "Red", "color": "#f00"}, {"name": "Blue"}], "zones": [
            {"name": "Floor", "zone_id": "f", "rows": [{"row_number": "A", "row_label": "Row", "seat_label": "Seat", "seats": [
                {"seat_guid": "a", "seat_number": "1", "category": "Red", "position": {"x": 0, "y": 0}},
                {"seat_guid": "b", "seat_number": "2", "position": {"x": 25, "y": 0}, "uuid": "5f9f2c4e-0000-4000-8000-000000000001"}]}],
             "areas": [{"shape": "circle", "circle": {"radius": 1}, "color": "red", "border_color": "red", "text": {"text": "Bar", "size": 9}}]},
            {"name": "Side", "rows": []}]}"##;
        import(json, ImportOptions::default()).expect("a plan").plan.parts().clone()
    }

    type Damage = fn(&mut Parts);

    fn assert_each(expected: &PlanError, damages: &[Damage]) {
        for (at, damage) in damages.iter().enumerate() {
            let mut parts = sound();
            damage(&mut parts);
            assert_eq!(parts.check().as_ref(), Err(expected), "the damage at {at}");
        }
    }

    #[test]
    fn more_than_a_plan_may_have_is_named() {
        let cases: [(&str, usize, Damage); 5] = [
            ("seats", MAX_SEATS, |parts| parts.seats.resize(MAX_SEATS + 1, parts.seats[0])),
            ("sections", MAX_SECTIONS, |parts| {
                parts.sections.resize(MAX_SECTIONS + 1, parts.sections[0].clone())
            }),
            ("rows", MAX_ROWS, |parts| parts.row_parts.resize(MAX_ROWS + 1, parts.row_parts[0])),
            ("categories", MAX_CATEGORIES, |parts| {
                parts.categories.resize(MAX_CATEGORIES + 1, parts.categories[0].clone());
            }),
            ("decorations", MAX_DECORATIONS, |parts| {
                parts.decorations.resize(MAX_DECORATIONS + 1, parts.decorations[0].clone());
            }),
        ];
        for (what, max, damage) in cases {
            assert_each(&PlanError::TooMany { what, max }, &[damage]);
        }
        assert_each(
            &PlanError::NoSeats,
            &[|parts| parts.seats.iter_mut().for_each(|seat| seat.removed = true)],
        );
    }

    // One thing is wrong in each, so that every condition is the only one to notice it.

    #[test]
    fn every_contradiction_between_the_lists_is_named() {
        assert_eq!(sound().check(), Ok(()));
        let cases: [(&str, &[Damage]); 6] = [
            (
                "the order of its seats",
                &[
                    |parts| parts.order[1] = SeatIndex(0),
                    |parts| parts.order[1] = SeatIndex(2),
                    |parts| parts.order.push(SeatIndex(0)),
                    |parts| parts.seats[1].row_part = 1,
                    |parts| {
                        parts.order.pop();
                        parts.row_parts[0].seat_count = 1;
                    },
                ],
            ),
            (
                "its name or size",
                &[
                    |parts| parts.name = BELL.into(),
                    |parts| parts.size.width = -1,
                    |parts| parts.size.height = FAR,
                ],
            ),
            ("a label", &[|parts| parts.labels[0] = BELL.into()]),
            (
                "a category",
                &[
                    |parts| parts.categories[1].name = BELL.into(),
                    |parts| parts.categories[0].color = Some(BELL.into()),
                    |parts| parts.categories[1] = Category { color: None, ..parts.categories[0].clone() },
                ],
            ),
            (
                "a section",
                &[
                    |parts| parts.sections[1].name = parts.sections[0].name.clone(),
                    |parts| parts.sections[1].name = "".into(),
                    |parts| parts.sections[1].name = BELL.into(),
                    |parts| parts.sections[1].zone_name = Some(BELL.into()),
                    |parts| parts.sections[1].zone_id = Some(BELL.into()),
                    |parts| parts.sections[1].position = Point { x: FAR, y: 0 },
                ],
            ),
            (
                "a row",
                &[
                    |parts| parts.row_parts[0].section = SectionIndex(2),
                    |parts| parts.row_parts[0].label = past_the_end(parts),
                    |parts| parts.row_parts[0].row_label = Some(past_the_end(parts)),
                    |parts| parts.row_parts[0].seat_label = Some(past_the_end(parts)),
                    |parts| parts.row_parts[0].position = Point { x: 0, y: -FAR },
                ],
            ),
        ];
        for (what, damages) in cases {
            assert_each(&PlanError::Damaged(what), damages);
        }
    }

    #[test]
    fn every_contradiction_of_seats_and_decorations_is_named() {
        let cases: [(&str, &[Damage]); 3] = [
            (
                "a seat",
                &[
                    |parts| parts.seats[0].number = past_the_end(parts),
                    |parts| parts.seats[0].position = Point { x: -FAR, y: 0 },
                    |parts| parts.seats[0].category = 2,
                    |parts| parts.seats[0].guid_len = 0,
                    |parts| parts.seats[0].guid_start = 9,
                    |parts| parts.guids = format!("{BELL}b"),
                    |parts| parts.uuids.truncate(1),
                ],
            ),
            (
                "a decoration",
                &[
                    |parts| parts.decorations[0].shape = Shape::Rectangle { width: FAR, height: 0 },
                    |parts| parts.decorations[0].shape = Shape::Circle { radius: FAR },
                    |parts| parts.decorations[0].shape = Shape::Ellipse { radius: Point { x: 0, y: FAR } },
                    |parts| parts.decorations[0].shape = Shape::Polygon(vec![Point { x: FAR, y: 0 }].into()),
                    |parts| {
                        let corners = vec![Point::default(); MAX_POLYGON_POINTS + 1];
                        parts.decorations[0].shape = Shape::Polygon(corners.into());
                    },
                    |parts| parts.decorations[0].section = SectionIndex(2),
                    |parts| parts.decorations[0].position = Point { x: 0, y: FAR },
                    |parts| parts.decorations[0].rotation = FAR,
                    |parts| parts.decorations[0].color = Some(BELL.into()),
                    |parts| parts.decorations[0].border_color = Some(BELL.into()),
                    |parts| text_of(parts).text = BELL.into(),
                    |parts| text_of(parts).color = Some(BELL.into()),
                    |parts| text_of(parts).position = Point { x: FAR, y: 0 },
                    |parts| text_of(parts).size = Some(FAR),
                ],
            ),
            ("two seats with one guid", &[|parts| parts.seats[1].guid_start = parts.seats[0].guid_start]),
        ];
        for (what, damages) in cases {
            assert_each(&PlanError::Damaged(what), damages);
        }
    }

    fn past_the_end(parts: &Parts) -> LabelIndex {
        LabelIndex(u32::try_from(parts.labels.len()).expect("few labels"))
    }

    fn text_of(parts: &mut Parts) -> &mut DecorationText {
        parts.decorations[0].text.as_mut().expect("a text")
    }

    #[test]
    fn a_text_has_several_lines_and_an_end() {
        for (text, allowed) in [
            ("two\r\nlines\tand a tab", true),
            (BELL, false),
            (&"ß".repeat(200), true),
            (&"x".repeat(201), false),
        ] {
            assert_eq!(is_text(text), allowed, "{text:?}");
        }
    }
}
