//! Records of one history: its trace, its coverage, and the input of the model.

use crate::linearizability::Operation;
use crate::model_input::{ClientAnswer, Movement};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// How often each thing occurred, by kind and name.
pub(crate) type Coverage = BTreeMap<(&'static str, &'static str), u64>;

/// Everything written down while a history runs.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// One line for each thing that happened, in order.
    pub(crate) trace: String,
    pub(crate) coverage: Coverage,
    pub(crate) commands: u64,
    pub(crate) client_answers: Vec<ClientAnswer>,
    pub(crate) books: Vec<Movement>,
    /// In small histories: every command with its answer.
    pub(crate) operations: Vec<Operation>,
    /// Violations found while the history runs.
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
