//! The real program as a process: started, killed, stopped, verified.

use crate::command::run;
use crate::faults;
use crate::server_process::{first_line, terminate};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

pub(crate) const FAIRSEAT: &str = env!("CARGO_BIN_EXE_fairseat");

/// How a server ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Death {
    /// Killed by SIGKILL, after clients got this many more answers.
    AfterAnswers(u64),
    /// Aborts when it passes a crash point for the nth time.
    AtPoint { point: &'static str, passing: u64 },
    /// Exits because a sync failed; one in `one_in` syncs fails.
    FailedSync { one_in: u64 },
}

/// Where the data of an installation are.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The data folder; with a database it has the keys alone, and all nodes use it.
    pub(crate) folder: PathBuf,
    /// The connection string of the database, if journal and store are in one.
    pub(crate) database: Option<String>,
}

impl Place {
    /// Everything in a data folder.
    pub(crate) fn folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), database: None }
    }

    /// A command of the program, here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(FAIRSEAT);
        command.args(arguments).env("FAIRSEAT_LOG", "error");
        match (&self.database, arguments) {
            (Some(database), ["serve", ..]) => {
                command.env("FAIRSEAT_DATABASE", database).arg("--data-dir").arg(&self.folder);
            }
            (Some(database), _) => drop(command.env("FAIRSEAT_DATABASE", database)),
            (None, _) => drop(command.arg("--data-dir").arg(&self.folder)),
        }
        command
    }

    /// The command that serves on a free port, without rate limits.
    pub(crate) fn serve(&self) -> Command {
        let mut command = self.command(&["serve", "--limits", "off"]);
        command.env("FAIRSEAT_LISTEN", "127.0.0.1:0");
        command
    }

    /// The output of `fairseat verify --json`. Blocks.
    pub(crate) fn verify(&self) -> serde_json::Value {
        let output = run(&mut self.command(&["verify", "--json"]), "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Adds an organizer with an organization. Blocks.
    pub(crate) fn add_organizer(&self, email: &str, password: &str) {
        let arguments = ["user", "add", "--role", "organizer", "--password-stdin", "--email", email];
        assert!(run(&mut self.command(&arguments), password).status.success());
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    /// `127.0.0.1:40123`
    pub(crate) address: String,
}

impl Server {
    /// Starts a server on a free port and waits for its first line; `None` if it ended before that. Blocks.
    pub(crate) fn start(place: &Place, death: Option<Death>) -> Option<Self> {
        let mut command = place.serve();
        match death {
            Some(Death::AtPoint { point, passing }) => {
                command.env("FAILPOINTS", format!("{point}={}*off->return", passing - 1));
            }
            Some(Death::FailedSync { one_in }) => faults::fail_syncs(&mut command, one_in),
            Some(Death::AfterAnswers(_)) | None => {}
        }
        Self::spawn(command)
    }

    /// Starts this command and waits for its first line; `None` if it ended before that. Blocks.
    pub(crate) fn spawn(mut command: Command) -> Option<Self> {
        command.stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (line, _) = first_line(&mut process);
        match line.strip_prefix("fairseat listening on http://") {
            Some(address) => Some(Self { process, address: address.to_owned() }),
            None => {
                let status = process.wait().unwrap();
                // A server finishes its predecessor's work before it listens, so it may pass its crash point there.
                let meant = status.code().is_some_and(|code| code > 0) || status.signal() == Some(6);
                assert!(meant, "no address in {line:?}: {status}");
                None
            }
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
    }

    /// Waits until it ends, which must happen in the intended way. Blocks.
    pub(crate) fn wait_for_death(&mut self, death: Death) {
        let status = self.process.wait().unwrap();
        let meant = match death {
            Death::AfterAnswers(_) | Death::AtPoint { .. } => matches!(status.signal(), Some(6 | 9)),
            Death::FailedSync { .. } => status.code() == Some(1),
        };
        assert!(meant, "{death:?}: {status}");
    }

    /// The process.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.process)
    }

    /// Terminates it and waits. Blocks.
    pub(crate) fn stop(mut self) -> ExitStatus {
        terminate(&mut self.process, &mut std::io::empty()).0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it has already ended, which is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
