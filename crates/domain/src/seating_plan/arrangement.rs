//! Places the sections of the short form, which gives their measures but no positions: in rings, or on shelves.
//!
//! Six or more numbered sections of one kind ("Lower 1", "Lower 2" …) form a ring. Numbers of different hundreds form
//! different rings, because "101" and "201" are usually one above the other. All other sections (a pitch, a floor) are in
//! the middle. The rings are in the order of the file, the first one innermost. Each begins at the middle of the upper side
//! and goes clockwise.
//!
//! Without a ring, or without a middle, the sections are on shelves: side by side until a shelf is about one and a half
//! times as wide as the plan is high, each shelf centred, with a gap of three seats between sections.
//!
//! Everything is computed in integers. A section is turned by giving it a step from seat to seat, in whole tenths of a unit,
//! so that its rows stay straight and evenly spaced.

use super::label::section_kind;
use super::shape::{MAX_COORDINATE, Point};
use std::collections::BTreeMap;

/// The distance between neighbours and between rows, in thousandths; smaller only if the plan would be too large otherwise.
const PITCH: i64 = 25_000;
/// The gap around a section, in seats.
const GAP: usize = 3;
/// The margin around the plan, in seats.
const MARGIN: i64 = 2;
/// The smallest number of sections that form a ring.
const MIN_RING_SECTIONS: usize = 6;
/// Steps between seats are multiples of this, because browsers get positions in tenths of a unit.
const STEP_MULTIPLE: i64 = 100;
const MILLION: i64 = 1_000_000;
/// π/2 in millionths: a quarter of a circle's circumference, divided by its radius.
const QUARTER: i64 = 1_570_796;

/// A section to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    pub(super) name: &'a str,
    pub(super) rows: usize,
    pub(super) seats_per_row: usize,
    /// Its places have no seats, so it may be stretched.
    pub(super) general_admission: bool,
}

/// The position of a block: of its first seat, and the steps to the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    /// The first seat of the first row.
    first: Vector,
    /// From seat to seat.
    along: Vector,
    /// From row to row.
    back: Vector,
}

impl Placement {
    pub(super) fn seat(self, row: usize, seat: usize) -> Point {
        self.first.plus(self.back.times(to_i64(row))).plus(self.along.times(to_i64(seat))).point()
    }

    /// The direction of its rows, in thousandths of a degree clockwise from left to right. Exact for quarter turns; blocks between two
    /// sides are turned to the nearer one.
    pub(super) fn rotation(self) -> i32 {
        const QUARTER: i32 = 90_000;
        let Vector { x, y } = self.along;
        match (x.abs() >= y.abs(), x >= 0, y >= 0) {
            (true, true, _) => 0,
            (true, false, _) => QUARTER.saturating_mul(2),
            (false, _, true) => QUARTER,
            (false, _, false) => QUARTER.saturating_neg(),
        }
    }

    /// The point at this distance in front of `at`: away from the rows behind.
    pub(super) fn in_front_of(self, at: Point, distance: i32) -> Point {
        let length = self.back.x.abs().max(self.back.y.abs()).max(1);
        at.plus(self.back.times(i64::from(distance).saturating_neg()).over(length).point())
    }

    /// The corners of a block of this size.
    fn corners(self, block: &Block<'_>) -> [Vector; 4] {
        let along = self.along.times(to_i64(block.seats_per_row.saturating_sub(1)));
        let back = self.back.times(to_i64(block.rows.saturating_sub(1)));
        [self.first, self.first.plus(along), self.first.plus(back), self.first.plus(along).plus(back)]
    }
}

/// A position or a distance, in thousandths; or a direction, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Vector {
    x: i64,
    y: i64,
}

impl Vector {
    fn plus(self, other: Self) -> Self {
        Self { x: self.x.saturating_add(other.x), y: self.y.saturating_add(other.y) }
    }

    fn times(self, by: i64) -> Self {
        Self { x: self.x.saturating_mul(by), y: self.y.saturating_mul(by) }
    }

    fn over(self, by: i64) -> Self {
        let side = |value: i64| value.checked_div(by).unwrap_or(0);
        Self { x: side(self.x), y: side(self.y) }
    }

    /// This direction turned left by a quarter turn, as seen on the page, where y grows downwards.
    fn left(self) -> Self {
        Self { x: self.y, y: self.x.saturating_neg() }
    }

    fn point(self) -> Point {
        let side = |value: i64| i32::try_from(value).unwrap_or(MAX_COORDINATE);
        Point { x: side(self.x), y: side(self.y) }
    }

    /// Rounds to the nearest multiple of [`STEP_MULTIPLE`].
    fn rounded(self) -> Self {
        let side = |value: i64| {
            value.saturating_add(STEP_MULTIPLE / 2).div_euclid(STEP_MULTIPLE).saturating_mul(STEP_MULTIPLE)
        };
        Self { x: side(self.x), y: side(self.y) }
    }
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The positions of all blocks.
#[derive(Debug)]
pub(super) struct Arrangement {
    /// The position of each block, in their order.
    pub(super) places: Vec<Placement>,
    /// The middle of the rings, if the blocks are in rings.
    pub(super) middle: Option<Point>,
}

/// The position of each block.
pub(super) fn arrange(blocks: &[Block<'_>]) -> Arrangement {
    let everything: Vec<usize> = (0..blocks.len()).collect();
    bowl(blocks).unwrap_or_else(|| {
        let shelves = Shelves::of(blocks, &everything);
        let reach = to_i64(shelves.width.max(shelves.height)).saturating_add(2 * MARGIN).max(1);
        let pitch = PITCH.min(i64::from(MAX_COORDINATE).checked_div(reach).unwrap_or(PITCH));
        let margin = Vector { x: MARGIN.saturating_mul(pitch), y: MARGIN.saturating_mul(pitch) };
        Arrangement { places: shelves.places(margin, (pitch, pitch)), middle: None }
    })
}

/// Blocks on shelves. Positions are in seats, from the top left.
#[derive(Debug)]
struct Shelves {
    places: Vec<(usize, usize)>,
    width: usize,
    height: usize,
}

impl Shelves {
    fn of(blocks: &[Block<'_>], which: &[usize]) -> Self {
        let which = || which.iter().filter_map(|at| blocks.get(*at));
        let area = which().map(|block| {
            let (across, down) = (block.seats_per_row.saturating_add(GAP), block.rows.saturating_add(GAP));
            across.saturating_mul(down)
        });
        let widest = which().map(|block| block.seats_per_row).max().unwrap_or(0);
        let width = widest.max((area.fold(0, usize::saturating_add).saturating_mul(3) / 2).isqrt());
        let mut places: Vec<(usize, usize)> = Vec::new();
        let (mut x, mut y, mut depth, mut first) = (0_usize, 0_usize, 0_usize, 0_usize);
        for block in which() {
            if x > 0 && x.saturating_add(block.seats_per_row) > width {
                centre(&mut places, first, width, x);
                first = places.len();
                y = y.saturating_add(depth).saturating_add(GAP);
                (x, depth) = (0, 0);
            }
            places.push((x, y));
            x = x.saturating_add(block.seats_per_row).saturating_add(GAP);
            depth = depth.max(block.rows);
        }
        centre(&mut places, first, width, x);
        Self { places, width, height: y.saturating_add(depth) }
    }

    /// Removes the empty columns on both sides.
    fn trimmed(mut self) -> Self {
        let spare = self.places.iter().map(|(x, _)| *x).min().unwrap_or(0);
        for place in &mut self.places {
            place.0 = place.0.saturating_sub(spare);
        }
        self.width = self.width.saturating_sub(spare.saturating_mul(2));
        self
    }

    /// The positions of the blocks, beginning at `corner`, with these distances between seats and between rows.
    fn places(&self, corner: Vector, (across, down): (i64, i64)) -> Vec<Placement> {
        let place = |(x, y): &(usize, usize)| Placement {
            first: corner
                .plus(Vector { x: to_i64(*x).saturating_mul(across), y: to_i64(*y).saturating_mul(down) }),
            along: Vector { x: across, y: 0 },
            back: Vector { x: 0, y: down },
        };
        self.places.iter().map(place).collect()
    }
}

/// Moves a shelf, which begins at the place `first` and ends a gap before `end`, to the middle.
fn centre(places: &mut [(usize, usize)], first: usize, width: usize, end: usize) {
    let spare = width.saturating_sub(end.saturating_sub(GAP)) / 2;
    for place in places.iter_mut().skip(first) {
        place.0 = place.0.saturating_add(spare);
    }
}

/// The kind and the hundred of a numbered section: `Lower 112` gives `Lower` and 1; `None` without a number.
fn numbered_kind(name: &str) -> Option<(&str, u32)> {
    let kind = section_kind(name);
    let number: u32 = name.get(kind.len()..)?.trim_start().parse().ok()?;
    Some((kind, number / 100))
}

/// The blocks in the middle, and the rings around it from the inside to the outside; `None` when either is missing.
fn rings<'a>(blocks: &[Block<'a>]) -> Option<(Vec<usize>, Vec<Vec<usize>>)> {
    let mut known: BTreeMap<(&'a str, u32), usize> = BTreeMap::new();
    let mut rings: Vec<Vec<usize>> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let Some(kind) = numbered_kind(block.name).filter(|_| !block.general_admission) else { continue };
        let ring = *known.entry(kind).or_insert(rings.len());
        if ring == rings.len() {
            rings.push(Vec::new());
        }
        rings.get_mut(ring)?.push(at);
    }
    rings.retain(|ring| ring.len() >= MIN_RING_SECTIONS);
    let ringed: Vec<usize> = rings.concat();
    let middle: Vec<usize> = (0..blocks.len()).filter(|at| !ringed.contains(at)).collect();
    (!middle.is_empty() && !rings.is_empty()).then_some((middle, rings))
}

/// Places blocks in rings around a middle; `None` when there is no ring, or when the plan would be too large.
fn bowl(blocks: &[Block<'_>]) -> Option<Arrangement> {
    let (middle, rings) = rings(blocks)?;
    let gap = to_i64(GAP).saturating_mul(PITCH);
    let length = |at: &usize| {
        let seats = blocks.get(*at).map_or(0, |block| to_i64(block.seats_per_row));
        seats.saturating_mul(PITCH).saturating_add(gap)
    };
    let needed = |ring: &[usize]| ring.iter().map(length).fold(0, i64::saturating_add);
    let most = |ring: &[usize], measure: fn(&Block<'_>) -> usize| {
        let measures = ring.iter().filter_map(|at| blocks.get(*at)).map(measure);
        to_i64(measures.max().unwrap_or(0)).saturating_mul(PITCH)
    };

    let shelves = Shelves::of(blocks, &middle).trimmed();
    let (wide, high) = (to_i64(shelves.width).max(1), to_i64(shelves.height).max(1));
    let is_standing = middle.iter().all(|at| blocks.get(*at).is_some_and(|block| block.general_admission));
    let (across, down) =
        if is_standing { stretched(wide, high, needed(rings.first()?)) } else { (PITCH, PITCH) };
    let (width, height) = (wide.saturating_mul(across), high.saturating_mul(down));
    let corner = Vector { x: width, y: height }.over(-2);
    let mut placed: Vec<(usize, Placement)> =
        middle.into_iter().zip(shelves.places(corner, (across, down))).collect();

    let mut radius = gap;
    for ring in &rings {
        let straight = width.saturating_add(height).saturating_mul(2);
        let round = needed(ring).saturating_sub(straight).saturating_mul(MILLION) / (4 * QUARTER);
        radius = radius.max(round);
        let oval = Oval { halves: (width / 2, height / 2), radius };
        let spare = oval.length().saturating_sub(needed(ring)).max(0);
        let spare = spare.checked_div(to_i64(ring.len())).unwrap_or(0);
        let mut from = 0_i64;
        for at in ring {
            let block = blocks.get(*at)?;
            let room = length(at).saturating_add(spare);
            placed.push((*at, oval.place(from.saturating_add(room / 2), block)));
            from = from.saturating_add(room);
        }
        // The outer corners of a block are further out than the middle of its last row.
        let (out, half) = (
            radius.saturating_add(most(ring, |block| block.rows)),
            most(ring, |block| block.seats_per_row) / 2,
        );
        let far = out.saturating_mul(out).saturating_add(half.saturating_mul(half)).isqrt();
        // There is an aisle between two rings.
        radius = far.saturating_add(gap.saturating_mul(2));
    }
    placed.sort_unstable_by_key(|(at, _)| *at);
    let placed: Vec<Placement> = placed.into_iter().map(|(_, place)| place).collect();
    moved_to_origin(blocks, placed)
}

/// The distances between places and between rows that stretch `wide` × `high` places over a middle with the proportions 3:2. A
/// ring of the length `ring` fits closely around that middle.
fn stretched(wide: i64, high: i64, ring: i64) -> (i64, i64) {
    // The ring is 6.257 heights long: the sides 2 × (1.5 + 1), and round corners with a radius of a fifth of the height, 2π/5.
    let height = ring.saturating_mul(1_000) / 6_257;
    let width = height.saturating_mul(3) / 2;
    let step = |length: i64, count: i64| length.checked_div(count).unwrap_or(PITCH).max(PITCH);
    (step(width, wide), step(height, high))
}

/// A rectangle with round corners around the origin: half of its straight sides, and the radius of its corners.
#[derive(Clone, Copy, Debug)]
struct Oval {
    halves: (i64, i64),
    radius: i64,
}

impl Oval {
    fn corner_length(self) -> i64 {
        self.radius.saturating_mul(QUARTER) / MILLION
    }

    fn length(self) -> i64 {
        let straight = self.halves.0.saturating_add(self.halves.1);
        straight.saturating_add(self.corner_length()).saturating_mul(4)
    }

    /// Places a block so that the middle of its first row touches the line. `distance` is measured clockwise along the line
    /// from the middle of the upper side.
    fn place(self, distance: i64, block: &Block<'_>) -> Placement {
        let (touching, direction) = self.at(distance);
        let along = direction.times(PITCH).over(MILLION).rounded();
        let half = along.times(to_i64(block.seats_per_row.saturating_sub(1))).over(-2);
        Placement { first: touching.rounded().plus(half), along, back: along.left() }
    }

    /// The point at this distance along the line, and the direction there.
    fn at(self, distance: i64) -> (Vector, Vector) {
        let mut rest = distance.saturating_add(self.halves.0).rem_euclid(self.length().max(1));
        let mut direction = Vector { x: MILLION, y: 0 };
        let (mut half, mut other) = self.halves;
        loop {
            let out = direction.left();
            let end = direction.times(half).plus(out.times(other));
            if rest <= half.saturating_mul(2) {
                let on = direction.times(rest.saturating_sub(half));
                return (on.plus(out.times(other.saturating_add(self.radius))).over(MILLION), direction);
            }
            rest = rest.saturating_sub(half.saturating_mul(2));
            if rest <= self.corner_length() {
                let part = rest.saturating_mul(MILLION).checked_div(self.corner_length()).unwrap_or(0);
                let (sine, cosine) = (sine(part), sine(MILLION.saturating_sub(part)));
                let turn =
                    |one: Vector, other: Vector| one.times(cosine).plus(other.times(sine)).over(MILLION);
                let arm = turn(out, direction).times(self.radius);
                return (end.plus(arm).over(MILLION), turn(direction, out.times(-1)));
            }
            rest = rest.saturating_sub(self.corner_length());
            direction = direction.left().times(-1);
            (half, other) = (other, half);
        }
    }
}

/// The sine of an angle in millionths of a quarter turn, in millionths. Four terms of its series are exact to 0.02 %.
fn sine(part: i64) -> i64 {
    let times = |a: i64, b: i64| a.saturating_mul(b) / MILLION;
    let x = times(part, QUARTER);
    let square = times(x, x);
    let inner = MILLION.saturating_sub(square / 42);
    let inner = MILLION.saturating_sub(times(square, inner) / 20);
    let inner = MILLION.saturating_sub(times(square, inner) / 6);
    times(x, inner)
}

/// Moves everything so that it begins a margin away from the origin; `None` when the plan would be too large.
fn moved_to_origin(blocks: &[Block<'_>], placed: Vec<Placement>) -> Option<Arrangement> {
    let corners = || placed.iter().zip(blocks).flat_map(|(place, block)| place.corners(block));
    let margin = MARGIN.saturating_mul(PITCH);
    let side = |side: fn(&Vector) -> i64| {
        let (from, to) = (corners().map(|at| side(&at)).min()?, corners().map(|at| side(&at)).max()?);
        let fits =
            to.saturating_sub(from).saturating_add(margin.saturating_mul(3)) <= i64::from(MAX_COORDINATE);
        fits.then(|| margin.saturating_sub(from))
    };
    let by = Vector { x: side(|at| at.x)?, y: side(|at| at.y)? };
    // Positions stay multiples of a tenth.
    let by = by.rounded();
    let places = placed.into_iter().map(|place| Placement { first: place.first.plus(by), ..place }).collect();
    Some(Arrangement { places, middle: Some(by.point()) })
}
