//! The port to counters that several servers share, so that a limit holds for all of them together.
//!
//! Who implements it decides in one step what a server would decide alone, and stores names only as keyed hashes. It may be away at any moment: then each
//! server counts alone.

use futures::future::BoxFuture;
use std::fmt::Debug;
use std::time::Duration;

/// Names one counter. It holds numbers of accounts and addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CounterName {
    /// What is counted.
    pub what: &'static str,
    /// Whose it is.
    pub whose: [u128; 2],
}

/// One request, counted by the generic cell rate algorithm: a bucket loses `interval` with each request, fills up again with time, and has room for
/// `tolerance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The counter.
    pub counter: CounterName,
    /// The time between requests in the long run.
    pub interval: Duration,
    /// `interval` times the requests that are admitted at once.
    pub tolerance: Duration,
    /// In which time the bucket is full again, as far as the server knows. The counter takes it over if it knows less, as after it was restarted.
    pub known: Duration,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Whether it was admitted; otherwise it is not counted.
    pub is_admitted: bool,
    /// In which time the bucket is full again.
    pub full_in: Duration,
}

/// Guesses at a password that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuessCounter {
    /// The counter.
    pub counter: CounterName,
    /// Guesses that cause no wait. Each further one doubles it, from one second on.
    pub free: u32,
    /// The longest wait.
    pub longest_wait: Duration,
    /// Whether no wait applies at an address of the owner.
    pub spares_owner: bool,
}

/// What happens to a counter of guesses when a guess is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// One guess is taken back.
    TakeBack,
    /// All guesses are forgotten.
    Forget,
}

/// The counters cannot be reached, or do not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountersAway;

/// Counters that several servers share.
pub trait SharedCounters: Debug + Send + Sync + 'static {
    /// Whether they can be reached, as far as is known. If not, nothing is asked of them.
    fn are_there(&self) -> bool;

    /// Counts one request, unless the bucket has no room for it.
    fn count(&self, count: Count) -> BoxFuture<'_, Result<Counted, CountersAway>>;

    /// Counts one guess under all of these counters, unless one of them must wait: then returns how long. `owner` is the mark that
    /// [`Self::settle`] sets at the owner's address. Guesses are forgotten after `forget_after` without another one.
    fn guess(
        &self,
        owner: CounterName,
        counters: Vec<GuessCounter>,
        forget_after: Duration,
    ) -> BoxFuture<'_, Result<Duration, CountersAway>>;

    /// Settles a guess. If `owner` is given, the owner was there. If the counters are away nothing happens: the guess then stays counted until it
    /// is forgotten.
    fn settle(
        &self,
        owner: Option<CounterName>,
        counters: Vec<(CounterName, Settlement)>,
    ) -> BoxFuture<'static, ()>;
}
