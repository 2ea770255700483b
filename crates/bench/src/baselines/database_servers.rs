//! Private PostgreSQL and Redis servers: in the workspace, on Unix sockets, tuned and durable. They end with the bench.

use crate::process::{Process, output};
use anyhow::{Result, ensure};
use fairseat_test_postgres::Installation;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Settings for a small machine with full durability (PostgreSQL's default, named here to be explicit). The other settings avoid
/// checkpoints during a measurement, and planning in every call.
const SETTINGS: [&str; 13] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=512MB",
    "effective_cache_size=2GB",
    "wal_buffers=16MB",
    "min_wal_size=2GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "plan_cache_mode=force_generic_plan",
    "jit=off",
    "max_connections=600",
    "wal_compression=off",
];

/// How long a server may take to become ready.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A running PostgreSQL; stopped when dropped.
#[derive(Debug)]
pub(crate) struct PostgresServer {
    process: Process,
    pub(crate) socket: PathBuf,
    pub(crate) version: String,
    data: PathBuf,
    installation: Installation,
}

/// A running Redis or Valkey.
#[derive(Debug)]
pub(crate) struct RedisServer {
    process: Process,
    pub(crate) socket: PathBuf,
    pub(crate) version: String,
}

impl PostgresServer {
    /// Starts one below `folder`; `None` when PostgreSQL is not installed.
    ///
    /// # Errors
    /// When it is installed and does not start.
    pub(crate) fn start(folder: &Path) -> Result<Option<Self>> {
        let Some(installation) = Installation::find() else { return Ok(None) };
        let (data, socket) = (folder.join("data"), folder.to_owned());
        fs::create_dir(folder)?;
        installation.own(folder)?;
        installation.initdb(&data)?;
        let version = installation.version()?;
        let mut command = installation.server(&data, &socket, &SETTINGS);
        command.stderr(Stdio::null());
        let server = Self { process: Process::start(command)?, socket, version, data, installation };
        wait_for("PostgreSQL", || server.is_ready())?;
        Ok(Some(server))
    }

    /// The id of its main process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The connection string of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("host={} user=postgres dbname={database}", self.socket.display())
    }

    /// Runs SQL and returns what `psql` prints, without headers.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(crate) fn sql(&self, database: &str, text: &str) -> Result<String> {
        let mut psql = self.installation.command("psql");
        psql.args(["-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", text]);
        Ok(output(&mut psql)?.trim().to_owned())
    }

    fn is_ready(&self) -> bool {
        let mut ask = Command::new(self.installation.program("pg_isready"));
        output(ask.args(["-q", "-h"]).arg(&self.socket)).is_ok()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let mut stop = self.installation.command("pg_ctl");
        stop.args(["stop", "-s", "-m", "fast", "-D"]).arg(&self.data);
        // If this fails, dropping the process ends it.
        drop(output(&mut stop));
    }
}

impl RedisServer {
    /// Starts one below `folder`; `None` when neither Redis nor Valkey is installed.
    ///
    /// # Errors
    /// When one is installed and does not start.
    pub(crate) fn start(folder: &Path) -> Result<Option<Self>> {
        let installed = ["redis-server", "valkey-server"].into_iter().find_map(|program| {
            let version = output(Command::new(program).arg("--version")).ok()?;
            Some((program, version.split(" sha").next().unwrap_or_default().trim().to_owned()))
        });
        let Some((program, version)) = installed else { return Ok(None) };
        fs::create_dir(folder)?;
        let socket = folder.join("redis.sock");
        let mut command = Command::new(program);
        command.args([
            "--port",
            "0",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--save",
            "",
            "--dir",
        ]);
        command.arg(folder).arg("--unixsocket").arg(&socket).args(["--logfile", "/dev/null"]);
        let process = Process::start(command)?;
        wait_for(program, || std::os::unix::net::UnixStream::connect(&socket).is_ok())?;
        Ok(Some(Self { process, socket, version }))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

fn wait_for(name: &str, is_ready: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is_ready() {
        ensure!(begun.elapsed() < START_TIMEOUT, "{name} did not become ready in time");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
