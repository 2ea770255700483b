//! What is measured together: servers that run at the same time, each with its folder, and the load that is sent to one at a time.

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

/// Where data sets are made: ten thousand events would take minutes if each were made durable. They are copied to the disk then.
const MEMORY: &str = "/dev/shm";

/// A folder for everything of one part, removed at its end.
#[derive(Debug)]
pub(crate) struct Workspace {
    folder: TempDir,
}

/// Servers of others that run beside ours, where they are installed.
#[derive(Debug)]
pub(crate) struct Databases {
    pub(crate) postgres: Option<PostgresServer>,
    pub(crate) redis: Option<RedisServer>,
}

impl Databases {
    /// Starts what is installed.
    ///
    /// # Errors
    /// When something installed does not start.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let postgres = PostgresServer::start(&workspace.path("postgres"))?;
        Ok(Self { postgres, redis: RedisServer::start(&workspace.path("redis"))? })
    }
}

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: String,
    /// Other processes that work for it.
    pub(crate) helpers: Vec<u32>,
    pub(crate) dataset: Option<PathBuf>,
    pub(crate) used: Cursor,
}

/// One kind of load.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) work: Work,
    pub(crate) connections: usize,
    pub(crate) rate: Option<f64>,
    pub(crate) warm_up: f64,
    pub(crate) seconds: f64,
}

impl Workspace {
    /// An empty one below `parent`.
    ///
    /// # Errors
    /// When no folder can be made there.
    pub(crate) fn new(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("fairseat-bench-").tempdir_in(parent);
        let folder = folder.with_context(|| format!("cannot make a folder in {}", parent.display()))?;
        // PostgreSQL runs as somebody else, who must be able to walk through.
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
        crate::cleanup::made(folder.path());
        Ok(Self { folder })
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A data folder with what is wanted in it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn dataset(&self, name: &str, wanted: DatasetSize) -> Result<PathBuf> {
        let folder = self.path(name);
        let memory = Path::new(MEMORY);
        let workshop = if memory.is_dir() { Self::new(memory)? } else { Self::new(self.folder.path())? };
        crate::stack::runtime()?.block_on(Dataset::create(&workshop.path(name), wanted))?;
        output(Command::new("cp").arg("-r").arg(workshop.path(name)).arg(&folder))?;
        // What is still to be written would be written while something is measured.
        output(&mut Command::new("sync"))?;
        Ok(folder)
    }

    /// The real server on a dataset, as an operator starts it behind a proxy.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn fairseat(&self, dataset: &Path) -> Result<Running> {
        let folder_text = dataset.to_str().context("a path that is no text")?;
        let arguments = ["server", "--", "serve", "--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1"];
        let (process, address) = Process::server(arguments.into_iter().chain(["--data-dir", folder_text]))?;
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

    /// The HTTP stack alone.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn stack(&self, plain: bool) -> Result<Running> {
        let folder = self.path(if plain { "plain" } else { "stack" });
        fs::create_dir(&folder)?;
        let folder = folder.to_str().context("a path that is no text")?.to_owned();
        let plain = plain.then_some("--plain".to_owned());
        let (process, address) = Process::server(["stack".to_owned(), folder].into_iter().chain(plain))?;
        Ok(Running::of(process, address, None))
    }
}

impl Running {
    /// A server that nobody has asked yet.
    pub(crate) fn of(process: Process, address: String, dataset: Option<&Path>) -> Self {
        let dataset = dataset.map(Path::to_owned);
        Self { process, address, helpers: Vec::new(), dataset, used: Cursor::default() }
    }

    /// Sends it a load and answers what the load saw.
    ///
    /// # Errors
    /// When an answer was not as expected.
    pub(crate) fn load(&mut self, load: &Load) -> Result<Outcome> {
        let mut servers = self.helpers.clone();
        servers.push(self.process.id());
        let spec = Spec {
            address: self.address.clone(),
            servers,
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

/// The role of the real server. What it logs goes nowhere: what a log costs behind the pipe is the operator's choice.
///
/// # Errors
/// As the server itself.
pub(crate) fn server_role(arguments: &[String]) -> Result<()> {
    let arguments = std::iter::once("fairseat").chain(arguments.iter().map(String::as_str));
    cli::run(Cli::try_parse_from(arguments)?)
}
