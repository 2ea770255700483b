//! Rate limits: one table of limits, and one bounded map of recent callers.
//!
//! For each pair of limit and caller the map holds one number, the time at which the bucket is full again (the generic cell rate
//! algorithm): 16 bytes a pair and no timer. A pair whose time has passed is idle. Its key is a keyed 64-bit hash, so that callers cannot
//! provoke collisions. What must always hold: the map never grows beyond its bound. When many new callers fill it, those nearest to idle
//! are evicted first; this lets a few requests too many through rather than refusing buyers.

use crate::hashed_map::HashedMap;
use fairseat_domain::ids::AccountId;
use parking_lot::Mutex;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use tokio::time::Instant;

/// Whether rate limits apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimiting {
    /// Per account and per address.
    On,
    /// No limits: for load tests on loopback.
    Off,
}

/// A kind of request with a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateLimit {
    /// Any request, by address.
    ApiByAddress,
    /// Any request of somebody signed in.
    ApiByAccount,
    /// Signing in, by address; wrong passwords are counted apart (see [`super::wrong_passwords`]).
    Login,
    /// Registering an account, by address.
    Registration,
    /// Making guests, by address.
    Guest,
    /// Letters to an address that a guest gives, by that address.
    Contact,
    /// Asking for a new password or another verification message, by address.
    PasswordResetByAddress,
    /// The same by account, which limits the messages that its owner receives.
    PasswordResetByAccount,
    /// Making, changing and giving back reservations, by account.
    ReserveByAccount,
    /// The same, by address.
    ReserveByAddress,
    /// Starting payments, by account: limits the testing of stolen cards.
    Payment,
    /// Opening live feeds, by address.
    LiveOpen,
    /// Letters to addresses that somebody typed and nobody has confirmed, by the account that causes them.
    LetterByAccount,
    /// The same, by the network address that causes them. Forgotten passwords count under `PasswordResetByAddress` instead, so that a crowd
    /// that registers does not keep others from signing in.
    LetterByAddress,
    /// The same, by recipient, across all senders.
    LetterToRecipient,
    /// Invitations, by the account that sends them.
    InvitationByAccount,
    /// Invitations, by organization.
    InvitationByOrganization,
    /// Letters to customers of the box office, by seller.
    CounterLetterByAccount,
    /// The same, by network address: all counters of a venue share one.
    CounterLetterByAddress,
    /// Changes of an event about which its ticket holders get a letter, by event.
    HoldersTold,
}

struct Rate {
    name: &'static str,
    /// Requests at once.
    burst: u32,
    /// The time between requests in the long run, in nanoseconds.
    interval: u64,
}

const fn per_minute(requests: u64) -> u64 {
    60_000_000_000 / requests
}

const fn per_hour(requests: u64) -> u64 {
    3_600_000_000_000 / requests
}

impl RateLimit {
    /// Offices, campuses and mobile networks share one address, so the limits by address are generous. What is costly (a password hash, a
    /// message) or invites abuse has a strict limit by account.
    const fn rate(self) -> Rate {
        let (name, burst, interval) = match self {
            Self::ApiByAddress => ("api_by_address", 2_000, per_minute(12_000)),
            Self::ApiByAccount => ("api_by_account", 300, per_minute(1_800)),
            Self::Login => ("login", 100, per_minute(120)),
            Self::Registration => ("registration", 100, per_minute(60)),
            Self::Guest => ("guest", 100, per_minute(60)),
            Self::Contact => ("contact", 20, per_hour(20)),
            Self::PasswordResetByAddress => ("password_reset_by_address", 20, per_minute(10)),
            Self::PasswordResetByAccount => ("password_reset_by_account", 3, per_minute(1)),
            Self::ReserveByAccount => ("reserve_by_account", 60, per_minute(60)),
            Self::ReserveByAddress => ("reserve_by_address", 600, per_minute(1_200)),
            Self::Payment => ("payment", 20, per_minute(20)),
            Self::LiveOpen => ("live_open", 300, per_minute(300)),
            Self::LetterByAccount => ("letter_by_account", 10, per_hour(10)),
            Self::LetterByAddress => ("letter_by_address", 200, per_hour(600)),
            Self::LetterToRecipient => ("letter_to_recipient", 10, per_hour(2)),
            Self::InvitationByAccount => ("invitation_by_account", 20, per_hour(20)),
            Self::InvitationByOrganization => ("invitation_by_organization", 50, per_hour(30)),
            Self::CounterLetterByAccount => ("counter_letter_by_account", 60, per_hour(240)),
            Self::CounterLetterByAddress => ("counter_letter_by_address", 300, per_hour(1_200)),
            Self::HoldersTold => ("holders_told", 10, per_hour(4)),
        };
        Rate { name, burst, interval }
    }

    /// The name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.rate().name
    }
}

/// The caller whose requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitedCaller {
    /// An IPv4 address, or the /64 network of an IPv6 address, because one subscriber owns all of it.
    Address(u64),
    /// Somebody with an account.
    Account(AccountId),
    /// An organization; all its members together.
    Organization(u128),
    /// An event; all who change it together.
    Event(u64),
    /// The recipient of letters: a keyed hash of an e-mail address.
    Recipient(u128),
}

impl LimitedCaller {
    /// A number that differs between callers.
    #[must_use]
    pub fn key(self) -> u128 {
        match self {
            Self::Address(number) | Self::Event(number) => u128::from(number),
            Self::Account(account) => account.0,
            Self::Organization(key) | Self::Recipient(key) => key,
        }
    }

    /// The site of the caller at `address`: an IPv6 site has up to 2^16 networks (RFC 6177), each of which would be another caller for
    /// [`Self::address`].
    #[must_use]
    pub fn site(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self::address(Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into()),
            address => Self::address(address),
        }
    }

    /// The caller at `address`.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(address) => u64::from(address.to_bits()),
            IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default() | (1 << 63),
        })
    }
}

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
}

impl RateLimits {
    /// An empty map of callers.
    #[must_use]
    pub fn new(limiting: RateLimiting) -> Self {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        Self { on: limiting == RateLimiting::On, started: Instant::now(), hasher: RandomState::new(), shards }
    }

    /// Whether callers are limited at all.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.on
    }

    /// Counts one request of `caller` under `limit`.
    ///
    /// # Errors
    /// How long to wait, when the limit is reached; the request is not counted then.
    pub fn check(&self, limit: RateLimit, caller: LimitedCaller) -> Result<(), Duration> {
        if !self.on {
            return Ok(());
        }
        let now = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.check_at(limit, caller, now)
    }

    fn check_at(&self, limit: RateLimit, caller: LimitedCaller, now: u64) -> Result<(), Duration> {
        let Rate { burst, interval, .. } = limit.rate();
        let tolerance = interval.saturating_mul(u64::from(burst));
        let key = self.hasher.hash_one((limit, caller));
        let mut shard = self.shard(key).lock();
        let known = shard.get_mut(&key);
        let full_again = known.as_deref().copied().unwrap_or(0).max(now).saturating_add(interval);
        let wait = full_again.saturating_sub(now).saturating_sub(tolerance);
        if wait > 0 {
            return Err(Duration::from_nanos(wait));
        }
        match known {
            Some(known) => *known = full_again,
            None => {
                if shard.len() >= CALLERS_PER_SHARD {
                    make_room(&mut shard, now);
                }
                shard.insert(key, full_again);
            }
        }
        Ok(())
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

    const SECOND: u64 = 1_000_000_000;

    fn address(text: &str) -> LimitedCaller {
        LimitedCaller::address(text.parse().unwrap())
    }

    #[test]
    fn a_burst_is_admitted_then_a_steady_rate() {
        let limits = RateLimits::new(RateLimiting::On);
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
    fn one_subscriber_is_one_caller() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        let site = |text: &str| LimitedCaller::site(text.parse().unwrap());
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:3::1"));
        assert_ne!(site("2001:db8:1::1"), site("2001:db8:2::1"));
        assert_eq!(site("192.0.2.1"), address("192.0.2.1"));
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_and_does_not_refuse_newcomers() {
        let limits = RateLimits::new(RateLimiting::On);
        for caller in 0..400_000 {
            let outcome = limits.check_at(RateLimit::Registration, LimitedCaller::Address(caller), caller);
            assert_eq!(outcome, Ok(()), "newcomer {caller}");
        }
        let most = SHARDS * CALLERS_PER_SHARD;
        assert!((most / 2..=most).contains(&limits.callers()), "{} callers", limits.callers());
    }

    #[test]
    fn nothing_is_limited_when_rate_limiting_is_off() {
        let limits = RateLimits::new(RateLimiting::Off);
        assert!(
            (0..10_000)
                .all(|_| limits.check(RateLimit::PasswordResetByAccount, LimitedCaller::Address(1)).is_ok())
        );
    }
}
