//! The meaning of a pretix document: defaults filled in, numbers rounded to thousandths, unusable parts taken out. Two
//! documents with the same meaning describe the same plan. Written from pretix's schema, with none of our code.

use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The farthest coordinate, in thousandths.
const FARTHEST: i64 = 1_000_000_000;

/// A document's meaning, and the paths of the parts that have none.
#[derive(Debug, PartialEq)]
pub(super) struct Meaning {
    pub(super) document: Value,
    pub(super) left_out: BTreeSet<String>,
}

impl Meaning {
    pub(super) fn of(document: &Value) -> Self {
        let mut meaning = Self { document: Value::Null, left_out: BTreeSet::new() };
        meaning.document = json!({
            "name": meaning.text(&document["name"], "name", is_label).unwrap_or_default(),
            "size": meaning.size(&document["size"]),
            "categories": meaning.categories(document),
            "zones": each(&document["zones"], |zone, at| meaning.zone(zone, &format!("zones[{at}]"))),
        });
        meaning
    }

    /// The value, or nothing and a note that it is left out.
    fn usable<T>(&mut self, value: Option<T>, path: &str) -> Option<T> {
        if value.is_none() {
            self.left_out.insert(path.to_owned());
        }
        value
    }

    /// A field that is missing, null or a text.
    fn text(&mut self, value: &Value, path: &str, is_usable: fn(&str) -> bool) -> Option<String> {
        let text = value.as_str()?;
        self.usable(is_usable(text).then(|| text.to_owned()), path)
    }

    fn uuid(&mut self, value: &Value, path: &str) -> Option<String> {
        let is_uuid = |text: &str| text.len() == 36 && text.bytes().any(|byte| !b"0-".contains(&byte));
        self.text(value, path, is_uuid).map(|uuid| uuid.to_lowercase())
    }

    fn size(&mut self, size: &Value) -> Option<Value> {
        let sides = thousandths(&size["width"]).zip(thousandths(&size["height"]));
        let sides = sides.filter(|(width, height)| *width >= 0 && *height >= 0);
        self.usable(sides, "size").map(|(width, height)| json!([width, height]))
    }

    /// The declared categories, then those that only seats name. Each has the color of its first declaration.
    fn categories(&mut self, document: &Value) -> Vec<(String, Option<String>)> {
        let mut categories: Vec<(String, Option<String>)> = Vec::new();
        for (at, category) in list(&document["categories"]).iter().enumerate() {
            let path = format!("categories[{at}]");
            let name = string(&category["name"]);
            let color = self.text(&category["color"], &format!("{path}.color"), is_label);
            match categories.iter().find(|(known, _)| *known == name) {
                _ if name.is_empty() => drop(self.left_out.insert(path)),
                Some((_, first)) if *first != color => drop(self.left_out.insert(path)),
                Some(_) => {}
                None => categories.push((name, color)),
            }
        }
        let rows = list(&document["zones"]).iter().flat_map(|zone| list(&zone["rows"]));
        for seat in rows.flat_map(|row| list(&row["seats"])) {
            let name = string(&seat["category"]);
            if !name.is_empty() && !categories.iter().any(|(known, _)| *known == name) {
                categories.push((name, None));
            }
        }
        categories
    }

    fn zone(&mut self, zone: &Value, path: &str) -> Value {
        let zone_id = self.text(&zone["zone_id"], &format!("{path}.zone_id"), is_label);
        json!({
            "name": string(&zone["name"]),
            "zone_id": zone_id.unwrap_or_default(),
            "uuid": self.uuid(&zone["uuid"], &format!("{path}.uuid")),
            "position": position(&zone["position"]),
            "rows": each(&zone["rows"], |row, at| self.row(row, &format!("{path}.rows[{at}]"))),
            "areas": list(&zone["areas"])
                .iter()
                .enumerate()
                .filter_map(|(at, area)| self.area(area, &zone["position"], &format!("{path}.areas[{at}]")))
                .collect::<Vec<_>>(),
        })
    }

    fn row(&mut self, row: &Value, path: &str) -> Value {
        json!({
            "row_number": string(&row["row_number"]),
            "row_label": self.text(&row["row_label"], &format!("{path}.row_label"), is_label),
            "seat_label": self.text(&row["seat_label"], &format!("{path}.seat_label"), is_label),
            "row_number_position": row["row_number_position"],
            "uuid": self.uuid(&row["uuid"], &format!("{path}.uuid")),
            "position": position(&row["position"]),
            "seats": each(&row["seats"], |seat, at| self.seat(seat, &format!("{path}.seats[{at}]"))),
        })
    }

    fn seat(&mut self, seat: &Value, path: &str) -> Value {
        let is_direction = |text: &str| ["<", ">", "<>"].contains(&text);
        let radius = seat.get("radius").and_then(|radius| {
            let usable = radius.as_f64().filter(|radius| (1.0..=65_535.0).contains(radius));
            self.usable(usable, &format!("{path}.radius"))
        });
        json!({
            "seat_guid": seat["seat_guid"],
            "seat_number": seat["seat_number"],
            "category": seat["category"],
            "position": position(&seat["position"]),
            "uuid": self.uuid(&seat["uuid"], &format!("{path}.uuid")),
            "start_direction":
                self.text(&seat["start_direction"], &format!("{path}.start_direction"), is_direction),
            "radius": radius,
        })
    }

    /// Nothing for an area that is left out as a whole; the parts within it are then not listed.
    fn area(&mut self, area: &Value, zone: &Value, path: &str) -> Option<Value> {
        let mut within = Self { document: Value::Null, left_out: BTreeSet::new() };
        let meaning = within.drawn(area, zone, path);
        if meaning.is_some() {
            self.left_out.append(&mut within.left_out);
        }
        self.usable(meaning, path)
    }

    fn drawn(&mut self, area: &Value, zone: &Value, path: &str) -> Option<Value> {
        let own = position(&area["position"])?;
        let on_plan = own.iter().zip(position(zone)?).all(|(own, zone)| (own + zone).abs() <= FARTHEST);
        let rotation = area.get("rotation").map_or(Some(0), thousandths)?;
        if !on_plan {
            return None;
        }
        let text = self.area_text(&area["text"], &format!("{path}.text"));
        let measured = ["rectangle", "circle", "ellipse", "polygon"];
        let given = measured.into_iter().find(|name| area.get(*name).is_some());
        let mut shape = area["shape"].as_str().or(given).unwrap_or("text");
        let mut measures = Value::Null;
        if shape != "text" {
            match self.measures(shape, &area[shape]) {
                Some(found) => measures = found,
                None if text.as_ref().is_some_and(|text| text["text"] != "") => {
                    self.left_out.insert(format!("{path}.{shape}"));
                    shape = "text";
                }
                None => return None,
            }
        }
        Some(json!({
            "position": own,
            "rotation": rotation,
            "shape": shape,
            "measures": measures,
            "text": text,
            "color": self.text(&area["color"], &format!("{path}.color"), is_label),
            "border_color": self.text(&area["border_color"], &format!("{path}.border_color"), is_label),
            "uuid": self.uuid(&area["uuid"], &format!("{path}.uuid")),
        }))
    }

    fn measures(&self, shape: &str, measures: &Value) -> Option<Value> {
        let points = match shape {
            "rectangle" => json!([thousandths(&measures["width"])?, thousandths(&measures["height"])?]),
            "circle" => json!(thousandths(&measures["radius"])?),
            "ellipse" => json!(position(measures.get("radius")?)?),
            _ => {
                let points = measures.get("points")?.as_array()?.iter().map(position);
                json!(points.collect::<Option<Vec<_>>>()?)
            }
        };
        Some(points)
    }

    fn area_text(&mut self, text: &Value, path: &str) -> Option<Value> {
        let words = text.get("text")?.as_str()?;
        let is_usable = words.chars().count() <= 200
            && !words.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        let place = position(&text["position"]).filter(|_| is_usable);
        let place = self.usable(place, path)?;
        let size = text.get("size").and_then(|size| self.usable(thousandths(size), &format!("{path}.size")));
        let color = self.text(&text["color"], &format!("{path}.color"), is_label);
        Some(json!({"text": words, "position": place, "size": size, "color": color}))
    }
}

fn is_label(text: &str) -> bool {
    text.chars().count() <= 200 && !text.chars().any(char::is_control)
}

/// A number rounded to thousandths; nothing for one that is off every plan.
fn thousandths(value: &Value) -> Option<i64> {
    let rounded = (value.as_f64()? * 1_000.0).round();
    (rounded.abs() <= FARTHEST as f64).then_some(rounded as i64)
}

/// A point, at the origin when it is missing; nothing for one that is off every plan.
fn position(value: &Value) -> Option<[i64; 2]> {
    if value.is_null() { Some([0, 0]) } else { Some([thousandths(&value["x"])?, thousandths(&value["y"])?]) }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn each(values: &Value, mut meaning: impl FnMut(&Value, usize) -> Value) -> Vec<Value> {
    list(values).iter().enumerate().map(|(at, value)| meaning(value, at)).collect()
}
