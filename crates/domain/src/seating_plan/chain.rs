//! Finds which seats of a row are neighbours, from their positions alone.
//!
//! Chains are built from the nearest pairs first: a seat gets at most two neighbours, no chain closes into a ring, and seats
//! further apart than 1.6 times the row's median spacing are never joined. This also works for curved rows, for rows in
//! several pieces and for files that list seats in any order. Distances are compared squared, in integers.

use super::shape::Point;

/// How many of the next seats along the row's longer side are candidates for a neighbour. In rows that fold back, a few
/// other seats lie in between. The limit keeps the time linear even for a row of 250,000 seats.
const WINDOW: usize = 12;

/// The square of the median distance from a seat of a row to its nearest neighbour; `None` for a single seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spacing(Option<u64>);

impl Spacing {
    /// The median of several rows' spacings.
    pub(super) fn usual(rows: &[Self]) -> Self {
        Self(median(rows.iter().filter_map(|spacing| spacing.0).collect()))
    }

    /// This spacing, limited to twice the usual one. Otherwise two single seats at the ends of a row would count as neighbours.
    pub(super) fn at_most_twice(self, usual: Self) -> Self {
        Self(self.0.map(|own| usual.0.map_or(own, |usual| own.min(usual.saturating_mul(4)))))
    }

    /// Whether seats at this distance are side by side: at most 1.6 times the spacing.
    fn joins(self, distance_squared: u64) -> bool {
        let scaled = |value: u64, by: u128| u128::from(value).saturating_mul(by);
        self.0.is_some_and(|spacing| scaled(distance_squared, 25) <= scaled(spacing, 64))
    }
}

/// The spacing of a row of seats at these points.
pub(super) fn spacing(points: &[Point]) -> Spacing {
    let along = Along::of(points);
    let mut nearest = vec![u64::MAX; points.len()];
    for link in along.links() {
        for end in [link.a, link.b] {
            if let Some(distance) = nearest.get_mut(end) {
                *distance = link.distance_squared.min(*distance);
            }
        }
    }
    nearest.retain(|distance| *distance != u64::MAX);
    Spacing(median(nearest))
}

/// The chains of neighbours among the seats of a row, as positions in `points`, which is in the order of the file. Each
/// chain has the direction in which most of its seats are listed. Chains are sorted from one end of the row to the other.
pub(super) fn chains(points: &[Point], spacing: Spacing) -> Vec<Vec<usize>> {
    let along = Along::of(points);
    let mut links: Vec<Link> = along.links().filter(|link| spacing.joins(link.distance_squared)).collect();
    links.sort_unstable();
    let mut joined = Joined::new(points.len());
    for link in links {
        joined.join(link.a, link.b);
    }
    along.in_order(joined.into_chains())
}

fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// A possible pair of neighbours. Sorted by distance, then by how close together the file lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    distance_squared: u64,
    listed_apart: usize,
    a: usize,
    b: usize,
}

/// A row's points, sorted along the longer side of the box around them.
struct Along<'a> {
    points: &'a [Point],
    sorted: Vec<usize>,
    upright: bool,
}

impl<'a> Along<'a> {
    fn of(points: &'a [Point]) -> Self {
        let extent = |side: fn(&Point) -> i32| {
            let (low, high) = (points.iter().map(side).min(), points.iter().map(side).max());
            high.unwrap_or(0).abs_diff(low.unwrap_or(0))
        };
        let upright = extent(|point| point.y) > extent(|point| point.x);
        let mut along = Self { points, sorted: (0..points.len()).collect(), upright };
        along.sorted.sort_by_key(|at| (along_of(points, *at, upright), *at));
        along
    }

    /// Every pair within the window.
    fn links(&self) -> impl Iterator<Item = Link> {
        self.sorted.iter().enumerate().flat_map(move |(place, a)| {
            let after = self.sorted.iter().skip(place.saturating_add(1)).take(WINDOW);
            after.filter_map(move |b| {
                let distance_squared = self.points.get(*a)?.distance_squared(*self.points.get(*b)?);
                Some(Link { distance_squared, listed_apart: a.abs_diff(*b), a: *a.min(b), b: *a.max(b) })
            })
        })
    }

    /// Sorts the chains along the row, in the direction in which the file lists most seats.
    fn in_order(&self, mut chains: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let place = |at: Option<&usize>| at.map(|at| along_of(self.points, *at, self.upright));
        let (mut rising, mut falling) = (0_usize, 0_usize);
        for chain in &chains {
            let count = if place(chain.first()) <= place(chain.last()) { &mut rising } else { &mut falling };
            *count = count.saturating_add(chain.len());
        }
        chains.sort_by_key(|chain| chain.iter().map(|at| along_of(self.points, *at, self.upright)).min());
        if falling > rising {
            chains.reverse();
        }
        chains
    }
}

/// The coordinate along the row, then the one across.
fn along_of(points: &[Point], at: usize, upright: bool) -> (i32, i32) {
    let point = points.get(at).copied().unwrap_or_default();
    if upright { (point.y, point.x) } else { (point.x, point.y) }
}

/// Seats joined to at most two neighbours each, never in a ring.
struct Joined {
    neighbours: Vec<[Option<usize>; 2]>,
    /// The union-find structure: another seat of the same chain, or the seat itself at the root.
    parent: Vec<usize>,
}

impl Joined {
    fn new(count: usize) -> Self {
        Self { neighbours: vec![[None, None]; count], parent: (0..count).collect() }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (root_a, root_b) = (self.root(a), self.root(b));
        if root_a == root_b || !self.is_end(a) || !self.is_end(b) {
            return;
        }
        self.add_neighbour(a, b);
        self.add_neighbour(b, a);
        if let Some(parent) = self.parent.get_mut(root_a) {
            *parent = root_b;
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        loop {
            let parent = self.parent.get(at).copied().unwrap_or(at);
            if parent == at {
                return at;
            }
            let grandparent = self.parent.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parent.get_mut(at) {
                *slot = grandparent;
            }
            at = grandparent;
        }
    }

    fn is_end(&self, at: usize) -> bool {
        self.neighbours.get(at).is_some_and(|[_, second]| second.is_none())
    }

    fn add_neighbour(&mut self, of: usize, neighbour: usize) {
        if let Some([first, second]) = self.neighbours.get_mut(of) {
            let free = if first.is_none() { first } else { second };
            *free = Some(neighbour);
        }
    }

    /// Walks every chain from one end to the other.
    fn into_chains(self) -> Vec<Vec<usize>> {
        let mut visited = vec![false; self.neighbours.len()];
        let mut chains = Vec::new();
        for start in 0..self.neighbours.len() {
            if self.is_end(start) && visited.get(start) == Some(&false) {
                chains.push(self.walk(start, &mut visited));
            }
        }
        chains
    }

    fn walk(&self, start: usize, visited: &mut [bool]) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next {
            chain.push(at);
            if let Some(visited) = visited.get_mut(at) {
                *visited = true;
            }
            let around = self.neighbours.get(at).copied().unwrap_or_default();
            next = around.into_iter().flatten().find(|at| visited.get(*at) == Some(&false));
        }
        let rising = chain.windows(2).filter(|pair| pair.first() < pair.last()).count();
        if rising < chain.len().saturating_sub(1).saturating_sub(rising) {
            chain.reverse();
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(points: &[(i32, i32)]) -> Vec<Vec<usize>> {
        let points: Vec<Point> = points.iter().map(|(x, y)| Point { x: *x, y: *y }).collect();
        chains(&points, spacing(&points))
    }

    #[test]
    fn an_aisle_splits_and_a_slightly_wider_gap_does_not() {
        assert_eq!(found(&[(0, 0), (10, 0), (20, 0), (36, 0), (46, 0)]), [vec![0, 1, 2, 3, 4]]);
        assert_eq!(found(&[(0, 0), (10, 0), (20, 0), (37, 0), (47, 0)]), [vec![0, 1, 2], vec![3, 4]]);
    }

    #[test]
    fn pieces_listed_in_any_order_are_joined() {
        assert_eq!(found(&[(30, 0), (40, 0), (0, 0), (10, 0), (20, 0)]), [vec![2, 3, 4, 0, 1]]);
        assert_eq!(found(&[(100, 0), (110, 0), (0, 0), (10, 0)]), [vec![2, 3], vec![0, 1]], "left to right");
    }

    #[test]
    fn odd_numbers_left_and_even_ones_right_are_one_chain() {
        assert_eq!(found(&[(50, 0), (60, 0), (40, 0), (70, 0), (30, 0), (80, 0)]), [vec![4, 2, 0, 1, 3, 5]]);
    }

    #[test]
    fn a_row_that_folds_back_does_not_join_across() {
        let arms = [(0, 0), (10, 0), (20, 0), (30, 4), (34, 14), (30, 24), (20, 28), (10, 28), (0, 28)];
        assert_eq!(found(&arms), [(0..9).collect::<Vec<_>>()]);
    }

    #[test]
    fn the_median_spacing_decides_not_the_closest_pair() {
        assert_eq!(found(&[(0, 0), (1, 0), (20, 0), (30, 0), (40, 0)]), [vec![0, 1], vec![2, 3, 4]]);
    }

    #[test]
    fn a_seat_has_at_most_two_neighbours() {
        assert_eq!(found(&[(0, 0), (10, 0), (20, 0), (10, 10)]), [vec![0, 1, 2, 3]]);
    }

    #[test]
    fn a_row_runs_along_its_longer_side() {
        let upright = [(5, 0), (5, 10), (0, 100), (0, 110)];
        assert_eq!(found(&upright), [vec![0, 1], vec![2, 3]], "top to bottom");
        let square = [(0, 100), (0, 110), (110, 0), (110, 10)];
        assert_eq!(found(&square), [vec![0, 1], vec![2, 3]], "left to right if neither is longer");
    }

    #[test]
    fn rows_listed_from_right_to_left_keep_this_direction() {
        assert_eq!(found(&[(90, 0), (80, 0), (30, 0), (20, 0)]), [vec![0, 1], vec![2, 3]]);
        assert_eq!(
            found(&[(0, 0), (10, 0), (110, 0), (100, 0)]),
            [vec![0, 1], vec![2, 3]],
            "half of them is not most"
        );
        assert_eq!(found(&[(10, 0), (0, 0), (20, 0)]), [vec![1, 0, 2]], "nor is half of the steps");
    }

    #[test]
    fn empty_rows_single_seats_and_equal_places_are_accepted() {
        assert_eq!(found(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(found(&[(7, 7)]), [vec![0]]);
        assert_eq!(found(&[(0, 0); 4]), [vec![0, 1, 2, 3]]);
    }
}
