//! `fairseat rotate-keys`: makes a new key for access tokens.

use anyhow::{Context, Result, ensure};
use clap::Args;
use fairseat_app::keys::rotate_token_keys;
use std::io::Write as _;
use std::path::PathBuf;

/// The options of `fairseat rotate-keys`.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Folder of all of Fairseat's data
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    pub(super) data_dir: PathBuf,
}

pub(super) fn run(options: &Options) -> Result<()> {
    let folder = options.data_dir.display();
    ensure!(
        options.data_dir.join("keys").is_dir(),
        "{folder} has no keys: give the folder of an installation with --data-dir"
    );
    rotate_token_keys(&options.data_dir)?;
    writeln!(std::io::stdout(), "a new key signs access tokens from the server's next start; tokens that were signed before stay valid until they expire")
        .context("cannot write to stdout")
}
