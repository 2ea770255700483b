//! The query of every signed-in request: is its session active, and what may its account do?
//!
//! Many queries are answered in one transaction. On a busy server they arrive together, and a transaction costs more than the look-ups in
//! it.

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::SessionId;
use crate::organizations::{self, AccountAccess};
use crate::sessions::{self, Session};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// The session and account of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionQuery {
    /// The session.
    pub session: SessionId,
    /// Its account.
    pub account: AccountId,
    /// The time of the request.
    pub now: Timestamp,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionAccess {
    /// The session, if it belongs to the account and is active: it has neither expired nor ended.
    pub session: Option<Session>,
    /// What the account may do; `None` when there never was such an account.
    pub access: Option<AccountAccess>,
}

/// Session queries; from [`crate::Store::session_access`].
#[derive(Clone, Copy, Debug)]
pub struct SessionAccesses<'s>(pub(crate) &'s Database);

impl SessionAccesses<'_> {
    /// The answers in the order of the queries, all from one state of the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, queries: Vec<SessionQuery>) -> Result<Vec<SessionAccess>, StoreError> {
        self.0
            .read("session_access.of", move |sql| {
                let access = |query: &SessionQuery| {
                    Ok(SessionAccess {
                        session: sessions::active(sql, query.session, query.now)?
                            .filter(|session| session.user == query.account),
                        access: organizations::access_of(sql, query.account)?,
                    })
                };
                queries.iter().map(access).collect()
            })
            .await
    }
}
