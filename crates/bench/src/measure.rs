//! Measures rows in interleaved rounds, so that a temporary disturbance of the machine affects all rows alike.

use crate::load::Outcome;
use crate::workspace::{Load, Running};
use anyhow::{Context, Result};
use std::time::Duration;

/// One line of a table: a load on a server.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its name in JSON.
    pub(crate) key: &'static str,
    /// Its name for people.
    pub(crate) label: String,
    /// The index of its server.
    pub(crate) server: usize,
    pub(crate) load: Load,
}

/// The results of a row, one for each round.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) key: &'static str,
    pub(crate) label: String,
    pub(crate) connections: usize,
    pub(crate) offered: Option<f64>,
    pub(crate) rounds: Vec<Outcome>,
}

/// The pause between two loads, so that writes of the first do not slow the second.
const REST: Duration = Duration::from_millis(150);

/// Measures all rows, once in each round.
///
/// # Errors
/// When one of them fails; the error names the row.
pub(crate) fn interleaved(rows: &[Row], servers: &mut [Running], rounds: usize) -> Result<Vec<Measured>> {
    let mut measured: Vec<Measured> = rows.iter().map(Measured::nothing).collect();
    for _ in 0..rounds {
        for (row, seen) in rows.iter().zip(&mut measured) {
            std::thread::sleep(REST);
            let server = servers.get_mut(row.server).context("a row without a server")?;
            seen.rounds.push(server.load(&row.load).with_context(|| format!("row {:?}", row.label))?);
        }
    }
    Ok(measured)
}

impl Measured {
    fn nothing(row: &Row) -> Self {
        let Row { key, label, load, .. } = row;
        Self {
            key,
            label: label.clone(),
            connections: load.connections,
            offered: load.rate,
            rounds: Vec::new(),
        }
    }

    /// Operations a second.
    pub(crate) fn rate(&self) -> f64 {
        self.median(rate_of)
    }

    /// The milliseconds within which this share of operations was answered.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        self.median(|round| round.latencies.quantile_ms(share))
    }

    /// The server's processor time per operation, in microseconds.
    pub(crate) fn server_cpu_us(&self) -> f64 {
        self.median(|round| round.server_cpu * 1e6 / (round.operations as f64).max(1.0))
    }

    /// The part of it that databases used.
    pub(crate) fn helper_cpu_us(&self) -> f64 {
        self.median(|round| round.helper_cpu * 1e6 / (round.operations as f64).max(1.0))
    }

    /// The load's processor time per operation, in microseconds.
    pub(crate) fn load_cpu_us(&self) -> f64 {
        self.median(|round| round.load_cpu * 1e6 / (round.operations as f64).max(1.0))
    }

    /// The share of operations answered with this status.
    pub(crate) fn share(&self, status: u16) -> f64 {
        self.median(|round| {
            *round.statuses.get(&status).unwrap_or(&0) as f64 / (round.operations as f64).max(1.0)
        })
    }

    /// How many times faster it is than another row: the median of the ratios of all rounds.
    pub(crate) fn over(&self, other: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(ours, theirs)| rate_of(ours) / rate_of(theirs).max(1e-9)).collect())
    }

    fn median(&self, of: impl Fn(&Outcome) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }
}

fn rate_of(outcome: &Outcome) -> f64 {
    outcome.operations as f64 / outcome.seconds.max(1e-9)
}

/// The middle value, or the mean of the two middle values; 0 for an empty list.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
    if values.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        for (values, expected) in
            [(vec![], 0.0), (vec![3.0], 3.0), (vec![9.0, 1.0], 5.0), (vec![9.0, 1.0, 2.0], 2.0)]
        {
            assert!((median(values) - expected).abs() < 1e-9);
        }
    }
}
