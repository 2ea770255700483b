//! What a caller may see, as a condition of each query (I7).

use crate::ids::OrganizationId;
use crate::sql::Filter;

/// The events and venues that a caller may see. Made from [`crate::organizations::AccountAccess`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Published events only.
    Public,
    /// Published events, and everything that belongs to these organizations.
    Organizations(Vec<OrganizationId>),
    /// Everything.
    All,
}

impl Scope {
    /// The condition that the organization in `column` is one of the caller's own.
    pub(crate) fn owns(&self, column: &str, filter: &mut Filter) -> String {
        match self {
            Self::Public => "1 = 0".to_owned(),
            Self::Organizations(own) => {
                let own: Vec<_> = own.iter().map(|id| filter.bind(*id)).collect();
                if own.is_empty() { "1 = 0".to_owned() } else { format!("{column} IN ({})", own.join(", ")) }
            }
            Self::All => "1 = 1".to_owned(),
        }
    }
}
