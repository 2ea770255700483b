//! A bounded number of connections that are set up alike.
//!
//! A connection returns to the pool only by [`Pool::put_back`], after a complete answer. One that is dropped in any other way
//! is closed, so that no answer of an earlier statement can reach a later one.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connect::{Connection, Connector};
use crate::error::ServerError;

/// How long a caller waits for a connection that others use.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
/// The pool.
pub struct Pool {
    connector: Arc<Connector>,
    setup: &'static str,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

/// A connection that is in use.
#[derive(Debug)]
pub struct Pooled {
    connection: Connection,
    _permit: OwnedSemaphorePermit,
}

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Pool {
    /// At most so many connections; `setup` is run on each new one.
    #[must_use]
    pub fn new(connector: Arc<Connector>, setup: &'static str, connections: usize) -> Self {
        let permits = Arc::new(Semaphore::new(connections.max(1)));
        Self { connector, setup, idle: Mutex::new(Vec::new()), permits }
    }

    /// An idle connection, or a new one.
    ///
    /// # Errors
    /// [`ServerError`]; also when all connections are in use for too long.
    pub async fn get(&self) -> Result<Pooled, ServerError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(ServerError::Unreachable("all connections are in use".to_owned()));
        };
        while let Some(connection) = self.pop() {
            if !connection.client.is_closed() && !self.connector.is_outdated(&connection) {
                return Ok(Pooled { connection, _permit: permit });
            }
        }
        let connection = self.connector.connect(self.setup).await?;
        Ok(Pooled { connection, _permit: permit })
    }

    /// Makes a connection idle again, after a complete answer.
    pub fn put_back(&self, pooled: Pooled) {
        if !pooled.client.is_closed() {
            self.idle().push(pooled.connection);
        }
    }

    fn pop(&self) -> Option<Connection> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // No code panics while it holds the lock, so a poisoned lock guards consistent data.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
