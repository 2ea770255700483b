//! Reading pretix's seating-plan JSON; what is required and what is ours is on [`import_pretix`](super::import_pretix)'s
//! page.

use super::builder::{Builder, NewSeat};
use super::decoration::read_decoration;
use super::index::SectionIndex;
use super::parts::{NumberPosition, RowPart, SectionPart};
use super::read::Node;
use super::shape::{MAX_COORDINATE, Point, Size};
use super::value::{boolean, label, length, point, text, uuid};
use crate::limits::{MAX_CATEGORIES, MAX_DECORATIONS, MAX_ROWS, MAX_SEATS, MAX_SECTIONS};

/// Reads the whole file into `builder`; what is wrong is noted.
pub(super) fn read_plan(root: Node<'_, '_>, builder: &mut Builder) {
    let Some(fields) = root.fields(["name", "size", "categories", "zones"]) else { return };
    if let Some(name) = fields.optional(0, label) {
        builder.parts.name = name.into();
    }
    let size = fields.optional(1, read_size);
    fields.optional(2, |list| {
        list.each(MAX_CATEGORIES, |_, category| read_category(category, builder));
        Some(())
    });
    fields.required(3, |list| {
        list.each(MAX_SECTIONS, |at, zone| read_zone(zone, at, builder));
        Some(())
    });
    builder.parts.size = size.unwrap_or_else(|| builder.measured_size());
}

fn read_size(node: Node<'_, '_>) -> Option<Size> {
    let fields = node.fields(["width", "height"])?;
    let (width, height) = (fields.required(0, length), fields.required(1, length));
    let size = Size { width: width?, height: height? };
    if size.width < 0 || size.height < 0 {
        node.problem("must not be negative");
        return None;
    }
    Some(size)
}

fn read_category(node: Node<'_, '_>, builder: &mut Builder) {
    let Some(fields) = node.fields(["name", "color"]) else { return };
    let (name, color) = (fields.required(0, label), fields.optional(1, label));
    if let Some(name) = name {
        builder.category(&name, color.as_deref());
    }
}

fn read_zone(node: Node<'_, '_>, at: usize, builder: &mut Builder) {
    let names = ["name", "zone_id", "uuid", "position", "rows", "areas", "fairseat_general_admission"];
    let Some(fields) = node.fields(names) else { return };
    let zone_id = fields.optional(1, label).filter(|id| !id.is_empty());
    let name = fields.optional(0, label).filter(|name| !name.is_empty());
    let name = name
        .or_else(|| zone_id.clone())
        .map_or_else(|| format!("Zone {}", at.saturating_add(1)).into(), |name| Box::from(&*name));
    let position = fields.optional(3, point).unwrap_or_default();
    let section = builder.section(SectionPart {
        name,
        zone_name: None,
        zone_id: zone_id.map(Into::into),
        uuid: fields.optional(2, uuid),
        position,
        general_admission: fields.optional(6, boolean).unwrap_or(false),
    });
    fields.required(4, |list| {
        list.each(MAX_ROWS, |_, row| read_row(row, section, position, builder));
        Some(())
    });
    fields.optional(5, |list| {
        list.each(MAX_DECORATIONS, |_, area| {
            builder.parts.decorations.extend(read_decoration(area, section, position));
        });
        Some(())
    });
}

fn read_row(node: Node<'_, '_>, section: SectionIndex, zone: Point, builder: &mut Builder) {
    let names = ["row_number", "row_label", "seat_label", "row_number_position", "uuid", "position", "seats"];
    let Some(fields) = node.fields(names) else { return };
    let number = fields.optional(0, label).unwrap_or_default();
    let number = builder.label(&number);
    let mut describe = |at| fields.optional(at, label).map(|text| builder.label(&text));
    let (row_label, seat_label) = (describe(1), describe(2));
    let position = fields.optional(5, point).unwrap_or_default();
    let part = RowPart {
        section,
        label: number,
        position,
        row_label,
        seat_label,
        number_position: fields.optional(3, read_number_position),
        uuid: fields.optional(4, uuid),
        seat_count: 0,
    };
    builder.row_part(part);
    let origin = zone.plus(position);
    fields.required(6, |list| {
        list.each(MAX_SEATS, |_, seat| {
            read_seat(seat, origin, builder);
        });
        Some(())
    });
}

fn read_number_position(node: Node<'_, '_>) -> Option<NumberPosition> {
    match &*text(node)? {
        "start" | "left" => Some(NumberPosition::Start),
        "end" | "right" => Some(NumberPosition::End),
        "both" => Some(NumberPosition::Both),
        _ => None,
    }
}

fn read_seat(node: Node<'_, '_>, origin: Point, builder: &mut Builder) -> Option<()> {
    let names = ["seat_guid", "seat_number", "uuid", "position", "category", "radius", "fairseat_accessible"];
    let fields = node.fields(names)?;
    let guid = fields.required(0, |node| {
        let guid = label(node)?;
        if guid.is_empty() {
            node.problem("must not be empty");
        }
        Some(guid)
    });
    let number = fields.optional(1, label).unwrap_or_default();
    let position = fields.required(3, |node| {
        let position = origin.plus(point(node)?);
        if position.x.abs().max(position.y.abs()) > MAX_COORDINATE {
            node.problem("is off the plan, together with its row and zone");
        }
        Some(position)
    });
    let category = fields.optional(4, label).and_then(|name| builder.category(&name, None));
    let accessible = fields.optional(6, boolean).unwrap_or(false);
    let seat = NewSeat {
        guid: &guid?,
        number: &number,
        position: position?,
        category,
        radius: fields.optional(5, read_radius).unwrap_or(0),
        accessible,
        removed: false,
        uuid: fields.optional(2, uuid),
    };
    builder.seat(&seat);
    Some(())
}

/// Whole units; what does not fit is left to the renderer's default.
fn read_radius(node: Node<'_, '_>) -> Option<u16> {
    let rounded = length(node)?.saturating_add(500).div_euclid(1_000);
    u16::try_from(rounded).ok()
}
