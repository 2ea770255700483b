//! Logging: JSON lines on stderr.
//!
//! Never in them: bodies, query strings, cookies, authorization headers, anything that names a person.

mod json_lines;
mod writer;

use fairseat_edge::layer::panic_text;
use json_lines::JsonLines;
use std::io;
use std::panic;
use tracing::level_filters::LevelFilter;
use writer::Lines;

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// Nothing
    Off,
    /// What needs somebody's attention
    Error,
    /// Also what is odd
    Warn,
    /// Also one line for each request
    Info,
    /// Also what helps to find a bug
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

/// Logging; dropped at the end, it waits a moment for the last lines.
#[derive(Debug)]
pub struct Logs(Lines);

impl Drop for Logs {
    fn drop(&mut self) {
        self.0.wait_until_written();
    }
}

/// Starts logging, and makes panics log lines like any other. Has no effect when logging was started before.
///
/// # Errors
/// When the system gives no thread to write with.
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
