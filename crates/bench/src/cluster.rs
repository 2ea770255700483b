//! Fairseat on PostgreSQL: a data set that was moved into a database as an operator moves a venue, and the nodes that serve it.

use crate::baselines::PostgresServer;
use crate::process::{Process, output, this_program};
use crate::workspace::{Running, SERVE, Workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The secret of the measured nodes. They listen on loopback and end with the measurement.
const NODES_KEY: &str = "a secret that all nodes of this measurement have";

/// A venue in a database.
#[derive(Debug)]
pub(crate) struct Venue<'a> {
    server: &'a PostgresServer,
    database: String,
    /// The data folder with the keys, and with the description of the data set.
    folder: PathBuf,
}

/// How the nodes of a venue share their work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// They do not know each other: all that get commands for a sale write it.
    Racing,
    /// They pass commands on to the node that serves the sale.
    Forwarding,
}

impl Workspace {
    /// Moves a copy of a data set, which no server uses, into a database of its own.
    ///
    /// # Errors
    /// When `fairseat migrate` refuses it.
    pub(crate) fn venue<'a>(
        &self,
        dataset: &Path,
        server: &'a PostgresServer,
        database: &str,
    ) -> Result<Venue<'a>> {
        let folder = self.path(database);
        output(Command::new("cp").arg("-r").arg(dataset).arg(&folder))?;
        fs::write(folder.join("nodes-key"), NODES_KEY)?;
        server.sql("postgres", &format!("CREATE DATABASE {database}"))?;
        let venue = Venue { server, database: database.to_owned(), folder };
        let (url, folder) = (venue.url(), venue.folder_text()?);
        output(&mut this_program(["server", "--", "database", "prepare", "--database", &url])?)?;
        output(&mut this_program(["server", "--", "migrate", "--data-dir", folder, "--to", &url])?)?;
        venue.settle()?;
        Ok(venue)
    }
}

impl Venue<'_> {
    /// A copy in another database of the same server. No node may serve this one.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(crate) fn copy(&self, database: &str) -> Result<Self> {
        let make = format!("CREATE DATABASE {database} TEMPLATE {} STRATEGY FILE_COPY", self.database);
        self.server.sql("postgres", &make)?;
        Ok(Self { server: self.server, database: database.to_owned(), folder: self.folder.clone() })
    }

    /// Starts its nodes. One that races and has no others is a server with a database, without options for nodes.
    ///
    /// # Errors
    /// When one does not start.
    pub(crate) fn serve(&self, count: usize, sharing: Sharing) -> Result<Running> {
        let (url, folder, key) = (self.url(), self.folder_text()?, self.folder.join("nodes-key"));
        let key = key.to_str().context("the path is not UTF-8")?;
        let mut arguments = SERVE.to_vec();
        // Every sale of every measurement stays awake.
        arguments.extend(["--data-dir", folder, "--database", &url, "--sales-memory", "8192"]);
        if sharing == Sharing::Forwarding {
            arguments.extend(["--nodes-listen", "127.0.0.1:0", "--nodes-key-file", key]);
        }
        let (process, address) = Process::server(&arguments)?;
        let mut nodes = Running::of(process, address, Some(&self.folder));
        nodes.helpers = vec![self.server.id()];
        for _ in 1..count {
            nodes.others.push(Process::server(&arguments)?);
        }
        Ok(nodes)
    }

    /// Runs SQL in its database and returns what `psql` prints.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(crate) fn sql(&self, text: &str) -> Result<String> {
        self.server.sql(&self.database, text)
    }

    /// Bytes that the server has written to its log (WAL) so far.
    ///
    /// # Errors
    /// When the server does not say.
    pub(crate) fn log_bytes(&self) -> Result<f64> {
        Ok(self.sql("SELECT pg_current_wal_insert_lsn() - '0/0'")?.parse()?)
    }

    /// Removes dead rows, and writes everything to the disk, so that it is not done during a measurement.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(crate) fn settle(&self) -> Result<()> {
        self.sql("VACUUM ANALYZE")?;
        self.sql("CHECKPOINT").map(drop)
    }

    fn url(&self) -> String {
        self.server.url(&self.database)
    }

    fn folder_text(&self) -> Result<&str> {
        self.folder.to_str().context("the path is not UTF-8")
    }
}
