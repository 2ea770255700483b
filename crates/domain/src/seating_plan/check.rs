//! The check of a plan's parts. Every plan passes it, whether it is imported, read from the wire or changed.

use super::label::{is_label, is_text};
use super::parts::{LabelIndex, NO_CATEGORY, Parts, RowObject, SeatPart, SectionPart};
use super::shape::{Decoration, MAX_COORDINATE, Point, Shape};
use crate::ids::SeatIndex;
use crate::limits::{MAX_CATEGORIES, MAX_DECORATIONS, MAX_POLYGON_POINTS, MAX_ROWS, MAX_SEATS, MAX_SECTIONS};

/// Why parts are not a valid plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// More of something than a plan may have.
    #[error("a plan has at most {max} {what}")]
    TooMany {
        /// The kind of thing: `seats`, `sections`, …
        what: &'static str,
        /// How many are allowed.
        max: usize,
    },
    /// The plan has no seat, or only removed ones.
    #[error("the plan has no seat")]
    NoSeats,
    /// The parts contradict each other, because of damaged bytes or a bug.
    #[error("the plan is damaged: {0}")]
    Damaged(&'static str),
}

/// The seats of every guid that several seats have, lowest index first. The guids are sorted by their first seat.
pub(super) fn duplicates(parts: &Parts) -> Vec<Vec<SeatIndex>> {
    let mut sorted: Vec<(&str, SeatIndex)> =
        parts.seats.iter().enumerate().map(|(at, seat)| (parts.guid(seat), SeatIndex::at(at))).collect();
    groups_of_equals(&mut sorted)
}

/// The seats of every label that several seats have: the same section, row and number. A seat without a number is one of its
/// row, and a place of a general admission one of its section; their tickets promise no particular seat. Grouped and sorted as
/// [`duplicates`].
pub(super) fn duplicate_labels(parts: &Parts) -> Vec<Vec<SeatIndex>> {
    let labelled = |(at, seat): (usize, &SeatPart)| {
        let row = usize::try_from(seat.row_object).ok().and_then(|row| parts.row_objects.get(row))?;
        let section = parts.sections.get(row.section.position())?;
        let is_promised = !section.general_admission && !parts.label(seat.number).is_empty();
        is_promised.then(|| ((row.section, row.label, seat.number), SeatIndex::at(at)))
    };
    groups_of_equals(&mut parts.seats.iter().enumerate().filter_map(labelled).collect::<Vec<_>>())
}

/// The seats of each key that several seats have, lowest index first. The groups are sorted by their first seat.
fn groups_of_equals<K: Ord>(keyed: &mut [(K, SeatIndex)]) -> Vec<Vec<SeatIndex>> {
    keyed.sort_unstable();
    let mut groups: Vec<Vec<SeatIndex>> = keyed
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
        let row_objects = self.row_objects.iter().all(|part| self.row_object_is_sound(part));
        let seats = self.seats.iter().all(|seat| self.seat_is_sound(seat))
            && self.start_directions.keys().all(|index| index.position() < self.seats.len());
        let decorations = self.decorations.iter().all(|decoration| self.decoration_is_sound(decoration));
        let size =
            [self.size.width, self.size.height].into_iter().all(|side| (0..=MAX_COORDINATE).contains(&side));
        for (sound, what) in [
            (is_label(&self.name) && size, "its name or size"),
            (self.labels.iter().all(|label| is_label(label)), "a label"),
            (self.categories_are_sound(), "a category"),
            (self.sections_are_sound(), "a section"),
            (row_objects, "a row"),
            (seats, "a seat"),
            (decorations, "a decoration"),
            (self.focus.is_none_or(in_bounds), "its focus"),
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
            (self.row_objects.len(), MAX_ROWS, "rows"),
            (self.categories.len(), MAX_CATEGORIES, "categories"),
            (self.decorations.len(), MAX_DECORATIONS, "decorations"),
        ] {
            if count > max {
                return Err(PlanError::TooMany { what, max });
            }
        }
        Ok(())
    }

    /// Checks that every seat is in the order once, in the row object that it names.
    fn check_order(&self) -> Result<(), PlanError> {
        let damaged = PlanError::Damaged("the order of its seats");
        let mut is_placed = vec![false; self.seats.len()];
        let mut placed = 0_usize;
        for (at, (_, seats)) in self.row_objects_with_seats().enumerate() {
            placed = placed.saturating_add(seats.len());
            for index in seats {
                let seat = self.seats.get(index.position()).ok_or_else(|| damaged.clone())?;
                let is_placed = is_placed.get_mut(index.position()).ok_or_else(|| damaged.clone())?;
                if *is_placed || usize::try_from(seat.row_object) != Ok(at) {
                    return Err(damaged);
                }
                *is_placed = true;
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

    fn row_object_is_sound(&self, part: &RowObject) -> bool {
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
