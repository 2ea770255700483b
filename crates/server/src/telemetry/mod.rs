//! What the operator sees: JSON lines on stderr and Prometheus metrics.
//!
//! Never in either: bodies, query strings, cookies, authorization headers, anything that names a person.

mod json_lines;
pub mod metrics;
mod writer;

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

/// What a panic said, as far as it said it in words.
pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
