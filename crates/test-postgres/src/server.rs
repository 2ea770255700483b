//! A running server.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::installation::{Installation, output};

/// How long a server may take to become ready.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running server; stopped when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    installation: Installation,
    folder: TempDir,
    /// The shell that runs the server, and ends it when its stdin is closed.
    watchdog: Option<Child>,
}

/// A shell script. Its arguments are the command that stops the server, the server's data folder, and the command that starts it. It starts the server,
/// waits until its own stdin is closed, which happens when this process ends, and stops the server.
const WATCHDOG: &str = r#"stop=$1; data=$2; shift 2; "$@" & cat > /dev/null; eval "$stop"; wait"#;

impl PostgresServer {
    /// Starts a new server with settings such as `fsync=off`.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(settings: &[&str]) -> io::Result<Self> {
        let mut server = Self::prepared()?;
        server.installation.initdb(&server.data())?;
        server.run(settings)?;
        Ok(server)
    }

    /// Starts a standby of this server, as it is now.
    ///
    /// # Errors
    /// When it does not start.
    pub fn standby(&self, settings: &[&str]) -> io::Result<Self> {
        let mut standby = Self::prepared()?;
        standby.follow(self, settings)?;
        Ok(standby)
    }

    /// Starts this server anew, as a standby with a copy of another one's data. Its own are deleted; its connection string stays the same.
    ///
    /// # Errors
    /// When it does not start.
    pub fn follow(&mut self, primary: &Self, settings: &[&str]) -> io::Result<()> {
        self.stop();
        if self.data().exists() {
            std::fs::remove_dir_all(self.data())?;
        }
        let mut copy = self.installation.command("pg_basebackup");
        copy.args(["-U", "postgres", "--checkpoint=fast", "--write-recovery-conf", "--no-sync", "-h"]);
        output(copy.arg(primary.folder.path()).arg("-D").arg(self.data()))?;
        self.run(settings)
    }

    /// Makes a standby accept writes, on a new timeline.
    ///
    /// # Errors
    /// When it is no standby.
    pub fn promote(&self) -> io::Result<()> {
        let mut promote = self.installation.command("pg_ctl");
        output(promote.args(["promote", "-s", "-w", "-D"]).arg(self.data())).map(drop)
    }

    /// The connection string of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("host={} user=postgres dbname={database}", self.folder.path().display())
    }

    /// The connection string without a database.
    #[must_use]
    pub fn address(&self) -> String {
        format!("host={} user=postgres", self.folder.path().display())
    }

    /// Runs SQL in the database `postgres`; returns what `psql` prints, without headers.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn by_hand(&self, text: &str) -> io::Result<String> {
        crate::installation::psql(&self.url("postgres"), text)
    }

    /// The folder of its socket, as a host in a connection string.
    #[must_use]
    pub fn host(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Stops the server as a crash would.
    pub fn crash(&mut self) {
        self.stop();
    }

    /// Starts it again after [`PostgresServer::crash`].
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self, settings: &[&str]) -> io::Result<()> {
        self.stop();
        self.run(settings)
    }

    fn prepared() -> io::Result<Self> {
        let installation = Installation::find();
        let installation = installation
            .ok_or_else(|| io::Error::other("PostgreSQL is missing (Debian: apt-get install postgresql)"))?;
        let folder = tempfile::tempdir()?;
        installation.own(folder.path())?;
        Ok(Self { installation, folder, watchdog: None })
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&mut self, settings: &[&str]) -> io::Result<()> {
        let server = self.installation.server(&self.data(), self.folder.path(), settings);
        let mut stop = self.installation.command("pg_ctl");
        stop.args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.data());
        let mut watchdog = Command::new("sh");
        watchdog.args(["-c", WATCHDOG, "sh"]).arg(words(&stop)).arg(self.data());
        watchdog.arg(server.get_program()).args(server.get_args());
        watchdog.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.watchdog = Some(watchdog.spawn()?);
        self.wait_until_ready()
    }

    fn wait_until_ready(&self) -> io::Result<()> {
        let begun = Instant::now();
        loop {
            let mut ask = Command::new(self.installation.program("pg_isready"));
            if output(ask.args(["-q", "-h"]).arg(self.folder.path())).is_ok() {
                return Ok(());
            }
            if begun.elapsed() > START_TIMEOUT {
                return Err(io::Error::other("PostgreSQL did not become ready in time"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        if let Some(mut watchdog) = self.watchdog.take() {
            drop(watchdog.stdin.take());
            // It fails only if somebody else has waited for it.
            drop(watchdog.wait());
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A command as text for a shell. None of its words contains a quote.
fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| format!("'{}'", word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}
