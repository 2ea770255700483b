//! A histogram of latencies from a nanosecond to hours. Each bucket's width is at most 1/64 of its values.
//!
//! The layout is that of `HdrHistogram`: a power of two picks the group, the next six bits the bucket within it.

use serde::{Deserialize, Serialize};
use std::time::Duration;

const SUB_BITS: u32 = 6;
const SUB: usize = 1 << SUB_BITS;
const BUCKETS: usize = SUB * 42;

/// Counts by latency. Travels between processes as pairs of bucket and count.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<(usize, u64)>", into = "Vec<(usize, u64)>")]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.add(bucket(nanoseconds), 1);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        other
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .for_each(|(at, count)| self.add(at, *count));
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The quantile in milliseconds: this share of the latencies is at most this long. 0 if there are no latencies.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(0.0, |at| upper_edge(at) as f64 / 1e6)
    }

    fn add(&mut self, at: usize, count: u64) {
        let at = at.min(BUCKETS - 1);
        if let Some(slot) = self.counts.get_mut(at) {
            *slot += count;
            self.total += count;
        }
    }
}

fn bucket(value: u64) -> usize {
    let group = (64 - value.leading_zeros()).saturating_sub(SUB_BITS + 1);
    let within = usize::try_from(value >> group).unwrap_or(0);
    usize::try_from(group).unwrap_or(0) * SUB + within
}

/// The largest value of a bucket.
fn upper_edge(at: usize) -> u64 {
    let group = (at / SUB).saturating_sub(1);
    let within = u64::try_from(at - group * SUB).unwrap_or(0);
    ((within + 1) << group) - 1
}

impl From<Vec<(usize, u64)>> for Histogram {
    fn from(pairs: Vec<(usize, u64)>) -> Self {
        let mut histogram = Self::default();
        pairs.into_iter().for_each(|(at, count)| histogram.add(at, count));
        histogram
    }
}

impl From<Histogram> for Vec<(usize, u64)> {
    fn from(histogram: Histogram) -> Self {
        histogram.counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_within_its_bucket() {
        for value in (0..2_000).chain((11..50).map(|bits| (1 << bits) + 12_345)) {
            let at = bucket(value);
            assert!(upper_edge(at) >= value, "{value}");
            assert!(at == 0 || upper_edge(at - 1) < value, "{value}");
            assert!(upper_edge(at) - value <= value / 64 + 1, "{value}");
        }
    }

    #[test]
    fn quantiles_survive_serialization_and_merging() {
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|millisecond| histogram.record(Duration::from_millis(millisecond)));
        let json = serde_json::to_string(&histogram).unwrap();
        let arrived: Histogram = serde_json::from_str(&json).unwrap();
        let mut twice = arrived.clone();
        twice.merge(&arrived);
        assert_eq!(twice.total(), 2_000);
        for (share, expected) in [(0.5, 500.0), (0.99, 990.0), (0.999, 999.0)] {
            let found = twice.quantile_ms(share);
            assert!((expected..expected * 1.02).contains(&found), "{share}: {found}");
        }
        assert_eq!(Histogram::default().quantile_ms(0.5).to_bits(), 0.0_f64.to_bits());
    }
}
