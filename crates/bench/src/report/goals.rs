//! The goals, and whether the measurements reached them.

use super::Figure;
use crate::summary::Ratios;

/// A goal and the measured value.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    pub(crate) text: &'static str,
    pub(crate) wanted: f64,
    pub(crate) measured: Option<f64>,
    /// Whether less is better.
    at_most: bool,
}

/// All goals.
#[derive(Clone, Debug)]
pub(crate) struct Goals(pub(crate) Vec<Goal>);

/// The name of the ratio, its description, the wanted value.
const RATIOS: [(&str, &str, f64); 11] = [
    ("reserve_vs_empty", "reserve, spread ÷ empty POST", 0.50),
    ("contended_vs_spread", "reserve, contended ÷ reserve, spread", 1.0),
    ("availability_vs_hello", "availability ÷ hello", 0.75),
    ("event_page_vs_hello", "an event's page ÷ hello", 0.75),
    ("reserve_vs_row_locks", "reserve ÷ PostgreSQL row locks", 9.0),
    ("reserve_vs_conditional_update", "reserve ÷ PostgreSQL conditional UPDATE", 6.0),
    ("reserve_vs_sqlite_transaction", "reserve ÷ SQLite transaction each", 9.0),
    ("reserve_vs_redis_locks", "reserve ÷ Redis locks + PostgreSQL", 4.0),
    ("reserve_vs_redis_lua", "reserve ÷ Redis Lua script", 1.7),
    ("postgres_vs_embedded", "reserve on PostgreSQL ÷ reserve in a data folder", 0.75),
    ("postgres_vs_row_locks", "reserve on PostgreSQL ÷ PostgreSQL row locks", 4.0),
];

impl Goals {
    /// The goals for these results.
    pub(crate) fn of(
        ratios: &Ratios,
        orders: Option<f64>,
        viewer_kilobytes: Option<f64>,
        sale: &[Figure],
    ) -> Self {
        let ratio = |(name, text, wanted): &(&str, &'static str, f64)| Goal {
            text,
            wanted: *wanted,
            measured: ratios.get(name).copied(),
            at_most: false,
        };
        let mut goals: Vec<Goal> = RATIOS.iter().map(ratio).collect();
        goals.push(Goal {
            text: "orders a second: a seat reserved, paid and its ticket in hand",
            wanted: 5_000.0,
            measured: orders,
            at_most: false,
        });
        goals.push(Goal {
            text: "kilobytes of memory a live viewer",
            wanted: 4.0,
            measured: viewer_kilobytes,
            at_most: true,
        });
        let durable = sale.iter().filter(|figure| figure.label.contains("SQLite")).map(|figure| figure.value);
        goals.push(Goal {
            text: "facts a second in process with a durable journal",
            wanted: 1e6,
            measured: durable.max_by(f64::total_cmp),
            at_most: false,
        });
        Self(goals)
    }
}

impl Goal {
    /// `None` when it was not measured.
    pub(crate) fn is_reached(&self) -> Option<bool> {
        self.measured
            .map(|measured| if self.at_most { measured <= self.wanted } else { measured >= self.wanted })
    }

    /// `≥ 0.5` or `≤ 4`.
    pub(crate) fn wanted_text(&self) -> String {
        let sign = if self.at_most { '≤' } else { '≥' };
        format!("{sign} {}", super::markdown::number(self.wanted))
    }
}
