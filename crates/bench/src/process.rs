//! Processes of this command: the same program in other roles, and what is installed beside it. Each ends with its owner.

use crate::cleanup;
use anyhow::{Context, Result, anyhow, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long one may take to end when it was asked to.
const END_TIMEOUT: Duration = Duration::from_secs(20);

/// A running process; asked to end, then ended, when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: Option<Lines<BufReader<ChildStdout>>>,
}

impl Process {
    /// Starts this program in a role. It writes nothing but errors, and those to our stderr.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn role<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        Self::start(command)
    }

    /// Starts a server role, its log thrown away, and answers it with the address it says it listens on.
    ///
    /// # Errors
    /// When it does not say one.
    pub(crate) fn server<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<(Self, String)> {
        let mut command = Command::new(std::env::current_exe()?);
        // What a log costs behind the pipe is the operator's choice; here it goes nowhere.
        command.args(arguments).stderr(Stdio::null());
        let mut process = Self::start(command)?;
        let line = process.line()?;
        let (_, address) = line.split_once("http://").with_context(|| format!("no address in {line:?}"))?;
        Ok((process, address.to_owned()))
    }

    /// Starts a command, whose stdout can be read and whose stdin takes one document.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        // A server's environment is the operator's; a measurement's is nobody's.
        let ours = std::env::vars_os().map(|(name, _)| name);
        ours.filter(|name| name.to_string_lossy().starts_with("FAIRSEAT_")).for_each(|name| {
            command.env_remove(name);
        });
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        cleanup::started(Pid::from_child(&child));
        let stdout = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        Ok(Self { child, stdout })
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Gives it a document to read.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn send(&mut self, document: &impl Serialize) -> Result<()> {
        let mut stdin = self.child.stdin.take().context("it was told already")?;
        serde_json::to_writer(&mut stdin, document)?;
        Ok(stdin.write_all(b"\n")?)
    }

    /// Waits for a document it prints on one line.
    ///
    /// # Errors
    /// When it ends without one.
    pub(crate) fn receive<T: DeserializeOwned>(&mut self) -> Result<T> {
        let line = self.line()?;
        serde_json::from_str(&line).map_err(|_other_words| anyhow!("{line}"))
    }

    fn line(&mut self) -> Result<String> {
        let lines = self.stdout.as_mut().context("nothing can be read of it")?;
        Ok(lines.next().context("it ended before it said anything")??)
    }

    /// Asks it to end, and waits.
    pub(crate) fn stop(&mut self) {
        drop(self.child.stdin.take());
        let pid = Pid::from_child(&self.child);
        if matches!(self.child.try_wait(), Ok(None)) && kill_process(pid, Signal::TERM).is_ok() {
            let begun = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < END_TIMEOUT {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        // Both fail once it has ended, which is what we want.
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

/// Runs a command to its end and answers what it printed.
///
/// # Errors
/// When it fails, with what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {:?}", command.get_program()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?} failed: {said}", command.get_program());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
