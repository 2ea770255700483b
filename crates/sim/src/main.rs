//! `fairseat-sim`: runs histories and reports what went wrong.

use clap::Parser;
use fairseat_sim::{Report, history};
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

/// Simulates histories of a sale, judges them, and fails if a rule is broken or something is never covered.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many histories.
    #[arg(long, default_value_t = 500)]
    histories: u64,
    /// The seed of the first; the next ones follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads; each history runs on one.
    #[arg(long, default_value_t = 1)]
    jobs: u64,
    /// Prints one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Also prints everything that happened.
    #[arg(long)]
    trace: bool,
}

#[expect(clippy::print_stdout, reason = "the program's answer")]
fn main() -> ExitCode {
    let Arguments { histories, seed, jobs, json, trace } = Arguments::parse();
    let began = Instant::now();
    let seeds = seed..seed.saturating_add(histories);
    let report = if trace || jobs < 2 { live(seeds, trace) } else { live_apart(&seeds, jobs) };
    let seconds = began.elapsed().as_secs_f64();
    if json {
        println!("{}", report.json(seconds));
    } else {
        print!("{}", report.table(seconds));
    }
    let sound = report.violations().next().is_none() && report.gaps().is_empty();
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, reason = "what --trace asks for")]
fn live(seeds: Range<u64>, trace: bool) -> Report {
    let mut report = Report::default();
    for seed in seeds {
        let lived = history(seed);
        if trace {
            print!("{}", lived.trace);
        }
        report.add(lived);
    }
    report
}

/// Runs the histories on several threads, each with its share of the seeds.
fn live_apart(seeds: &Range<u64>, jobs: u64) -> Report {
    let share = (seeds.end - seeds.start).div_ceil(jobs).max(1);
    let starts = (seeds.start..seeds.end).step_by(usize::try_from(share).unwrap_or(usize::MAX));
    let shares: Vec<_> = starts.map(|start| start..seeds.end.min(start.saturating_add(share))).collect();
    let threads = shares.into_iter().map(|seeds| std::thread::spawn(move || live(seeds, false)));
    let mut report = Report::default();
    for thread in threads.collect::<Vec<_>>() {
        match thread.join() {
            Ok(part) => report.merge(part),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    report
}
