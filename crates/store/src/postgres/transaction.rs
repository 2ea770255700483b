//! A connection and its transactions, for a thread that waits for each answer.

use crate::error::StoreError;
use crate::value::Value;
use fairseat_postgres::{Pooled, ServerError};
use futures::future::try_join_all;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// Statements that are under way at the same time when one is run for many rows.
const PIPELINED: usize = 256;

/// How a transaction is kept apart from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    /// As if no other transaction ran at the same time.
    Serializable,
    /// Each query sees what is committed at its beginning.
    Latest,
    /// Reads only, and sees the state at its first query.
    OneState,
}

/// A connection, for a thread that waits for each answer.
pub(super) struct Session {
    connection: Pooled,
    runtime: Handle,
    /// How long an answer may take.
    patience: Duration,
    /// Whether an answer is missing, so that the connection cannot be used again.
    is_broken: Cell<bool>,
}

/// An open transaction.
pub(crate) struct Transaction<'s> {
    session: &'s Session,
    /// Whether the server rolled it back because another transaction was in conflict with it.
    conflict: Cell<bool>,
    /// The first error of a statement. The server has given the transaction up since then, whatever the work makes of the error.
    failed: RefCell<Option<StoreError>>,
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("conflict", &self.conflict).finish_non_exhaustive()
    }
}

impl Session {
    pub(super) const fn new(connection: Pooled, runtime: Handle, patience: Duration) -> Self {
        Self { connection, runtime, patience, is_broken: Cell::new(false) }
    }

    /// The connection, if it can be used again.
    pub(super) fn into_connection(self) -> Option<Pooled> {
        (!self.is_broken.get()).then_some(self.connection)
    }

    /// Waits for an answer, but not for ever: a server may have vanished, or wait for a standby that is away.
    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        match self.runtime.block_on(async { tokio::time::timeout(self.patience, answer).await }) {
            Ok(answer) => Ok(answer?),
            Err(_elapsed) => {
                self.is_broken.set(true);
                let silent = ServerError::Unreachable("the server did not answer in time".to_owned());
                Err(silent.into())
            }
        }
    }

    /// Commits. A commit whose answer is missing, or comes with a warning that the wait for a standby was given up, may be lost or not.
    fn commit(&self) -> Result<(), StoreError> {
        self.connection.take_warning();
        match self.run("COMMIT") {
            Ok(()) if self.connection.take_warning() => {
                self.is_broken.set(true);
                let warned = "the server warned that the commit may be lost".to_owned();
                Err(StoreError::Unknown(Arc::new(ServerError::Unreachable(warned))))
            }
            Err(StoreError::Unreachable(cause)) => Err(StoreError::Unknown(cause)),
            other => other,
        }
    }

    /// Runs `work` in a transaction and commits it unless the work failed; says also whether another transaction was in conflict with it, so
    /// that nothing happened. Blocks.
    pub(super) fn transaction<T, E: From<StoreError>>(
        &self,
        isolation: Isolation,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> (Result<T, E>, bool) {
        let begin = match isolation {
            Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Isolation::Latest => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Isolation::OneState => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        if let Err(error) = self.run(begin) {
            return (Err(error.into()), false);
        }
        let (conflict, failed) = (Cell::new(false), RefCell::new(None));
        let transaction = Transaction { session: self, conflict, failed };
        let worked = work(&transaction);
        let outcome = match (worked, transaction.failed.take()) {
            (Ok(answer), None) => match self.commit() {
                Ok(()) => return (Ok(answer), false),
                Err(StoreError::Busy) => return (Err(StoreError::Busy.into()), true),
                // What only reads has changed nothing.
                Err(StoreError::Unknown(cause)) if isolation == Isolation::OneState => {
                    StoreError::Unreachable(cause).into()
                }
                Err(error) => error.into(),
            },
            (Ok(_), Some(failed)) => failed.into(),
            (Err(error), _) => error,
        };
        // If this fails, the connection is closed, and so the transaction is rolled back.
        drop(self.run("ROLLBACK"));
        (Err(outcome), transaction.conflict.get())
    }

    fn run(&self, text: &str) -> Result<(), StoreError> {
        self.wait(self.connection.client.batch_execute(text))
    }

    fn statement(&self, text: &str) -> Result<Statement, StoreError> {
        self.wait(self.connection.prepare(&text.replace('?', "$")))
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl Transaction<'_> {
    /// Runs statements without parameters or answers, such as those of a migration.
    pub(super) fn batch(&self, text: &str) -> Result<(), StoreError> {
        self.noted(self.session.run(text))
    }

    /// Runs a statement that returns no rows. Returns how many rows it changed.
    pub(crate) fn execute(&self, text: &str, values: &[Value]) -> Result<usize, StoreError> {
        self.noted(self.session.statement(text).and_then(|statement| {
            let parameters = parameters(values);
            let work = self.session.connection.client.execute(&statement, &parameters);
            let changed = self.session.wait(work)?;
            Ok(usize::try_from(changed).unwrap_or(usize::MAX))
        }))
    }

    /// Runs a statement once for each list of values, without waiting for one answer before the next is sent.
    pub(crate) fn execute_each(
        &self,
        text: &str,
        mut rows: impl Iterator<Item = Vec<Value>>,
    ) -> Result<(), StoreError> {
        let client = &self.session.connection.client;
        self.noted(self.session.statement(text).and_then(|statement| {
            loop {
                let rows: Vec<Vec<Value>> = rows.by_ref().take(PIPELINED).collect();
                if rows.is_empty() {
                    return Ok(());
                }
                let run = |row: &Vec<Value>| {
                    let (statement, row) = (statement.clone(), row.clone());
                    async move { client.execute(&statement, &parameters(&row)).await }
                };
                self.session.wait(try_join_all(rows.iter().map(run)))?;
            }
        }))
    }

    /// The rows of a query.
    pub(crate) fn query(&self, text: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.noted(self.session.statement(text).and_then(|statement| {
            let parameters = parameters(values);
            let work = self.session.connection.client.query(&statement, &parameters);
            self.session.wait(work)
        }))
    }

    /// Notes that a statement failed, since the work may turn the error into one of its own.
    fn noted<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome {
            self.conflict.set(self.conflict.get() || matches!(error, StoreError::Busy));
            self.failed.borrow_mut().get_or_insert_with(|| error.clone());
        }
        outcome
    }
}
