//! The engine at its boundaries: the loop without I/O, writers racing in a simulation, the tokio shell over a journal
//! that can be held back and made to fail, the effects over a provider that misbehaves by script.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, wherever it stands")]

mod absent_consumer;
mod append_outcomes;
mod asleep;
mod change_log;
mod consumers;
mod controlled_journal;
mod counter;
mod effects;
mod log;
mod machine_loop;
mod promotions;
mod provider;
mod quarantine;
mod shared;
mod shell;
mod simulation;
mod snapshots;
mod support;
mod writer;
