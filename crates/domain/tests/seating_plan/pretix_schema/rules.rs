//! The rules of pretix's `seating-plan.schema.json`, in our own words.

use serde_json::Value;

/// A field's name, whether it must be there, and which values it may have.
type Field<'r> = (&'r str, bool, &'r dyn Fn(&Value) -> bool);

/// Whether the schema allows a document.
pub(super) fn is_allowed(document: &Value) -> bool {
    let size = |value: &Value| object(value, &[("width", true, &integer), ("height", true, &integer)]);
    let category = |value: &Value| object(value, &[("name", true, &string), ("color", false, &string)]);
    object(
        document,
        &[
            ("name", true, &string),
            ("zones", true, &|value| list(value, zone)),
            ("categories", true, &|value| list(value, category)),
            ("size", true, &size),
        ],
    )
}

fn zone(value: &Value) -> bool {
    object(
        value,
        &[
            ("name", false, &string),
            ("zone_id", false, &string),
            ("uuid", false, &string),
            ("position", true, &position),
            ("rows", true, &|value| list(value, row)),
            ("areas", false, &|value| list(value, area)),
        ],
    )
}

fn row(value: &Value) -> bool {
    let end = |value: &Value| value.is_null() || one_of(value, &["start", "end", "both"]);
    object(
        value,
        &[
            ("row_number", true, &string),
            ("row_label", false, &string_or_null),
            ("seat_label", false, &string_or_null),
            ("uuid", false, &string),
            ("seats", true, &|value| list(value, seat)),
            ("row_number_position", false, &end),
            ("position", false, &position),
        ],
    )
}

fn seat(value: &Value) -> bool {
    object(
        value,
        &[
            ("seat_guid", true, &string),
            ("seat_number", true, &string),
            ("uuid", false, &string),
            ("start_direction", false, &string_or_null),
            ("radius", false, &integer),
            ("position", true, &position),
            ("category", true, &string),
        ],
    )
}

fn area(value: &Value) -> bool {
    let rectangle = |value: &Value| object(value, &[("width", true, &integer), ("height", true, &integer)]);
    let text = |value: &Value| {
        let fields: [Field<'_>; 4] = [
            ("text", true, &string),
            ("color", false, &string),
            ("size", false, &integer),
            ("position", true, &position),
        ];
        object(value, &fields)
    };
    object(
        value,
        &[
            ("color", false, &string),
            ("border_color", false, &string),
            ("rotation", false, &Value::is_number),
            ("position", false, &position),
            ("uuid", false, &string),
            ("shape", false, &|value| one_of(value, &["polygon", "rectangle", "ellipse", "circle", "text"])),
            ("polygon", false, &|value| object(value, &[("points", true, &|value| list(value, position))])),
            ("rectangle", false, &rectangle),
            ("ellipse", false, &|value| object(value, &[("radius", true, &position)])),
            ("circle", false, &|value| object(value, &[("radius", true, &integer)])),
            ("text", false, &text),
        ],
    )
}

fn position(value: &Value) -> bool {
    object(value, &[("x", true, &Value::is_number), ("y", true, &Value::is_number)])
}

fn object(value: &Value, fields: &[Field<'_>]) -> bool {
    let Some(found) = value.as_object() else { return false };
    let known = |name: &str| fields.iter().any(|(field, ..)| *field == name);
    found.keys().all(|name| known(name))
        && fields.iter().all(|(name, required, check)| found.get(*name).map_or(!required, *check))
}

fn list(value: &Value, check: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|values| values.iter().all(check))
}

fn string(value: &Value) -> bool {
    value.is_string()
}

fn string_or_null(value: &Value) -> bool {
    value.is_string() || value.is_null()
}

/// JSON Schema counts every number without a fraction as an integer, `1e3` and `2.0` too.
fn integer(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn one_of(value: &Value, allowed: &[&str]) -> bool {
    value.as_str().is_some_and(|text| allowed.contains(&text))
}
