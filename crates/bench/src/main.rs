//! Measures Fairseat against the bare HTTP stack and against what a user would build instead.
//!
//! `cargo run --release -p fairseat-bench` runs everything and writes docs/benchmarks.md with its chart;
//! `-- --quick --json` prints one JSON object within a minute; `--help` lists all options. The program starts itself again in other roles:
//! servers, baselines and the load are separate processes, so that the processor time and the memory of each can be measured.

mod baselines;
mod cleanup;
mod cluster;
mod dataset;
mod full;
mod inprocess;
mod load;
mod measure;
mod options;
mod process;
mod procfs;
mod quick;
mod reference_server;
mod report;
mod scrape;
mod summary;
mod workspace;

use anyhow::Result;
use clap::Parser as _;
use options::{Options, Role};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::parse();
    let is_role = options.role.is_some();
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = format!("fairseat-bench: {error:#}");
            // Printing fails only if nobody reads stderr. The process that started a role reads its stdout.
            drop(writeln!(std::io::stderr(), "{message}"));
            if is_role {
                drop(writeln!(std::io::stdout(), "{message}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    match &options.role {
        Some(Role::Server { arguments }) => workspace::server_role(arguments),
        Some(Role::Stack { folder, plain }) => reference_server::role(folder, *plain),
        Some(Role::Baseline(start)) => baselines::role(start),
        Some(Role::InProcess(start)) => inprocess::role(start),
        Some(Role::Load) => load::role(),
        Some(Role::Viewers) => load::viewers_role(),
        None => measured(&options),
    }
}

fn measured(options: &Options) -> Result<()> {
    cleanup::watch()?;
    if options.quick { quick::run(options) } else { full::run(options) }
}
