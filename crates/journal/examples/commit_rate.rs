//! Prints how many durable commits a second the embedded journal makes on this disk.
//!
//! `cargo run --release -p fairseat-journal --example commit_rate [folder]`: one client that waits for each of its
//! appends, then 64 that append to streams of their own and so share commits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fairseat_journal::{Append, BatchId, Journal, Position, SqliteJournal, StreamId};

const RUN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target"), PathBuf::from);
    for payload_bytes in [100, 8_000, 64_000] {
        for clients in [1, 64] {
            report(&folder, payload_bytes, clients).await;
        }
    }
}

async fn report(folder: &Path, payload_bytes: usize, clients: u64) {
    let dir = tempfile::tempdir_in(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let journal = Arc::new(SqliteJournal::open(dir.path()).unwrap_or_else(|error| panic!("{error}")));
    let started = Instant::now();
    let loops = (1..=clients).map(|client| {
        let journal = Arc::clone(&journal);
        tokio::spawn(
            async move { append_until(&*journal, StreamId(client), payload_bytes, started + RUN).await },
        )
    });
    let mut latencies = Vec::new();
    for appended in futures::future::join_all(loops).await {
        latencies.extend(appended.unwrap_or_else(|error| panic!("{error}")));
    }
    let seconds = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let percentile = |percent: usize| latencies[(latencies.len() - 1) * percent / 100].as_micros();
    #[expect(clippy::print_stdout, reason = "printing is what this program is for")]
    {
        println!(
            "{payload_bytes:>6} B, {clients:>2} clients: {:>7.0} appends/s, p50 {:>5} us, p99 {:>6} us",
            latencies.len() as f64 / seconds,
            percentile(50),
            percentile(99)
        );
    }
}

/// Appends one batch after the other, each once the one before is durable; returns how long each took.
async fn append_until(
    journal: &dyn Journal,
    stream: StreamId,
    payload_bytes: usize,
    end: Instant,
) -> Vec<Duration> {
    let payload = Bytes::from(vec![7; payload_bytes]);
    let mut latencies = Vec::new();
    let mut expected = Position::START;
    while Instant::now() < end {
        let started = Instant::now();
        let batch = BatchId(u128::from(expected.0));
        let append = Append { stream, expected, batch, payload: payload.clone(), deadline: Some(1) };
        expected = journal.append(append).await.unwrap_or_else(|error| panic!("{error}"));
        latencies.push(started.elapsed());
    }
    latencies
}
