//! One interface over both databases: a unit of work is a closure that runs in one transaction.

use crate::error::StoreError;
use crate::postgres::PostgresDatabase;
use crate::sql::Sql;
use crate::sqlite::SqliteDatabase;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Transactions whose names begin like this change the catalogue.
const CATALOGUE_WRITES: [&str; 3] = ["events.", "venues.", "organizations."];

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    engine: Engine,
    /// Counts changes of events, venues and organizations.
    catalogue_version: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(SqliteDatabase),
    Postgres(PostgresDatabase),
}

impl From<SqliteDatabase> for Database {
    fn from(database: SqliteDatabase) -> Self {
        Self { engine: Engine::Sqlite(database), catalogue_version: Arc::default() }
    }
}

impl From<PostgresDatabase> for Database {
    fn from(database: PostgresDatabase) -> Self {
        Self { engine: Engine::Postgres(database), catalogue_version: Arc::default() }
    }
}

impl Database {
    /// Runs `work` in a transaction that may write, and commits it unless the work failed. PostgreSQL may roll it back because of a conflict
    /// with another transaction; then the work runs again.
    pub(crate) async fn write<T, E>(
        &self,
        name: &'static str,
        work: impl Fn(&Sql<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let changes_catalogue = CATALOGUE_WRITES.iter().any(|table| name.starts_with(table));
        let change = changes_catalogue.then(|| CatalogueChange(self.catalogue_version.clone()));
        let work = move |sql: &Sql<'_>| work(sql).map(|answer| (answer, change.clone()));
        let written = match &self.engine {
            Engine::Sqlite(database) => database.write(name, work).await,
            Engine::Postgres(database) => database.write(name, work).await,
        };
        written.map(|(answer, _change)| answer)
    }

    /// Runs `work` in a transaction that sees one state of the database from its first query to its last.
    pub(crate) async fn read<T, E>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Sql<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(database) => database.read(name, work).await,
            Engine::Postgres(database) => database.read(name, work).await,
        }
    }

    /// A number that changes with each write of events, venues and organizations through this handle.
    pub(crate) fn catalogue_version(&self) -> u64 {
        self.catalogue_version.load(Ordering::Acquire)
    }

    /// The path of the file; `None` for a database on a server.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite(database) => Some(database.path()),
            Engine::Postgres(_) => None,
        }
    }

    /// Removes what deleted rows left behind; see [`crate::Store::erase_traces`]. Blocks.
    pub(crate) fn empty_log(&self) -> Result<bool, StoreError> {
        match &self.engine {
            Engine::Sqlite(database) => database.empty_log(),
            Engine::Postgres(_) => Ok(true),
        }
    }
}

/// Changes the catalogue's version when its last copy is dropped. It travels with the answer of a write, so that is after the commit, also when
/// the caller has gone.
#[derive(Clone)]
struct CatalogueChange(Arc<AtomicU64>);

impl Drop for CatalogueChange {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
