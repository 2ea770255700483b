//! `fairseat database`: prepares the PostgreSQL database of journal and store.

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use fairseat_app::database_server::{DatabaseServer, DatabaseUrl};
use std::io::Write as _;

/// What to do with the database.
#[derive(Subcommand, Debug)]
pub(super) enum Action {
    /// Make the tables and functions, or bring them to this program's version. Serving programs of this version may be running
    Prepare(Options),
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
pub(super) fn run(Action::Prepare(options): Action) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    runtime.block_on(async {
        DatabaseServer::for_command(&options.database).prepare().await?;
        Ok::<_, anyhow::Error>(fairseat_nodes::prepare(options.database.expose()).await?)
    })?;
    writeln!(std::io::stdout(), "the database is ready").context("cannot write to stdout")
}
