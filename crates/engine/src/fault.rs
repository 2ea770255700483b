//! Faults: the world failing, as callers see it.

/// Why a command got no answer. Each says whether a retry is safe; with an idempotency key it always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many requests are waiting: nothing was done, try again shortly.
    #[error("too many requests are waiting")]
    Overloaded,
    /// The disk is full: nothing was done, reading still works.
    #[error("the journal's disk is full")]
    ReadOnly,
    /// The outcome is unknown, or the process is stopping: ask again, or repeat with the same key.
    #[error("the journal cannot answer")]
    Unavailable,
    /// The machine stopped itself rather than break a rule; an operator must look at it.
    #[error("quarantined after a broken rule")]
    Quarantined,
    /// The command leads to more than one append may carry: nothing was done.
    #[error("the change is too large")]
    TooLarge,
}
