//! The world failing, as callers see it.

/// Why a command got no answer. Each says whether a retry is safe; with an idempotency key it always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many are waiting: nothing was done, try again shortly.
    #[error("the sale is overloaded")]
    Overloaded,
    /// The disk is full: nothing was done, reading still works.
    #[error("the journal's disk is full")]
    ReadOnly,
    /// The outcome is unknown, or the process is stopping: ask again, or repeat with the same key.
    #[error("the journal cannot answer")]
    Unavailable,
    /// The sale stopped itself rather than break a rule; somebody must look.
    #[error("the sale is quarantined")]
    Quarantined,
    /// The command leads to more than one append may carry: nothing was done.
    #[error("the change is too large")]
    TooLarge,
}
