//! The real program as a process: started, killed, stopped, asked for its proof.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

const FAIRSEAT: &str = env!("CARGO_BIN_EXE_fairseat");

/// How a server ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Death {
    /// By SIGKILL, once clients got this many more answers.
    AfterAnswers(u64),
    /// By itself, at the so-manieth passing of a named point.
    AtPoint { point: &'static str, passing: u64 },
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    /// `127.0.0.1:40123`
    pub(crate) address: String,
}

impl Server {
    /// Starts one on a free port and waits for its line. Blocks.
    pub(crate) fn start(data_dir: &Path, death: Option<Death>) -> Self {
        let mut command = Command::new(FAIRSEAT);
        command.args(["serve", "--listen", "127.0.0.1:0", "--limits", "off", "--data-dir"]).arg(data_dir);
        command.env("FAIRSEAT_LOG", "warn").stdout(Stdio::piped());
        if let Some(Death::AtPoint { point, passing }) = death {
            command.env("FAIRSEAT_CRASH_AT", format!("{point}:{passing}"));
        }
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("fairseat listening on http://");
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Self { process, address }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself already.
        drop(self.process.kill());
    }

    /// Waits for its end, which must be the abort or the kill that was meant. Blocks.
    pub(crate) fn wait_for_death(&mut self) {
        let status = self.process.wait().unwrap();
        assert!(matches!(status.signal(), Some(6 | 9)), "the server ended by itself: {status}");
    }

    /// Asks it to end and waits. Blocks.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail once it has ended, which is what we want.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What `fairseat verify --json` answers. Blocks.
pub(crate) fn verify(data_dir: &Path) -> serde_json::Value {
    let output =
        Command::new(FAIRSEAT).args(["verify", "--json", "--data-dir"]).arg(data_dir).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Makes an organizer with an organization. Blocks.
pub(crate) fn add_organizer(data_dir: &Path, email: &str, password: &str) {
    use std::io::Write as _;
    let mut command = Command::new(FAIRSEAT);
    command.args(["user", "add", "--role", "organizer", "--password-stdin", "--email", email, "--data-dir"]);
    let mut process = command.arg(data_dir).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
}
