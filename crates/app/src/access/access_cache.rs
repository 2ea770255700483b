//! Caches for one second whether a session is active and what its account may do. So a buyer who sends a hundred requests a second costs
//! one query.
//!
//! A change that this process makes takes effect for the next request: [`Generations`] counts the changes of each account, and a cached
//! value is used only while the count is the one at which it was read. Another process notices the change when its value is a second old.
//! A cluster that must do better has to tell its nodes about each change, so that they raise the count of the account too.

use super::access_reader::AccessReader;
use super::access_tokens::SessionClaims;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_store::limits::SESSION_USE_STEP;
use fairseat_store::organizations::AccountAccess;
use fairseat_store::session_access::{SessionAccess, SessionQuery};
use fairseat_store::{SessionId, Store, StoreError};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const MAX_CACHED: usize = 100_000;
const REMEMBER_FOR: Millis = Millis::from_seconds(1);
/// Counters of changes. Accounts that share one only read again more often than they must.
const COUNTERS: u16 = 4_096;

/// Counts the changes of accounts and their sessions. Cheap to clone.
#[derive(Clone, Debug)]
struct Generations(Arc<[AtomicU64]>);

impl Generations {
    fn new() -> Self {
        Self((0..COUNTERS).map(|_| AtomicU64::new(0)).collect())
    }

    /// The ids of accounts are random, so their low bits spread them evenly.
    fn counter(&self, account: AccountId) -> Option<&AtomicU64> {
        let place = usize::try_from(account.0 % u128::from(COUNTERS)).unwrap_or_default();
        self.0.get(place)
    }

    fn current(&self, account: AccountId) -> u64 {
        self.counter(account).map_or(0, |counter| counter.load(Ordering::Acquire))
    }

    fn raise(&self, account: AccountId) {
        if let Some(counter) = self.counter(account) {
            counter.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// A change of an account that is under way. When it is dropped, nothing that was cached for the account before is used any more.
#[derive(Debug)]
pub(super) struct AccessChange {
    generations: Generations,
    account: AccountId,
}

impl Drop for AccessChange {
    fn drop(&mut self) {
        self.generations.raise(self.account);
    }
}

/// What was read for a session and its account.
#[derive(Clone, Debug)]
struct Known {
    /// What the account may do; `None` when it is gone or the session has ended.
    access: Option<Arc<AccountAccess>>,
    at: Timestamp,
    generation: u64,
}

impl Known {
    /// What was read, unless the account has changed since, or the value is too old, or from the future because the clock was set back.
    fn fresh(self, now: Timestamp, generation: u64) -> Option<Option<Arc<AccountAccess>>> {
        let is_young = now >= self.at && now.since(self.at) < REMEMBER_FOR;
        (is_young && self.generation == generation).then_some(self.access)
    }
}

/// The cache (see the module).
#[derive(Debug)]
pub(super) struct AccessCache {
    known: Cache<(AccountId, SessionId), Known>,
    generations: Generations,
    reader: AccessReader,
}

impl AccessCache {
    pub(super) fn new() -> Self {
        Self {
            known: Cache::new(MAX_CACHED),
            generations: Generations::new(),
            reader: AccessReader::default(),
        }
    }

    /// What the holder of `claims` may do; `None` when the account is gone or the session has ended.
    pub(super) async fn of(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<Option<Arc<AccountAccess>>, StoreError> {
        let SessionClaims { account, session } = claims;
        // Before the query, so that a change during the query makes its answer outdated.
        let generation = self.generations.current(account);
        let known = self.known.get(&(account, session)).and_then(|known| known.fresh(now, generation));
        if let Some(access) = known {
            return Ok(access);
        }
        let access = self.read(store, claims, now).await?;
        self.known.insert((account, session), Known { access: access.clone(), at: now, generation });
        Ok(access)
    }

    async fn read(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<Option<Arc<AccountAccess>>, StoreError> {
        let query = SessionQuery { session: claims.session, account: claims.account, now };
        let SessionAccess { session, access } = self.reader.of(store, query).await?;
        let Some(session) = session else { return Ok(None) };
        if now.since(session.last_used_at) >= SESSION_USE_STEP {
            // The request does not wait for it: the session ends a month after its last use, so that a lost note does not matter.
            let store = store.clone();
            drop(tokio::spawn(async move {
                if let Err(error) = store.sessions().used(session.id, now).await {
                    tracing::warn!(%error, "the last use of a session was not stored");
                }
            }));
        }
        Ok(access.filter(|access| !access.deleted).map(Arc::new))
    }

    /// Begins a change of what `account` may do, or of its sessions.
    pub(super) fn change(&self, account: AccountId) -> AccessChange {
        AccessChange { generations: self.generations.clone(), account }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cached_value_is_used_for_less_than_a_second_and_until_the_account_changes() {
        let at = Timestamp::from_millis(10_000);
        let known = Known { access: None, at, generation: 7 };
        for (now, generation, expected) in [
            (9_999, 7, None),
            (10_000, 7, Some(None)),
            (10_999, 7, Some(None)),
            (11_000, 7, None),
            (10_000, 8, None),
        ] {
            let fresh = known.clone().fresh(Timestamp::from_millis(now), generation);
            assert_eq!(fresh, expected, "{now} {generation}");
        }
    }

    #[test]
    fn a_change_counts_when_it_is_over_also_if_it_was_given_up() {
        let cache = AccessCache::new();
        let (account, other) = (AccountId(3), AccountId(4));
        let change = cache.change(account);
        assert_eq!(cache.generations.current(account), 0);
        drop(change);
        assert_eq!(cache.generations.current(account), 1);
        assert_eq!(cache.generations.current(other), 0);
    }
}
