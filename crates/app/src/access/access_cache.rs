//! What accounts may do, read for each request, but from the database at most once a second for each account: a buyer who
//! asks a hundred times a second costs one query, and what is taken away is gone within that second on every server.
//!
//! Changes made through this server count at once, because [`AccessCache::forget`] is called after each.

use super::access_reader::AccessReader;
use super::access_tokens::SessionClaims;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_store::access::{Asker, Standing};
use fairseat_store::organizations::Access;
use fairseat_store::{SessionId, Store, StoreError};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const REMEMBERED: usize = 100_000;
const REMEMBER_FOR: Millis = Millis::from_seconds(1);

/// Something read at a time.
#[derive(Clone, Debug)]
struct Read<T> {
    value: T,
    at: Timestamp,
}

impl<T> Read<T> {
    /// What was read, unless that is too long ago; or in the future, after the clock was set back.
    fn fresh(self, now: Timestamp) -> Option<T> {
        (now >= self.at && now.since(self.at) < REMEMBER_FOR).then_some(self.value)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct AccessCache {
    accounts: Cache<AccountId, Read<Option<Arc<Access>>>>,
    sessions: Cache<SessionId, Read<bool>>,
    /// Counts changes: what was read before one is not remembered after it.
    changes: AtomicU64,
    reader: AccessReader,
}

impl AccessCache {
    pub(super) fn new() -> Self {
        Self {
            accounts: Cache::new(REMEMBERED),
            sessions: Cache::new(REMEMBERED),
            changes: AtomicU64::new(0),
            reader: AccessReader::default(),
        }
    }

    /// What the holder of `claims` may do; `None` when the account is gone, or the session or the token was revoked.
    pub(super) async fn of(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<Option<Arc<Access>>, StoreError> {
        let session = self.sessions.get(&claims.session).and_then(|read| read.fresh(now));
        let account = self.accounts.get(&claims.account).and_then(|read| read.fresh(now));
        let (going_on, access) = match session.zip(account) {
            Some(known) => known,
            None => self.read(store, claims, now).await?,
        };
        let access = access.filter(|access| !access.deleted && access.auth_epoch <= claims.auth_epoch);
        Ok(access.filter(|_| going_on))
    }

    async fn read(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<(bool, Option<Arc<Access>>), StoreError> {
        let changes = self.changes.load(Ordering::Acquire);
        let asker = Asker { session: claims.session, account: claims.account, now };
        let Standing { going_on, access } = self.reader.of(store, asker).await?;
        let access = access.map(Arc::new);
        if changes == self.changes.load(Ordering::Acquire) {
            self.sessions.insert(claims.session, Read { value: going_on, at: now });
            self.accounts.insert(claims.account, Read { value: access.clone(), at: now });
        }
        Ok((going_on, access))
    }

    /// Reads what `account` may do anew from now on.
    pub(super) fn forget(&self, account: AccountId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.accounts.remove(&account);
    }

    /// Reads whether `session` is going on anew from now on.
    pub(super) fn forget_session(&self, session: SessionId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.sessions.remove(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_used_for_less_than_a_second() {
        let at = Timestamp::from_millis(10_000);
        for (now, expected) in [(9_999, None), (10_000, Some(7)), (10_999, Some(7)), (11_000, None)] {
            assert_eq!(Read { value: 7, at }.fresh(Timestamp::from_millis(now)), expected, "{now}");
        }
    }
}
