//! The load generator, a separate process: many connections that send requests and measure the answers.
//!
//! It reads its specification as one JSON line from stdin, and prints the result as one JSON line. It has one thread per core; each thread
//! has its share of the connections and its own runtime, because sharing connections between threads costs more than it gains.

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

use crate::procfs;
use anyhow::{Context, Result, anyhow};
use crowd::Crowd;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// The specification of a load.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// The server's address.
    pub(crate) address: String,
    /// Addresses of other nodes of the same venue. Connections are spread evenly over all nodes.
    pub(crate) others: Vec<String>,
    /// The server's processes. Their processor time counts with that of their descendants.
    pub(crate) servers: Vec<u32>,
    /// The processes of databases that work for the server.
    pub(crate) helpers: Vec<u32>,
    /// Connections; all are open before the first request.
    pub(crate) connections: usize,
    /// Operations begun per second, however long the answers take (open loop). Without it, each connection begins the next operation when
    /// the last one is answered (closed loop).
    pub(crate) rate: Option<f64>,
    /// Seconds before counting begins.
    pub(crate) warm_up: f64,
    /// Seconds of counting.
    pub(crate) seconds: f64,
    /// The requests.
    pub(crate) work: Work,
    /// The folder with accounts and events; see [`crate::dataset`].
    pub(crate) dataset: Option<PathBuf>,
    /// The seats and accounts of the data set that earlier runs have used.
    pub(crate) from: Cursor,
}

/// How far a data set has been used. Each seat is sold once, so a run continues where the last one ended.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cursor {
    pub(crate) seat: u64,
    pub(crate) hot_seat: u64,
    pub(crate) account: u64,
}

/// The result of a load process.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Operations that ended during counting.
    pub(crate) operations: u64,
    /// Seconds of counting.
    pub(crate) seconds: f64,
    /// Their number by HTTP status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Latencies from the time at which each operation began (closed loop) or was due (open loop).
    pub(crate) latencies: Histogram,
    /// Processor seconds of servers and databases during counting.
    pub(crate) server_cpu: f64,
    /// The part of them that the databases used.
    pub(crate) helper_cpu: f64,
    /// Processor seconds of the load during counting.
    pub(crate) load_cpu: f64,
    /// Where the next run continues.
    pub(crate) to: Cursor,
}

/// The role: reads a spec, runs the load, prints the result.
///
/// # Errors
/// When the server cannot be reached, or an answer is not as expected.
pub(crate) fn role() -> Result<()> {
    let spec: Spec = serde_json::from_reader(std::io::stdin().lock()).context("no spec")?;
    print_line(&run(&spec)?)
}

/// The role of the viewers.
///
/// # Errors
/// As [`role`].
pub(crate) fn viewers_role() -> Result<()> {
    let spec: ViewersSpec = serde_json::from_reader(std::io::stdin().lock()).context("no spec")?;
    viewers::run(&spec)
}

fn print_line(seen: &impl Serialize) -> Result<()> {
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

/// Measures the processor time of servers and load while the threads count.
fn watch(spec: &Spec) -> Outcome {
    std::thread::sleep(Duration::from_secs_f64(spec.warm_up));
    let used = || {
        [procfs::cpu_seconds(&spec.servers), procfs::cpu_seconds(&spec.helpers), procfs::own_cpu_seconds()]
    };
    let (began, [server, helper, load]) = (Instant::now(), used());
    std::thread::sleep(Duration::from_secs_f64(spec.seconds).saturating_sub(began.elapsed()));
    let [server_after, helper_after, load_after] = used();
    let helper_cpu = helper_after - helper;
    Outcome {
        seconds: spec.seconds,
        server_cpu: server_after - server + helper_cpu,
        helper_cpu,
        load_cpu: load_after - load,
        ..Outcome::default()
    }
}

impl Spec {
    /// The node that a connection leads to.
    fn node_of(&self, connection: usize) -> &str {
        let nodes = self.others.len() + 1;
        let other = (connection % nodes).checked_sub(1).and_then(|other| self.others.get(other));
        other.unwrap_or(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_spread_over_all_nodes() {
        let spec = Spec {
            address: "a".to_owned(),
            others: vec!["b".to_owned(), "c".to_owned()],
            servers: Vec::new(),
            helpers: Vec::new(),
            connections: 5,
            rate: None,
            warm_up: 0.0,
            seconds: 0.0,
            work: Work::Buy { tickets: 1 },
            dataset: None,
            from: Cursor::default(),
        };
        assert_eq!([0, 1, 2, 3, 4].map(|connection| spec.node_of(connection)), ["a", "b", "c", "a", "b"]);
    }
}
