//! What the calculation starts from: `docs/capacity.json`. Demands are the brief's, measured costs name their command, and assumptions are for
//! the reader to replace.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    pub(super) demands: BTreeMap<String, Assumption>,
    pub(super) measured: BTreeMap<String, Measurement>,
    pub(super) assumed: BTreeMap<String, Assumption>,
    /// The requests at the peak.
    pub(super) mix: Vec<Request>,
    /// Measured rates of one node, with their latencies.
    pub(super) latencies: Vec<Latency>,
    /// What makes a sale wait.
    pub(super) outages: Vec<Outage>,
    /// Names that the calculation has asked for.
    #[serde(skip)]
    used: RefCell<BTreeSet<String>>,
}

/// A cost that was measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Measurement {
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) what: String,
    pub(super) date: String,
    pub(super) command: String,
}

/// A value that was not measured: a demand, a price, a guess.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assumption {
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) what: String,
}

/// A kind of request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) what: String,
    /// Its share of all requests, from 0 to 1.
    pub(super) share: f64,
    /// How many of these requests the measured operation consists of.
    pub(super) requests: f64,
    /// The names of the costs of the operation: processor of the node, of the database, bytes of the answers.
    pub(super) node: String,
    pub(super) database: Option<String>,
    pub(super) bytes: String,
}

/// A row of a measurement in open loop.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Latency {
    pub(super) what: String,
    pub(super) rate: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) date: String,
    pub(super) command: String,
}

/// A reason why a sale gives no answers for a while.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outage {
    pub(super) what: String,
    /// The name of the measured seconds.
    pub(super) seconds: String,
    /// The name of assumed seconds that come on top, until somebody notices.
    pub(super) noticed_after: Option<String>,
    /// How often a year it happens to one sale: an assumption.
    pub(super) a_year: f64,
}

impl Input {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not as described here.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let input: Self = serde_json::from_str(text).context("docs/capacity.json cannot be read")?;
        let all: f64 = input.mix.iter().map(|request| request.share).sum();
        ensure!((all - 1.0).abs() < 1e-9, "the shares of the mix add up to {all}, not 1");
        Ok(input)
    }

    /// A value by its name.
    ///
    /// # Errors
    /// When there is none, or in another unit.
    pub(super) fn get(&self, name: &str, unit: &str) -> Result<f64> {
        let found = None
            .or_else(|| self.demands.get(name).map(|demand| (demand.value, &demand.unit)))
            .or_else(|| self.measured.get(name).map(|cost| (cost.value, &cost.unit)))
            .or_else(|| self.assumed.get(name).map(|guess| (guess.value, &guess.unit)));
        let (value, given) = found.with_context(|| format!("docs/capacity.json has no {name:?}"))?;
        ensure!(given == unit, "{name:?} is in {given}, and the calculation takes {unit}");
        self.used.borrow_mut().insert(name.to_owned());
        Ok(value)
    }

    /// Checks that nothing in the file is without effect.
    ///
    /// # Errors
    /// The names that the calculation did not ask for.
    pub(super) fn is_all_used(&self) -> Result<()> {
        let used = self.used.borrow();
        let names = self.demands.keys().chain(self.measured.keys()).chain(self.assumed.keys());
        let unused: Vec<&str> = names.filter(|name| !used.contains(*name)).map(String::as_str).collect();
        if unused.is_empty() { Ok(()) } else { bail!("the calculation does not use {unused:?}") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::small;
    use super::*;

    #[test]
    fn a_wrong_unit_a_missing_and_an_unused_value_are_refused() {
        let input = small();
        assert!((input.get("page_node", "µs").unwrap() - 10.0).abs() < 1e-9);
        for (name, unit, said) in [("page_node", "ms", "is in µs"), ("page", "µs", "has no")] {
            assert!(input.get(name, unit).unwrap_err().to_string().contains(said), "{name}");
        }
        assert!(input.is_all_used().unwrap_err().to_string().contains("years"));
    }

    #[test]
    fn a_mix_is_whole() {
        let text = r#"{"demands":{},"measured":{},"assumed":{},"latencies":[],"outages":[],"mix":[
            {"what":"a","share":0.5,"requests":1,"node":"n","database":null,"bytes":"b"}]}"#;
        assert!(Input::parse(text).unwrap_err().to_string().contains("add up to 0.5"));
    }
}
