//! A journal on a private PostgreSQL server. All cases share the server, and each has a database of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use fairseat_journal::{Journal, PostgresJournal, PostgresOptions};
use fairseat_test_postgres::PostgresServer;
use tokio_postgres::{Client, NoTls};

use crate::fixture::Fixture;

static SERVER: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());
static DATABASES: AtomicU64 = AtomicU64::new(0);

/// The server of this process. It runs as long as somebody holds it.
pub(crate) fn server() -> Arc<PostgresServer> {
    let mut slot = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = slot.upgrade() {
        return running;
    }
    // No case tests durability; tests/postgres does.
    let server = PostgresServer::start(&["fsync=off", "max_connections=400"]).expect("a private PostgreSQL");
    let server = Arc::new(server);
    *slot = Arc::downgrade(&server);
    server
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    client
}

pub(crate) fn options() -> PostgresOptions {
    let node = "the only node".to_owned();
    PostgresOptions {
        append_connections: 4,
        other_connections: 2,
        allow_unsafe_server: true,
        node,
        ..PostgresOptions::default()
    }
}

pub(crate) struct Postgres {
    journal: PostgresJournal,
    url: String,
    /// Whatever must run as long as the journal is used.
    server: Arc<dyn Send + Sync>,
}

impl Postgres {
    pub(crate) async fn open(url: String, server: Arc<dyn Send + Sync>) -> Self {
        Self { journal: PostgresJournal::open(&url, options()).await.unwrap(), url, server }
    }
}

pub(crate) const TABLES: [&str; 6] = ["batch", "head", "deadline", "consumer", "consumer_cursor", "snapshot"];

impl Fixture for Postgres {
    async fn new() -> Self {
        let server = server();
        let database = format!("journal_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server.url("template1")).await;
        let copy = format!("CREATE DATABASE {database} TEMPLATE prepared STRATEGY file_copy");
        if admin.batch_execute(&copy).await.is_err() {
            admin.batch_execute("CREATE DATABASE prepared").await.unwrap();
            PostgresJournal::prepare(&server.url("prepared"), options()).await.unwrap();
            admin.batch_execute(&copy).await.unwrap();
        }
        Self::open(server.url(&database), server).await
    }

    fn journal(&self) -> &dyn Journal {
        &self.journal
    }

    async fn reopen(self) -> Self {
        let Self { journal, url, server } = self;
        drop(journal);
        Self::open(url, server).await
    }

    /// The copy is in the same database.
    type Standby = ();

    async fn replicate(&self) {
        let client = connect(&self.url).await;
        client.batch_execute("DROP SCHEMA IF EXISTS standby CASCADE; CREATE SCHEMA standby").await.unwrap();
        for table in TABLES {
            let copy = format!("CREATE TABLE standby.{table} AS TABLE fairseat_journal.{table}");
            client.batch_execute(&copy).await.unwrap();
        }
    }

    /// The tables become those of the standby, but for the snapshots: they may be of the lost history.
    async fn promote(self, (): ()) -> Self {
        let client = connect(&self.url).await;
        for table in TABLES.into_iter().filter(|table| *table != "snapshot") {
            let restore = format!(
                "TRUNCATE fairseat_journal.{table}; INSERT INTO fairseat_journal.{table} TABLE standby.{table}"
            );
            client.batch_execute(&restore).await.unwrap();
        }
        self.reopen().await
    }
}
