//! Instants and durations in whole milliseconds. The domain reads no clock: every instant is an argument.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The start of 1970, the earliest instant a sale may see.
    pub const EPOCH: Self = Self(0);
    /// The end of the year 9999, the latest instant accepted from outside.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// An instant from milliseconds since the epoch, clamped to [`Timestamp::EPOCH`]..=[`Timestamp::MAX`], so that adding a
    /// duration never overflows.
    #[must_use]
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(0, Self::MAX.0))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant plus `duration`; never past [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, duration: Millis) -> Self {
        Self::from_millis(self.0.saturating_add(duration.0))
    }

    /// This instant minus `duration`; never before [`Timestamp::EPOCH`].
    #[must_use]
    pub fn minus(self, duration: Millis) -> Self {
        Self::from_millis(self.0.saturating_sub(duration.0))
    }

    /// The duration from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

/// A duration in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Millis(pub i64);

impl Millis {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// Whole seconds as milliseconds, saturating.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }
}
