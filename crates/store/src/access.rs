//! The check of every authenticated request: whether the session is active, and what the account may do.
//!
//! Many queries are answered in one transaction: on a busy server they arrive at the same moment, and a transaction for each would cost more
//! than the lookups.

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::SessionId;
use crate::organizations::{self, Access};
use crate::sessions;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// A session and its account, to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessQuery {
    /// The session.
    pub session: SessionId,
    /// The account.
    pub account: AccountId,
    /// The time of the check.
    pub now: Timestamp,
}

/// The answer to an [`AccessQuery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionAccess {
    /// Whether the session has neither ended nor expired.
    pub session_active: bool,
    /// What the account may do; `None` when there is no such account.
    pub access: Option<Access>,
}

/// Answers access queries; from [`crate::Store::access`].
#[derive(Clone, Copy, Debug)]
pub struct AccessQueries<'s>(pub(crate) &'s Database);

impl AccessQueries<'_> {
    /// The answers in the order of the queries, all read in one transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, queries: Vec<AccessQuery>) -> Result<Vec<SessionAccess>, StoreError> {
        self.0
            .read("access.of", move |sql| {
                let answer = |query: &AccessQuery| {
                    Ok(SessionAccess {
                        session_active: sessions::is_going_on(sql, query.session, query.now)?,
                        access: organizations::access_of(sql, query.account)?,
                    })
                };
                queries.iter().map(answer).collect()
            })
            .await
    }
}
