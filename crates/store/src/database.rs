//! One interface over both databases: a unit of work is a closure that runs in one transaction.

use crate::error::StoreError;
use crate::postgres::PostgresDatabase;
use crate::sql::Sql;
use crate::sqlite::SqliteDatabase;
use fairseat_postgres::Replicas;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Transactions whose names begin like this change the catalogue.
const CATALOGUE_WRITES: [&str; 3] = ["events.", "venues.", "organizations."];

/// An open database. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    engine: Arc<Engine>,
    /// Counts changes of events, venues and organizations.
    catalogue_version: Arc<AtomicU64>,
    /// Whether lists may be read from replicas.
    accepts_late: bool,
}

#[derive(Debug)]
enum Engine {
    Sqlite(SqliteDatabase),
    Postgres(PostgresDatabase),
}

impl From<Engine> for Database {
    fn from(engine: Engine) -> Self {
        Self { engine: Arc::new(engine), catalogue_version: Arc::default(), accepts_late: false }
    }
}

impl From<SqliteDatabase> for Database {
    fn from(database: SqliteDatabase) -> Self {
        Engine::Sqlite(database).into()
    }
}

impl From<PostgresDatabase> for Database {
    fn from(database: PostgresDatabase) -> Self {
        Engine::Postgres(database).into()
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
        let written = match &*self.engine {
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
        match &*self.engine {
            Engine::Sqlite(database) => database.read(name, work).await,
            Engine::Postgres(database) => database.read(name, work).await,
        }
    }

    /// As [`Self::read`], for a list or a search: a handle of [`Self::accepting_late`] may read it from a replica. What is decided upon never comes
    /// from here.
    pub(crate) async fn list<T, E>(
        &self,
        name: &'static str,
        work: impl Fn(&Sql<'_>) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.engine {
            Engine::Postgres(database) if self.accepts_late => database.read_late(name, work).await,
            Engine::Sqlite(_) | Engine::Postgres(_) => self.read(name, work).await,
        }
    }

    /// The same database, for lists that may be late.
    pub(crate) fn accepting_late(&self) -> Self {
        Self { accepts_late: true, ..self.clone() }
    }

    /// The read replicas, if there are any.
    pub(crate) fn replicas(&self) -> Option<&Replicas> {
        match &*self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(database) => database.replicas(),
        }
    }

    /// A number that changes with each write of events, venues and organizations through this handle.
    pub(crate) fn catalogue_version(&self) -> u64 {
        self.catalogue_version.load(Ordering::Acquire)
    }

    /// The path of the file; `None` for a database on a server.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &*self.engine {
            Engine::Sqlite(database) => Some(database.path()),
            Engine::Postgres(_) => None,
        }
    }

    /// Removes what deleted rows left behind; see [`crate::Store::erase_traces`]. Blocks.
    pub(crate) fn empty_log(&self) -> Result<bool, StoreError> {
        match &*self.engine {
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
