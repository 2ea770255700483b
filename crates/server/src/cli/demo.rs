//! `fairseat demo`: a server with demo data.

use crate::config::{Limits, Payments, Settings};
use anyhow::Result;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `fairseat demo` takes.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Address and port to listen on; port 0 takes a free one, which is printed
    #[arg(long, env = "FAIRSEAT_LISTEN", value_name = "ADDRESS", default_value = crate::config::DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// Folder of the demo's data; created when missing, kept afterwards
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-demo")]
    data_dir: PathBuf,
    /// Limits per account and per address; "off" is for load tests on loopback only
    #[arg(long, env = "FAIRSEAT_LIMITS", value_enum, default_value_t = Limits::On)]
    limits: Limits,
}

pub(super) fn run(options: Options) -> Result<()> {
    let Options { listen, data_dir, limits } = options;
    let settings =
        Settings { listen, limits, payments: Payments::Sandbox, demo: true, ..Settings::new(data_dir) };
    super::serve::run(settings)
}
