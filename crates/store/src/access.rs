//! What every request of somebody signed in asks: whether the session is going on, and what the account may do.
//!
//! Many are answered in one read, because on a busy server they come at the same moment and a transaction each would cost more
//! than what it looks up.

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::SessionId;
use crate::organizations::{self, Access};
use crate::sessions;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// Who asks, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// From which session.
    pub session: SessionId,
    /// As whom.
    pub account: AccountId,
    /// When.
    pub now: Timestamp,
}

/// How an asker stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the session is going on.
    pub going_on: bool,
    /// What the account may do; `None` when there never was one.
    pub access: Option<Access>,
}

/// How askers stand; from [`crate::Store::standings`].
#[derive(Clone, Copy, Debug)]
pub struct Standings<'s>(pub(crate) &'s Database);

impl Standings<'_> {
    /// How each of these stands, in their order, all in one state of the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, askers: Vec<Asker>) -> Result<Vec<Standing>, StoreError> {
        self.0
            .read("standings.of", move |sql| {
                let standing = |asker: &Asker| {
                    Ok(Standing {
                        going_on: sessions::is_going_on(sql, asker.session, asker.now)?,
                        access: organizations::access_of(sql, asker.account)?,
                    })
                };
                askers.iter().map(standing).collect()
            })
            .await
    }
}
