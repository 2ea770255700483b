//! The world failed: the answer that every operation may give.

use fairseat_engine::Fault;
use fairseat_store::StoreError;
use std::fmt::Display;

/// Something below the application failed. What it says is for the log, never for a caller.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The engine could not have a command decided, or a sale opened.
    #[error(transparent)]
    Engine(#[from] Fault),
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that never happens, happened.
    #[error("{0}")]
    Bug(String),
}

impl Failure {
    /// A bug, with what is known of its cause.
    pub fn bug(cause: impl Display) -> Self {
        Self::Bug(cause.to_string())
    }
}
