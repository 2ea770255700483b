//! The `fairseat` binary: parses the command line, and says in one sentence what went wrong.

use clap::Parser;
use fairseat_server::cli::{self, Cli};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody listens on stderr: then nobody can be told.
            drop(writeln!(std::io::stderr(), "fairseat: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
