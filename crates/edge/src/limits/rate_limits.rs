//! Counts requests: one bounded map of recent callers.
//!
//! For each pair of limit and caller the map holds one number, the time at which the bucket is full again (the generic cell rate
//! algorithm): 16 bytes a pair and no timer. A pair whose time has passed is idle. Its key is a keyed 64-bit hash, so that callers cannot
//! provoke collisions. What must always hold: the map never grows beyond its bound. When many new callers fill it, those nearest to idle
//! are evicted first; this lets a few requests too many through rather than refusing buyers.
//!
//! Where servers share counters, those decide, and the map follows them. So a server that must suddenly count alone goes on from the last
//! count that it knows.

use crate::hashed_map::HashedMap;
use crate::limits::rate_limit::{LimitedCaller, Rate, RateLimit, RateLimiting};
use crate::limits::shared::{Count, CounterName, CountersAway, SharedCounters};
use parking_lot::Mutex;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const SHARDS: usize = 64;
/// The most entries of one shard; about 262,000 in all, under 20 MB.
const CALLERS_PER_SHARD: usize = 4_096;

type Shard = Mutex<HashedMap<u64>>;

/// The recent requests of all callers.
#[derive(Debug)]
pub struct RateLimits {
    on: bool,
    started: Instant,
    hasher: RandomState,
    shards: Vec<Shard>,
    /// Counters of all servers together; `None` when there are none.
    shared: Option<Arc<dyn SharedCounters>>,
}

impl RateLimits {
    /// An empty map of callers.
    #[must_use]
    pub fn new(limiting: RateLimiting, shared: Option<Arc<dyn SharedCounters>>) -> Self {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        let on = limiting == RateLimiting::On;
        Self { on, started: Instant::now(), hasher: RandomState::new(), shards, shared }
    }

    /// Whether callers are limited at all.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.on
    }

    /// Counts one request of `caller` under `limit`, for all servers together if the limit and the servers share counters.
    ///
    /// # Errors
    /// How long to wait, when the limit is reached; the request is not counted then.
    pub async fn check(&self, limit: RateLimit, caller: LimitedCaller) -> Result<(), Duration> {
        if !self.on {
            return Ok(());
        }
        let shared = self.shared.as_deref().filter(|shared| limit.is_shared() && shared.are_there());
        let Some(shared) = shared else { return self.check_here(limit, caller) };
        // Before the question, so that the time on the way never counts as a request.
        let asked_at = self.now();
        let known = self.full_again(limit, caller).saturating_sub(asked_at);
        // Nothing but time lowers a count, so a server need not ask for what it knows.
        wait_after_one_more(limit, known)?;
        match shared.count(counter_of(limit, caller, known)).await {
            Ok(counted) => {
                let full_in = u64::try_from(counted.full_in.as_nanos()).unwrap_or(u64::MAX);
                self.learn(limit, caller, asked_at, asked_at.saturating_add(full_in));
                if counted.is_admitted { Ok(()) } else { wait_after_one_more(limit, full_in) }
            }
            Err(CountersAway) => self.check_here(limit, caller),
        }
    }

    /// Counts one request of `caller` under `limit`, on this server alone.
    ///
    /// # Errors
    /// How long to wait, when the limit is reached; the request is not counted then.
    pub fn check_here(&self, limit: RateLimit, caller: LimitedCaller) -> Result<(), Duration> {
        if self.on { self.check_at(limit, caller, self.now()) } else { Ok(()) }
    }

    /// Whether the servers share counters that cannot be reached.
    #[must_use]
    pub fn misses_shared_counters(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| !shared.are_there())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn check_at(&self, limit: RateLimit, caller: LimitedCaller, now: u64) -> Result<(), Duration> {
        let key = self.hasher.hash_one((limit, caller));
        let mut shard = self.shard(key).lock();
        let full_again = shard.get(&key).copied().unwrap_or(0).max(now);
        wait_after_one_more(limit, full_again.saturating_sub(now))?;
        set(&mut shard, key, now, full_again.saturating_add(limit.rate().interval));
        Ok(())
    }

    /// When the caller's bucket is full again; 0 for one who is not known.
    fn full_again(&self, limit: RateLimit, caller: LimitedCaller) -> u64 {
        let key = self.hasher.hash_one((limit, caller));
        self.shard(key).lock().get(&key).copied().unwrap_or(0)
    }

    /// Notes what all servers together have counted, so that this one goes on from there when it must count alone.
    fn learn(&self, limit: RateLimit, caller: LimitedCaller, now: u64, full_again: u64) {
        let key = self.hasher.hash_one((limit, caller));
        let mut shard = self.shard(key).lock();
        let known = shard.get(&key).copied().unwrap_or(0);
        set(&mut shard, key, now, known.max(full_again));
    }

    /// The shard is chosen by other bits of the hash than the shard's own map uses first.
    fn shard(&self, key: u64) -> &Shard {
        let number = usize::try_from((key >> 32) % 64).unwrap_or(0);
        &self.shards[number % SHARDS]
    }

    #[cfg(test)]
    fn callers(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }
}

/// How long a caller whose bucket is full again after `full_in` nanoseconds waits before another request.
fn wait_after_one_more(limit: RateLimit, full_in: u64) -> Result<(), Duration> {
    let Rate { interval, .. } = limit.rate();
    let wait = full_in.saturating_add(interval).saturating_sub(tolerance(limit));
    if wait > 0 { Err(Duration::from_nanos(wait)) } else { Ok(()) }
}

fn tolerance(limit: RateLimit) -> u64 {
    let Rate { burst, interval, .. } = limit.rate();
    interval.saturating_mul(u64::from(burst))
}

fn counter_of(limit: RateLimit, caller: LimitedCaller, known: u64) -> Count {
    Count {
        counter: CounterName { what: limit.name(), whose: [caller.key(), 0] },
        interval: Duration::from_nanos(limit.rate().interval),
        tolerance: Duration::from_nanos(tolerance(limit)),
        known: Duration::from_nanos(known),
    }
}

fn set(shard: &mut HashedMap<u64>, key: u64, now: u64, full_again: u64) {
    if let Some(known) = shard.get_mut(&key) {
        *known = full_again;
        return;
    }
    if shard.len() >= CALLERS_PER_SHARD {
        make_room(shard, now);
    }
    shard.insert(key, full_again);
}

/// Evicts idle callers. If they are less than a quarter, it also evicts the callers nearest to idle, so that scans stay rare.
fn make_room(shard: &mut HashedMap<u64>, now: u64) {
    shard.retain(|_, full_again| *full_again > now);
    if shard.len() <= CALLERS_PER_SHARD * 3 / 4 {
        return;
    }
    let mut times: Vec<u64> = shard.values().copied().collect();
    let quarter = times.len() / 4;
    let (_, limit, _) = times.select_nth_unstable(quarter);
    let limit = *limit;
    shard.retain(|_, full_again| *full_again > limit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::ids::AccountId;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_is_admitted_then_a_steady_rate() {
        let limits = RateLimits::new(RateLimiting::On, None);
        let caller = LimitedCaller::Account(AccountId(7));
        let check = |now| limits.check_at(RateLimit::PasswordResetByAccount, caller, now);
        for _ in 0..3 {
            assert_eq!(check(0), Ok(()));
        }
        assert_eq!(check(0), Err(Duration::from_secs(60)), "three at once, then one a minute");
        assert_eq!(check(59 * SECOND), Err(Duration::from_secs(1)));
        assert_eq!(check(60 * SECOND), Ok(()));
        assert_eq!(check(60 * SECOND), Err(Duration::from_secs(60)));
        assert_eq!(
            limits.check_at(RateLimit::PasswordResetByAccount, LimitedCaller::Account(AccountId(8)), 0),
            Ok(()),
            "another's"
        );
        assert_eq!(limits.check_at(RateLimit::Payment, caller, 0), Ok(()), "another limit");
        for _ in 0..3 {
            assert_eq!(check(3_600 * SECOND), Ok(()), "an hour later all is forgiven");
        }
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_and_does_not_refuse_newcomers() {
        let limits = RateLimits::new(RateLimiting::On, None);
        for caller in 0..400_000 {
            let outcome = limits.check_at(RateLimit::Registration, LimitedCaller::Address(caller), caller);
            assert_eq!(outcome, Ok(()), "newcomer {caller}");
        }
        let most = SHARDS * CALLERS_PER_SHARD;
        assert!((most / 2..=most).contains(&limits.callers()), "{} callers", limits.callers());
    }

    #[test]
    fn nothing_is_limited_when_rate_limiting_is_off() {
        let limits = RateLimits::new(RateLimiting::Off, None);
        assert!((0..10_000).all(|_| {
            limits.check_here(RateLimit::PasswordResetByAccount, LimitedCaller::Address(1)).is_ok()
        }));
    }
}
