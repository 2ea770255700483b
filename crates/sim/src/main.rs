//! `fairseat-sim`: lives through histories and says what went wrong.

use clap::Parser;
use fairseat_sim::{Report, history};
use std::process::ExitCode;
use std::time::Instant;

/// Simulates histories of a sale, judges them, and fails if anything is wrong or too little was seen.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many histories.
    #[arg(long, default_value_t = 500)]
    histories: u64,
    /// The seed of the first; the next ones follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Prints everything that happened, too.
    #[arg(long)]
    trace: bool,
}

#[expect(clippy::print_stdout, reason = "the program's answer")]
fn main() -> ExitCode {
    let Arguments { histories, seed, json, trace } = Arguments::parse();
    let began = Instant::now();
    let mut report = Report::default();
    for seed in seed..seed.saturating_add(histories) {
        let lived = history(seed);
        if trace {
            print!("{}", lived.trace);
        }
        report.add(lived);
    }
    let seconds = began.elapsed().as_secs_f64();
    if json {
        println!("{}", report.json(seconds));
    } else {
        print!("{}", report.table(seconds));
    }
    let sound = report.violations().next().is_none() && report.gaps().is_empty();
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
