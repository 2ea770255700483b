//! Points, sizes, categories and decorations. Lengths are thousandths of the editor's unit (in which seats are about 25
//! apart), so that no floating-point number is needed.

use super::index::SectionIndex;

/// A place on the plan, in thousandths; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// Thousandths from the left.
    pub x: i32,
    /// Thousandths from the top.
    pub y: i32,
}

impl Point {
    /// This place moved by `by`; saturating.
    #[must_use]
    pub const fn plus(self, by: Self) -> Self {
        Self { x: self.x.saturating_add(by.x), y: self.y.saturating_add(by.y) }
    }

    /// The vector from `from` to this place; saturating.
    #[must_use]
    pub const fn minus(self, from: Self) -> Self {
        Self { x: self.x.saturating_sub(from.x), y: self.y.saturating_sub(from.y) }
    }

    /// The square of the distance to `other`; exact within [`MAX_COORDINATE`], else saturating.
    #[must_use]
    pub fn distance_squared(self, other: Self) -> u64 {
        let square = |a: i32, b: i32| {
            let difference = i64::from(a).abs_diff(i64::from(b));
            difference.saturating_mul(difference)
        };
        square(self.x, other.x).saturating_add(square(self.y, other.y))
    }
}

/// The largest coordinate, in thousandths, in both directions from the origin.
pub const MAX_COORDINATE: i32 = 1_000_000_000;

/// The width and height of a plan, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Size {
    /// From left to right.
    pub width: i32,
    /// From top to bottom.
    pub height: i32,
}

/// A category of seats. A price can be given for a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Unique within the plan.
    pub name: Box<str>,
    /// As the editor wrote it, usually `#rrggbb`. Untrusted text: check it before it goes into a page.
    pub color: Option<Box<str>>,
}

/// Something that is drawn but is not a seat: a stage, an aisle, a wall, a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoration {
    /// The section it was drawn in.
    pub section: SectionIndex,
    /// Its place on the plan: a rectangle's top left corner, a circle's or ellipse's centre, a polygon's origin.
    pub position: Point,
    /// Thousandths of a degree, clockwise around `position`.
    pub rotation: i32,
    /// Its form.
    pub shape: Shape,
    /// Fill, as the editor wrote it. Untrusted text.
    pub color: Option<Box<str>>,
    /// Outline, as the editor wrote it. Untrusted text.
    pub border_color: Option<Box<str>>,
    /// The text on it.
    pub text: Option<DecorationText>,
    /// Its id in the editor.
    pub uuid: Option<u128>,
}

impl Decoration {
    /// Points that enclose the decoration in any rotation. The room for its text is estimated.
    pub(super) fn corners(&self) -> Vec<Point> {
        let mut corners = match &self.shape {
            Shape::Rectangle { width, height } => {
                vec![
                    Point::default(),
                    Point { x: *width, y: 0 },
                    Point { x: 0, y: *height },
                    Point { x: *width, y: *height },
                ]
            }
            Shape::Circle { radius } => around(Point::default(), Point { x: *radius, y: *radius }),
            Shape::Ellipse { radius } => around(Point::default(), *radius),
            Shape::Polygon(points) => points.to_vec(),
            Shape::Text => Vec::new(),
        };
        if let Some(text) = self.text.as_ref().filter(|text| !text.text.is_empty()) {
            let size = text.size.unwrap_or(DecorationText::DEFAULT_SIZE);
            let letters = text.text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            let letters = i32::try_from(letters).unwrap_or(i32::MAX);
            corners.extend(around(text.position, Point { x: size.saturating_mul(letters) / 4, y: size / 2 }));
        }
        if self.rotation != 0 {
            let far =
                corners.iter().flat_map(|corner| [corner.x.saturating_abs(), corner.y.saturating_abs()]);
            let far = far.max().unwrap_or(0);
            corners = around(Point::default(), Point { x: far, y: far });
        }
        corners.into_iter().map(|corner| self.position.plus(corner)).collect()
    }
}

/// Two opposite corners of a rectangle around `middle`.
fn around(middle: Point, half: Point) -> Vec<Point> {
    vec![middle.minus(half), middle.plus(half)]
}

/// The form of a decoration; lengths in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An upright rectangle, before rotation.
    Rectangle {
        /// From left to right.
        width: i32,
        /// From top to bottom.
        height: i32,
    },
    /// A circle.
    Circle {
        /// Centre to rim.
        radius: i32,
    },
    /// An upright ellipse, before rotation.
    Ellipse {
        /// Centre to rim, sideways and upwards.
        radius: Point,
    },
    /// A closed polygon; corners relative to the decoration's position.
    Polygon(Box<[Point]>),
    /// Only a text. An import reads an unknown shape as this one.
    Text,
}

/// The text on a decoration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecorationText {
    /// The text itself; may be empty, may have several lines.
    pub text: Box<str>,
    /// Colour, as the editor wrote it. Untrusted text.
    pub color: Option<Box<str>>,
    /// The middle of the text, relative to the decoration's position.
    pub position: Point,
    /// Height of the letters in thousandths; the editor's default is 16,000.
    pub size: Option<i32>,
}

impl DecorationText {
    /// The height of letters when none is given, in thousandths.
    pub(super) const DEFAULT_SIZE: i32 = 16_000;
}
