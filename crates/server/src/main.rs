//! The `fairseat` binary: runs the command line, and prints an error as one sentence.

use clap::Parser;
use fairseat_server::cli::{self, Cli};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is closed, the error cannot be reported.
            drop(writeln!(std::io::stderr(), "fairseat: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
