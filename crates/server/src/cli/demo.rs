//! `fairseat demo`: a server with demo data.

use crate::config::{DEFAULT_PAYMENTS, DEFAULT_SALES_MEMORY_MIB, Settings, parse_public_url};
use anyhow::Result;
use clap::Args;
use fairseat_edge::limits::RateLimiting;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The options of `fairseat demo`.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Address and port to listen on; with port 0 a free port is chosen and printed
    #[arg(long, env = "FAIRSEAT_LISTEN", value_name = "ADDRESS", default_value = crate::config::DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// Folder of the demo's data; created when missing, kept afterwards
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-demo")]
    data_dir: PathBuf,
    /// The address visitors see, for links in answers and messages; default: the address listened on
    #[arg(long, env = "FAIRSEAT_PUBLIC_URL", value_name = "URL", value_parser = parse_public_url)]
    public_url: Option<String>,
    /// Limits per account and per address; "off" is for load tests on loopback only
    #[arg(long, env = "FAIRSEAT_LIMITS", value_name = "ON|OFF", default_value = "on", value_parser = crate::config::limits())]
    limits: RateLimiting,
    /// The memory for sales in MiB, by estimate: above it, those that were not used for longest are put away until somebody needs them
    #[arg(long = "sales-memory", env = "FAIRSEAT_SALES_MEMORY", value_name = "MIB", default_value_t = DEFAULT_SALES_MEMORY_MIB)]
    sales_memory_mib: usize,
}

pub(super) fn run(options: Options) -> Result<()> {
    let Options { listen, data_dir, public_url, limits, sales_memory_mib } = options;
    let settings = Settings {
        listen,
        public_url,
        limits,
        sales_memory_mib,
        payments: DEFAULT_PAYMENTS,
        demo: true,
        ..Settings::new(data_dir)
    };
    super::serve::run(settings)
}
