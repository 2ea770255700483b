//! Why bytes cannot be read or written.

/// The version written by this program.
pub(super) const VERSION: u8 = 1;

/// Why a batch or a plan cannot be encoded or decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It was written by a newer program. This program must not write to the sale until it is upgraded.
    #[error("the bytes have version {0}, but this program knows versions only up to {VERSION}: upgrade it")]
    UnknownVersion(u8),
    /// It is damaged, or contains a fact that this program does not know.
    #[error("the bytes cannot be read: {0}")]
    Unreadable(String),
    /// The serializer failed, which is a bug.
    #[error("the value cannot be encoded: {0}")]
    Unwritable(String),
}
