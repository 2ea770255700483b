//! Delays sign-ins after wrong passwords, so that passwords cannot be guessed and strangers cannot lock an owner out.
//!
//! Failures are counted in three ways:
//!
//! - from one IP address for one account: waits grow to 15 minutes;
//! - from one IP address for any account: the same, after more failures;
//! - from any IP address for one account: waits grow to 30 seconds, which slows an attack from many addresses and hardly delays the
//!   owner. An address from which the owner has signed in before does not wait for this rule.
//!
//! A device on which the owner has signed in before is counted alone, wherever it is: no stranger's guess delays it. And an owner who has set
//! a new password by a link in a message is let in at once ([`WrongPasswords::owner_is_at`]).
//!
//! Where servers share counters, those decide. Each server counts its own guesses all the same, so that it can go on alone when they are away.

use crate::limits::rate_limit::LimitedCaller;
use crate::limits::shared::{CounterName, CountersAway, GuessCounter, Settlement, SharedCounters};
use moka::ops::compute::Op;
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
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
    /// Counters of all servers together; `None` when there are none.
    shared: Option<Arc<dyn SharedCounters>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Target {
    Pair(u128, LimitedCaller),
    Address(LimitedCaller),
    Account(u128),
    Device(u128, u128),
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
            Self::Pair(..) | Self::Device(..) => (5, Duration::from_secs(900)),
            Self::Address(_) => (50, Duration::from_secs(900)),
            Self::Account(_) => (20, Duration::from_secs(30)),
        }
    }

    /// Whether no wait applies at an address of the owner.
    const fn spares_owner(self) -> bool {
        matches!(self, Self::Account(_))
    }

    /// The counter of all servers together.
    fn counter(self) -> CounterName {
        let (what, whose) = match self {
            Self::Pair(account, caller) => ("guesses_from_address_for_account", [account, caller.key()]),
            Self::Address(caller) => ("guesses_from_address", [caller.key(), 0]),
            Self::Account(account) => ("guesses_for_account", [account, 0]),
            Self::Device(account, device) => ("guesses_from_device", [account, device]),
        };
        CounterName { what, whose }
    }

    fn guess_counter(self) -> GuessCounter {
        let (free, longest_wait) = self.patience();
        GuessCounter { counter: self.counter(), free, longest_wait, spares_owner: self.spares_owner() }
    }
}

/// The mark of an address at which the owner of an account was.
fn owner_mark(account: u128, caller: LimitedCaller) -> CounterName {
    CounterName { what: "owner_at_address", whose: [account, caller.key()] }
}

impl WrongPasswords {
    /// Without failures.
    #[must_use]
    pub fn new(shared: Option<Arc<dyn SharedCounters>>) -> Self {
        let failures = Cache::builder().max_capacity(MAX_ENTRIES).time_to_idle(FORGET_AFTER).build();
        let owner_addresses = Cache::builder().max_capacity(MAX_ENTRIES).build();
        Self { failures, owner_addresses, shared }
    }

    /// Begins to try a password for `account` from `address`; call it before hashing the password. `account` is a hash of the e-mail address,
    /// whether or not an account has it, so that both cases are answered alike. `device` is the number of a device that has proved that the
    /// account's owner has signed in on it before.
    ///
    /// The guess counts as wrong from now on, so that guesses made at the same time cannot all be tried before the first is counted.
    ///
    /// # Errors
    /// How long to wait.
    pub async fn guess(
        &self,
        account: u128,
        address: IpAddr,
        device: Option<u128>,
    ) -> Result<Guess<'_>, Duration> {
        let caller = LimitedCaller::address(address);
        let targets = targets(account, caller, device);
        let mut guess = Guess {
            passwords: self,
            account,
            caller,
            device,
            counted: Vec::with_capacity(3),
            is_shared: false,
        };
        match self.count_together(owner_mark(account, caller), &targets).await {
            Ok(wait) if wait.is_zero() => {
                for target in targets {
                    self.count_anyway(target);
                    guess.counted.push(target);
                }
                guess.is_shared = true;
                Ok(guess)
            }
            Ok(wait) => Err(wait),
            Err(CountersAway) => guess.count_here(targets),
        }
    }

    /// Counts a guess for all servers together; returns how long to wait if it is not counted.
    async fn count_together(&self, owner: CounterName, targets: &[Target]) -> Result<Duration, CountersAway> {
        let shared = self.shared.as_deref().filter(|shared| shared.are_there()).ok_or(CountersAway)?;
        let counters = targets.iter().map(|target| target.guess_counter()).collect();
        shared.guess(owner, counters, FORGET_AFTER).await
    }

    /// The account's owner has proved otherwise that they are at this address: guesses that others made no longer delay them there.
    pub async fn owner_is_at(&self, account: u128, address: IpAddr) {
        let caller = LimitedCaller::address(address);
        self.note_owner(account, caller);
        self.settle(account, caller, vec![(Target::Pair(account, caller), Settlement::Forget)]).await;
    }

    fn note_owner(&self, account: u128, caller: LimitedCaller) {
        self.owner_addresses.insert((account, caller), ());
        self.failures.invalidate(&Target::Pair(account, caller));
    }

    /// Tells all servers that the owner was at this address, and what becomes of these counters.
    async fn settle(&self, account: u128, caller: LimitedCaller, settled: Vec<(Target, Settlement)>) {
        if let Some(shared) = &self.shared {
            let counters = settled.into_iter().map(|(target, settlement)| (target.counter(), settlement));
            shared.settle(Some(owner_mark(account, caller)), counters.collect()).await;
        }
    }

    /// Counts a guess, unless the target must wait.
    fn count(&self, target: Target, is_exempt: bool) -> Result<(), Duration> {
        let now = Instant::now();
        let mut wait = Duration::ZERO;
        self.failures.entry(target).and_compute_with(|entry| {
            let known = entry.map(moka::Entry::into_value);
            wait = known.filter(|_| !is_exempt).map_or(Duration::ZERO, |known| known.wait(target, now));
            if !wait.is_zero() {
                return Op::Nop;
            }
            let count = known.map_or(0, |known| known.count).saturating_add(1);
            Op::Put(Failures { count, last: now })
        });
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Counts a guess that all servers together have counted.
    fn count_anyway(&self, target: Target) {
        let _never_refused = self.count(target, true);
    }

    /// Takes back one guess.
    fn uncount(&self, target: Target) {
        self.failures.entry(target).and_compute_with(|entry| match entry.map(moka::Entry::into_value) {
            Some(Failures { count, last }) if count > 1 => Op::Put(Failures { count: count - 1, last }),
            Some(_) => Op::Remove,
            None => Op::Nop,
        });
    }
}

impl Failures {
    fn wait(self, target: Target, now: Instant) -> Duration {
        let (free, longest) = target.patience();
        let Some(doublings) = self.count.checked_sub(free) else { return Duration::ZERO };
        let wait = Duration::from_secs(1 << doublings.min(16)).min(longest);
        wait.saturating_sub(now.saturating_duration_since(self.last))
    }
}

/// A password that is being tried. Dropped without a verdict, it is not counted.
#[derive(Debug)]
pub struct Guess<'p> {
    passwords: &'p WrongPasswords,
    account: u128,
    caller: LimitedCaller,
    device: Option<u128>,
    counted: Vec<Target>,
    /// Whether it is counted for all servers together as well.
    is_shared: bool,
}

impl<'p> Guess<'p> {
    /// Counts it on this server alone.
    fn count_here(mut self, targets: Vec<Target>) -> Result<Guess<'p>, Duration> {
        let Self { passwords, account, caller, .. } = self;
        let mut wait = Duration::ZERO;
        for target in targets {
            let is_exempt =
                target.spares_owner() && passwords.owner_addresses.contains_key(&(account, caller));
            match passwords.count(target, is_exempt) {
                Ok(()) => self.counted.push(target),
                Err(longer) => wait = wait.max(longer),
            }
        }
        if wait.is_zero() { Ok(self) } else { Err(wait) }
    }

    /// The password was wrong: the guess stays counted.
    pub fn was_wrong(mut self) {
        self.counted.clear();
    }

    /// The password was right: forgets this address's failures for this account, and remembers the address as the owner's. Its failures for
    /// other accounts stay counted; otherwise an attacker could reset them by signing in to an account of their own.
    pub async fn was_right(mut self) {
        let Self { passwords, account, caller, device, is_shared, .. } = self;
        let counted = std::mem::take(&mut self.counted);
        counted.iter().for_each(|target| passwords.uncount(*target));
        passwords.note_owner(account, caller);
        let mut forgotten = vec![Target::Pair(account, caller)];
        if let Some(device) = device.map(|device| Target::Device(account, device)) {
            passwords.failures.invalidate(&device);
            forgotten.push(device);
        }
        let taken_back = counted.into_iter().filter(|target| is_shared && !forgotten.contains(target));
        let mut settled: Vec<_> = taken_back.map(|target| (target, Settlement::TakeBack)).collect();
        settled.extend(forgotten.into_iter().map(|target| (target, Settlement::Forget)));
        passwords.settle(account, caller, settled).await;
    }
}

impl Drop for Guess<'_> {
    fn drop(&mut self) {
        let counted = std::mem::take(&mut self.counted);
        counted.iter().for_each(|target| self.passwords.uncount(*target));
        if let Some(shared) = self.passwords.shared.as_ref().filter(|_| self.is_shared && !counted.is_empty())
            && let Ok(runtime) = Handle::try_current()
        {
            let taken_back = counted.iter().map(|target| (target.counter(), Settlement::TakeBack));
            drop(runtime.spawn(shared.settle(None, taken_back.collect())));
        }
    }
}

fn targets(account: u128, caller: LimitedCaller, device: Option<u128>) -> Vec<Target> {
    match device {
        Some(device) => vec![Target::Device(account, device)],
        None => vec![Target::Pair(account, caller), Target::Address(caller), Target::Account(account)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn address(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    async fn wrong(passwords: &WrongPasswords, account: u128, from: u8) -> Result<(), Duration> {
        passwords.guess(account, address(from), None).await.map(Guess::was_wrong)
    }

    async fn wait(passwords: &WrongPasswords, account: u128, from: u8) -> Duration {
        passwords.guess(account, address(from), None).await.err().unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn waits_double_up_to_a_limit() {
        let passwords = WrongPasswords::new(None);
        for guess in 1..=5 {
            assert_eq!(wrong(&passwords, 1, 1).await, Ok(()), "guess {guess}");
        }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(wait(&passwords, 1, 1).await, Duration::from_secs(seconds));
            advance(Duration::from_secs(seconds)).await;
            assert_eq!(wrong(&passwords, 1, 1).await, Ok(()));
        }
        advance(Duration::from_secs(900)).await;
        passwords.guess(1, address(1), None).await.unwrap().was_right().await;
        for guess in 1..=5 {
            assert_eq!(wrong(&passwords, 1, 1).await, Ok(()), "guess {guess} after the right one");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn guesses_at_the_same_time_are_counted_before_they_are_tried() {
        let passwords = WrongPasswords::new(None);
        let mut tried = Vec::new();
        for _ in 0..200 {
            tried.extend(passwords.guess(1, address(1), None).await);
        }
        assert_eq!(tried.len(), 5, "as many as one after the other");
        drop(tried);
        assert_eq!(wait(&passwords, 1, 1).await, Duration::ZERO, "what was not tried is not counted");
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_delay_an_owner_for_seconds_at_most() {
        let passwords = WrongPasswords::new(None);
        passwords.guess(1, address(200), None).await.unwrap().was_right().await;
        for stranger in 0..100 {
            advance(wait(&passwords, 1, stranger).await).await;
            assert_eq!(wrong(&passwords, 1, stranger).await, Ok(()));
        }
        assert_eq!(wait(&passwords, 1, 200).await, Duration::ZERO, "at home");
        assert_eq!(wait(&passwords, 1, 201).await, Duration::from_secs(30), "elsewhere");
        assert_eq!(wait(&passwords, 2, 201).await, Duration::ZERO, "another account");
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_of_the_owner_waits_for_no_stranger_and_has_five_guesses_of_its_own() {
        let passwords = WrongPasswords::new(None);
        for guess in 0..20 {
            assert_eq!(wrong(&passwords, 1, guess / 5).await, Ok(()), "four strangers, five guesses each");
        }
        assert!(wait(&passwords, 1, 200).await > Duration::ZERO, "the owner at a new address");
        let with = |device| passwords.guess(1, address(200), Some(device));
        for guess in 1..=5 {
            assert!(with(7).await.map(Guess::was_wrong).is_ok(), "guess {guess} on the owner's device");
        }
        assert_eq!(
            with(7).await.err(),
            Some(Duration::from_secs(1)),
            "a stolen device is slowed like an address"
        );
        with(8).await.unwrap().was_right().await;
        assert_eq!(wait(&passwords, 1, 200).await, Duration::ZERO, "the address is the owner's now");
    }

    #[tokio::test(start_paused = true)]
    async fn an_owner_who_followed_a_link_is_let_in() {
        let passwords = WrongPasswords::new(None);
        for guess in 0..20 {
            assert_eq!(wrong(&passwords, 1, guess / 5).await, Ok(()));
        }
        assert!(
            wait(&passwords, 1, 200).await > Duration::ZERO && wait(&passwords, 1, 3).await > Duration::ZERO
        );
        passwords.owner_is_at(1, address(200)).await;
        passwords.owner_is_at(1, address(3)).await;
        for from in [200, 3] {
            assert_eq!(wait(&passwords, 1, from).await, Duration::ZERO);
        }
        assert!(wait(&passwords, 1, 201).await > Duration::ZERO, "strangers still wait");
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_at_many_accounts_is_slowed() {
        let passwords = WrongPasswords::new(None);
        for account in 0..50 {
            assert_eq!(wrong(&passwords, account, 1).await, Ok(()), "50 failures are free");
        }
        for (account, seconds) in [(50, 1), (51, 2), (52, 4)] {
            assert_eq!(wait(&passwords, 999, 1).await, Duration::from_secs(seconds));
            advance(Duration::from_secs(seconds)).await;
            assert_eq!(wrong(&passwords, account, 1).await, Ok(()));
        }
        assert_eq!(wait(&passwords, 999, 2).await, Duration::ZERO);
    }
}
