//! Turns a group of appends into one transaction: each is judged in order of arrival, all are written together, each gets
//! its own answer.
//!
//! Not here: the writer's thread and its queue (`writer`).

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::journal_head::JournalHead;
use super::rows::{Record, is_full};
use super::shared::SharedState;
use crate::heads::{Heads, StreamEnd, Verdict, judge};
use crate::{Append, AppendError, Batch, Deadline, Head, Position, StreamId, crash_point};

/// The outcome of a group of appends, before anything is written.
#[derive(Debug)]
pub(super) struct PlannedCommit {
    /// An answer for each append, in order, valid if the commit succeeds. `None` if the stream goes on after the expected
    /// position; then the caller reads what the writer missed.
    pub(super) answers: Vec<Option<Result<Head, AppendError>>>,
    /// The new end of each stream that moves.
    pub(super) ends: BTreeMap<StreamId, StreamEnd>,
    /// The journal's head after the commit.
    pub(super) journal_head: JournalHead,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    stream: StreamId,
    batch: Batch,
    deadline: Deadline,
    journal_head: JournalHead,
}

impl PlannedCommit {
    /// Judges the appends one after the other, each on top of those before it.
    pub(super) fn of<'a>(
        appends: impl Iterator<Item = &'a Append>,
        shared: &SharedState,
        journal_head: JournalHead,
    ) -> Self {
        let mut plan = Self { answers: Vec::new(), ends: BTreeMap::new(), journal_head, rows: Vec::new() };
        let mut streams = shared.heads(Heads::len);
        for append in appends {
            let planned = plan.ends.get(&append.stream).map(|end| end.head);
            let head = planned.unwrap_or_else(|| shared.heads(|heads| heads.get(append.stream)));
            let answer = match judge(append, &head, streams) {
                Verdict::Refused(error) => Some(Err(error)),
                Verdict::Later => None,
                Verdict::Fits => {
                    streams += usize::from(head.position == Position::START);
                    Some(Ok(plan.accept(append)))
                }
            };
            plan.answers.push(answer);
        }
        plan
    }

    fn accept(&mut self, append: &Append) -> Head {
        let batch = append.to_batch();
        let head = batch.head();
        self.journal_head = self.journal_head.followed_by(&batch.hash);
        self.ends.insert(append.stream, StreamEnd { head, deadline: append.deadline });
        self.rows.push(Row {
            stream: append.stream,
            batch,
            deadline: append.deadline,
            journal_head: self.journal_head,
        });
        head
    }

    /// Whether no append fits, so that there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// About how many bytes the write-ahead log grows.
    pub(super) fn log_bytes(&self) -> usize {
        const PAGES_BESIDE_THE_PAYLOAD: usize = 4 * 4096;
        self.rows.iter().map(|row| row.batch.payload.len() + PAGES_BESIDE_THE_PAYLOAD).sum()
    }
}

/// Why a commit failed, and whether it may be durable.
#[derive(Debug)]
pub(super) enum CommitFailure {
    /// Nothing was written, because the disk is full. The next commit may succeed.
    Full,
    /// Nothing was written, for a permanent reason.
    NotWritten(String),
    /// The commit itself failed: it may be durable or not.
    Uncertain(String),
}

/// Writes a plan and makes it durable.
pub(super) fn write(connection: &mut Connection, plan: &PlannedCommit) -> Result<(), CommitFailure> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = begun.map_err(|error| before_commit(&error))?;
    for Row { stream, batch, deadline, journal_head } in &plan.rows {
        let inserted = Record::of(*stream, batch, *deadline, *journal_head).insert(&transaction);
        inserted.map_err(|error| before_commit(&error))?;
    }
    crash_point!("journal.before_commit");
    commit(transaction)?;
    crash_point!("journal.after_commit");
    Ok(())
}

/// Commits. If the disk is full, the commit is certainly not durable: SQLite reports that only if the frame that carries
/// the commit could not be written. After any other failure, such as a failed fsync, the commit may be durable or not. A
/// retry would prove nothing, since the kernel may have dropped the pages it could not write.
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
