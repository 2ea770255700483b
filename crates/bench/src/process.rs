//! Child processes: this program in other roles, and installed programs such as PostgreSQL. Each ends when its `Process` is dropped.

use crate::cleanup;
use anyhow::{Context, Result, anyhow, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a process may take to end after SIGTERM.
const END_TIMEOUT: Duration = Duration::from_secs(20);

/// A running process. Dropping it sends SIGTERM, and later kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: Option<Lines<BufReader<ChildStdout>>>,
}

impl Process {
    /// Starts this program in a role. It inherits stderr, to which it writes only errors.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(crate) fn role<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Self> {
        Self::start(this_program(arguments)?)
    }

    /// Starts a server role without its log, and returns it with the address it listens on.
    ///
    /// # Errors
    /// When it prints no address.
    pub(crate) fn server<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<(Self, String)> {
        let mut command = this_program(arguments)?;
        // The log goes to /dev/null, because the cost of storing it depends on the operator's set-up.
        command.stderr(Stdio::null());
        let mut process = Self::start(command)?;
        let line = process.line()?;
        let (_, address) = line.split_once("http://").with_context(|| format!("no address in {line:?}"))?;
        Ok((process, address.to_owned()))
    }

    /// Starts a command; its stdout can be read, and its stdin takes one document.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        cleanup::started(Pid::from_child(&child));
        let stdout = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        Ok(Self { child, stdout })
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a document to its stdin.
    ///
    /// # Errors
    /// When it cannot be written, or one was written before.
    pub(crate) fn send(&mut self, document: &impl Serialize) -> Result<()> {
        let mut stdin = self.child.stdin.take().context("a document was sent already")?;
        serde_json::to_writer(&mut stdin, document)?;
        Ok(stdin.write_all(b"\n")?)
    }

    /// Waits for a line on its stdout, and parses it as a document.
    ///
    /// # Errors
    /// When it ends without a line, or prints something else.
    pub(crate) fn receive<T: DeserializeOwned>(&mut self) -> Result<T> {
        let line = self.line()?;
        serde_json::from_str(&line).map_err(|_other_words| anyhow!("{line}"))
    }

    fn line(&mut self) -> Result<String> {
        let lines = self.stdout.as_mut().context("its stdout is not piped")?;
        Ok(lines.next().context("it ended before it printed a line")??)
    }

    /// Ends the process and waits for it.
    pub(crate) fn stop(&mut self) {
        drop(self.child.stdin.take());
        let pid = Pid::from_child(&self.child);
        if matches!(self.child.try_wait(), Ok(None)) && kill_process(pid, Signal::TERM).is_ok() {
            let begun = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < END_TIMEOUT {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        // Both fail if the process has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
        cleanup::ended(pid);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A command that runs this program in a role. The caller's `FAIRSEAT_` variables do not configure the measured servers.
///
/// # Errors
/// When the program does not know its own path.
pub(crate) fn this_program<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments);
    let ours = std::env::vars_os().map(|(name, _)| name);
    ours.filter(|name| name.to_string_lossy().starts_with("FAIRSEAT_")).for_each(|name| {
        command.env_remove(name);
    });
    Ok(command)
}

/// Runs a command to its end and returns its stdout.
///
/// # Errors
/// When it fails, with its stderr.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {:?}", command.get_program()))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?} failed: {stderr}", command.get_program());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
