//! The programs of the newest PostgreSQL on this machine.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest PostgreSQL on this machine.
#[derive(Clone, Debug)]
pub struct Installation {
    programs: PathBuf,
}

impl Installation {
    /// Finds it; `None` if there is none. Debian does not put the programs into the path.
    #[must_use]
    pub fn find() -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut folders: Vec<(u32, PathBuf)> = versions
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        folders.sort();
        let newest = folders.pop().map(|(_, folder)| folder);
        let in_path = || {
            let folder = output(Command::new("pg_config").arg("--bindir")).ok()?;
            Some(PathBuf::from(folder.trim()))
        };
        let programs = newest.or_else(in_path)?;
        let is_complete = programs.join("postgres").exists() && programs.join("initdb").exists();
        is_complete.then_some(Self { programs })
    }

    /// What `postgres --version` says.
    ///
    /// # Errors
    /// When it does not run.
    pub fn version(&self) -> io::Result<String> {
        let version = output(Command::new(self.programs.join("postgres")).arg("--version"))?;
        Ok(version.trim().to_owned())
    }

    /// The path of a program.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// A command that runs a program as an unprivileged user, because a server refuses to run as root.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(self.program(name));
            command
        } else {
            Command::new(self.program(name))
        };
        command.current_dir("/");
        command
    }

    /// Makes a folder that the unprivileged user owns.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn own(&self, folder: &Path) -> io::Result<()> {
        if is_root() {
            output(Command::new("chown").arg("postgres").arg(folder))?;
        }
        Ok(())
    }

    /// Makes the data folder of a new server; the superuser is `postgres`, without a password.
    ///
    /// # Errors
    /// When it fails, with its messages.
    pub fn initdb(&self, data: &Path) -> io::Result<()> {
        let mut command = self.command("initdb");
        command.args(["--no-locale", "--encoding=UTF8", "--username=postgres", "--auth=trust"]);
        command.args(["--no-instructions", "--no-sync", "-D"]).arg(data);
        output(&mut command).map(drop)
    }

    /// The command that runs a server on a socket in `socket`, with settings such as `fsync=off`.
    #[must_use]
    pub fn server(&self, data: &Path, socket: &Path, settings: &[&str]) -> Command {
        let mut command = self.command("postgres");
        command.arg("-D").arg(data).arg("-k").arg(socket).args(["-c", "listen_addresses="]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        command
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a command to its end and returns its stdout.
pub(crate) fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let (program, stderr) = (command.get_program(), String::from_utf8_lossy(&output.stderr));
    Err(io::Error::other(format!("{program:?} failed: {stderr}")))
}

/// Runs SQL by `psql` in the database of a connection string; returns what it prints, without headers.
pub(crate) fn psql(url: &str, text: &str) -> io::Result<String> {
    let installation = Installation::find();
    let installation = installation
        .ok_or_else(|| io::Error::other("PostgreSQL is missing (Debian: apt-get install postgresql)"))?;
    let mut command = installation.command("psql");
    command.args(["-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text]);
    output(&mut command)
}

/// Makes an empty database on the server at this address. Before, it removes the databases that earlier test processes left there, because each
/// takes 8 MB of disk.
pub(crate) fn create_database(at: &str, name: &str) -> io::Result<()> {
    let psql = |text: &str| psql(&format!("{at} dbname=postgres"), text);
    let known = psql("SELECT datname FROM pg_database WHERE datname LIKE 'test!_%' ESCAPE '!'")?;
    for left in known.lines().filter(|left| has_ended(left)) {
        // Another process may remove it at this moment.
        drop(psql(&format!("DROP DATABASE IF EXISTS {left} WITH (FORCE)")));
    }
    psql(&format!("CREATE DATABASE {name}")).map(drop)
}

/// Whether the process that made a database has ended; its number is part of the name.
fn has_ended(database: &str) -> bool {
    let process = database.split('_').nth(1).unwrap_or_default();
    process.parse::<u32>().is_ok() && !Path::new("/proc").join(process).exists()
}
