//! The command line.

use crate::{baselines, inprocess};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Measures Fairseat against the bare HTTP stack and against what a user would build instead
///
/// Starts servers on loopback, in a folder of its own, and stops them. PostgreSQL and Redis are started privately if they are installed
/// (Debian: apt-get install postgresql redis-server).
#[derive(Parser, Debug)]
#[command(name = "fairseat-bench")]
pub(crate) struct Options {
    /// Only the most important rows, within a minute; writes no document
    #[arg(long)]
    pub(crate) quick: bool,
    /// Print the results as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Only these parts of the full run, separated by commas; writes no document unless --out is given
    #[arg(long, value_name = "PARTS", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Only these rows of the parts main, connections and reads, by their JSON keys, separated by commas; for profiling
    #[arg(long, value_name = "KEYS", value_delimiter = ',', requires = "only")]
    pub(crate) rows: Vec<String>,
    /// Rounds of each row; their median is reported
    #[arg(long, value_name = "N")]
    pub(crate) rounds: Option<usize>,
    /// Seconds that count in each round
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<f64>,
    /// The folder for the servers' data during the measurement: on a disk, not in memory
    #[arg(long, value_name = "DIR", default_value = "/var/tmp")]
    pub(crate) dir: PathBuf,
    /// The folder for the document and its chart
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// A benchmarks.md that an earlier version wrote on this machine: its values are shown beside the new ones
    #[arg(long, value_name = "FILE")]
    pub(crate) before: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// The role of a process that this program started.
#[derive(Subcommand, Debug)]
pub(crate) enum Role {
    /// The real server; the arguments are its command line
    #[command(hide = true)]
    Server {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The bare HTTP stack
    #[command(hide = true)]
    Stack {
        folder: PathBuf,
        #[arg(long)]
        plain: bool,
    },
    /// A baseline: what a user would build instead
    #[command(hide = true)]
    Baseline(baselines::Start),
    /// Measurements without HTTP
    #[command(hide = true)]
    InProcess(inprocess::Start),
    /// The load; reads what to do from stdin
    #[command(hide = true)]
    Load,
    /// Viewers; read what to do from stdin
    #[command(hide = true)]
    Viewers,
}
