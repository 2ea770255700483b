//! Generates documents that pretix's schema allows: every optional field present, null or missing; negative and fractional
//! positions; empty rows, lists and names; shapes with and without their measures.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// An object of these fields, without those that have no value.
fn object(fields: Vec<(&str, Option<Value>)>) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A text within our limits.
fn label() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[A-C]{1,2}",
        2 => r#"[a-zß字 "\\<&/'~-]{0,6}"#,
        1 => Just(String::new()),
        1 => Just("ü".repeat(200)),
    ]
    .prop_map(Value::from)
}

/// A text of a field that seats do not depend on: now and then too long, or with a control character.
fn any_text() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => label(),
        1 => Just(Value::from("x".repeat(201))),
        1 => "[a\u{0}\u{7}\u{7f}]{1,3}".prop_map(Value::from),
        1 => Just(Value::from("two\nlines")),
    ]
}

/// A text, null or nothing.
fn nullable(text: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    of(prop_oneof![4 => text, 1 => Just(Value::Null)])
}

/// A coordinate of something that seats depend on.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-500..500_i32).prop_map(Value::from),
        (-500_000..500_000_i32).prop_map(|thousandths| json!(f64::from(thousandths) / 1_000.0)),
        (-200_000.0..200_000.0_f64).prop_map(Value::from),
        (-1.0..1.0_f64).prop_map(|number| json!(number * 1e-12)),
    ]
}

/// Any number a decoration may have, now and then far off the plan.
fn any_number() -> impl Strategy<Value = Value> {
    prop_oneof![20 => number(), 1 => Just(json!(2_000_000)), 1 => Just(json!(-1e300))]
}

fn any_integer() -> impl Strategy<Value = Value> {
    prop_oneof![
        16 => (-100..1_000_i64).prop_map(Value::from),
        1 => Just(json!(0)),
        1 => Just(json!(70_000)),
        1 => Just(json!(i64::MIN)),
        1 => Just(json!(1e3)),
    ]
}

fn position<N: Strategy<Value = Value>>(number: fn() -> N) -> impl Strategy<Value = Value> {
    (number(), number()).prop_map(|(x, y)| json!({"x": x, "y": y}))
}

fn uuid() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => "[0-9a-fA-F]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        1 => Just("00000000-0000-0000-0000-000000000000".to_owned()),
        1 => "[a-z]{0,3}",
    ]
    .prop_map(Value::from)
}

fn seat() -> impl Strategy<Value = Value> {
    let guid = prop_oneof![4 => "[A-F]{1,3}".prop_map(Value::from), 1 => Just(json!("")), 1 => label()];
    let direction = prop_oneof![Just("<"), Just(">"), Just("<>"), Just(""), Just("up")].prop_map(Value::from);
    (guid, label(), label(), position(number), of(uuid()), nullable(direction), of(any_integer())).prop_map(
        |(guid, number, category, position, uuid, direction, radius)| {
            object(vec![
                ("seat_guid", Some(guid)),
                ("seat_number", Some(number)),
                ("category", Some(category)),
                ("position", Some(position)),
                ("uuid", uuid),
                ("start_direction", direction),
                ("radius", radius),
            ])
        },
    )
}

fn row() -> impl Strategy<Value = Value> {
    let end = nullable(prop_oneof![Just("start"), Just("end"), Just("both")].prop_map(Value::from));
    let labels = (label(), nullable(any_text()), nullable(any_text()));
    (labels, end, of(uuid()), of(position(number)), vec(seat(), 0..5)).prop_map(
        |((number, row_label, seat_label), end, uuid, position, seats)| {
            object(vec![
                ("row_number", Some(number)),
                ("row_label", row_label),
                ("seat_label", seat_label),
                ("row_number_position", end),
                ("uuid", uuid),
                ("position", position),
                ("seats", Some(Value::from(seats))),
            ])
        },
    )
}

/// Each shape's measures are there or not, whichever shape is named.
fn area() -> impl Strategy<Value = Value> {
    let names =
        prop_oneof![Just("polygon"), Just("rectangle"), Just("ellipse"), Just("circle"), Just("text")];
    let polygon = vec(position(any_number), 0..4).prop_map(|points| json!({"points": points}));
    let rectangle =
        (any_integer(), any_integer()).prop_map(|(width, height)| json!({"width": width, "height": height}));
    let ellipse = position(any_number).prop_map(|radius| json!({"radius": radius}));
    let circle = any_integer().prop_map(|radius| json!({"radius": radius}));
    let measures = (of(polygon), of(rectangle), of(ellipse), of(circle));
    let text = (any_text(), of(any_text()), of(any_integer()), position(any_number)).prop_map(
        |(text, color, size, position)| {
            let fields =
                [("text", Some(text)), ("color", color), ("size", size), ("position", Some(position))];
            object(fields.into())
        },
    );
    let colors = (of(any_text()), of(any_text()));
    let place = (of(position(any_number)), of(any_number()));
    (of(names), measures, of(text), colors, place, of(uuid())).prop_map(
        |(
            shape,
            (polygon, rectangle, ellipse, circle),
            text,
            (color, border_color),
            (position, rotation),
            uuid,
        )| {
            object(vec![
                ("shape", shape.map(Value::from)),
                ("polygon", polygon),
                ("rectangle", rectangle),
                ("ellipse", ellipse),
                ("circle", circle),
                ("text", text),
                ("color", color),
                ("border_color", border_color),
                ("position", position),
                ("rotation", rotation),
                ("uuid", uuid),
            ])
        },
    )
}

fn zone() -> impl Strategy<Value = Value> {
    let rows = vec(row(), 0..4);
    (of(label()), of(any_text()), of(uuid()), position(number), rows, of(vec(area(), 0..4))).prop_map(
        |(name, zone_id, uuid, position, rows, areas)| {
            object(vec![
                ("name", name),
                ("zone_id", zone_id),
                ("uuid", uuid),
                ("position", Some(position)),
                ("rows", Some(Value::from(rows))),
                ("areas", areas.map(Value::from)),
            ])
        },
    )
}

/// A document with at least one seat. Its guids may be empty or duplicate.
pub(super) fn any_document() -> impl Strategy<Value = Value> {
    let category = (label(), of(any_text()))
        .prop_map(|(name, color)| object(vec![("name", Some(name)), ("color", color)]));
    let size =
        (any_integer(), any_integer()).prop_map(|(width, height)| json!({"width": width, "height": height}));
    let last_zone = (seat(), position(number), label());
    (any_text(), vec(category, 0..4), size, vec(zone(), 0..4), last_zone).prop_map(
        |(name, categories, size, mut zones, (seat, position, row_number))| {
            zones.push(json!({"position": position, "rows": [{"row_number": row_number, "seats": [seat]}]}));
            json!({"name": name, "categories": categories, "size": size, "zones": zones})
        },
    )
}

/// The document with a number before every guid.
pub(super) fn with_different_guids_and_labels(mut document: Value) -> Value {
    let zones = document["zones"].as_array_mut().into_iter().flatten();
    let rows = zones.filter_map(|zone| zone["rows"].as_array_mut()).flatten();
    let seats = rows.filter_map(|row| row["seats"].as_array_mut()).flatten();
    for (at, seat) in seats.enumerate() {
        let guid: String = seat["seat_guid"].as_str().unwrap_or_default().chars().take(150).collect();
        seat["seat_guid"] = format!("{at}-{guid}").into();
        let number: String = seat["seat_number"].as_str().unwrap_or_default().chars().take(150).collect();
        if !number.is_empty() {
            seat["seat_number"] = format!("{at}-{number}").into();
        }
    }
    document
}
