//! The embedded journal alone: durable appends of one client, and of 64 clients with a stream each. Every client waits for each append.

use crate::load::Histogram;
use crate::report::Figure;
use anyhow::Result;
use bytes::Bytes;
use fairseat_journal::{Append, BatchId, DecisionTimes, Head, Journal, SqliteJournal, StreamId};
use futures::future::try_join_all;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SIZES: [(usize, &str); 3] = [(100, "100 B"), (8_000, "8 kB"), (64_000, "64 kB")];
const CLIENTS: [u64; 2] = [1, 64];

pub(super) async fn figures(folder: &Path, seconds: f64) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (bytes, size) in SIZES {
        for clients in CLIENTS {
            let dir = tempfile::tempdir_in(folder)?;
            let journal = Arc::new(SqliteJournal::open(dir.path())?);
            let end = Instant::now() + Duration::from_secs_f64(seconds);
            let all = (1..=clients).map(|client| {
                let journal = Arc::clone(&journal);
                tokio::spawn(async move { append_until(&*journal, StreamId(client), bytes, end).await })
            });
            let mut latencies = Histogram::default();
            for appended in try_join_all(all).await? {
                latencies.merge(&appended?);
            }
            let people = if clients == 1 { "one client".to_owned() } else { format!("{clients} clients") };
            figures.push(
                Figure::new(
                    format!("journal: appends of {size}, {people}"),
                    latencies.total() as f64 / seconds,
                    "/s",
                )
                .with_latency(&latencies),
            );
        }
    }
    Ok(figures)
}

/// Appends batches, each after the previous one is durable.
async fn append_until(
    journal: &dyn Journal,
    stream: StreamId,
    bytes: usize,
    end: Instant,
) -> Result<Histogram> {
    let payload = Bytes::from(vec![7; bytes]);
    let mut latencies = Histogram::default();
    let mut expected = Head::default();
    while Instant::now() < end {
        let started = Instant::now();
        let batch = BatchId(u128::from(expected.position.0));
        let (payload, decided) = (payload.clone(), DecisionTimes::default());
        let append = Append { stream, expected, batch, payload, deadline: Some(1), decided };
        expected = journal.append(append).await?;
        latencies.record(started.elapsed());
    }
    Ok(latencies)
}
