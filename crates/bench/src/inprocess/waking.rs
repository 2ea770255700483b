//! Waking a sale with a long history from its journal and its snapshot: the whole, as the engine does it, and its steps.

use super::generated_history::{GeneratedHistory, replay};
use crate::report::Figure;
use anyhow::{Result, anyhow};
use bytes::Bytes;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::Sale;
use fairseat_engine::{stream_of, wake};
use fairseat_journal::{Append, BatchId, DecisionTimes, Head, Journal, SqliteJournal};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EVENT: EventNumber = EventNumber(1);
const SEATS: u32 = 100_000;
const FACTS: [(usize, &str); 4] =
    [(1, "1"), (1_000, "1,000"), (100_000, "100,000"), (1_000_000, "1,000,000")];

pub(super) async fn figures(folder: &Path) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (facts, name) in FACTS {
        let history = GeneratedHistory::until(facts, SEATS, EVENT)?;
        let (sale, replayed) = timed(|| replay(&history.batches, EVENT))?;
        if sale.counts() != history.sale.counts() {
            return Err(anyhow!("the replayed sale differs from the generated one"));
        }
        let (snapshot, written) = timed(|| history.sale.to_snapshot().map_err(|error| anyhow!("{error:?}")))?;
        let (_, read) = timed(|| Sale::from_snapshot(&snapshot).map_err(|error| anyhow!("{error:?}")))?;
        let woken = woken_ms(folder, &history).await?;
        let figure = |what: &str, value, unit| Figure::new(format!("{what}, {name} facts"), value, unit);
        figures.push(figure("waking from a snapshot", woken, "ms"));
        if facts >= 100_000 {
            figures.push(figure("replaying: facts", history.facts as f64 / replayed, "/s"));
            figures.push(figure("reading a snapshot", read * 1e3, "ms"));
            figures.push(figure("writing a snapshot", written * 1e3, "ms"));
            figures.push(figure("size of a snapshot", snapshot.len() as f64 / 1e6, "MB"));
            let bytes: usize = history.batches.iter().map(Vec::len).sum();
            figures.push(figure("size of a fact in the journal", bytes as f64 / history.facts as f64, "B"));
        }
    }
    Ok(figures)
}

/// Commands a second of a sale with growing numbers of facts in its journal.
pub(super) async fn growing(folder: &Path, seconds: f64) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (facts, name) in FACTS {
        let history = GeneratedHistory::until(facts, SEATS, EVENT)?;
        let dir = tempfile::tempdir_in(folder)?;
        let journal = written(dir.path(), &history).await?;
        let label = format!("commands, {name} facts behind");
        figures.push(super::sale::after(Arc::new(journal), label, Duration::from_secs_f64(seconds)).await?);
    }
    Ok(figures)
}

/// A journal with a generated history and a snapshot at its end.
async fn written(folder: &Path, history: &GeneratedHistory) -> Result<SqliteJournal> {
    let journal = SqliteJournal::open(folder)?;
    let mut expected = Head::default();
    for batch in &history.batches {
        let payload = Bytes::from(batch.clone());
        let id = BatchId(u128::from(expected.position.0));
        let (stream, decided) = (stream_of(EVENT), DecisionTimes::default());
        let append = Append { stream, expected, batch: id, payload, deadline: None, decided };
        expected = journal.append(append).await?;
    }
    let snapshot = history.sale.to_snapshot().map_err(|error| anyhow!("{error:?}"))?;
    journal.put_snapshot(stream_of(EVENT), expected, Bytes::from(snapshot)).await?;
    Ok(journal)
}

/// How long the engine takes to open a sale whose snapshot is current.
async fn woken_ms(folder: &Path, history: &GeneratedHistory) -> Result<f64> {
    let dir = tempfile::tempdir_in(folder)?;
    let journal = written(dir.path(), history).await?;
    let begun = Instant::now();
    let woken = wake::<Sale>(&journal, EVENT).await.map_err(|error| anyhow!("{error:?}"))?;
    let took = begun.elapsed();
    if woken.state.counts() != history.sale.counts() {
        return Err(anyhow!("the sale opened from its snapshot differs from the generated one"));
    }
    Ok(took.as_secs_f64() * 1e3)
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let begun = Instant::now();
    let done = work()?;
    Ok((done, begun.elapsed().as_secs_f64()))
}
