//! The load, a process of its own: many connections that ask and measure.
//!
//! It is told what to do in one JSON line on its stdin and says what it saw in one on its stdout. One thread a core, each
//! with its share of the connections and a runtime to itself, because sharing them between threads costs more than it gives.

mod connection;
mod crowd;
mod drive;
mod feed;
mod histogram;
mod map;
mod pace;
mod viewers;
mod work;

pub(crate) use histogram::Histogram;
pub(crate) use viewers::{Arrived, ViewersSeen, ViewersSpec, Watching};
pub(crate) use work::{Seats, Work};

use crate::proc;
use anyhow::{Context, Result, anyhow};
use crowd::Crowd;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// What a load process is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// Where the server listens.
    pub(crate) address: String,
    /// The processes whose processor time counts as the server's, with their descendants.
    pub(crate) servers: Vec<u32>,
    /// Connections, all open before anything is asked.
    pub(crate) connections: usize,
    /// Operations begun a second, whatever the answers take; without it each connection asks when it was answered.
    pub(crate) rate: Option<f64>,
    /// Seconds before anything is counted.
    pub(crate) warm_up: f64,
    /// Seconds that count.
    pub(crate) seconds: f64,
    /// What is asked.
    pub(crate) work: Work,
    /// The folder with accounts and events; see [`crate::dataset`].
    pub(crate) dataset: Option<PathBuf>,
    /// Where to go on in the dataset: what earlier runs have not used.
    pub(crate) from: Cursor,
}

/// How far a dataset has been used: seats are sold once.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cursor {
    pub(crate) seat: u64,
    pub(crate) hot_seat: u64,
    pub(crate) account: u64,
}

/// What a load process saw.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Operations that ended while it counted.
    pub(crate) operations: u64,
    /// Seconds that counted.
    pub(crate) seconds: f64,
    /// Their answers by status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// From when each was begun, or should have been.
    pub(crate) latencies: Histogram,
    /// Processor seconds of the servers while it counted.
    pub(crate) server_cpu: f64,
    /// The same of the load.
    pub(crate) load_cpu: f64,
    /// Where the next run goes on.
    pub(crate) to: Cursor,
}

/// The role: reads a spec, loads, prints what it saw.
///
/// # Errors
/// When the server cannot be reached, or answers what nobody expected.
pub(crate) fn role() -> Result<()> {
    let spec: Spec = serde_json::from_reader(std::io::stdin().lock()).context("no spec")?;
    tell(&run(&spec)?)
}

/// The role of the viewers.
///
/// # Errors
/// As [`role`].
pub(crate) fn viewers_role() -> Result<()> {
    let spec: ViewersSpec = serde_json::from_reader(std::io::stdin().lock()).context("no spec")?;
    viewers::run(&spec)
}

fn tell(seen: &impl Serialize) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer(&mut stdout, seen)?;
    stdout.write_all(b"\n")?;
    Ok(stdout.flush()?)
}

fn run(spec: &Spec) -> Result<Outcome> {
    drive(spec, Arc::new(Crowd::open(spec.dataset.as_deref(), spec.from)?))
}

fn drive(spec: &Spec, crowd: Arc<Crowd>) -> Result<Outcome> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = spec.connections.min(cores);
    let connected = Arc::new(Barrier::new(threads + 1));
    let started = Arc::new(Barrier::new(threads + 1));
    let handles: Vec<_> = (0..threads)
        .map(|thread| {
            let share = spec.connections / threads + usize::from(thread < spec.connections % threads);
            let rate = spec.rate.map(|rate| rate / threads as f64);
            let part = drive::Part { spec: spec.clone(), connections: share, rate, crowd: crowd.clone() };
            let (connected, started) = (connected.clone(), started.clone());
            std::thread::spawn(move || part.run(&connected, &started))
        })
        .collect();
    connected.wait();
    started.wait();
    let mut outcome = watch(spec);
    for handle in handles {
        let seen = handle.join().map_err(|_panic| anyhow!("a thread of the load panicked"))??;
        outcome.operations += seen.operations;
        outcome.latencies.merge(&seen.latencies);
        for (status, count) in seen.statuses {
            *outcome.statuses.entry(status).or_default() += count;
        }
    }
    outcome.to = crowd.cursor();
    Ok(outcome)
}

/// Measures the processor time of everybody while the threads count.
fn watch(spec: &Spec) -> Outcome {
    std::thread::sleep(Duration::from_secs_f64(spec.warm_up));
    let (began, server, load) = (Instant::now(), proc::cpu_seconds(&spec.servers), proc::own_cpu_seconds());
    std::thread::sleep(Duration::from_secs_f64(spec.seconds).saturating_sub(began.elapsed()));
    Outcome {
        seconds: spec.seconds,
        server_cpu: proc::cpu_seconds(&spec.servers) - server,
        load_cpu: proc::own_cpu_seconds() - load,
        ..Outcome::default()
    }
}
