//! The life of a server's process as a test sees it: its first line, and its end. Neither is waited for longer than two minutes.

use super::command::Watchdog;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, ChildStdout, ExitStatus};

/// The first line that a process prints, and the rest of its output. The line is empty when the process ends without one.
pub(crate) fn first_line(process: &mut Child) -> (String, BufReader<ChildStdout>) {
    let watchdog = Watchdog::over(process);
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    watchdog.assert_in_time("the first line of the server");
    (line.trim().to_owned(), stdout)
}

/// Asks a process to end; how it ended, and everything that it still printed.
pub(crate) fn terminate(process: &mut Child, stdout: &mut impl Read) -> (ExitStatus, String) {
    let watchdog = Watchdog::over(process);
    kill_process(Pid::from_child(process), Signal::TERM).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let status = process.wait().unwrap();
    watchdog.assert_in_time("the end of the server");
    (status, rest)
}
