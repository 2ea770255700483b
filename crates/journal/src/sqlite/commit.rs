//! One group of appends becomes one transaction: judged in the order they came, written together, answered each for itself.
//!
//! Deliberately not here: the thread and its queue (`writer`).

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::core::Core;
use super::rows::{Record, is_full};
use super::tip::Tip;
use crate::heads::{Heads, Verdict, judge};
use crate::record::to_batch;
use crate::{Append, AppendError, Batch, Deadline, Head, Position, StreamId, crash_point};

/// What a group of appends comes to, before anything is written.
#[derive(Debug)]
pub(super) struct Plan {
    /// An answer for each append, in order, valid if the commit succeeds. The batches missed in a conflict are left out.
    pub(super) answers: Vec<Result<Position, AppendError>>,
    /// The new end of each stream that moves.
    pub(super) heads: BTreeMap<StreamId, Head>,
    /// The end of the journal after the commit.
    pub(super) tip: Tip,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    stream: StreamId,
    batch: Batch,
    deadline: Deadline,
    tip: Tip,
}

impl Plan {
    /// Judges the appends one after the other, each on top of those before it.
    pub(super) fn of<'a>(appends: impl Iterator<Item = &'a Append>, core: &Core, tip: Tip) -> Self {
        let mut plan = Self { answers: Vec::new(), heads: BTreeMap::new(), tip, rows: Vec::new() };
        let mut streams = core.heads(Heads::len);
        for append in appends {
            let planned = plan.heads.get(&append.stream).copied();
            let head = planned.unwrap_or_else(|| core.heads(|heads| heads.get(append.stream)));
            let answer = match judge(append, &head, streams) {
                Verdict::Refused(error) => Err(error),
                Verdict::Conflict => Err(AppendError::Conflict { missed: Vec::new() }),
                Verdict::Fits => {
                    streams += usize::from(head.position == Position::START);
                    Ok(plan.accept(append, &head))
                }
            };
            plan.answers.push(answer);
        }
        plan
    }

    fn accept(&mut self, append: &Append, head: &Head) -> Position {
        let batch = to_batch(append, &head.hash);
        let head = Head { position: batch.position, hash: batch.hash, deadline: append.deadline };
        self.tip = self.tip.followed_by(&batch.hash);
        self.heads.insert(append.stream, head);
        self.rows.push(Row { stream: append.stream, batch, deadline: append.deadline, tip: self.tip });
        head.position
    }

    /// Whether nothing fits, so that there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// About how much the write-ahead log grows by it.
    pub(super) fn log_bytes(&self) -> usize {
        const PAGES_BESIDE_THE_PAYLOAD: usize = 4 * 4096;
        self.rows.iter().map(|row| row.batch.payload.len() + PAGES_BESIDE_THE_PAYLOAD).sum()
    }
}

/// Why a commit did not succeed, and what is known of it.
#[derive(Debug)]
pub(super) enum CommitFailure {
    /// Nothing was written, for want of room. The next commit may succeed.
    Full,
    /// Nothing was written, for a reason that will not go away.
    NotWritten(String),
    /// The commit itself failed: after recovery it may be there or not.
    Uncertain(String),
}

/// Writes a plan and makes it durable.
pub(super) fn write(connection: &mut Connection, plan: &Plan) -> Result<(), CommitFailure> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = begun.map_err(|error| before_commit(&error))?;
    for Row { stream, batch, deadline, tip } in &plan.rows {
        let inserted = Record::of(*stream, batch, *deadline, *tip).insert(&transaction);
        inserted.map_err(|error| before_commit(&error))?;
    }
    crash_point!("journal.before_commit");
    commit(transaction)?;
    crash_point!("journal.after_commit");
    Ok(())
}

/// Commits. A full disk is certain even here: SQLite answers it only if the frame that carries the commit could not
/// be written. Every other failure, a failed fsync above all, may or may not have reached the disk, and trying again
/// would prove nothing, since the kernel may have dropped the pages it could not write.
fn commit(transaction: Transaction<'_>) -> Result<(), CommitFailure> {
    transaction.commit().map_err(|error| match is_full(&error) {
        true => CommitFailure::Full,
        false => CommitFailure::Uncertain(format!("a commit failed: {error}")),
    })
}

fn before_commit(error: &rusqlite::Error) -> CommitFailure {
    match is_full(error) {
        true => CommitFailure::Full,
        false => CommitFailure::NotWritten(format!("a write failed: {error}")),
    }
}
