//! Every rule of [`Parts::check`], each broken alone in an otherwise valid plan.

use super::check::PlanError;
use super::import::{ImportOptions, import};
use super::index::SectionIndex;
use super::parts::{LabelIndex, Parts, StartDirection};
use super::shape::{Category, DecorationText, MAX_COORDINATE, Point, Shape};
use crate::ids::SeatIndex;
use crate::limits::{MAX_CATEGORIES, MAX_DECORATIONS, MAX_POLYGON_POINTS, MAX_ROWS, MAX_SEATS, MAX_SECTIONS};

const FAR: i32 = MAX_COORDINATE + 1;
const BELL: &str = "\u{7}";

/// Two sections and a row of two seats. Every optional field is given once.
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
fn exceeded_limits_are_named() {
    let cases: [(&str, usize, Damage); 5] = [
        ("seats", MAX_SEATS, |parts| parts.seats.resize(MAX_SEATS + 1, parts.seats[0])),
        ("sections", MAX_SECTIONS, |parts| {
            parts.sections.resize(MAX_SECTIONS + 1, parts.sections[0].clone())
        }),
        ("rows", MAX_ROWS, |parts| parts.row_objects.resize(MAX_ROWS + 1, parts.row_objects[0])),
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
    assert_each(&PlanError::NoSeats, &[|parts| parts.seats.iter_mut().for_each(|seat| seat.removed = true)]);
}

// Each damage breaks exactly one condition, so that every condition is tested alone.

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
                |parts| parts.seats[1].row_object = 1,
                |parts| {
                    parts.order.pop();
                    parts.row_objects[0].seat_count = 1;
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
                |parts| parts.row_objects[0].section = SectionIndex(2),
                |parts| parts.row_objects[0].label = past_the_end(parts),
                |parts| parts.row_objects[0].row_label = Some(past_the_end(parts)),
                |parts| parts.row_objects[0].seat_label = Some(past_the_end(parts)),
                |parts| parts.row_objects[0].position = Point { x: 0, y: -FAR },
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
                |parts| parts.start_directions.extend([(SeatIndex(2), StartDirection::Both)]),
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
