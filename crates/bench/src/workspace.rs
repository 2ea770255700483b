//! The folder of one part of the run, and the servers in it. They run at the same time; the load is sent to one at a time.

use crate::baselines::{Design, PostgresServer, RedisServer};
use crate::dataset::{Dataset, DatasetSize};
use crate::load::{Cursor, Outcome, Spec, Work};
use crate::process::{Process, output};
use anyhow::{Context, Result};
use clap::{Parser as _, ValueEnum as _};
use fairseat_server::cli::{self, Cli};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Data sets are created in memory and then copied to the disk, because ten thousand durable events would take minutes.
const MEMORY: &str = "/dev/shm";

/// The command line of a server behind a proxy, without its data.
pub(crate) const SERVE: [&str; 7] =
    ["server", "--", "serve", "--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1"];

/// A folder for one part of the run, removed when dropped.
#[derive(Debug)]
pub(crate) struct Workspace {
    folder: TempDir,
}

/// The database servers for the baselines, if they are installed.
#[derive(Debug)]
pub(crate) struct Databases {
    pub(crate) postgres: Option<PostgresServer>,
    pub(crate) redis: Option<RedisServer>,
}

impl Databases {
    /// Starts those that are installed.
    ///
    /// # Errors
    /// When an installed one does not start.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let postgres = PostgresServer::start(&workspace.path("postgres"))?;
        Ok(Self { postgres, redis: RedisServer::start(&workspace.path("redis"))? })
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: String,
    /// Other nodes of the same venue, with their addresses.
    pub(crate) others: Vec<(Process, String)>,
    /// Databases whose processor time counts as the server's.
    pub(crate) helpers: Vec<u32>,
    pub(crate) dataset: Option<PathBuf>,
    pub(crate) used: Cursor,
}

/// The load of one measurement.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) work: Work,
    pub(crate) connections: usize,
    pub(crate) rate: Option<f64>,
    pub(crate) warm_up: f64,
    pub(crate) seconds: f64,
}

impl Workspace {
    /// An empty folder below `parent`.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub(crate) fn new(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("fairseat-bench-").tempdir_in(parent);
        let folder = folder.with_context(|| format!("cannot make a folder in {}", parent.display()))?;
        // PostgreSQL runs as another user, which must be able to enter the folder.
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
        crate::cleanup::made(folder.path());
        Ok(Self { folder })
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A data folder of the wanted size.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn dataset(&self, name: &str, wanted: DatasetSize) -> Result<PathBuf> {
        let folder = self.path(name);
        let memory = Path::new(MEMORY);
        let workshop = if memory.is_dir() { Self::new(memory)? } else { Self::new(self.folder.path())? };
        crate::reference_server::runtime()?.block_on(Dataset::create(&workshop.path(name), wanted))?;
        output(Command::new("cp").arg("-r").arg(workshop.path(name)).arg(&folder))?;
        // Otherwise the kernel would write the copy to the disk during the measurement.
        output(&mut Command::new("sync"))?;
        Ok(folder)
    }

    /// The real server on a dataset, as an operator starts it behind a proxy.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn fairseat(&self, dataset: &Path) -> Result<Running> {
        let folder_text = dataset.to_str().context("the path is not UTF-8")?;
        let (process, address) = Process::server(SERVE.into_iter().chain(["--data-dir", folder_text]))?;
        Ok(Running::of(process, address, Some(dataset)))
    }

    /// A baseline on a copy of a dataset; `None` when what it needs is not installed.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn baseline(
        &self,
        dataset: &Path,
        design: Design,
        pool: usize,
        databases: &Databases,
    ) -> Result<Option<Running>> {
        let needs = design.needs();
        let postgres = needs.postgres.then_some(databases.postgres.as_ref());
        let redis = needs.redis.then_some(databases.redis.as_ref());
        if matches!(postgres, Some(None)) || matches!(redis, Some(None)) {
            return Ok(None);
        }
        let (postgres, redis) = (postgres.flatten(), redis.flatten());
        let folder = self.path(&format!("{}-{pool}", design.key()));
        output(Command::new("cp").arg("-r").arg(dataset).arg(&folder))?;
        let name = design.to_possible_value().context("a design without a name")?;
        let mut arguments: Vec<OsString> =
            vec!["baseline".into(), name.get_name().into(), folder.clone().into()];
        arguments.extend(["--pool".into(), pool.to_string().into()]);
        for (option, socket) in [
            ("--postgres", postgres.map(|server| &server.socket)),
            ("--redis", redis.map(|server| &server.socket)),
        ] {
            arguments.extend(socket.into_iter().flat_map(|socket| [option.into(), socket.into()]));
        }
        let (process, address) = Process::server(arguments)?;
        let helpers =
            postgres.map(PostgresServer::id).into_iter().chain(redis.map(RedisServer::id)).collect();
        Ok(Some(Running { helpers, ..Running::of(process, address, Some(&folder)) }))
    }

    /// The reference server without an edge.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn stack(&self, plain: bool) -> Result<Running> {
        let folder = self.path(if plain { "plain" } else { "stack" });
        fs::create_dir(&folder)?;
        let folder = folder.to_str().context("the path is not UTF-8")?.to_owned();
        let plain = plain.then_some("--plain".to_owned());
        let (process, address) = Process::server(["stack".to_owned(), folder].into_iter().chain(plain))?;
        Ok(Running::of(process, address, None))
    }
}

impl Running {
    /// A server that has not answered any request yet.
    pub(crate) fn of(process: Process, address: String, dataset: Option<&Path>) -> Self {
        let dataset = dataset.map(Path::to_owned);
        Self { process, address, others: Vec::new(), helpers: Vec::new(), dataset, used: Cursor::default() }
    }

    /// The processes of all nodes.
    pub(crate) fn nodes(&self) -> Vec<u32> {
        let others = self.others.iter().map(|(process, _)| process.id());
        std::iter::once(self.process.id()).chain(others).collect()
    }

    /// Runs a load against it, and returns the load's result.
    ///
    /// # Errors
    /// When an answer was not as expected.
    pub(crate) fn load(&mut self, load: &Load) -> Result<Outcome> {
        let spec = Spec {
            address: self.address.clone(),
            others: self.others.iter().map(|(_, address)| address.clone()).collect(),
            servers: self.nodes(),
            helpers: self.helpers.clone(),
            connections: load.connections,
            rate: load.rate,
            warm_up: load.warm_up,
            seconds: load.seconds,
            work: load.work.clone(),
            dataset: self.dataset.clone(),
            from: self.used,
        };
        let mut process = Process::role(["load"])?;
        process.send(&spec)?;
        let outcome: Outcome = process.receive()?;
        self.used = outcome.to;
        Ok(outcome)
    }
}

/// The role of the real server.
///
/// # Errors
/// As the server itself.
pub(crate) fn server_role(arguments: &[String]) -> Result<()> {
    let arguments = std::iter::once("fairseat").chain(arguments.iter().map(String::as_str));
    cli::run(Cli::try_parse_from(arguments)?)
}
