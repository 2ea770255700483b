//! A seating plan as bytes, version 1: about ten bytes a seat.
//!
//! Lists with one element for each seat are compressed, because neighbouring seats are alike: positions by second-order delta
//! encoding, guids by front coding, categories and flags by run-length encoding (see `columns`). Here only the lengths of
//! the lists are checked, so that damaged bytes give an error; [`SeatingPlan`] checks the rest.
//! The meaning of these fields never changes: a new meaning is a new version.

mod columns;

use crate::ids::SeatIndex;
use crate::limits::MAX_SEATS;
use crate::seating_plan::{
    Category, Decoration, DecorationText, LabelIndex, NO_CATEGORY, NumberPosition, Parts, PlanError, Point,
    RowObject, SeatPart, SeatingPlan, SectionIndex, SectionPart, Shape, Size, StartDirection,
};
use columns::{differences, from_differences, from_front_coded, from_runs, front_coded, runs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A plan. Lengths are in thousandths; indexes are positions in the lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanV1 {
    name: String,
    size: (i32, i32),
    categories: Vec<(String, Option<String>)>,
    sections: Vec<SectionV1>,
    labels: Vec<String>,
    row_objects: Vec<RowObjectV1>,
    /// The seats in the order of the file; empty when that is the order of their indexes.
    order: Vec<u32>,
    /// For each seat: the index of its label.
    numbers: Vec<u32>,
    /// For each seat: its position, by second-order delta encoding with wrapping arithmetic.
    xs: Vec<i32>,
    ys: Vec<i32>,
    /// For each seat: how many bytes its guid shares with the guid before, and the length of its suffix.
    guid_lengths: Vec<(u16, u16)>,
    /// The suffixes of all guids.
    guids: String,
    /// Runs of seats with the same category: a count, and 0 for no category, else the category's position plus one.
    categories_of_seats: Vec<(u32, u16)>,
    /// Runs of seats with the same flags: 1 accessible, 2 removed; ordered booking starts here to the left (4), to the right (8).
    flags: Vec<(u32, u8)>,
    /// Runs of seats with the same radius, 0 for none.
    radii: Vec<(u32, u16)>,
    /// For each seat its uuid, or zeros; the list is empty when no seat has a uuid.
    uuids: Vec<[u8; 16]>,
    decorations: Vec<DecorationV1>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SectionV1 {
    name: String,
    zone_name: Option<String>,
    zone_id: Option<String>,
    uuid: Option<[u8; 16]>,
    position: (i32, i32),
    general_admission: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RowObjectV1 {
    section: u32,
    label: u32,
    position: (i32, i32),
    row_label: Option<u32>,
    seat_label: Option<u32>,
    number_position: Option<NumberPositionV1>,
    uuid: Option<[u8; 16]>,
    seat_count: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum NumberPositionV1 {
    Start,
    End,
    Both,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DecorationV1 {
    section: u32,
    position: (i32, i32),
    rotation: i32,
    shape: ShapeV1,
    color: Option<String>,
    border_color: Option<String>,
    text: Option<DecorationTextV1>,
    uuid: Option<[u8; 16]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ShapeV1 {
    Rectangle(i32, i32),
    Circle(i32),
    Ellipse(i32, i32),
    Polygon(Vec<(i32, i32)>),
    Text,
    /// Nothing is drawn: the decoration's position is the plan's focus. Plans without a focus of their own have none.
    Focus,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DecorationTextV1 {
    text: String,
    color: Option<String>,
    position: (i32, i32),
    size: Option<i32>,
}

impl From<&SeatingPlan> for PlanV1 {
    fn from(plan: &SeatingPlan) -> Self {
        let parts = plan.parts();
        let seats = || parts.seats.iter();
        let in_order = parts.order.iter().enumerate().all(|(at, index)| index.position() == at);
        let (guid_lengths, guids) = front_coded(seats().map(|seat| parts.guid(seat)));
        Self {
            name: parts.name.to_string(),
            size: (parts.size.width, parts.size.height),
            categories: parts.categories.iter().map(|it| (it.name.to_string(), text(&it.color))).collect(),
            sections: parts.sections.iter().map(section_to_wire).collect(),
            labels: parts.labels.iter().map(ToString::to_string).collect(),
            row_objects: parts.row_objects.iter().map(row_object_to_wire).collect(),
            order: if in_order { Vec::new() } else { parts.order.iter().map(|index| index.0).collect() },
            numbers: seats().map(|seat| seat.number.0).collect(),
            xs: differences(seats().map(|seat| seat.position.x)),
            ys: differences(seats().map(|seat| seat.position.y)),
            guid_lengths,
            guids,
            categories_of_seats: runs(seats().map(|seat| seat.category.wrapping_add(1))),
            flags: runs(seats().enumerate().map(|(at, seat)| flags(parts, SeatIndex::at(at), seat))),
            radii: runs(seats().map(|seat| seat.radius)),
            uuids: parts.uuids.iter().map(|uuid| uuid.to_be_bytes()).collect(),
            decorations: parts
                .decorations
                .iter()
                .map(decoration_to_wire)
                .chain(parts.focus.map(focus_to_wire))
                .collect(),
        }
    }
}

impl TryFrom<PlanV1> for SeatingPlan {
    type Error = PlanError;

    fn try_from(wire: PlanV1) -> Result<Self, PlanError> {
        let order = if wire.order.is_empty() {
            (0..wire.numbers.len()).map(SeatIndex::at).collect()
        } else {
            wire.order.iter().copied().map(SeatIndex).collect()
        };
        let mut parts = Parts {
            name: wire.name.as_str().into(),
            size: Size { width: wire.size.0, height: wire.size.1 },
            categories: wire
                .categories
                .iter()
                .map(|(name, color)| Category { name: name.as_str().into(), color: boxed(color) })
                .collect(),
            sections: wire.sections.iter().map(section_from_wire).collect(),
            labels: wire.labels.iter().map(|label| label.as_str().into()).collect(),
            row_objects: wire.row_objects.iter().map(row_object_from_wire).collect(),
            order,
            seats: Vec::new(),
            guids: String::new(),
            uuids: wire.uuids.iter().copied().map(u128::from_be_bytes).collect(),
            start_directions: BTreeMap::new(),
            decorations: wire.decorations.iter().filter_map(decoration_from_wire).collect(),
            focus: wire.decorations.iter().find_map(focus_from_wire),
        };
        add_seats(&wire, &mut parts)?;
        Self::from_parts(parts)
    }
}

/// Decodes the lists with one element for each seat, and adds the seats.
fn add_seats(wire: &PlanV1, parts: &mut Parts) -> Result<(), PlanError> {
    let count = wire.numbers.len();
    if count > MAX_SEATS {
        return Err(PlanError::TooMany { what: "seats", max: MAX_SEATS });
    }
    let equally_long =
        [wire.xs.len(), wire.ys.len(), wire.guid_lengths.len()].into_iter().all(|length| length == count);
    if !equally_long || !wire.uuids.is_empty() && wire.uuids.len() != count {
        return Err(PlanError::Damaged("lists of different lengths"));
    }
    let row_objects = row_object_of_each(parts, count);
    let guids = from_front_coded(&wire.guid_lengths, &wire.guids, &mut parts.guids)?;
    let categories = from_runs(&wire.categories_of_seats, count)?;
    let flags = from_runs(&wire.flags, count)?;
    let radii = from_runs(&wire.radii, count)?;
    let places = from_differences(&wire.xs).zip(from_differences(&wire.ys)).map(|(x, y)| Point { x, y });
    let looks = categories.into_iter().zip(flags).zip(radii);
    let names = wire.numbers.iter().copied().map(LabelIndex).zip(guids);
    for (((place, row_object), ((category, flags), radius)), (number, (guid_start, guid_len))) in
        places.zip(row_objects).zip(looks).zip(names)
    {
        if let Some(direction) = start_direction(flags) {
            parts.start_directions.insert(SeatIndex::at(parts.seats.len()), direction);
        }
        parts.seats.push(SeatPart {
            position: place,
            row_object,
            number,
            guid_start,
            guid_len,
            category: category.checked_sub(1).unwrap_or(NO_CATEGORY),
            radius,
            accessible: flags & 1 != 0,
            removed: flags & 2 != 0,
        });
    }
    Ok(())
}

fn flags(parts: &Parts, index: SeatIndex, seat: &SeatPart) -> u8 {
    let start = match parts.start_directions.get(&index) {
        None => 0,
        Some(StartDirection::Left) => 4,
        Some(StartDirection::Right) => 8,
        Some(StartDirection::Both) => 4 | 8,
    };
    u8::from(seat.accessible) | (u8::from(seat.removed) << 1) | start
}

fn start_direction(flags: u8) -> Option<StartDirection> {
    match (flags & 4 != 0, flags & 8 != 0) {
        (false, false) => None,
        (true, false) => Some(StartDirection::Left),
        (false, true) => Some(StartDirection::Right),
        (true, true) => Some(StartDirection::Both),
    }
}

fn row_object_of_each(parts: &Parts, count: usize) -> Vec<u32> {
    let mut row_objects = vec![u32::MAX; count];
    for (at, (_, seats)) in parts.row_objects_with_seats().enumerate() {
        for index in seats {
            if let Some(row_object) = row_objects.get_mut(index.position()) {
                *row_object = u32::try_from(at).unwrap_or(u32::MAX);
            }
        }
    }
    row_objects
}

fn text(text: &Option<Box<str>>) -> Option<String> {
    text.as_deref().map(ToOwned::to_owned)
}

fn boxed(text: &Option<String>) -> Option<Box<str>> {
    text.as_deref().map(Into::into)
}

fn pair(point: Point) -> (i32, i32) {
    (point.x, point.y)
}

fn point((x, y): (i32, i32)) -> Point {
    Point { x, y }
}

fn section_to_wire(section: &SectionPart) -> SectionV1 {
    SectionV1 {
        name: section.name.to_string(),
        zone_name: text(&section.zone_name),
        zone_id: text(&section.zone_id),
        uuid: section.uuid.map(u128::to_be_bytes),
        position: pair(section.position),
        general_admission: section.general_admission,
    }
}

fn section_from_wire(section: &SectionV1) -> SectionPart {
    SectionPart {
        name: section.name.as_str().into(),
        zone_name: boxed(&section.zone_name),
        zone_id: boxed(&section.zone_id),
        uuid: section.uuid.map(u128::from_be_bytes),
        position: point(section.position),
        general_admission: section.general_admission,
    }
}

fn row_object_to_wire(part: &RowObject) -> RowObjectV1 {
    RowObjectV1 {
        section: part.section.0,
        label: part.label.0,
        position: pair(part.position),
        row_label: part.row_label.map(|label| label.0),
        seat_label: part.seat_label.map(|label| label.0),
        number_position: part.number_position.map(|position| match position {
            NumberPosition::Start => NumberPositionV1::Start,
            NumberPosition::End => NumberPositionV1::End,
            NumberPosition::Both => NumberPositionV1::Both,
        }),
        uuid: part.uuid.map(u128::to_be_bytes),
        seat_count: part.seat_count,
    }
}

fn row_object_from_wire(part: &RowObjectV1) -> RowObject {
    RowObject {
        section: SectionIndex(part.section),
        label: LabelIndex(part.label),
        position: point(part.position),
        row_label: part.row_label.map(LabelIndex),
        seat_label: part.seat_label.map(LabelIndex),
        number_position: part.number_position.as_ref().map(|position| match position {
            NumberPositionV1::Start => NumberPosition::Start,
            NumberPositionV1::End => NumberPosition::End,
            NumberPositionV1::Both => NumberPosition::Both,
        }),
        uuid: part.uuid.map(u128::from_be_bytes),
        seat_count: part.seat_count,
    }
}

fn decoration_to_wire(decoration: &Decoration) -> DecorationV1 {
    DecorationV1 {
        section: decoration.section.0,
        position: pair(decoration.position),
        rotation: decoration.rotation,
        shape: match &decoration.shape {
            Shape::Rectangle { width, height } => ShapeV1::Rectangle(*width, *height),
            Shape::Circle { radius } => ShapeV1::Circle(*radius),
            Shape::Ellipse { radius } => ShapeV1::Ellipse(radius.x, radius.y),
            Shape::Polygon(points) => ShapeV1::Polygon(points.iter().copied().map(pair).collect()),
            Shape::Text => ShapeV1::Text,
        },
        color: text(&decoration.color),
        border_color: text(&decoration.border_color),
        text: decoration.text.as_ref().map(|it| DecorationTextV1 {
            text: it.text.to_string(),
            color: text(&it.color),
            position: pair(it.position),
            size: it.size,
        }),
        uuid: decoration.uuid.map(u128::to_be_bytes),
    }
}

fn focus_to_wire(focus: Point) -> DecorationV1 {
    DecorationV1 {
        section: 0,
        position: pair(focus),
        rotation: 0,
        shape: ShapeV1::Focus,
        color: None,
        border_color: None,
        text: None,
        uuid: None,
    }
}

fn focus_from_wire(decoration: &DecorationV1) -> Option<Point> {
    (decoration.shape == ShapeV1::Focus).then(|| point(decoration.position))
}

fn decoration_from_wire(decoration: &DecorationV1) -> Option<Decoration> {
    let shape = match &decoration.shape {
        ShapeV1::Rectangle(width, height) => Shape::Rectangle { width: *width, height: *height },
        ShapeV1::Circle(radius) => Shape::Circle { radius: *radius },
        ShapeV1::Ellipse(x, y) => Shape::Ellipse { radius: point((*x, *y)) },
        ShapeV1::Polygon(points) => Shape::Polygon(points.iter().copied().map(point).collect()),
        ShapeV1::Text => Shape::Text,
        ShapeV1::Focus => return None,
    };
    Some(Decoration {
        section: SectionIndex(decoration.section),
        position: point(decoration.position),
        rotation: decoration.rotation,
        shape,
        color: boxed(&decoration.color),
        border_color: boxed(&decoration.border_color),
        text: decoration.text.as_ref().map(|it| DecorationText {
            text: it.text.as_str().into(),
            color: boxed(&it.color),
            position: point(it.position),
            size: it.size,
        }),
        uuid: decoration.uuid.map(u128::from_be_bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seating_plan::{ImportOptions, import};

    #[test]
    fn lists_of_different_lengths_are_damage() {
        let json = r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 3}]}"#;
        let plan = import(json, ImportOptions::default()).expect("a plan").plan;
        let damages: [fn(&mut PlanV1); 6] = [
            |wire| wire.xs.push(0),
            |wire| wire.ys.truncate(2),
            |wire| wire.guid_lengths.push((0, 1)),
            |wire| wire.numbers.truncate(2),
            |wire| wire.uuids.push([1; 16]),
            |wire| wire.uuids.resize(4, [1; 16]),
        ];
        for (at, damage) in damages.into_iter().enumerate() {
            let mut wire = PlanV1::from(&plan);
            damage(&mut wire);
            let error = PlanError::Damaged("lists of different lengths");
            assert_eq!(SeatingPlan::try_from(wire), Err(error), "the damage at {at}");
        }
    }
}
