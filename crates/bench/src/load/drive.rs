//! One thread of the load: its connections send requests until the time is over.

use super::connection::Connection;
use super::crowd::Crowd;
use super::pace::Pacer;
use super::work::{Next, RequestWriter};
use super::{Histogram, Spec};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// A thread's share of the load.
pub(super) struct Part {
    pub(super) spec: Spec,
    pub(super) connections: usize,
    pub(super) rate: Option<f64>,
    pub(super) crowd: Arc<Crowd>,
}

/// The counts of one connection or one thread.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) operations: u64,
    pub(super) latencies: Histogram,
    pub(super) statuses: BTreeMap<u16, u64>,
}

/// When counting begins and ends.
#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    to: Instant,
}

impl Part {
    /// Connects, waits for the other threads, sends requests, and returns the counts.
    pub(super) fn run(self, connected: &Barrier, started: &Barrier) -> Result<Tally> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let open = async {
            let mut connections = Vec::with_capacity(self.connections);
            for number in 0..self.connections {
                connections.push(Connection::open(self.spec.node_of(number)).await?);
            }
            anyhow::Ok(connections)
        };
        let connections = runtime.block_on(open);
        // Waits even if connecting failed, because the other threads wait at the barriers.
        connected.wait();
        started.wait();
        runtime.block_on(self.ask(connections?))
    }

    async fn ask(&self, connections: Vec<Connection>) -> Result<Tally> {
        let now = Instant::now();
        let from = now + Duration::from_secs_f64(self.spec.warm_up);
        let window = Window { from, to: from + Duration::from_secs_f64(self.spec.seconds) };
        let pacer = self.rate.map(|rate| Pacer::start(rate, window.to)).transpose()?;
        let asking = connections.into_iter().map(|connection| self.one(connection, window, pacer.as_ref()));
        let mut all = Tally::default();
        for seen in futures::future::try_join_all(asking).await? {
            all.operations += seen.operations;
            all.latencies.merge(&seen.latencies);
            for (status, count) in seen.statuses {
                *all.statuses.entry(status).or_default() += count;
            }
        }
        Ok(all)
    }

    async fn one(&self, mut connection: Connection, window: Window, pacer: Option<&Pacer>) -> Result<Tally> {
        let mut requests = RequestWriter::new(&self.spec.work, &self.crowd);
        let mut request = Vec::with_capacity(1_024);
        let mut seen = Tally::default();
        loop {
            let begun = match pacer {
                None => Instant::now(),
                Some(pacer) => match pacer.next().await {
                    Some(due) => due,
                    None => return Ok(seen),
                },
            };
            requests.begin(&mut request)?;
            let status = loop {
                let answer = connection.exchange(&request).await.context("an operation broke off")?;
                let status = answer.status;
                if matches!(requests.answered(&answer, &mut request)?, Next::Done) {
                    break status;
                }
            };
            let ended = Instant::now();
            if ended >= window.to {
                return Ok(seen);
            }
            if ended >= window.from {
                seen.operations += 1;
                seen.latencies.record(ended - begun);
                *seen.statuses.entry(status).or_default() += 1;
            }
        }
    }
}
