//! The focus of a plan: the point that people look at. Seats near it are good seats.
//!
//! The focus is the middle of the stage: of a decoration whose text is a word for a stage. Without one it is the middle of
//! the front edge of all seats.

use super::parts::{Parts, SeatPart};
use super::shape::{Decoration, Point, Shape};

/// Words for a stage or another thing that people look at, in lower case, letters only.
const STAGE_WORDS: [&str; 21] = [
    "stage",
    "mainstage",
    "thestage",
    "bühne",
    "buehne",
    "hauptbühne",
    "scène",
    "scene",
    "escenario",
    "palco",
    "palcoscenico",
    "podium",
    "scena",
    "сцена",
    "panggung",
    "screen",
    "leinwand",
    "pitch",
    "field",
    "court",
    "ring",
];

/// The focus; a stage that is drawn counts before one that is only a text.
pub(super) fn focus(parts: &Parts) -> Point {
    let stages = || parts.decorations.iter().filter(|decoration| is_stage(decoration));
    let drawn = stages().find(|decoration| decoration.shape != Shape::Text);
    drawn.or_else(|| stages().next()).map_or_else(|| middle_of_front(&parts.seats), middle_of)
}

fn is_stage(decoration: &Decoration) -> bool {
    decoration.text.as_ref().is_some_and(|text| {
        let letters: String =
            text.text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        STAGE_WORDS.contains(&letters.as_str())
    })
}

/// The top centre of the box around all live seats.
fn middle_of_front(seats: &[SeatPart]) -> Point {
    let places = || seats.iter().filter(|seat| !seat.removed).map(|seat| seat.position);
    let left = places().map(|place| place.x).min().unwrap_or(0);
    let right = places().map(|place| place.x).max().unwrap_or(0);
    Point { x: left.midpoint(right), y: places().map(|place| place.y).min().unwrap_or(0) }
}

/// The middle of a decoration. Its rotation is rounded to quarter turns, which is exact enough to rank seats.
fn middle_of(decoration: &Decoration) -> Point {
    let middle = match &decoration.shape {
        Shape::Rectangle { width, height } => Point { x: width / 2, y: height / 2 },
        Shape::Polygon(points) => {
            let middle = |side: fn(&Point) -> i32| {
                let (low, high) = (points.iter().map(side).min(), points.iter().map(side).max());
                low.unwrap_or(0).midpoint(high.unwrap_or(0))
            };
            Point { x: middle(|point| point.x), y: middle(|point| point.y) }
        }
        Shape::Text => decoration.text.as_ref().map(|text| text.position).unwrap_or_default(),
        Shape::Circle { .. } | Shape::Ellipse { .. } => Point::default(),
    };
    const QUARTER: i32 = 90_000;
    let turns = decoration.rotation.saturating_add(QUARTER / 2).div_euclid(QUARTER).rem_euclid(4);
    let turned = match turns {
        1 => Point { x: middle.y.saturating_neg(), y: middle.x },
        2 => Point { x: middle.x.saturating_neg(), y: middle.y.saturating_neg() },
        3 => Point { x: middle.y, y: middle.x.saturating_neg() },
        _ => middle,
    };
    decoration.position.plus(turned)
}
