//! Logging: JSON lines on stderr.
//!
//! The log never contains bodies, query strings, cookies, authorization headers, or anything that identifies a person.

mod json_lines;
mod writer;

use fairseat_edge::layer::panic_text;
use json_lines::JsonLines;
use std::io;
use std::panic;
use tracing::level_filters::LevelFilter;
use writer::Lines;

/// The log level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// Nothing
    Off,
    /// Errors that need attention
    Error,
    /// Also unusual conditions
    Warn,
    /// Also one line for each request
    Info,
    /// Also details for finding bugs
    Debug,
}

impl LogLevel {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
        }
    }
}

/// Logging. Dropping it waits until the last lines are written, at most one second.
#[derive(Debug)]
pub struct Logs(Lines);

impl Drop for Logs {
    fn drop(&mut self) {
        self.0.wait_until_written();
    }
}

/// Starts logging, and logs panics as well. Has no effect if logging was started before.
///
/// # Errors
/// When the writing thread cannot be started.
pub fn init(level: LogLevel) -> io::Result<Logs> {
    let lines = Lines::into(io::stderr())?;
    let subscriber = JsonLines::new(lines.clone(), level.filter());
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        panic::set_hook(Box::new(|info| {
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            let message = panic_text(info.payload());
            tracing::error!(location, message, "panic");
        }));
    }
    Ok(Logs(lines))
}
