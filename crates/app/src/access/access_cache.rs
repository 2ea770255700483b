//! Caches each account's permissions and each session's status for one second. So a buyer who sends a hundred requests a second costs one
//! query, and a revoked permission stops working within a second on every server.
//!
//! Changes made through this server take effect at once, because [`AccessCache::forget`] is called after each.

use super::access_reader::AccessReader;
use super::access_tokens::SessionClaims;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_store::organizations::AccountAccess;
use fairseat_store::session_access::{SessionAccess, SessionQuery};
use fairseat_store::{SessionId, Store, StoreError};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const REMEMBERED: usize = 100_000;
const REMEMBER_FOR: Millis = Millis::from_seconds(1);

/// A value and the time at which it was read.
#[derive(Clone, Debug)]
struct Read<T> {
    value: T,
    at: Timestamp,
}

impl<T> Read<T> {
    /// The value, unless it is too old, or from the future because the clock was set back.
    fn fresh(self, now: Timestamp) -> Option<T> {
        (now >= self.at && now.since(self.at) < REMEMBER_FOR).then_some(self.value)
    }
}

/// The cache (see the module).
#[derive(Debug)]
pub(super) struct AccessCache {
    accounts: Cache<AccountId, Read<Option<Arc<AccountAccess>>>>,
    sessions: Cache<SessionId, Read<bool>>,
    /// Counts changes. A value that was read before a change is not cached after it.
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
    ) -> Result<Option<Arc<AccountAccess>>, StoreError> {
        let session = self.sessions.get(&claims.session).and_then(|read| read.fresh(now));
        let account = self.accounts.get(&claims.account).and_then(|read| read.fresh(now));
        let (is_active, access) = match session.zip(account) {
            Some(known) => known,
            None => self.read(store, claims, now).await?,
        };
        let access = access.filter(|access| !access.deleted && access.auth_epoch <= claims.auth_epoch);
        Ok(access.filter(|_| is_active))
    }

    async fn read(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<(bool, Option<Arc<AccountAccess>>), StoreError> {
        let changes = self.changes.load(Ordering::Acquire);
        let query = SessionQuery { session: claims.session, account: claims.account, now };
        let SessionAccess { is_active, access } = self.reader.of(store, query).await?;
        let access = access.map(Arc::new);
        if changes == self.changes.load(Ordering::Acquire) {
            self.sessions.insert(claims.session, Read { value: is_active, at: now });
            self.accounts.insert(claims.account, Read { value: access.clone(), at: now });
        }
        Ok((is_active, access))
    }

    /// Forgets what `account` may do, so that its next request reads it again.
    pub(super) fn forget(&self, account: AccountId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.accounts.remove(&account);
    }

    /// Forgets whether `session` is active, so that its next request reads it again.
    pub(super) fn forget_session(&self, session: SessionId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.sessions.remove(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cached_value_is_used_for_less_than_a_second() {
        let at = Timestamp::from_millis(10_000);
        for (now, expected) in [(9_999, None), (10_000, Some(7)), (10_999, Some(7)), (11_000, None)] {
            assert_eq!(Read { value: 7, at }.fresh(Timestamp::from_millis(now)), expected, "{now}");
        }
    }
}
