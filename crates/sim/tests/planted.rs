//! Bugs planted on purpose, each of which the simulation must catch within a bounded number of histories.
//!
//! To add one: `if planted("its name")` at the place where it goes wrong (`fairseat_domain::planted`; what the journal
//! may do wrong stands in `disk.rs`), and its name in the list below. `cargo nextest run -p fairseat-sim --features planted-bugs` runs them, and
//! `--no-capture` prints the table of `docs/proof.md`.
#![cfg(feature = "planted-bugs")]

use fairseat_sim::{history, plant};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Histories a bug may survive: fewer than `./test.sh` lives through.
const AT_MOST: u64 = 400;

const BUGS: &[&str] = &[
    "a counter sale frees its seller's limit",
    "a present at its full price",
    "acknowledge before durable",
    "apply a batch twice",
    "ask the provider for the counter's money",
    "call a refund done",
    "capture before confirmation",
    "charge under a new reference",
    "drop a fact on conflict",
    "expire early",
    "expire while being paid for",
    "extend again and again",
    "fees of the old cart",
    "forget expiry",
    "forget to commit the deadline",
    "give back the whole payment",
    "ignore a late success",
    "ignore the expected position",
    "keep the seats of a cancelled order",
    "limits not counted",
    "lose an idempotency record",
    "refund everything",
    "reuse an index",
    "seat a late buyer on another's seat",
    "sell after the end",
    "skip the fsync",
    "snapshot loses keys",
    "take unknown for done",
    "take unknown for not done",
    "time runs backwards",
    "touch a cart that is being paid for",
    "try an effect once only",
    "two attempts at once",
    "view checkpoint ahead of rows",
    "views miss refunds",
    "wait for ever for a payment",
];

/// Chosen by somebody who had not seen the simulation.
const RED_TEAM: &[&str] = &[
    "a snapshot one ahead",
    "a vacated seat forgets the plan",
    "capture only what stands",
    "forget keys too soon",
    "forget the limit on a swap",
    "keep the fees of a cancelled event",
    "look past the own batch",
    "refuse before it is durable",
    "sleep on debts",
];

/// The first seed that catches it, and what was said of it.
fn caught(bug: &'static str) -> Option<(u64, String)> {
    plant(bug);
    let caught = (1..=AT_MOST).find_map(|seed| {
        let lived = catch_unwind(AssertUnwindSafe(|| history(seed)));
        let violations = lived.map_or_else(|_| vec!["a panic".to_owned()], |lived| lived.violations);
        violations.into_iter().next().map(|what| (seed, what))
    });
    plant("");
    caught
}

#[test]
fn every_planted_bug_is_caught() {
    // One alone: `FAIRSEAT_BUG="skip the fsync"`.
    let only = std::env::var("FAIRSEAT_BUG").ok();
    let mut missed = Vec::new();
    println!("| bug | red team | histories | what was said first |\n| --- | --- | --- | --- |");
    let all = BUGS.iter().map(|bug| (bug, "")).chain(RED_TEAM.iter().map(|bug| (bug, "yes")));
    for (bug, by) in all.filter(|(bug, _)| only.as_deref().is_none_or(|only| only == **bug)) {
        match caught(bug) {
            Some((seed, what)) => {
                let rule = what.split_once(": version").map_or(what.as_str(), |(rule, _)| rule);
                let rule: String = rule.chars().take_while(|found| !"{(".contains(*found)).take(70).collect();
                println!("| {bug} | {by} | {seed} | {} |", rule.trim_end_matches([':', ' ']));
            }
            None => missed.push(*bug),
        }
    }
    assert!(missed.is_empty(), "never caught within {AT_MOST} histories: {missed:?}");
}
