//! Bugs planted on purpose, each of which the simulation must catch within a bounded number of histories.
//!
//! To add one: a variant of `fairseat_domain::planted_bugs::Bug`, and `if planted(Bug::ItsName)` at the place that it breaks (bugs of the
//! journal are in `disk.rs`). `cargo nextest run -p fairseat-sim --features planted-bugs` runs all variants, and
//! `--no-capture` prints the table of `docs/proof.md`.
#![cfg(feature = "planted-bugs")]

use fairseat_sim::{Bug, history, plant};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A bug must be caught within this many histories; `./test.sh` runs more.
const AT_MOST: u64 = 400;

/// Bugs that were chosen by somebody who had not seen the simulation.
const RED_TEAM: &[Bug] = &[
    Bug::ForgetKeysEarly,
    Bug::IgnoreLimitOnSwap,
    Bug::KeepFeesOfCancelledEvent,
    Bug::RefuseBeforeDurable,
    Bug::SkipCaptureOfCancelledOrders,
    Bug::SleepWithOpenEffects,
    Bug::VacatedSeatForgetsPlan,
];

/// The first seed whose history shows the bug, and the first violation that the judge reports there.
fn caught(bug: Bug) -> Option<(u64, String)> {
    plant(Some(bug));
    let caught = (1..=AT_MOST).find_map(|seed| {
        let lived = catch_unwind(AssertUnwindSafe(|| history(seed)));
        let violations = lived.map_or_else(|_| vec!["a panic".to_owned()], |lived| lived.violations);
        violations.into_iter().next().map(|what| (seed, what))
    });
    plant(None);
    caught
}

#[test]
fn every_planted_bug_is_caught() {
    // `FAIRSEAT_BUG=SkipFsync` runs one bug alone.
    let only = std::env::var("FAIRSEAT_BUG").ok();
    let mut missed = Vec::new();
    println!("| bug | red team | histories | first violation |\n| --- | --- | --- | --- |");
    for &bug in Bug::ALL {
        if only.as_deref().is_some_and(|only| only != format!("{bug:?}")) {
            continue;
        }
        let by = if RED_TEAM.contains(&bug) { "yes" } else { "" };
        match caught(bug) {
            Some((seed, what)) => {
                let rule = what.split_once(": version").map_or(what.as_str(), |(rule, _)| rule);
                let rule: String = rule.chars().take_while(|found| !"{(".contains(*found)).take(70).collect();
                println!("| {bug:?} | {by} | {seed} | {} |", rule.trim_end_matches([':', ' ']));
            }
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "never caught within {AT_MOST} histories: {missed:?}");
}
