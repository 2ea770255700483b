//! What happened in a history: its trace, what was covered, and the testimony for the judge.

use crate::linear::Operation;
use crate::model::{Movement, Told};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// How often something occurred, by kind and name.
pub(crate) type Coverage = BTreeMap<(&'static str, &'static str), u64>;

/// Everything written down while a history runs.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// One line for each thing that happened, in order.
    pub(crate) trace: String,
    pub(crate) coverage: Coverage,
    pub(crate) commands: u64,
    pub(crate) told: Vec<Told>,
    pub(crate) books: Vec<Movement>,
    /// In small histories: everything that was asked and heard.
    pub(crate) operations: Vec<Operation>,
    /// What went wrong without any need of a judge.
    pub(crate) wrong: Vec<String>,
}

impl Record {
    pub(crate) fn note(&mut self, at: i64, what: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _written = writeln!(self.trace, "{at:>8} {what}");
    }

    pub(crate) fn count(&mut self, kind: &'static str, name: &'static str) {
        *self.coverage.entry((kind, name)).or_default() += 1;
    }
}
