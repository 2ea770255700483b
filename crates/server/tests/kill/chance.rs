//! Pseudo-random choices from a seed (the `SplitMix64` generator of Steele, Lea and Flood, 2014).

/// A sequence of choices.
pub(crate) struct Chance(u64);

impl Chance {
    /// The sequence for the seed in `FAIRSEAT_SEED`, or for a new seed. Prints the seed, so that a failing run can be repeated.
    pub(crate) fn from_environment() -> Self {
        let seed = match std::env::var("FAIRSEAT_SEED") {
            Ok(seed) => seed.parse().unwrap(),
            Err(_) => u64::from(std::process::id()) ^ std::time::UNIX_EPOCH.elapsed().unwrap().as_secs(),
        };
        eprintln!("FAIRSEAT_SEED={seed}");
        Self(seed)
    }

    /// An independent sequence.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of 0 to `end` - 1. The bias of the remainder does not matter here.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True with a probability of `share` percent.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of several, if there are any.
    pub(crate) fn pick<'i, T>(&mut self, items: &'i mut [T]) -> Option<&'i mut T> {
        let count = u64::try_from(items.len()).unwrap();
        if count == 0 { None } else { items.get_mut(usize::try_from(self.below(count)).unwrap()) }
    }

    /// Shuffles a list; every order is equally likely.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, usize::try_from(self.below(u64::try_from(end).unwrap() + 1)).unwrap());
        }
    }
}
