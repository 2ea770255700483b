//! Reading what is drawn but no seat: pretix's areas.

use super::index::SectionIndex;
use super::label::is_text;
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

/// Reads one area of a zone at `origin`; nothing, and a problem, when it cannot be.
pub(super) fn read_decoration(
    node: Node<'_, '_>,
    section: SectionIndex,
    origin: Point,
) -> Option<Decoration> {
    let fields = node.fields(FIELDS)?;
    let position = origin.plus(fields.optional(1, point).unwrap_or_default());
    if position.x.abs().max(position.y.abs()) > MAX_COORDINATE {
        node.problem("is off the plan, together with its zone");
    }
    let color = |at| fields.optional(at, label).map(Into::into);
    Some(Decoration {
        section,
        position,
        rotation: fields.optional(2, length).unwrap_or(0),
        shape: read_shape(&fields)?,
        color: color(3),
        border_color: color(4),
        text: fields.optional(5, read_text),
        uuid: fields.optional(6, uuid),
    })
}

/// The shape named; where none is, the one whose measures are there.
fn read_shape(fields: &Fields<'_, '_, 13>) -> Option<Shape> {
    let named = fields.optional(0, text);
    match named.as_deref() {
        Some("rectangle") => fields.required(7, read_rectangle),
        Some("circle") => fields.required(8, read_circle),
        Some("ellipse") => fields.required(9, read_ellipse),
        Some("polygon") => fields.required(10, read_polygon),
        Some(_) => Some(Shape::Text),
        None if fields.has(7) => fields.optional(7, read_rectangle),
        None if fields.has(8) => fields.optional(8, read_circle),
        None if fields.has(9) => fields.optional(9, read_ellipse),
        None if fields.has(10) => fields.optional(10, read_polygon),
        None => match (fields.optional(11, length), fields.optional(12, length)) {
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

/// The writing; the oldest files have a mere string.
fn read_text(node: Node<'_, '_>) -> Option<DecorationText> {
    if node.is_string() {
        let text = read_words(node)?;
        return Some(DecorationText { text, color: None, position: Point::default(), size: None });
    }
    let fields = node.fields(["text", "color", "position", "size"])?;
    Some(DecorationText {
        text: fields.optional(0, read_words).unwrap_or_default(),
        color: fields.optional(1, label).map(Into::into),
        position: fields.optional(2, point).unwrap_or_default(),
        size: fields.optional(3, length),
    })
}

fn read_words(node: Node<'_, '_>) -> Option<Box<str>> {
    let text = text(node)?;
    if !is_text(&text) {
        node.problem("must have at most 200 characters, and no control characters but line breaks");
        return None;
    }
    Some(text.into())
}
