//! `fairseat backup`: writes everything into one file.

use anyhow::{Context, Result};
use clap::Args;
use fairseat_maintenance::backup;
use std::io::Write as _;
use std::path::PathBuf;

/// The options of `fairseat backup`.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Folder of all of Fairseat's data
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    pub(super) data_dir: PathBuf,
    /// The file to write; it contains the keys, so keep it as safe as the data folder
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start threads")?.block_on(backup::write(&options.data_dir, &options.file))?;
    writeln!(
        std::io::stdout(),
        "wrote {}; it contains the keys, so keep it as safe as the data folder",
        options.file.display()
    )
    .context("cannot write to stdout")
}
