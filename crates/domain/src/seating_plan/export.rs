//! Writing pretix's seating-plan JSON.
//!
//! Zones, row objects, seats and areas are written as they were imported, with positions relative to row and zone and with
//! the names in the file. Removed seats are left out. Our own fields (see [`import_pretix`](super::import_pretix)) are
//! written only where they say something, so that a plan from pretix stays valid there.

use super::json::Json;
use super::parts::{NumberPosition, Parts, RowObject, SeatPart, SectionPart, StartDirection};
use super::plan::SeatingPlan;
use super::shape::{Decoration, Point, Shape};
use crate::ids::SeatIndex;

/// The plan as pretix's seating-plan JSON, without spaces. Importing it again gives an equal plan, unless the plan has
/// removed seats.
#[must_use]
pub fn export_pretix(plan: &SeatingPlan) -> String {
    let parts = plan.parts();
    let mut json = Json::default();
    json.object(|json| {
        json.text("name", &parts.name);
        json.list("categories", &parts.categories, |json, category| {
            json.object(|json| {
                json.text("name", &category.name);
                json.optional_text("color", category.color.as_deref());
            });
        });
        let zones = zones(parts);
        json.list("zones", &zones, |json, zone| write_zone(json, parts, zone));
        json.key("size");
        json.object(|json| {
            json.number("width", parts.size.width);
            json.number("height", parts.size.height);
        });
        if let Some(focus) = parts.focus {
            json.point("fairseat_focus", focus);
        }
    });
    json.into_text()
}

/// The written parts of a section.
struct Zone<'a> {
    section: &'a SectionPart,
    rows: Vec<(&'a RowObject, Vec<SeatIndex>)>,
    areas: Vec<&'a Decoration>,
}

/// The sections with their rows and areas, except those that have only removed seats.
fn zones(parts: &Parts) -> Vec<Zone<'_>> {
    let zone = |section| Zone { section, rows: Vec::new(), areas: Vec::new() };
    let mut zones: Vec<Zone<'_>> = parts.sections.iter().map(zone).collect();
    let mut kept_for_removed = vec![false; zones.len()];
    for (part, seats) in parts.row_objects_with_seats() {
        let live = |seat: &&SeatIndex| parts.seats.get(seat.position()).is_some_and(|seat| !seat.removed);
        let live: Vec<SeatIndex> = seats.iter().filter(live).copied().collect();
        let at = part.section.position();
        if live.is_empty() && !seats.is_empty() {
            if let Some(kept) = kept_for_removed.get_mut(at) {
                *kept = true;
            }
        } else if let Some(zone) = zones.get_mut(at) {
            zone.rows.push((part, live));
        }
    }
    for decoration in &parts.decorations {
        if let Some(zone) = zones.get_mut(decoration.section.position()) {
            zone.areas.push(decoration);
        }
    }
    let is_empty = |zone: &Zone<'_>, kept: bool| kept && zone.rows.is_empty() && zone.areas.is_empty();
    zones
        .into_iter()
        .zip(kept_for_removed)
        .filter(|(zone, kept)| !is_empty(zone, *kept))
        .map(|(zone, _)| zone)
        .collect()
}

fn write_zone(json: &mut Json, parts: &Parts, zone: &Zone<'_>) {
    let section = zone.section;
    json.object(|json| {
        let name = section.zone_name.as_deref().unwrap_or(&section.name);
        json.optional_text("name", Some(name).filter(|name| !name.is_empty()));
        json.optional_text("zone_id", section.zone_id.as_deref());
        json.uuid(section.uuid);
        json.point("position", section.position);
        if section.general_admission {
            json.raw("fairseat_general_admission", "true");
        }
        json.list("rows", &zone.rows, |json, (row, seats)| write_row(json, parts, section, row, seats));
        json.list("areas", &zone.areas, |json, area| write_area(json, section, area));
    });
}

fn write_row(json: &mut Json, parts: &Parts, section: &SectionPart, row: &RowObject, seats: &[SeatIndex]) {
    let origin = section.position.plus(row.position);
    json.object(|json| {
        json.point("position", row.position);
        json.text("row_number", parts.label(row.label));
        json.optional_text("row_label", row.row_label.map(|label| parts.label(label)));
        json.optional_text("seat_label", row.seat_label.map(|label| parts.label(label)));
        let number_position = row.number_position.map(|position| match position {
            NumberPosition::Start => "start",
            NumberPosition::End => "end",
            NumberPosition::Both => "both",
        });
        json.optional_text("row_number_position", number_position);
        json.uuid(row.uuid);
        json.list("seats", seats, |json, index| {
            if let Some(seat) = parts.seats.get(index.position()) {
                write_seat(json, parts, seat, *index, origin);
            }
        });
    });
}

fn write_seat(json: &mut Json, parts: &Parts, seat: &SeatPart, index: SeatIndex, origin: Point) {
    let category = parts.categories.get(usize::from(seat.category));
    json.object(|json| {
        json.text("seat_number", parts.label(seat.number));
        json.text("seat_guid", parts.guid(seat));
        json.uuid(parts.uuids.get(index.position()).copied().filter(|uuid| *uuid != 0));
        json.point("position", seat.position.minus(origin));
        json.text("category", category.map_or("", |category| &category.name));
        let direction = parts.start_directions.get(&index).map(|direction| match direction {
            StartDirection::Left => "<",
            StartDirection::Right => ">",
            StartDirection::Both => "<>",
        });
        json.optional_text("start_direction", direction);
        if seat.radius > 0 {
            json.raw("radius", &seat.radius.to_string());
        }
        if seat.accessible {
            json.raw("fairseat_accessible", "true");
        }
    });
}

fn write_area(json: &mut Json, section: &SectionPart, area: &Decoration) {
    json.object(|json| {
        json.optional_text("color", area.color.as_deref());
        json.optional_text("border_color", area.border_color.as_deref());
        json.number("rotation", area.rotation);
        json.uuid(area.uuid);
        json.point("position", area.position.minus(section.position));
        write_shape(json, &area.shape);
        if let Some(text) = &area.text {
            json.key("text");
            json.object(|json| {
                json.point("position", text.position);
                json.optional_text("color", text.color.as_deref());
                json.text("text", &text.text);
                if let Some(size) = text.size {
                    json.number("size", size);
                }
            });
        }
    });
}

fn write_shape(json: &mut Json, shape: &Shape) {
    let name = match shape {
        Shape::Rectangle { .. } => "rectangle",
        Shape::Circle { .. } => "circle",
        Shape::Ellipse { .. } => "ellipse",
        Shape::Polygon(_) => "polygon",
        Shape::Text => "text",
    };
    json.text("shape", name);
    if *shape == Shape::Text {
        return;
    }
    json.key(name);
    json.object(|json| match shape {
        Shape::Rectangle { width, height } => {
            json.number("width", *width);
            json.number("height", *height);
        }
        Shape::Circle { radius } => json.number("radius", *radius),
        Shape::Ellipse { radius } => json.point("radius", *radius),
        Shape::Polygon(points) => json.list("points", points, |json, point| json.coordinates(*point)),
        Shape::Text => {}
    });
}
