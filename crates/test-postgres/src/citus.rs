//! Private Citus clusters: a coordinator and workers, each a private server.

use std::io;

use crate::server::PostgresServer;

/// What a test says that cannot run because Citus is not installed.
pub const NO_CITUS: &str =
    "this part did not run: Citus is not installed (pg_available_extensions has no citus)";

/// What every server of a cluster needs. Moving a shard takes logical replication.
const NEEDED: [&str; 3] =
    ["shared_preload_libraries=citus", "wal_level=logical", "max_prepared_transactions=200"];

/// A running cluster. Its coordinator has no shards.
#[derive(Debug)]
pub struct CitusCluster {
    coordinator: PostgresServer,
    workers: Vec<PostgresServer>,
}

impl CitusCluster {
    /// Starts a coordinator and so many workers with settings such as `fsync=off`; `None` if Citus is not installed. Then the test should say
    /// [`NO_CITUS`].
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(settings: &[&str], workers: usize) -> io::Result<Option<Self>> {
        let mut coordinator = PostgresServer::start(settings)?;
        let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'";
        if coordinator.by_hand(available)?.trim() == "0" {
            return Ok(None);
        }
        restart(&mut coordinator, settings)?;
        let mut others = Vec::new();
        for _ in 0..workers {
            let mut worker = PostgresServer::start(&[])?;
            restart(&mut worker, settings)?;
            others.push(worker);
        }
        Ok(Some(Self { coordinator, workers: others }))
    }

    /// Makes a database on every server, and tells the coordinator about the workers. Returns its connection string there.
    ///
    /// # Errors
    /// When a server refuses it.
    pub fn database(&self, name: &str) -> io::Result<String> {
        for server in self.workers.iter().chain([&self.coordinator]) {
            server.by_hand(&format!("CREATE DATABASE {name}"))?;
            crate::installation::psql(&server.url(name), "CREATE EXTENSION citus")?;
        }
        let url = self.coordinator.url(name);
        let host = self.coordinator.host();
        crate::installation::psql(&url, &format!("SELECT citus_set_coordinator_host('{host}', 5432)"))?;
        for worker in &self.workers {
            crate::installation::psql(&url, &format!("SELECT citus_add_node('{}', 5432)", worker.host()))?;
        }
        Ok(url)
    }

    /// The server that programs connect to.
    #[must_use]
    pub const fn coordinator(&self) -> &PostgresServer {
        &self.coordinator
    }

    /// The servers that have the shards.
    #[must_use]
    pub fn workers(&self) -> &[PostgresServer] {
        &self.workers
    }

    /// Starts a standby of a worker, as the worker is now.
    ///
    /// # Errors
    /// When it does not start.
    pub fn standby_of_worker(&self, number: usize, settings: &[&str]) -> io::Result<PostgresServer> {
        let worker = self.workers.get(number).ok_or_else(|| io::Error::other("there is no such worker"))?;
        worker.standby(&with_needed(settings))
    }

    /// Stops a worker as a crash would, promotes its standby, and tells the coordinator, in this database, where it is.
    ///
    /// # Errors
    /// When a server refuses it.
    pub fn fail_over_worker(
        &mut self,
        number: usize,
        standby: PostgresServer,
        database: &str,
    ) -> io::Result<()> {
        let worker =
            self.workers.get_mut(number).ok_or_else(|| io::Error::other("there is no such worker"))?;
        worker.crash();
        standby.promote()?;
        let update = format!(
            "SELECT citus_update_node(nodeid, '{}', 5432) FROM pg_dist_node WHERE nodename = '{}'",
            standby.host(),
            worker.host()
        );
        *worker = standby;
        crate::installation::psql(&self.coordinator.url(database), &update).map(drop)
    }

    /// Stops and starts a worker as a crash of its machine would.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart_worker(&mut self, number: usize, settings: &[&str]) -> io::Result<()> {
        match self.workers.get_mut(number) {
            Some(worker) => restart(worker, settings),
            None => Ok(()),
        }
    }
}

/// The settings of a server that is a part of a cluster.
fn with_needed<'s>(settings: &[&'s str]) -> Vec<&'s str> {
    [settings, &NEEDED].concat()
}

/// Starts a server anew as a part of a cluster, which reaches it by its socket.
fn restart(server: &mut PostgresServer, settings: &[&str]) -> io::Result<()> {
    let own_address = format!("citus.local_hostname={}", server.host());
    server.restart(&[&with_needed(settings)[..], &[own_address.as_str()]].concat())
}
