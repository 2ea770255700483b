//! Delays sign-ins after wrong passwords, so that passwords cannot be guessed and strangers cannot lock an owner out.
//!
//! Failures are counted in three ways:
//!
//! - from one IP address for one account: waits grow to 15 minutes;
//! - from one IP address for any account: the same, after more failures;
//! - from any IP address for one account: waits grow to 30 seconds, which slows an attack from many addresses and hardly delays the
//!   owner. An address from which the owner has signed in before does not wait for this rule.

use crate::limits::rate_limit::LimitedCaller;
use moka::ops::compute::Op;
use moka::sync::Cache;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// The most entries of each table; an evicted entry starts again at zero.
const MAX_ENTRIES: u64 = 100_000;
/// Failures are forgotten after this time without another one.
const FORGET_AFTER: Duration = Duration::from_secs(3_600);

/// Counts failed sign-ins.
#[derive(Debug)]
pub struct WrongPasswords {
    failures: Cache<Target, Failures>,
    owner_addresses: Cache<(u128, LimitedCaller), ()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Target {
    Pair(u128, LimitedCaller),
    Address(LimitedCaller),
    Account(u128),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Target {
    /// The number of failures that cause no wait, and the longest wait.
    const fn patience(self) -> (u32, Duration) {
        match self {
            Self::Pair(..) => (5, Duration::from_secs(900)),
            Self::Address(_) => (50, Duration::from_secs(900)),
            Self::Account(_) => (20, Duration::from_secs(30)),
        }
    }
}

impl Default for WrongPasswords {
    fn default() -> Self {
        Self::new()
    }
}

impl WrongPasswords {
    /// Without failures.
    #[must_use]
    pub fn new() -> Self {
        let failures = Cache::builder().max_capacity(MAX_ENTRIES).time_to_idle(FORGET_AFTER).build();
        let owner_addresses = Cache::builder().max_capacity(MAX_ENTRIES).build();
        Self { failures, owner_addresses }
    }

    /// Whether `address` may try a password for `account` now; call it before hashing the password. `account` is a hash of the e-mail
    /// address, whether or not an account has it, so that both cases are answered alike.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check(&self, account: u128, address: IpAddr) -> Result<(), Duration> {
        let now = Instant::now();
        let caller = LimitedCaller::address(address);
        let mut wait = Duration::ZERO;
        for target in targets(account, caller) {
            if matches!(target, Target::Account(_)) && self.owner_addresses.contains_key(&(account, caller)) {
                continue;
            }
            wait = wait.max(self.wait(target, now));
        }
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    fn wait(&self, target: Target, now: Instant) -> Duration {
        let Some(failures) = self.failures.get(&target) else { return Duration::ZERO };
        let (free, longest) = target.patience();
        let Some(doublings) = failures.count.checked_sub(free) else { return Duration::ZERO };
        let wait = Duration::from_secs(1 << doublings.min(16)).min(longest);
        wait.saturating_sub(now.saturating_duration_since(failures.last))
    }

    /// Counts a wrong password.
    pub fn failed(&self, account: u128, address: IpAddr) {
        let last = Instant::now();
        for target in targets(account, LimitedCaller::address(address)) {
            self.failures.entry(target).and_compute_with(|entry| {
                let count = entry.map_or(0, |entry| entry.into_value().count).saturating_add(1);
                Op::Put(Failures { count, last })
            });
        }
    }

    /// Forgets this address's failures for this account, and remembers the address as the owner's. Its failures for other accounts stay
    /// counted; otherwise an attacker could reset them by signing in to an account of their own.
    pub fn succeeded(&self, account: u128, address: IpAddr) {
        let caller = LimitedCaller::address(address);
        self.failures.invalidate(&Target::Pair(account, caller));
        self.owner_addresses.insert((account, caller), ());
    }
}

fn targets(account: u128, caller: LimitedCaller) -> [Target; 3] {
    [Target::Pair(account, caller), Target::Address(caller), Target::Account(account)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn address(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    #[tokio::test(start_paused = true)]
    async fn waits_double_up_to_a_limit() {
        let passwords = WrongPasswords::new();
        for _ in 0..4 {
            passwords.failed(1, address(1));
            assert_eq!(passwords.check(1, address(1)), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            passwords.failed(1, address(1));
            assert_eq!(passwords.check(1, address(1)), Err(Duration::from_secs(wait)));
            advance(Duration::from_secs(wait)).await;
            assert_eq!(passwords.check(1, address(1)), Ok(()));
        }
        passwords.succeeded(1, address(1));
        passwords.failed(1, address(1));
        assert_eq!(passwords.check(1, address(1)), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_delay_an_owner_for_seconds_at_most() {
        let passwords = WrongPasswords::new();
        passwords.succeeded(1, address(200));
        for stranger in 0..100 {
            passwords.failed(1, address(stranger));
        }
        assert_eq!(passwords.check(1, address(200)), Ok(()), "at home");
        assert_eq!(passwords.check(1, address(201)), Err(Duration::from_secs(30)), "elsewhere");
        assert_eq!(passwords.check(2, address(201)), Ok(()), "another account");
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_at_many_accounts_is_slowed() {
        let passwords = WrongPasswords::new();
        for account in 0..49 {
            passwords.failed(account, address(1));
        }
        assert_eq!(passwords.check(999, address(1)), Ok(()), "49 failures are free");
        for (account, wait) in [(49, 1), (50, 2), (51, 4)] {
            passwords.failed(account, address(1));
            assert_eq!(passwords.check(999, address(1)), Err(Duration::from_secs(wait)));
        }
        assert_eq!(passwords.check(999, address(2)), Ok(()));
    }
}
