//! Faults of the layers below the application, which any operation may return.

use fairseat_engine::Fault;
use fairseat_store::StoreError;
use std::fmt::Display;

/// A fault of a layer below the application. Its text is for the log, never for a caller.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The engine could not decide a command or open a sale.
    #[error(transparent)]
    Engine(#[from] Fault),
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug.
    #[error("{0}")]
    Bug(String),
}

impl Failure {
    /// A bug with this cause.
    pub fn bug(cause: impl Display) -> Self {
        Self::Bug(cause.to_string())
    }
}

/// Why an operation did not take effect.
#[derive(Debug, thiserror::Error)]
pub enum OrFailure<E> {
    /// It was refused for a reason of its own.
    #[error(transparent)]
    Refused(E),
    /// A layer below failed.
    #[error("{0}")]
    Failed(Failure),
}

impl<E> From<Failure> for OrFailure<E> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
