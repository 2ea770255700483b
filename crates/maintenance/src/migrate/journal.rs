//! Copies the journal, stream by stream, and compares the two.

use super::{Progress, proof};
use anyhow::{Context as _, Result, bail};
use fairseat_journal::{
    Journal as _, MovedStreams, Position, PostgresJournal, SqliteJournal, StreamPart, StreamState,
    crash_point,
};

/// Bytes in one read, and in one transaction apart from a last batch that may be larger.
const CHUNK_BYTES: usize = 4 << 20;
/// The most streams in one transaction, and in one list.
const CHUNK_STREAMS: usize = 1_000;
/// The name of this part for the terminal.
const PART: &str = "journal";

/// Batches that are to be written together.
#[derive(Default)]
struct Chunk {
    parts: Vec<StreamPart>,
    bytes: usize,
    batches: u64,
}

impl Chunk {
    fn add(&mut self, part: StreamPart) {
        let bytes =
            part.batches.iter().fold(0, |bytes: usize, batch| bytes.saturating_add(batch.payload.len()));
        self.bytes = self.bytes.saturating_add(bytes);
        self.batches = self.batches.saturating_add(number(part.batches.len()));
        self.parts.push(part);
    }

    fn is_full(&self) -> bool {
        self.bytes >= CHUNK_BYTES || self.parts.len() >= CHUNK_STREAMS
    }
}

/// Copies all batches that are not there yet.
pub(super) async fn copy(
    source: &SqliteJournal,
    target: &PostgresJournal,
    report: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    let MovedStreams { complete, mut begun } = target.moved_streams().await?;
    let (mut done, of) = count(source, complete, begun);
    let (mut chunk, mut after, mut consumers) = (Chunk::default(), complete, Vec::new());
    loop {
        let states = source.stream_states(after, CHUNK_STREAMS);
        let Some(last) = states.last() else { break };
        (after, consumers) = (Some(last.stream), names(last));
        for state in states {
            let mut position = match begun.take() {
                Some((stream, head)) if stream == state.stream => head.position,
                Some(_) => {
                    bail!("the database has a stream that the folder does not have: use an empty database")
                }
                None => Position::START,
            };
            loop {
                let part = next_part(source, &state, position).await?;
                let is_end = part.end.is_some();
                position = part.batches.last().map_or(position, |batch| batch.position);
                chunk.add(part);
                if chunk.is_full() {
                    done = write(target, &mut chunk, done).await?;
                    report(Progress::Done { part: PART, done, of });
                }
                if is_end {
                    break;
                }
            }
        }
    }
    done = write(target, &mut chunk, done).await?;
    report(Progress::Done { part: PART, done, of });
    // A run that found every stream complete knows no consumer from them.
    if consumers.is_empty() {
        consumers = source.stream_states(None, 1).first().map(names).unwrap_or_default();
    }
    Ok(target.end_move(&consumers).await?)
}

/// Every stream has a cursor of every consumer.
fn names(state: &StreamState) -> Vec<String> {
    state.cursors.iter().map(|(consumer, _)| consumer.clone()).collect()
}

/// The batches that are there, and all batches.
fn count(
    source: &SqliteJournal,
    complete: Option<fairseat_journal::StreamId>,
    begun: Option<(fairseat_journal::StreamId, fairseat_journal::Head)>,
) -> (u64, u64) {
    let (mut done, mut of, mut after) = (begun.map_or(0, |(_, head)| head.position.0), 0_u64, None);
    loop {
        let states = source.stream_states(after, CHUNK_STREAMS);
        let Some(last) = states.last() else { return (done, of) };
        after = Some(last.stream);
        for state in &states {
            of = of.saturating_add(state.head.position.0);
            if complete.is_some_and(|complete| state.stream <= complete) {
                done = done.saturating_add(state.head.position.0);
            }
        }
    }
}

async fn next_part(source: &SqliteJournal, state: &StreamState, after: Position) -> Result<StreamPart> {
    let batches =
        source.read(state.stream, after, CHUNK_BYTES).await.context("the journal cannot be read")?;
    let last = batches.last().map_or(after, |batch| batch.position);
    let end = (last >= state.head.position).then(|| state.clone());
    if batches.is_empty() && end.is_none() {
        bail!("the journal ended before the head of its stream {}: run this again", state.stream.0);
    }
    Ok(StreamPart { stream: state.stream, batches, end })
}

/// Writes the chunk and begins a new one. Returns how many batches are there now.
async fn write(target: &PostgresJournal, chunk: &mut Chunk, done: u64) -> Result<u64> {
    let Chunk { parts, batches, .. } = std::mem::take(chunk);
    if !parts.is_empty() {
        target.move_in(&parts).await.context("the database does not take the journal")?;
        crash_point!("migrate.batches_copied");
    }
    Ok(done.saturating_add(batches))
}

/// Compares all streams: heads, deadlines and cursors; reads every batch in the database, which verifies its hash chain up to the same
/// head; and compares the tables of the database with each other. Returns the numbers of streams and batches.
pub(super) async fn compare(
    source: &SqliteJournal,
    target: &PostgresJournal,
    report: &mut dyn FnMut(Progress<'_>),
) -> Result<(u64, u64)> {
    let (_, of) = count(source, None, None);
    let (mut streams, mut batches, mut after) = (0_u64, 0_u64, None);
    loop {
        let originals = source.stream_states(after, CHUNK_STREAMS);
        let copies = target.stream_states(after, CHUNK_STREAMS).await?;
        let differs = originals.iter().zip(&copies).find(|(original, copy)| original != copy);
        if let Some((original, copy)) = differs {
            return Err(proof::differ(&[format!("the folder has {original:?}, the database {copy:?}")]));
        }
        if originals.len() != copies.len() {
            return Err(proof::differ(&["folder and database have different numbers of streams".to_owned()]));
        }
        let Some(last) = originals.last() else { break };
        after = Some(last.stream);
        for state in &originals {
            read_to_the_end(target, state).await?;
            streams = streams.saturating_add(1);
            batches = batches.saturating_add(state.head.position.0);
        }
        report(Progress::Done { part: PART, done: batches, of });
    }
    let faults = target.inconsistencies().await?;
    if faults.is_empty() {
        return Ok((streams, batches));
    }
    let faults = faults.iter().map(|(stream, fault)| format!("stream {}: {fault}", stream.0));
    Err(proof::differ(&faults.collect::<Vec<_>>()))
}

async fn read_to_the_end(target: &PostgresJournal, state: &StreamState) -> Result<()> {
    let mut head = fairseat_journal::Head::default();
    while head.position < state.head.position {
        let page = target.read(state.stream, head.position, CHUNK_BYTES).await?;
        let Some(last) = page.last() else { break };
        head = last.head();
    }
    if head == state.head {
        return Ok(());
    }
    Err(proof::differ(&[format!("stream {} has another history in the database", state.stream.0)]))
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
