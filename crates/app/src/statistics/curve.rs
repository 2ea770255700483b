//! The sales curve: what was sold in each interval, from the first order to the last.
//!
//! A longer sale has longer intervals, so that a chart has at most 400 points: a sale of 15 minutes has one point a minute, a season one
//! a day. Intervals are aligned to UTC, and those without sales are included.

use fairseat_domain::money::Amount;
use fairseat_domain::time::{Millis, Timestamp};

/// The most points of a curve.
const MAX_POINTS: i64 = 400;

const MINUTE: i64 = 60;

const HOUR: i64 = 60 * MINUTE;

const DAY: i64 = 24 * HOUR;

const WEEK: i64 = 7 * DAY;

/// One order when it was confirmed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sold {
    pub(super) at: Timestamp,
    pub(super) tickets: u32,
    pub(super) total: Amount,
}

/// Sales from `start` until the next point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The start of the interval.
    pub start: Timestamp,
    /// Orders confirmed in it.
    pub orders: u32,
    /// Their tickets.
    pub tickets: u32,
    /// Their totals, fees included.
    pub revenue: Amount,
}

/// Points `seconds` apart; none while nothing was sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// The length of an interval.
    pub seconds: i64,
    /// Every interval from the first sale to the last.
    pub points: Vec<Point>,
}

/// The curve of these sales, in any order.
pub(super) fn curve(sales: &[Sold]) -> Curve {
    let times = || sales.iter().map(|sold| sold.at.as_millis());
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return Curve { seconds: MINUTE, points: Vec::new() };
    };
    let seconds = distance(first, last);
    let step = Millis::from_seconds(seconds).0;
    let from = first.div_euclid(step);
    let at = |number: i64| Timestamp::from_millis(number * step);
    let empty = |number| Point { start: at(number), orders: 0, tickets: 0, revenue: Amount::ZERO };
    let mut points: Vec<Point> = (from..=last.div_euclid(step)).map(empty).collect();
    for sold in sales {
        let number = sold.at.as_millis().div_euclid(step) - from;
        let Some(point) = usize::try_from(number).ok().and_then(|number| points.get_mut(number)) else {
            continue;
        };
        point.orders += 1;
        point.tickets += sold.tickets;
        point.revenue = point.revenue.plus(sold.total).unwrap_or(point.revenue);
    }
    Curve { seconds, points }
}

/// The shortest interval that gives at most [`MAX_POINTS`] points.
fn distance(first: i64, last: i64) -> i64 {
    let fits = |seconds: &i64| {
        let step = Millis::from_seconds(*seconds).0;
        last.div_euclid(step) - first.div_euclid(step) < MAX_POINTS
    };
    let weeks = (1..).map(|weeks| weeks * WEEK);
    [MINUTE, HOUR, DAY].into_iter().chain(weeks).find(fits).unwrap_or(WEEK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(at: i64) -> Sold {
        Sold { at: Timestamp::from_millis(at * 1_000), tickets: 2, total: Amount(500) }
    }

    #[test]
    fn longer_sales_have_longer_intervals() {
        for (span, seconds) in [
            (0, MINUTE),
            (399 * MINUTE, MINUTE),
            (400 * MINUTE, HOUR),
            (399 * HOUR, HOUR),
            (400 * HOUR, DAY),
            (399 * DAY, DAY),
            (400 * DAY, WEEK),
            (399 * WEEK, WEEK),
            (400 * WEEK, 2 * WEEK),
            (200_000 * DAY, 72 * WEEK),
        ] {
            let curve = curve(&[sold(span), sold(0), sold(span)]);
            assert_eq!(curve.seconds, seconds, "{span}");
            assert!(curve.points.len() <= 400);
            assert_eq!(curve.points.iter().map(|point| point.tickets).sum::<u32>(), 6);
        }
    }

    #[test]
    fn no_sales_give_no_points_and_a_pause_gives_empty_points() {
        assert_eq!(curve(&[]).points, []);
        let curve = curve(&[sold(119), sold(60), sold(300)]);
        let points: Vec<_> = curve.points.iter().map(|point| (point.orders, point.revenue.0)).collect();
        assert_eq!(points, [(2, 1_000), (0, 0), (0, 0), (0, 0), (1, 500)]);
        assert_eq!(curve.points[0].start, Timestamp::from_millis(60_000));
    }
}
