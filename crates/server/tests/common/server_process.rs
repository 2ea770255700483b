//! The first output line and the end of a server's process. A test waits at most two minutes for each.

use super::command::Watchdog;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, ChildStdout, ExitStatus};

/// The first line that a process prints, and the rest of its output. The line is empty if the process ends without one.
pub(crate) fn first_line(process: &mut Child) -> (String, BufReader<ChildStdout>) {
    let watchdog = Watchdog::over(process);
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    watchdog.assert_in_time("the first line of the server");
    (line.trim().to_owned(), stdout)
}

/// Terminates a process; returns how it ended, and its remaining output.
pub(crate) fn terminate(process: &mut Child, stdout: &mut impl Read) -> (ExitStatus, String) {
    let watchdog = Watchdog::over(process);
    kill_process(Pid::from_child(process), Signal::TERM).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let status = process.wait().unwrap();
    watchdog.assert_in_time("the end of the server");
    (status, rest)
}
