//! Bounds the number of callers that wait, to read or to write; a further one is refused at once, because it would wait too long.

use crate::error::StoreError;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most callers that may wait at the same time.
const MAX_WAITING: usize = 4_096;

/// Counts one waiting caller until it is dropped, so that a cancelled wait is no longer counted.
pub(crate) struct Waiting<'w>(&'w AtomicUsize);

impl<'w> Waiting<'w> {
    /// Counts a caller.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`] when too many wait already.
    pub(crate) fn begin(count: &'w AtomicUsize) -> Result<Self, StoreError> {
        let waiting = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) < MAX_WAITING {
            Ok(waiting)
        } else {
            Err(StoreError::Overloaded)
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
