//! A journal that Citus distributes over two workers. All cases share one database, which each finds empty.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use fairseat_journal::{Journal, PostgresJournal};
use fairseat_test_postgres::{CitusCluster, NO_CITUS};

use crate::fixture::Fixture;
use crate::postgres_fixture::{Postgres, TABLES, connect, options};

static SERVERS: Mutex<Weak<Servers>> = Mutex::new(Weak::new());

/// A cluster with a distributed journal.
pub(crate) struct Servers {
    _cluster: CitusCluster,
    url: String,
}

/// The cluster of this process, which runs as long as somebody holds it; `None` if Citus is not installed.
pub(crate) fn servers() -> Option<Arc<Servers>> {
    let mut slot = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = slot.upgrade() {
        return Some(running);
    }
    let started =
        CitusCluster::start(&["fsync=off", "max_connections=200"], 2).expect("a private PostgreSQL");
    let Some(cluster) = started else {
        println!("{NO_CITUS}");
        return None;
    };
    let url = cluster.database("journal").unwrap();
    crate::fixture::run(async {
        PostgresJournal::prepare(&url, options()).await.unwrap();
        PostgresJournal::distribute(&url, 4).await.unwrap();
    });
    let servers = Arc::new(Servers { _cluster: cluster, url });
    *slot = Arc::downgrade(&servers);
    Some(servers)
}

pub(crate) struct Citus(Postgres);

impl Fixture for Citus {
    /// The coordinator passes bytes on as text.
    const LARGEST_IN_TIME: usize = 4 << 20;

    async fn new() -> Self {
        let servers = servers().expect("the suite has started them");
        let client = connect(&servers.url).await;
        for table in TABLES.iter().chain(&["lease"]) {
            client.batch_execute(&format!("DELETE FROM fairseat_journal.{table}")).await.unwrap();
        }
        Self(Postgres::open(servers.url.clone(), servers).await)
    }

    fn journal(&self) -> &dyn Journal {
        self.0.journal()
    }

    async fn reopen(self) -> Self {
        Self(self.0.reopen().await)
    }

    /// The copy is in the same database.
    type Standby = ();

    async fn replicate(&self) {
        self.0.replicate().await;
    }

    async fn promote(self, (): ()) -> Self {
        Self(self.0.promote(()).await)
    }
}
