//! Runs programs until they end. A program that still runs after two minutes is killed, and the test fails.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a test waits before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a command with this input until it ends.
pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let watchdog = Watchdog::over(&process);
    // A command that refuses its arguments ends without reading its input.
    drop(process.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = process.wait_with_output().unwrap();
    watchdog.assert_in_time(command.get_program().to_str().unwrap());
    output
}

/// Kills a process that runs for too long, so that a test that reads its output or waits for its end continues.
pub(crate) struct Watchdog {
    in_time: Sender<()>,
    killed: JoinHandle<bool>,
}

impl Watchdog {
    pub(crate) fn over(process: &Child) -> Self {
        let pid = rustix::process::Pid::from_child(process);
        let (in_time, patience) = channel::<()>();
        let killed = std::thread::spawn(move || {
            let too_late = patience.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
            if too_late {
                // The process may have ended at this moment.
                let _has_ended = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
            too_late
        });
        Self { in_time, killed }
    }

    /// Ends the watch; fails if the process had to be killed.
    pub(crate) fn assert_in_time(self, awaited: &str) {
        drop(self.in_time);
        assert!(!self.killed.join().unwrap(), "waited two minutes: {awaited}");
    }
}
