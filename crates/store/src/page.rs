//! Lists come in pages.

use crate::limits::MAX_PAGE;
use crate::sql::Filter;

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows; more than [`MAX_PAGE`] are never given.
    pub limit: u32,
    /// Rows left out before the first.
    pub offset: u64,
}

impl Page {
    /// The first rows of a list, as many as a page may have.
    pub const FIRST: Self = Self { limit: MAX_PAGE, offset: 0 };

    /// The end of a query that gives this page.
    pub(crate) fn bind(self, filter: &mut Filter) -> String {
        let limit = filter.bind(self.limit.min(MAX_PAGE));
        let offset = filter.bind(self.offset);
        format!("LIMIT {limit} OFFSET {offset}")
    }
}

/// A page of a list, and how long the list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// Rows of the whole list.
    pub total: u64,
}
