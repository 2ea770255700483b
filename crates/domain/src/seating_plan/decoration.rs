//! Reading everything that is drawn but is not a seat: pretix's areas.
//!
//! A plan is never refused because of a decoration. An area is left out when its position or rotation cannot be read. An
//! area whose shape cannot be read becomes a text; without a text it is left out. Text, colours and uuid are left out one
//! by one.

use super::index::SectionIndex;
use super::label::is_new_text;
use super::read::{Fields, Node};
use super::shape::{Decoration, DecorationText, MAX_COORDINATE, Point, Shape};
use super::value::{label, length, point, text, uuid};
use crate::limits::MAX_POLYGON_POINTS;

const FIELDS: [&str; 13] = [
    "shape",
    "position",
    "rotation",
    "color",
    "border_color",
    "text",
    "uuid",
    "rectangle",
    "circle",
    "ellipse",
    "polygon",
    "width",
    "height",
];

/// Reads one area of a zone at `origin`. Lists it as left out when it cannot be read.
pub(super) fn read_decoration(
    node: Node<'_, '_>,
    section: SectionIndex,
    origin: Point,
) -> Option<Decoration> {
    node.or_leave_out(|node| {
        let fields = node.fields(FIELDS)?;
        let position = origin.plus(fields.optional(1, point).unwrap_or_default());
        if position.x.abs().max(position.y.abs()) > MAX_COORDINATE {
            node.problem("is off the plan, together with its zone");
        }
        let text = fields.lenient(5, read_text);
        let has_text = text.as_ref().is_some_and(|text| !text.text.is_empty());
        let color = |at| fields.lenient(at, label).map(Into::into);
        Some(Decoration {
            section,
            position,
            rotation: fields.optional(2, length).unwrap_or(0),
            shape: read_shape(&fields, has_text)?,
            color: color(3),
            border_color: color(4),
            text,
            uuid: fields.lenient(6, uuid),
        })
    })
}

/// The named shape; without a name, the shape whose measures are given. A shape that cannot be read becomes
/// [`Shape::Text`] when the area has a text, and is a problem of the area when it has none.
fn read_shape(fields: &Fields<'_, '_, 13>, has_text: bool) -> Option<Shape> {
    let measured = |at, read: fn(Node<'_, '_>) -> Option<Shape>| {
        if has_text { fields.wanted(at, read).or(Some(Shape::Text)) } else { fields.required(at, read) }
    };
    let name = if has_text { fields.lenient(0, text) } else { fields.optional(0, text) };
    match name.as_deref() {
        Some("rectangle") => measured(7, read_rectangle),
        Some("circle") => measured(8, read_circle),
        Some("ellipse") => measured(9, read_ellipse),
        Some("polygon") => measured(10, read_polygon),
        Some("text") => Some(Shape::Text),
        Some(_) => {
            fields.lenient(0, |node| {
                node.problem("must be rectangle, circle, ellipse, polygon or text");
                Some(())
            });
            Some(Shape::Text)
        }
        None if fields.has(7) => measured(7, read_rectangle),
        None if fields.has(8) => measured(8, read_circle),
        None if fields.has(9) => measured(9, read_ellipse),
        None if fields.has(10) => measured(10, read_polygon),
        // The oldest files give a rectangle's sides in the area itself.
        None => match (fields.lenient(11, length), fields.lenient(12, length)) {
            (Some(width), Some(height)) => Some(Shape::Rectangle { width, height }),
            _ => Some(Shape::Text),
        },
    }
}

fn read_rectangle(node: Node<'_, '_>) -> Option<Shape> {
    let fields = node.fields(["width", "height"])?;
    let (width, height) = (fields.required(0, length), fields.required(1, length));
    Some(Shape::Rectangle { width: width?, height: height? })
}

fn read_circle(node: Node<'_, '_>) -> Option<Shape> {
    let radius = node.fields(["radius"])?.required(0, length)?;
    Some(Shape::Circle { radius })
}

fn read_ellipse(node: Node<'_, '_>) -> Option<Shape> {
    let radius = node.fields(["radius"])?.required(0, point)?;
    Some(Shape::Ellipse { radius })
}

fn read_polygon(node: Node<'_, '_>) -> Option<Shape> {
    let mut points = Vec::new();
    node.fields(["points"])?.required(0, |list| {
        list.each(MAX_POLYGON_POINTS, |_, corner| points.extend(point(corner)));
        Some(())
    })?;
    Some(Shape::Polygon(points.into()))
}

/// The text of an area. The oldest files have a plain string.
fn read_text(node: Node<'_, '_>) -> Option<DecorationText> {
    if node.is_string() {
        let text = read_lines(node)?;
        return Some(DecorationText { text, color: None, position: Point::default(), size: None });
    }
    let fields = node.fields(["text", "color", "position", "size"])?;
    Some(DecorationText {
        text: fields.optional(0, read_lines).unwrap_or_default(),
        color: fields.lenient(1, label).map(Into::into),
        position: fields.optional(2, point).unwrap_or_default(),
        size: fields.lenient(3, length),
    })
}

fn read_lines(node: Node<'_, '_>) -> Option<Box<str>> {
    let text = text(node)?;
    if !is_new_text(&text) {
        node.problem("must have at most 200 characters, and no control characters but line breaks and tabs");
        return None;
    }
    Some(text.into())
}
