//! Durable versions of a state machine, and the messages that carry them.

use crate::machine::{Answer, Machine};
use fairseat_domain::Sale;
use fairseat_journal::{Hash, Head, Position};
use std::sync::Arc;

/// An immutable, durable version of a machine's state.
#[derive(Clone, Debug)]
pub struct Published<M = Sale> {
    /// The number of batches in its stream. It grows with every change and is the same on every node.
    pub position: Position,
    /// The hash of its stream's history up to that position.
    pub hash: Hash,
    /// The state.
    pub state: M,
}

impl<M: Machine> Published<M> {
    /// The version before the first entry.
    #[must_use]
    pub fn empty(number: M::Number) -> Self {
        Self::at(Head::default(), M::empty(number))
    }

    /// The version that a stream's history leads to.
    #[must_use]
    pub fn at(head: Head, state: M) -> Self {
        Self { position: head.position, hash: head.hash, state }
    }

    /// The head of the stream at this version.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { position: self.position, hash: self.hash }
    }
}

/// A request's answer, with the durable version that contains its facts or led to its refusal.
#[derive(Debug)]
pub struct Answered<M: Machine = Sale> {
    /// Decision or refusal.
    pub answer: Answer<M>,
    /// The version.
    pub published: Arc<Published<M>>,
}

/// Who appended a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// This engine.
    ThisEngine,
    /// Another process, or nobody, because the machine has just woken.
    Another,
}

/// What became durable in one machine; without entries when the machine has just woken.
#[derive(Debug)]
pub struct Committed<M: Machine = Sale> {
    /// The machine's number.
    pub number: M::Number,
    /// The version after these entries.
    pub published: Arc<Published<M>>,
    /// The entries.
    pub entries: Arc<[M::Entry]>,
    /// What the entries changed.
    pub changes: Arc<M::Changes>,
    /// Who appended the entries.
    pub writer: Writer,
}
