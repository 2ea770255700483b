//! The input of the model: entries of the journal, answers to clients, movements of money, contents of the views. Like the model,
//! it imports no other crate of ours. Times are milliseconds, amounts minor units, -1 is nothing.

use std::collections::BTreeMap;

/// The subject of an answer: a kind and two numbers.
pub(crate) type Subject = (char, i64, i64);

/// The gateway moved money.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Movement {
    /// The number of versions that were durable then.
    pub(crate) durable: u64,
    /// `promised`, `let go`, `took` or `gave back`.
    pub(crate) what: &'static str,
    pub(crate) payment: i64,
    pub(crate) refund: i64,
    pub(crate) amount: i64,
}

/// The contents of the views at the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ViewContents {
    /// Reservations by status and buyer, orders by status and refunded amount.
    pub(crate) rows: BTreeMap<(char, i64), (&'static str, i64)>,
    /// Counts of seats: available, reserved, sold, blocked.
    pub(crate) counts: [usize; 4],
    pub(crate) revenue: i64,
}

/// An entry of the journal.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) version: u64,
    pub(crate) at: i64,
    pub(crate) request: u64,
    /// The idempotency key, and the body that came with it.
    pub(crate) key: Option<(u64, u64)>,
    /// Whether it was due by time alone.
    pub(crate) due: bool,
    pub(crate) subject: Subject,
    pub(crate) changes: Vec<Statement>,
}

/// An answer to a client.
#[derive(Clone, Debug)]
pub(crate) struct ClientAnswer {
    pub(crate) request: u64,
    /// The idempotency key, and the body that came with it.
    pub(crate) key: Option<(u64, u64)>,
    /// The times of request and answer, by the deciding node's clock.
    pub(crate) span: (i64, i64),
    /// The version that the answer is from.
    pub(crate) version: u64,
    /// The numbers of durable versions at the request and at the answer.
    pub(crate) durable: (u64, u64),
    pub(crate) said: Said,
}

/// A change, or the reason of a refusal: about `a` and `b`, seats with their prices, and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) verb: &'static str,
    pub(crate) a: i64,
    pub(crate) b: i64,
    pub(crate) seats: Vec<(u32, i64)>,
    pub(crate) numbers: Vec<i64>,
}

/// The content of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// Done now.
    Done(Vec<Statement>, Subject),
    /// Done before under the same key.
    Again(Subject),
    /// There was nothing to do.
    Nothing,
    /// A statement that must be true, which is the reason of a refusal or a status that was shown.
    Claim(Statement),
}
