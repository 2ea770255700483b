//! Reading pretix's seating-plan JSON. The documentation of [`import_pretix`](super::import_pretix) lists the required fields
//! and our own fields.

use super::builder::{Builder, NewSeat};
use super::decoration::read_decoration;
use super::index::SectionIndex;
use super::parts::{NumberPosition, RowObject, SectionPart, StartDirection};
use super::read::Node;
use super::shape::{MAX_COORDINATE, Point, Size};
use super::value::{boolean, label, length, point, text, uuid};
use crate::limits::{MAX_CATEGORIES, MAX_DECORATIONS, MAX_ROWS, MAX_SEATS, MAX_SECTIONS};

/// Reads the whole file into `builder`, and notes every problem.
pub(super) fn read_plan(root: Node<'_, '_>, builder: &mut Builder) {
    let Some(fields) = root.fields(["name", "size", "categories", "zones", "fairseat_focus"]) else { return };
    if let Some(name) = fields.lenient(0, label) {
        builder.parts.name = name.into();
    }
    let size = fields.lenient(1, read_size);
    fields.optional(2, |list| {
        list.each(MAX_CATEGORIES, |_, category| read_category(category, builder));
        Some(())
    });
    fields.required(3, |list| {
        list.each(MAX_SECTIONS, |at, zone| read_zone(zone, at, builder));
        Some(())
    });
    builder.parts.size = size.unwrap_or_else(|| builder.measured_size());
    builder.parts.focus = fields.lenient(4, point);
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
    let (Some(name), color) = (fields.required(0, label), fields.lenient(1, label)) else { return };
    let declared = builder.known_category(&name).and_then(|at| builder.parts.categories.get(usize::from(at)));
    if name.is_empty() {
        node.leave_out("has no name, so that no price can be given for it");
    } else if declared.is_some_and(|declared| declared.color.as_deref() != color.as_deref()) {
        node.leave_out("has the name of an earlier category with another color");
    } else {
        builder.category(&name, color.as_deref());
    }
}

fn read_zone(node: Node<'_, '_>, at: usize, builder: &mut Builder) {
    let names = ["name", "zone_id", "uuid", "position", "rows", "areas", "fairseat_general_admission"];
    let Some(fields) = node.fields(names) else { return };
    let zone_id: Option<Box<str>> = fields.lenient(1, label).filter(|id| !id.is_empty()).map(Into::into);
    let own_name: Option<Box<str>> =
        fields.optional(0, label).filter(|name| !name.is_empty()).map(Into::into);
    // A zone without a name is exported without one again.
    let zone_name = if own_name.is_none() { Some(Box::default()) } else { None };
    let name = own_name
        .or_else(|| zone_id.clone())
        .unwrap_or_else(|| format!("Zone {}", at.saturating_add(1)).into());
    let position = fields.optional(3, point).unwrap_or_default();
    let section = builder.section(SectionPart {
        name,
        zone_name,
        zone_id,
        uuid: fields.lenient(2, uuid),
        position,
        general_admission: fields.optional(6, boolean).unwrap_or(false),
    });
    fields.required(4, |list| {
        list.each(MAX_ROWS, |_, row| read_row(row, section, position, builder));
        Some(())
    });
    fields.lenient(5, |list| {
        list.each(usize::MAX, |_, area| {
            if builder.parts.decorations.len() < MAX_DECORATIONS {
                builder.parts.decorations.extend(read_decoration(area, section, position));
            } else {
                area.leave_out(format_args!("comes after the first {MAX_DECORATIONS} areas of the plan"));
            }
        });
        Some(())
    });
}

fn read_row(node: Node<'_, '_>, section: SectionIndex, zone: Point, builder: &mut Builder) {
    let names = ["row_number", "row_label", "seat_label", "row_number_position", "uuid", "position", "seats"];
    let Some(fields) = node.fields(names) else { return };
    let number = fields.optional(0, label).unwrap_or_default();
    let number = builder.label(&number);
    let mut describe = |at| fields.lenient(at, label).map(|text| builder.label(&text));
    let (row_label, seat_label) = (describe(1), describe(2));
    let position = fields.optional(5, point).unwrap_or_default();
    let part = RowObject {
        section,
        label: number,
        position,
        row_label,
        seat_label,
        number_position: fields.lenient(3, read_number_position),
        uuid: fields.lenient(4, uuid),
        seat_count: 0,
    };
    builder.row_object(part);
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
        _ => {
            node.problem("must be start, end or both");
            None
        }
    }
}

const SEAT_FIELDS: [&str; 8] = [
    "seat_guid",
    "seat_number",
    "uuid",
    "position",
    "category",
    "radius",
    "fairseat_accessible",
    "start_direction",
];

fn read_seat(node: Node<'_, '_>, origin: Point, builder: &mut Builder) -> Option<()> {
    let fields = node.fields(SEAT_FIELDS)?;
    let guid = fields.required(0, |node| {
        let guid = label(node)?;
        if guid.is_empty() && !builder.accepts_empty_guids {
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
        radius: fields.lenient(5, read_radius).unwrap_or(0),
        accessible,
        removed: false,
        uuid: fields.lenient(2, uuid),
        start_direction: fields.lenient(7, read_start_direction),
    };
    builder.seat(&seat);
    Some(())
}

/// A seat's radius, rounded to whole units. Where there is none, a renderer draws its default.
fn read_radius(node: Node<'_, '_>) -> Option<u16> {
    let rounded = length(node)?.saturating_add(500).div_euclid(1_000);
    let radius = u16::try_from(rounded).ok().filter(|radius| *radius > 0);
    if radius.is_none() {
        node.problem("must be a number from 1 to 65535");
    }
    radius
}

fn read_start_direction(node: Node<'_, '_>) -> Option<StartDirection> {
    match &*text(node)? {
        "<" => Some(StartDirection::Left),
        ">" => Some(StartDirection::Right),
        "<>" => Some(StartDirection::Both),
        _ => {
            node.problem("must be <, > or <>");
            None
        }
    }
}
