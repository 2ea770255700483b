//! Recognizes seats that surround a middle, as in a stadium, from their positions alone.
//!
//! Rows run along each of the four sides. And either there is an empty middle, or the front rows of the sections on every side are
//! nearer to the middle than their back rows: a theatre with boxes along its walls has rows along each side, too, but its
//! stalls face a stage at one end.

use super::parts::Parts;
use super::shape::Point;

/// Distances from the middle, so that the edge of the plan has this distance on every side.
const EDGE: i64 = 1_000;
/// No seat of a plan with an empty middle is nearer to it than this.
const HOLE: i64 = EDGE / 4;
/// A section whose seats are all nearer than this is a floor in the middle.
const FLOOR: i64 = EDGE / 2;
/// Fewer neighbours on a side say nothing about the direction of rows.
const FEWEST: u32 = 3;

/// The middle, when seats surround it.
pub(super) fn middle(parts: &Parts) -> Option<Point> {
    let plan = Extent::of(parts)?;
    let sections = sections(parts, &plan);
    let is_floor = |at: usize| sections.get(at).is_none_or(|section| section.far < FLOOR);
    let sides = Sides::of(parts, &plan, is_floor);
    let surrounded = sides.along.iter().all(|side| side.mostly());
    let is_empty = sections.iter().all(|section| section.near >= HOLE);
    (surrounded && (is_empty || sides_face_inwards(parts, &plan, &sections))).then_some(plan.middle)
}

/// The box around all seats.
struct Extent {
    middle: Point,
    half: (i64, i64),
}

impl Extent {
    fn of(parts: &Parts) -> Option<Self> {
        let live = || parts.seats.iter().filter(|seat| !seat.removed).map(|seat| seat.position);
        let (left, right) = (live().map(|at| at.x).min()?, live().map(|at| at.x).max()?);
        let (top, bottom) = (live().map(|at| at.y).min()?, live().map(|at| at.y).max()?);
        let half = |low: i32, high: i32| i64::from(high).saturating_sub(i64::from(low)) / 2;
        let half = (half(left, right), half(top, bottom));
        let middle = Point { x: left.midpoint(right), y: top.midpoint(bottom) };
        (half.0 > 0 && half.1 > 0).then_some(Self { middle, half })
    }

    /// The point from the middle, as shares of [`EDGE`].
    fn offset_from_middle(&self, at: Point) -> (i64, i64) {
        let share = |from: i32, to: i32, half: i64| {
            let apart = i64::from(to).saturating_sub(i64::from(from));
            apart.saturating_mul(EDGE).checked_div(half).unwrap_or(0)
        };
        (share(self.middle.x, at.x, self.half.0), share(self.middle.y, at.y, self.half.1))
    }

    fn distance(&self, at: Point) -> i64 {
        let (x, y) = self.offset_from_middle(at);
        x.abs().max(y.abs())
    }

    /// The side on which a point is: left, right, top or bottom; `None` near the corners.
    fn side(&self, at: Point) -> Option<usize> {
        let (x, y) = self.offset_from_middle(at);
        if x.abs() >= y.abs().saturating_mul(2) {
            Some(usize::from(x > 0))
        } else if y.abs() >= x.abs().saturating_mul(2) {
            Some(if y > 0 { 3 } else { 2 })
        } else {
            None
        }
    }
}

/// A section with numbered seats.
#[derive(Clone, Copy)]
struct Reach {
    near: i64,
    far: i64,
    /// How far the seats of its first and its last row object are from the middle.
    first_row: Option<i64>,
    last_row: Option<i64>,
}

/// The reach of every section; standing places and sections without seats are everywhere and nowhere.
fn sections(parts: &Parts, plan: &Extent) -> Vec<Reach> {
    let nowhere = Reach { near: EDGE, far: EDGE, first_row: None, last_row: None };
    let mut sections = vec![nowhere; parts.sections.len()];
    let mut known = vec![false; sections.len()];
    for (row, seats) in parts.row_objects_with_seats() {
        let at = row.section.position();
        let standing = parts.sections.get(at).is_none_or(|section| section.general_admission);
        let (Some(section), Some(known)) = (sections.get_mut(at), known.get_mut(at)) else { continue };
        let live = seats.iter().filter_map(|seat| parts.seats.get(seat.position()));
        let distances: Vec<i64> =
            live.filter(|seat| !seat.removed && !standing).map(|seat| plan.distance(seat.position)).collect();
        let (Some(near), Some(far)) = (distances.iter().min(), distances.iter().max()) else { continue };
        let count = i64::try_from(distances.len()).unwrap_or(i64::MAX);
        let mean = distances.iter().copied().fold(0, i64::saturating_add).checked_div(count);
        let before = std::mem::replace(known, true);
        section.near = if before { section.near.min(*near) } else { *near };
        section.far = if before { section.far.max(*far) } else { *far };
        section.first_row = section.first_row.or(mean);
        section.last_row = mean;
    }
    sections
}

/// Counts for and against something.
#[derive(Clone, Copy, Default)]
struct Votes {
    yes: u32,
    no: u32,
}

impl Votes {
    fn add(&mut self, yes: bool) {
        let count = if yes { &mut self.yes } else { &mut self.no };
        *count = count.saturating_add(1);
    }

    /// At least three of four, and enough of them.
    fn mostly(self) -> bool {
        self.yes >= FEWEST && self.yes >= self.no.saturating_mul(3)
    }
}

/// Whether neighbours in rows are beside each other along each side.
struct Sides {
    along: [Votes; 4],
}

impl Sides {
    fn of(parts: &Parts, plan: &Extent, is_floor: impl Fn(usize) -> bool) -> Self {
        let mut along = [Votes::default(); 4];
        for (row, seats) in parts.row_objects_with_seats() {
            let at = row.section.position();
            let standing = parts.sections.get(at).is_none_or(|section| section.general_admission);
            if standing || is_floor(at) {
                continue;
            }
            for pair in seats.windows(2) {
                let [Some(one), Some(other)] =
                    [pair.first(), pair.last()].map(|seat| parts.seats.get(seat?.position()))
                else {
                    continue;
                };
                let (one, other) = (one.position, other.position);
                let between = Point { x: one.x.midpoint(other.x), y: one.y.midpoint(other.y) };
                let upright = one.y.abs_diff(other.y) > one.x.abs_diff(other.x);
                if let Some(side) = plan.side(between)
                    && let Some(votes) = along.get_mut(side)
                {
                    votes.add(upright == (side < 2));
                }
            }
        }
        Self { along }
    }
}

/// Whether the sections on every side have their first row nearer to the middle than their last one.
fn sides_face_inwards(parts: &Parts, plan: &Extent, sections: &[Reach]) -> bool {
    let mut inwards = [Votes::default(); 4];
    for (row, seats) in parts.row_objects_with_seats() {
        let Some(section) = sections.get(row.section.position()) else { continue };
        let (Some(first), Some(last)) = (section.first_row, section.last_row) else { continue };
        if section.far < FLOOR || first == last {
            continue;
        }
        for seat in seats.iter().filter_map(|seat| parts.seats.get(seat.position())) {
            if let Some(votes) = plan.side(seat.position).and_then(|side| inwards.get_mut(side)) {
                votes.add(first < last);
            }
        }
    }
    inwards.iter().all(|side| side.mostly())
}
