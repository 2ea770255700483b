//! `fairseat database`: prepares the PostgreSQL database of journal and store, and distributes it over the workers of Citus.

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl, MAX_SHARDS};
use std::io::Write as _;

/// What to do with the database.
#[derive(Subcommand, Debug)]
pub(super) enum Action {
    /// Make the tables and functions, or bring them to this program's version. Serving programs of this version may be running
    Prepare(Options),
    /// Distribute the prepared tables over the workers of a Citus cluster. Stop all servers before. It can be repeated, and does either all of it
    /// or nothing
    Distribute {
        #[command(flatten)]
        options: Options,
        /// In how many shards. Each lies on one worker as a whole, and moves as a whole. Later, only Citus itself can change the number
        #[arg(long, env = "FAIRSEAT_SHARDS", default_value_t = 128, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SHARDS)))]
        shards: u32,
    },
}

/// Which database.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The PostgreSQL database, `postgres://user:password@host/name`; the user must be allowed to make schemas in it
    #[arg(long, env = "FAIRSEAT_DATABASE", value_name = "URL", hide_env_values = true)]
    database: DatabaseUrl,
}

/// Does it.
///
/// # Errors
/// One sentence that says what is wrong and what to do.
pub(super) fn run(action: Action) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    match action {
        Action::Prepare(options) => {
            runtime.block_on(async {
                DatabaseServer::for_command(&options.database).prepare().await?;
                Ok::<_, anyhow::Error>(fairseat_nodes::prepare(options.database.expose()).await?)
            })?;
            say("the database is ready")
        }
        Action::Distribute { options, shards } => {
            runtime.block_on(DatabaseServer::for_command(&options.database).distribute(shards))?;
            say(&format!("the database is distributed in {shards} shards"))
        }
    }
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("cannot write to stdout")
}
