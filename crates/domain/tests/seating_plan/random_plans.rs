//! Random plans for property tests: also with fields that pretix's schema requires left out, and with our own fields.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A JSON string: a plain text, or one with characters that need escaping.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[A-C]{1,2}", r#"[a-zß字 "\\<&/'~-]{0,6}"#]
        .prop_map(|text: String| serde_json::json!(text).to_string())
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof!["-?[0-9]{1,3}", "-?[0-9]{1,2}\\.[0-9]{1,17}", "[1-9](\\.[0-9]{1,3})?e-?[0-4]"]
        .prop_map(|text: String| strip_zeros(&text))
}

/// Removes leading zeros, which JSON forbids.
fn strip_zeros(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let trimmed = digits.trim_start_matches('0');
    if trimmed.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{sign}{trimmed}")
    } else {
        format!("{sign}0{trimmed}")
    }
}

fn point() -> impl Strategy<Value = String> {
    (number(), number()).prop_map(|(x, y)| format!(r#"{{"x": {x}, "y": {y}}}"#))
}

/// A JSON object of the fields that have a value.
fn object(fields: Vec<(&'static str, Option<String>)>) -> String {
    let fields: Vec<String> =
        fields.into_iter().filter_map(|(name, value)| Some(format!(r#""{name}": {}"#, value?))).collect();
    format!("{{{}}}", fields.join(", "))
}

fn list(values: Vec<String>) -> Option<String> {
    Some(format!("[{}]", values.join(", ")))
}

fn uuid() -> impl Strategy<Value = String> {
    prop_oneof!["\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}\"", "\"none\""]
}

fn seat() -> impl Strategy<Value = String> {
    let names = ("[A-F]{1,3}", option::of(prop_oneof![text(), "[1-9][0-9]?"]), option::of(text()));
    let rest = (point(), option::of(uuid()), option::of(1..40_u8), option::of(any::<bool>()));
    (names, rest).prop_map(|((guid, number, category), (position, uuid, radius, accessible))| {
        object(vec![
            ("seat_guid", Some(format!("\"{guid}\""))),
            ("seat_number", number),
            ("category", category),
            ("position", Some(position)),
            ("uuid", uuid),
            ("radius", radius.map(|radius| radius.to_string())),
            ("fairseat_accessible", accessible.map(|accessible| accessible.to_string())),
        ])
    })
}

fn row() -> impl Strategy<Value = String> {
    let end = option::of(prop_oneof![Just("\"both\""), Just("\"start\""), Just("null")]);
    let names = (option::of(text()), option::of(text()), option::of(uuid()), end);
    (names, option::of(point()), vec(seat(), 0..7)).prop_map(
        |((number, label, uuid, end), position, seats)| {
            object(vec![
                ("row_number", number),
                ("row_label", label.clone()),
                ("seat_label", label),
                ("uuid", uuid),
                ("row_number_position", end.map(str::to_owned)),
                ("position", position),
                ("seats", list(seats)),
            ])
        },
    )
}

fn area() -> impl Strategy<Value = String> {
    let shape = prop_oneof![
        (number(), number()).prop_map(|(w, h)| ("rectangle", format!(r#"{{"width": {w}, "height": {h}}}"#))),
        number().prop_map(|radius| ("circle", format!(r#"{{"radius": {radius}}}"#))),
        point().prop_map(|radius| ("ellipse", format!(r#"{{"radius": {radius}}}"#))),
        vec(point(), 0..5)
            .prop_map(|points| ("polygon", format!(r#"{{"points": [{}]}}"#, points.join(", ")))),
    ];
    let writing = (text(), option::of(point()), option::of(number())).prop_map(|(text, position, size)| {
        object(vec![("text", Some(text)), ("position", position), ("size", size)])
    });
    (option::of(shape), option::of(point()), option::of(number()), option::of(writing), option::of(text()))
        .prop_map(|(shape, position, rotation, text, color)| {
            let name = shape.as_ref().map(|(name, _)| format!("\"{name}\""));
            let (field, measures) =
                shape.map_or(("rectangle", None), |(name, measures)| (name, Some(measures)));
            object(vec![
                ("shape", name),
                (field, measures),
                ("position", position),
                ("rotation", rotation),
                ("text", text),
                ("color", color.clone()),
                ("border_color", color),
            ])
        })
}

fn zone() -> impl Strategy<Value = String> {
    let names = (option::of(text()), option::of(text()), option::of(uuid()), option::of(any::<bool>()));
    (names, option::of(point()), vec(row(), 0..4), vec(area(), 0..3)).prop_map(
        |((name, id, uuid, general), position, rows, areas)| {
            object(vec![
                ("name", name),
                ("zone_id", id),
                ("uuid", uuid),
                ("position", position),
                ("rows", list(rows)),
                ("areas", list(areas)),
                ("fairseat_general_admission", general.map(|general| general.to_string())),
            ])
        },
    )
}

/// A plan in pretix's form with at least one seat. It usually has duplicate guids.
pub(crate) fn any_pretix_plan() -> impl Strategy<Value = String> {
    let categories = option::of(vec(text(), 0..3));
    (option::of(text()), categories, vec(zone(), 0..4), seat(), option::of(point())).prop_map(
        |(name, categories, mut zones, seat, focus)| {
            zones.push(format!(r#"{{"rows": [{{"seats": [{seat}]}}]}}"#));
            let categories = categories.map(|names| {
                let categories: Vec<String> =
                    names.iter().map(|name| format!(r#"{{"name": {name}}}"#)).collect();
                format!("[{}]", categories.join(", "))
            });
            object(vec![
                ("name", name),
                ("categories", categories),
                ("zones", list(zones)),
                ("fairseat_focus", focus),
            ])
        },
    )
}
