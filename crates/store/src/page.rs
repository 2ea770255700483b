//! Pages of lists.

use crate::limits::MAX_PAGE;
use crate::sql::Filter;

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The most rows of the page; above [`MAX_PAGE`] it has no effect.
    pub limit: u32,
    /// Rows skipped before the first.
    pub offset: u64,
}

impl Page {
    /// The first page, with as many rows as a page may have.
    pub const FIRST: Self = Self { limit: MAX_PAGE, offset: 0 };

    /// The `LIMIT` clause of this page.
    pub(crate) fn bind(self, filter: &mut Filter) -> String {
        let limit = filter.bind(self.limit.min(MAX_PAGE));
        let offset = filter.bind(self.offset);
        format!("LIMIT {limit} OFFSET {offset}")
    }
}

/// A page of a list, and the number of rows in the whole list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// Rows of the whole list.
    pub total: u64,
}
