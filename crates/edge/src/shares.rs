//! A limited number of places, of which one caller may take only a share, so that nobody can take all of them.
//!
//! Shares can shrink: while at least half of the places are free, the share is as large as configured; then it is a fraction of what is left. So some
//! callers who act together cannot take everything either, and a caller without a place gets one as long as any is left.

use crate::hashed_map::HashedMap;
use crate::limits::LimitedCaller;
use parking_lot::Mutex;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Callers are counted in so many maps, so that requests of different callers rarely wait for the same lock.
const SHARDS: usize = 16;

/// When less than half of the places are left, one caller may have at most the remaining ones divided by this number.
const LEFT_FOR_OTHERS: usize = 8;

/// The places. What a place stands for is up to the user: a connection, a request, a byte of memory.
#[derive(Debug)]
pub struct Shares {
    most: usize,
    share: usize,
    shrinks: bool,
    taken: AtomicUsize,
    hasher: RandomState,
    by_caller: [Mutex<HashedMap<usize>>; SHARDS],
}

/// Places that were taken. Dropping it gives them back.
#[derive(Debug)]
pub struct Places {
    shares: Arc<Shares>,
    /// The caller's keyed hash.
    caller: Option<u64>,
    count: usize,
}

impl Shares {
    /// `most` places in all, of which each caller may take `share`.
    #[must_use]
    pub fn new(most: usize, share: usize) -> Arc<Self> {
        Self::with(most, share, false)
    }

    /// As [`Self::new`], with a share that shrinks (see the module).
    #[must_use]
    pub fn shrinking(most: usize, share: usize) -> Arc<Self> {
        Self::with(most, share, true)
    }

    fn with(most: usize, share: usize, shrinks: bool) -> Arc<Self> {
        Arc::new(Self {
            most,
            share,
            shrinks,
            taken: AtomicUsize::new(0),
            hasher: RandomState::new(),
            by_caller: std::array::from_fn(|_| Mutex::default()),
        })
    }

    /// Takes `count` places for a caller, or none of them. Without a caller only the number of all places limits.
    #[must_use]
    pub fn take(self: &Arc<Self>, caller: Option<LimitedCaller>, count: usize) -> Option<Places> {
        let caller = caller.map(|caller| self.hasher.hash_one(caller));
        let mut places = Places { shares: Arc::clone(self), caller, count: 0 };
        places.grow(count).then_some(places)
    }

    /// How many places are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// The shard is chosen by other bits of the hash than the shard's own map uses first.
    fn shard(&self, caller: u64) -> &Mutex<HashedMap<usize>> {
        let number = usize::try_from((caller >> 32) % 16).unwrap_or(0);
        &self.by_caller[number % SHARDS]
    }

    /// What one caller may have as long as this many places are taken.
    fn share_now(&self) -> usize {
        let left = self.most.saturating_sub(self.taken());
        if !self.shrinks || left >= self.most / 2 {
            self.share
        } else {
            self.share.min(left / LEFT_FOR_OTHERS)
        }
    }

    fn reserve(&self, count: usize) -> bool {
        let fits = |taken: usize| taken.checked_add(count).filter(|sum| *sum <= self.most);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

impl Places {
    /// Takes `count` places more, or none of them.
    #[must_use]
    pub fn grow(&mut self, count: usize) -> bool {
        if let Some(caller) = self.caller {
            let mut shard = self.shares.shard(caller).lock();
            let known = shard.get_mut(&caller);
            let before = known.as_deref().copied().unwrap_or(0);
            let taken = before.saturating_add(count);
            let may_have = if before == 0 { self.shares.share } else { self.shares.share_now() };
            if taken > may_have || !self.shares.reserve(count) {
                return false;
            }
            match known {
                Some(known) => *known = taken,
                None => drop(shard.insert(caller, taken)),
            }
        } else if !self.shares.reserve(count) {
            return false;
        }
        self.count = self.count.saturating_add(count);
        true
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        if self.count == 0 {
            return;
        }
        self.shares.taken.fetch_sub(self.count, Ordering::Relaxed);
        let Some(caller) = self.caller else { return };
        let mut shard = self.shares.shard(caller).lock();
        if let Some(taken) = shard.get_mut(&caller) {
            *taken = taken.saturating_sub(self.count);
            if *taken == 0 {
                shard.remove(&caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u64) -> Option<LimitedCaller> {
        Some(LimitedCaller::Address(number))
    }

    #[test]
    fn a_shrinking_share_leaves_places_for_newcomers() {
        let shares = Shares::shrinking(1_024, 128);
        let mut taken = Vec::new();
        let mut takes = |number: u64| {
            let places = std::iter::from_fn(|| shares.take(caller(number), 1)).collect::<Vec<_>>();
            let count = places.len();
            taken.push(places);
            count
        };
        let counts: Vec<usize> = (1..=40).map(&mut takes).collect();
        assert_eq!(counts[..4], [128; 4], "half of all");
        assert_eq!(counts[4], 57, "then an eighth of what is left without the caller's own");
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
        assert!(counts.iter().sum::<usize>() < 1_020, "{counts:?}");
    }

    #[test]
    fn a_caller_takes_its_share_and_all_together_take_no_more_than_there_is() {
        let shares = Shares::new(10, 4);
        let mut first = shares.take(caller(1), 3).unwrap();
        assert!(shares.take(caller(1), 2).is_none(), "more than the share");
        assert!(first.grow(1) && !first.grow(1), "exactly the share");
        let second = shares.take(caller(2), 4).unwrap();
        assert!(shares.take(caller(3), 3).is_none(), "more than there is");
        let without = shares.take(None, 2).unwrap();
        assert!(shares.take(None, 1).is_none() && shares.take(caller(3), 1).is_none());
        drop((first, without));
        assert_eq!(shares.taken(), 4);
        assert!(shares.take(caller(1), 4).is_some(), "what was given back can be taken again");
        drop(second);
        assert_eq!(shares.taken(), 0);
        assert!(shares.by_caller.iter().all(|shard| shard.lock().is_empty()), "nobody is remembered");
    }
}
