//! The short form's stage: where it says people look, and what is drawn there.

use super::arrangement::{Block, Placement};
use super::index::SectionIndex;
use super::parts::Parts;
use super::read::Node;
use super::shape::{Decoration, DecorationText, Point, Shape};
use super::value::label;

/// How deep a stage is, and how far its middle is from the first row: it fits into the margin around every section.
const DEPTH: i32 = 24_000;
const AWAY: i32 = 28_000;
/// The shortest stage: long enough for its name.
const SHORTEST: i32 = 120_000;
const QUARTER: i32 = 90_000;
const THREE_QUARTERS: i32 = -90_000;

/// Where the stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Top,
    Right,
    Bottom,
    Left,
    /// In the middle of the plan.
    Middle,
    /// At the section with this position in the file.
    Section(usize),
}

impl Stage {
    /// Reads the field. A section's name comes before a word for a side.
    pub(super) fn read(node: Node<'_, '_>, section_named: impl Fn(&str) -> Option<usize>) -> Option<Self> {
        let text = label(node)?;
        if let Some(section) = section_named(&text) {
            return Some(Self::Section(section));
        }
        let side = match &*text {
            "top" => Some(Self::Top),
            "right" => Some(Self::Right),
            "bottom" => Some(Self::Bottom),
            "left" => Some(Self::Left),
            "middle" => Some(Self::Middle),
            _ => None,
        };
        if side.is_none() {
            node.problem("must be top, bottom, left, right, middle or the name of a section");
        }
        side
    }

    /// Draws the stage, or sets the plan's focus where nothing is drawn.
    pub(super) fn add_to(self, parts: &mut Parts, blocks: &[Block<'_>], places: &[Placement]) {
        let [(left, right), (top, bottom)] = extent(parts.seats.iter().map(|seat| seat.position));
        let (across, down) = (right.saturating_sub(left), bottom.saturating_sub(top));
        let middle = Point { x: left.midpoint(right), y: top.midpoint(bottom) };
        match self {
            Self::Top => draw(parts, Point { y: top.saturating_sub(AWAY), ..middle }, across, 0),
            Self::Bottom => draw(parts, Point { y: bottom.saturating_add(AWAY), ..middle }, across, 0),
            Self::Left => draw(parts, Point { x: left.saturating_sub(AWAY), ..middle }, down, THREE_QUARTERS),
            Self::Right => draw(parts, Point { x: right.saturating_add(AWAY), ..middle }, down, QUARTER),
            Self::Middle => parts.focus = parts.focus.or(Some(middle)),
            Self::Section(at) => {
                if let (Some(block), Some(place)) = (blocks.get(at), places.get(at)) {
                    at_section(parts, block, *place);
                }
            }
        }
    }
}

/// Draws a stage before a section's first row; of standing places, the middle is the focus.
fn at_section(parts: &mut Parts, block: &Block<'_>, place: Placement) {
    let last = |count: usize| count.saturating_sub(1);
    let between = |a: Point, b: Point| Point { x: a.x.midpoint(b.x), y: a.y.midpoint(b.y) };
    let (first, end) = (place.seat(0, 0), place.seat(0, last(block.seats_per_row)));
    if block.general_admission {
        parts.focus = Some(between(first, place.seat(last(block.rows), last(block.seats_per_row))));
        return;
    }
    let width = end.x.abs_diff(first.x).max(end.y.abs_diff(first.y));
    let middle = place.in_front_of(between(first, end), AWAY);
    draw(parts, middle, i32::try_from(width).unwrap_or(0), place.rotation());
}

/// Draws a stage around `middle`, before a row of this length.
fn draw(parts: &mut Parts, middle: Point, row: i32, rotation: i32) {
    let (half, deep) = ((row / 4).max(SHORTEST / 2), DEPTH / 2);
    // A turned rectangle turns around its corner.
    let corner = match rotation {
        QUARTER => Point { x: deep, y: half.saturating_neg() },
        THREE_QUARTERS => Point { x: deep.saturating_neg(), y: half },
        0 => Point { x: half.saturating_neg(), y: deep.saturating_neg() },
        _ => Point { x: half, y: deep },
    };
    parts.focus = None;
    parts.decorations.push(Decoration {
        section: SectionIndex(0),
        position: middle.plus(corner),
        rotation,
        shape: Shape::Rectangle { width: half.saturating_mul(2), height: DEPTH },
        color: Some("#d9d2c7".into()),
        border_color: Some("#a2978f".into()),
        text: Some(DecorationText {
            text: "Stage".into(),
            color: Some("#1d1722".into()),
            position: Point { x: half, y: deep },
            size: Some(DecorationText::DEFAULT_SIZE),
        }),
        uuid: None,
    });
}

/// The lowest and highest x, and the lowest and highest y.
fn extent(places: impl Iterator<Item = Point> + Clone) -> [(i32, i32); 2] {
    let side = |side: fn(Point) -> i32| {
        let values = || places.clone().map(side);
        (values().min().unwrap_or(0), values().max().unwrap_or(0))
    };
    [side(|place| place.x), side(|place| place.y)]
}
