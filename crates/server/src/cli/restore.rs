//! `fairseat restore`: makes a data folder from a backup.

use anyhow::{Context, Result};
use clap::Args;
use fairseat_maintenance::backup;
use std::io::Write as _;
use std::path::PathBuf;

/// The options of `fairseat restore`.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The backup
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The folder to make; it must be missing or empty
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    pub(super) data_dir: PathBuf,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start threads")?.block_on(backup::restore(&options.file, &options.data_dir))?;
    writeln!(
        std::io::stdout(),
        "restored {}; serve it with: fairseat serve --data-dir {0}",
        options.data_dir.display()
    )
    .context("cannot write to stdout")
}
