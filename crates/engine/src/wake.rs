//! Waking a sale: its newest usable snapshot, then the journal's tail.

use crate::Published;
use crate::heavy::spawn_heavy;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::{Changes, Violation};
use fairseat_domain::wire::WireError;
use fairseat_domain::{Sale, wire};
use fairseat_journal::{Batch, Journal, Position, ReadError, StreamId};

/// Payload read at once while replaying.
const PAGE_BYTES: usize = 4 << 20;

/// Why a sale could not be woken.
#[derive(Debug, thiserror::Error)]
pub enum WakeError {
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A fact this program does not know, or bytes that are none.
    #[error("at position {}: {error}", position.0)]
    Wire {
        /// Where.
        position: Position,
        /// What.
        error: WireError,
    },
    /// The facts contradict each other.
    #[error("at position {}: {violation}", position.0)]
    Violation {
        /// Where.
        position: Position,
        /// What.
        violation: Violation,
    },
    /// The machine gave up on a background job.
    #[error("the replay did not finish")]
    Interrupted,
}

/// The journal's stream of an event.
#[must_use]
pub fn stream_of(event: EventNumber) -> StreamId {
    StreamId(event.0)
}

/// The sale as its journal has it now.
///
/// # Errors
/// [`WakeError`]; the sale must not be written.
pub async fn wake(journal: &dyn Journal, event: EventNumber) -> Result<Published, WakeError> {
    wake_counting(journal, event).await.map(|(woken, _)| woken)
}

/// The same, with the number of facts that had to be replayed.
pub(crate) async fn wake_counting(
    journal: &dyn Journal,
    event: EventNumber,
) -> Result<(Published, u64), WakeError> {
    let nothing = || Published { position: Position::START, sale: Sale::unopened(event) };
    if let Some(snapshot) = from_snapshot(journal, event).await {
        match read_on(journal, event, snapshot).await {
            // It is the snapshot that may be wrong: only the journal is the truth.
            Err(WakeError::Violation { position, violation }) => {
                tracing::error!(event = event.0, position = position.0, %violation, "snapshot contradicts the journal");
            }
            read => return read,
        }
    }
    read_on(journal, event, nothing()).await
}

async fn read_on(
    journal: &dyn Journal,
    event: EventNumber,
    from: Published,
) -> Result<(Published, u64), WakeError> {
    let (mut woken, mut facts) = (from, 0_u64);
    loop {
        let page = journal.read(stream_of(event), woken.position, PAGE_BYTES).await?;
        let Some(first) = page.first().map(|batch| batch.position) else { return Ok((woken, facts)) };
        let joined = spawn_heavy(move || replay_counting(woken, &page)).await;
        let (replayed, more) = joined.map_err(|error| interrupted(&error, first))??;
        facts = facts.saturating_add(more);
        woken = replayed;
    }
}

/// A replay that panicked would do so again.
fn interrupted(error: &tokio::task::JoinError, position: Position) -> WakeError {
    if error.is_panic() {
        WakeError::Violation { position, violation: Violation("the replay panicked".to_owned()) }
    } else {
        WakeError::Interrupted
    }
}

async fn from_snapshot(journal: &dyn Journal, event: EventNumber) -> Option<Published> {
    let (position, bytes) = journal.snapshot(stream_of(event)).await?;
    let restored = spawn_heavy(move || Sale::from_snapshot(&bytes)).await;
    let of_no_use = match restored {
        Ok(Ok(sale)) if sale.event() == event => return Some(Published { position, sale }),
        Ok(Ok(_)) => "it is another sale's".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::warn!(event = event.0, error = of_no_use, "snapshot of no use, replaying the journal");
    None
}

/// Applies batches, in order, to the version before them.
///
/// # Errors
/// [`WakeError`] at the first batch that cannot be understood or contradicts the state.
pub fn replay(from: Published, batches: &[Batch]) -> Result<Published, WakeError> {
    replay_counting(from, batches).map(|(replayed, _)| replayed)
}

fn replay_counting(mut from: Published, batches: &[Batch]) -> Result<(Published, u64), WakeError> {
    let mut changes = Changes::default();
    let mut facts = 0_u64;
    for batch in batches {
        let position = batch.position;
        let entries =
            wire::decode_batch(&batch.payload).map_err(|error| WakeError::Wire { position, error })?;
        for entry in &entries {
            let applied = from.sale.apply_entry(entry, &mut changes);
            applied.map_err(|violation| WakeError::Violation { position, violation })?;
            facts = facts.saturating_add(u64::try_from(entry.facts.len()).unwrap_or(u64::MAX));
        }
        changes.seats.clear();
        from.position = position;
    }
    Ok((from, facts))
}
