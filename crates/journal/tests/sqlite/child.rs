//! Runs one test of this program again in a child process, which can be killed or given a failing disk.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const FOLDER: &str = "FAIRSEAT_TEST_FOLDER";

/// The folder that the child process works in; `None` in the parent.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Runs a test, named from the crate's root, as a child that works in `dir`.
pub(crate) fn run(test: &str, dir: &Path, environment: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(FOLDER, dir)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}
