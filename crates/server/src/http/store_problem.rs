//! What the caller hears when the store fails.

use super::problem::{Code, Problem};
use fairseat_store::StoreError;
use std::error::Error as _;
use std::time::Duration;

/// How long a full disk takes to be cleared, at the least.
const FULL_DISK: Duration = Duration::from_secs(30);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let cause = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error {
            StoreError::Busy | StoreError::Overloaded | StoreError::Closed => {
                Self::overloaded().because(cause)
            }
            StoreError::Full => {
                let detail = "The disk is full: what is there can be read, nothing can be written.";
                Self::new(Code::ReadOnly, detail).retry_after(FULL_DISK).because(cause)
            }
            StoreError::Disk(_) => Self::unavailable(cause),
            StoreError::TooNew { .. }
            | StoreError::Unreadable(_)
            | StoreError::File(_)
            | StoreError::Database(_) => Self::internal(cause),
        }
    }
}
