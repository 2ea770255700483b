//! The convex hull of a set of points, by Andrew's monotone chain algorithm, in integers.

use super::shape::Point;
use std::cmp::Ordering;

/// The corners of the smallest convex polygon around the places, clockwise on the screen. Places on a line give two corners,
/// a single place gives one.
pub(super) fn outline(mut places: Vec<Point>) -> Vec<Point> {
    places.sort_unstable();
    places.dedup();
    if places.len() < 3 {
        return places;
    }
    let mut corners = half(places.iter());
    corners.pop();
    let mut back = half(places.iter().rev());
    back.pop();
    corners.append(&mut back);
    corners
}

/// One side of the hull, both ends included.
fn half<'p>(places: impl Iterator<Item = &'p Point>) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::new();
    for place in places {
        while let [.., before, last] = corners.as_slice()
            && turn(*before, *last, *place) != Ordering::Greater
        {
            corners.pop();
        }
        corners.push(*place);
    }
    corners
}

/// Which way the path from `a` over `b` to `c` turns.
fn turn(a: Point, b: Point, c: Point) -> Ordering {
    let difference = |to: i32, from: i32| i128::from(to).saturating_sub(i128::from(from));
    let first = difference(b.x, a.x).saturating_mul(difference(c.y, a.y));
    let second = difference(b.y, a.y).saturating_mul(difference(c.x, a.x));
    first.cmp(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners(places: &[(i32, i32)]) -> Vec<(i32, i32)> {
        let places = places.iter().map(|(x, y)| Point { x: *x, y: *y }).collect();
        outline(places).into_iter().map(|corner| (corner.x, corner.y)).collect()
    }

    #[test]
    fn the_hull_has_only_corners() {
        let square = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (1, 1)];
        assert_eq!(corners(&square), [(0, 0), (2, 0), (2, 2), (0, 2)]);
        assert_eq!(corners(&[(0, 0), (5, 5), (2, 2)]), [(0, 0), (5, 5)]);
        assert_eq!(corners(&[(3, 3), (3, 3)]), [(3, 3)]);
        assert_eq!(corners(&[]), []);
    }
}
