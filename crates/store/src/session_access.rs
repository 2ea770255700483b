//! What every request of somebody signed in asks: whether the session is going on, and what the account may do.
//!
//! Many are answered in one read, because on a busy server they come at the same moment and a transaction each would cost more
//! than what it looks up.

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::SessionId;
use crate::organizations::{self, AccountAccess};
use crate::sessions;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// Who asks, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionQuery {
    /// From which session.
    pub session: SessionId,
    /// As whom.
    pub account: AccountId,
    /// When.
    pub now: Timestamp,
}

/// How an query stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionAccess {
    /// Whether the session is going on.
    pub is_active: bool,
    /// What the account may do; `None` when there never was one.
    pub access: Option<AccountAccess>,
}

/// How queries stand; from [`crate::Store::answers`].
#[derive(Clone, Copy, Debug)]
pub struct SessionAccesses<'s>(pub(crate) &'s Database);

impl SessionAccesses<'_> {
    /// How each of these stands, in their order, all in one state of the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, queries: Vec<SessionQuery>) -> Result<Vec<SessionAccess>, StoreError> {
        self.0
            .read("session_access.of", move |sql| {
                let access = |query: &SessionQuery| {
                    Ok(SessionAccess {
                        is_active: sessions::is_active(sql, query.session, query.now)?,
                        access: organizations::access_of(sql, query.account)?,
                    })
                };
                queries.iter().map(access).collect()
            })
            .await
    }
}
