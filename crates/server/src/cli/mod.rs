//! The command line: its commands, and the file of each.

mod backup;
mod database;
mod demo;
mod migrate;
mod restore;
mod rotate_keys;
mod serve;
mod user;
mod verify;

use crate::config::Settings;
use crate::telemetry::{self, LogLevel};
use anyhow::Result;
use clap::{Parser, Subcommand};

const EXAMPLES: &str = "Examples:
  fairseat demo
      Try it: demo venues, events and accounts on http://127.0.0.1:8080
  fairseat serve --data-dir /var/lib/fairseat --listen 0.0.0.0:8080 --trusted-proxy 10.0.0.0/8
      Run a venue behind a reverse proxy
  printf %s \"$PASSWORD\" | fairseat user add --data-dir /var/lib/fairseat --email ada@example.org --role organizer --password-stdin
      Make an account
  fairseat verify --data-dir /var/lib/fairseat
      Prove from the journal that nothing was sold twice
  fairseat migrate --data-dir /var/lib/fairseat --to postgres://fairseat@db.example.org/fairseat
      Move a venue into a prepared database, when one machine is not enough";

/// Sells numbered seats to crowds: never twice, never lost.
#[derive(Parser, Debug)]
#[command(name = "fairseat", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// How much to log, as JSON lines on stderr
    #[arg(long, env = "FAIRSEAT_LOG", global = true, value_enum, default_value_t = LogLevel::Info)]
    log: LogLevel,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve. Prints one line with the URL when ready; on SIGTERM, answers the requests in progress and ends
    Serve(Box<Settings>),
    /// Serve with demo venues, events and accounts
    Demo(demo::Options),
    /// Manage accounts
    #[command(subcommand)]
    User(user::Action),
    /// Replay every journal and check all invariants
    Verify(verify::Options),
    /// Write everything into one file; a server may be running
    Backup(backup::Options),
    /// Make a data folder from a backup
    Restore(restore::Options),
    /// Prepare a PostgreSQL database
    #[command(subcommand)]
    Database(database::Action),
    /// Move a venue from its data folder into an empty PostgreSQL database. Can be interrupted: a second run goes on
    Migrate(migrate::Options),
    /// Make a new key for access tokens; servers use it from their next start
    RotateKeys(rotate_keys::Options),
}

/// Runs the command.
///
/// # Errors
/// One sentence that tells the operator what is wrong and what to do.
pub fn run(cli: Cli) -> Result<()> {
    // Nothing that the program writes can be read by other users of the machine, whoever creates the file (SQLite too).
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let _logs = telemetry::init(cli.log)?;
    match cli.command {
        Command::Serve(settings) => serve::run(*settings),
        Command::Demo(options) => demo::run(options),
        Command::User(action) => user::run(action),
        Command::Verify(options) => verify::run(&options),
        Command::Backup(options) => backup::run(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Database(action) => database::run(action),
        Command::Migrate(options) => migrate::run(&options),
        Command::RotateKeys(options) => rotate_keys::run(&options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_is_an_environment_variable() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
                let long = argument.get_long().unwrap_or_default();
                if matches!(long, "help" | "version") {
                    continue;
                }
                let expected = format!("FAIRSEAT_{}", long.to_uppercase().replace('-', "_"));
                let given = argument.get_env().and_then(|name| name.to_str());
                assert_eq!(given, Some(expected.as_str()), "--{long} of {}", command.get_name());
                assert!(argument.get_help().is_some(), "--{long} has no help");
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
