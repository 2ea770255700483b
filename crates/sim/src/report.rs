//! The summary of many histories: how often everything occurred, violations, and whether the coverage is sufficient.

use crate::history::History;
use crate::record::Coverage;
use crate::variant_names;
use crate::world::CRASH_POINTS;
use serde_json::{Value, json};
use std::fmt::Write;

/// The sum of many histories.
#[derive(Debug, Default)]
pub struct Report {
    /// Number of histories.
    pub histories: u64,
    /// Requests that clients sent.
    pub commands: u64,
    violations: Vec<(u64, String, String)>,
    coverage: Coverage,
}

/// The most violations kept.
const MAX_VIOLATIONS: usize = 50;
/// Lines of a trace that are kept with a violation.
const TAIL: usize = 30;
/// Fewer histories than this need not cover everything.
const ENOUGH: u64 = 200;

impl Report {
    /// Adds a history.
    pub fn add(&mut self, history: History) {
        self.histories += 1;
        self.commands += history.commands;
        for (key, count) in history.coverage {
            *self.coverage.entry(key).or_default() += count;
        }
        if let Some(what) = history.violations.into_iter().next()
            && self.violations.len() < MAX_VIOLATIONS
        {
            let lines: Vec<&str> = history.trace.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default().join("\n");
            self.violations.push((history.seed, what, tail));
        }
    }

    /// Adds another report.
    pub fn merge(&mut self, other: Self) {
        self.histories += other.histories;
        self.commands += other.commands;
        self.violations.extend(other.violations);
        for (key, count) in other.coverage {
            *self.coverage.entry(key).or_default() += count;
        }
    }

    /// Seeds whose history went wrong, and how.
    pub fn violations(&self) -> impl Iterator<Item = (u64, &str)> {
        self.violations.iter().map(|(seed, what, _)| (*seed, what.as_str()))
    }

    /// Everything that occurred less often than its floor for this number of histories.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        if self.histories < ENOUGH {
            return Vec::new();
        }
        let expected = expected().into_iter().filter_map(|(kind, name)| {
            let count = self.coverage.get(&(kind, name)).copied().unwrap_or(0);
            let floor = self.floor();
            (count < floor).then(|| format!("{kind} {name}: {count} times, at least {floor} wanted"))
        });
        expected.collect()
    }

    /// How often everything must occur.
    fn floor(&self) -> u64 {
        (self.histories / 100).max(1)
    }

    /// One object for machines.
    #[must_use]
    pub fn json(&self, seconds: f64) -> Value {
        let mut coverage = serde_json::Map::new();
        for ((kind, name), count) in &self.coverage {
            let of_kind = coverage.entry(*kind).or_insert_with(|| json!({}));
            if let Some(of_kind) = of_kind.as_object_mut() {
                of_kind.insert((*name).to_owned(), json!(count));
            }
        }
        let violation = |(seed, what, trace): &(u64, String, String)| json!({ "seed": seed, "what": what, "trace": trace.lines().collect::<Vec<_>>() });
        let violations: Vec<Value> = self.violations.iter().map(violation).collect();
        json!({
            "histories": self.histories,
            "commands": self.commands,
            "coverage": coverage,
            "gaps": self.gaps(),
            "violations": violations,
            "seconds": seconds,
            "histories_per_second": self.rate(seconds),
        })
    }

    fn rate(&self, seconds: f64) -> f64 {
        if seconds > 0.0 { (self.histories as f64 / seconds * 10.0).round() / 10.0 } else { 0.0 }
    }

    /// A table for people.
    #[must_use]
    pub fn table(&self, seconds: f64) -> String {
        let mut text = String::new();
        let mut kinds = expected();
        kinds.extend(self.coverage.keys().filter(|key| !kinds.contains(key)).copied().collect::<Vec<_>>());
        kinds.sort_unstable();
        for (kind, name) in kinds {
            let count = self.coverage.get(&(kind, name)).copied().unwrap_or(0);
            let _written = writeln!(text, "{kind:<12} {name:<40} {count:>10}");
        }
        for (seed, what, _) in &self.violations {
            let _written = writeln!(text, "VIOLATION seed {seed}: {what}");
        }
        for gap in self.gaps() {
            let _written = writeln!(text, "TOO RARE {gap}");
        }
        let _written = writeln!(
            text,
            "{} histories, {} commands, {seconds:.1} s, {} histories a second, {} violations",
            self.histories,
            self.commands,
            self.rate(seconds),
            self.violations.len()
        );
        text
    }
}

/// Refusals that no client can get, with the reason.
const UNREACHABLE: &[(&str, &str)] = &[];

/// Everything that must occur.
fn expected() -> Vec<(&'static str, &'static str)> {
    let of = |kind, names: &[&'static str]| -> Vec<_> { names.iter().map(|name| (kind, *name)).collect() };
    let mut all = of("command", variant_names::COMMANDS);
    all.extend(of("refusal", variant_names::REFUSALS));
    all.extend(of("fact", variant_names::FACTS));
    all.extend(CRASH_POINTS.iter().map(|(point, _)| ("crash point", *point)));
    all.extend(of("failure", &variant_names::FAILURES[..3]));
    all.extend(of("fault", FAULTS));
    all.extend(of("counter", &["money is handed out later"]));
    all.retain(|(_, name)| !UNREACHABLE.iter().any(|(unreachable, _)| unreachable == name));
    all
}

/// Every kind of fault.
const FAULTS: &[&str] = &[
    "all clocks leap a day",
    "answer is lost",
    "append arrives twice",
    "append is lost",
    "append is not acknowledged",
    "append lost the race",
    "append outlives its time-out",
    "buyer authenticates late",
    "buyer never authenticates",
    "clock is ahead",
    "clock is behind",
    "clock jumps",
    "consumer's store fails",
    "disk is full",
    "doorbell is late",
    "doorbell is silent",
    "doorbell rings for nothing",
    "garbage in the unsynced tail",
    "gateway acts after the time-out",
    "gateway declines and charges after all",
    "gateway fails after its effect",
    "gateway fails before its effect",
    "gateway hangs after its effect",
    "gateway hangs before its effect",
    "gateway is slow",
    "gateway refuses a refund",
    "gateway takes its time",
    "hint comes twice",
    "hint is lost",
    "journal alone starts again",
    "node starts",
    "power cut",
    "promotion loses commits",
    "read fails",
    "request comes twice",
    "request is lost",
    "request is slow",
    "snapshot is not kept",
    "snapshot is of no use",
    "sync fails",
    "sync is slow",
    "torn write",
];
