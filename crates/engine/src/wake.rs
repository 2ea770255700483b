//! Waking a machine: its newest usable snapshot, then the rest of its journal.

use crate::background::spawn_cpu_bound;
use crate::machine::Machine;
use crate::published::Published;
use fairseat_domain::sale::Violation;
use fairseat_domain::wire::WireError;
use fairseat_journal::{Batch, Journal, Position, ReadError};

/// Payload read at once while replaying.
const PAGE_BYTES: usize = 4 << 20;

/// Why a machine could not be woken.
#[derive(Debug, thiserror::Error)]
pub enum WakeError {
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A batch cannot be decoded: it is damaged, or a newer program wrote it.
    #[error("at position {}: {error}", position.0)]
    Wire {
        /// The batch's position.
        position: Position,
        /// Why it cannot be decoded.
        error: WireError,
    },
    /// The facts contradict each other.
    #[error("at position {}: {violation}", position.0)]
    Violation {
        /// The batch's position.
        position: Position,
        /// The invariant that it breaks.
        violation: Violation,
    },
    /// The stream's history was replaced while it was read, by the promotion of a standby. Waking again reads the new one.
    #[error("the stream's history changed while it was read")]
    Diverged,
    /// The runtime dropped the replay, because the process is stopping.
    #[error("the replay did not finish")]
    Interrupted,
}

/// The machine's current state, from its newest snapshot and its journal.
///
/// # Errors
/// [`WakeError`]; the machine's stream must not be written.
pub async fn wake<M: Machine>(journal: &dyn Journal, number: M::Number) -> Result<Published<M>, WakeError> {
    wake_counting(journal, number).await.map(|(woken, _)| woken)
}

/// The machine's state at an earlier position of its history, or at its end if that is earlier. It replays the journal from the newest
/// snapshot that is not later, so callers that go on from there keep the state.
///
/// # Errors
/// [`WakeError`].
pub async fn state_at<M: Machine>(
    journal: &dyn Journal,
    number: M::Number,
    position: Position,
) -> Result<Published<M>, WakeError> {
    let snapshot = match position {
        Position::START => None,
        _ => from_snapshot(journal, number).await.filter(|snapshot| snapshot.position <= position),
    };
    let from = snapshot.unwrap_or_else(|| Published::empty(number));
    read_on(journal, number, from, position).await.map(|(state, _)| state)
}

/// As [`wake`], with the number of facts that were replayed.
pub(crate) async fn wake_counting<M: Machine>(
    journal: &dyn Journal,
    number: M::Number,
) -> Result<(Published<M>, u64), WakeError> {
    if let Some(snapshot) = from_snapshot(journal, number).await {
        match read_on(journal, number, snapshot, Position(u64::MAX)).await {
            // The snapshot may be wrong; the journal alone is replayed.
            Err(WakeError::Violation { position, violation }) => {
                tracing::error!(machine = M::NAME, %number, position = position.0, %violation, "the snapshot contradicts the journal");
            }
            read => return read,
        }
    }
    read_on(journal, number, Published::empty(number), Position(u64::MAX)).await
}

async fn read_on<M: Machine>(
    journal: &dyn Journal,
    number: M::Number,
    from: Published<M>,
    until: Position,
) -> Result<(Published<M>, u64), WakeError> {
    let (mut woken, mut facts) = (from, 0_u64);
    while woken.position < until {
        let mut page = journal.read(M::stream(number), woken.position, PAGE_BYTES).await?;
        page.retain(|batch| batch.position <= until);
        let Some(first) = page.first() else { return Ok((woken, facts)) };
        if !first.follows(M::stream(number), &woken.head()) {
            return Err(WakeError::Diverged);
        }
        let first = first.position;
        let joined = spawn_cpu_bound(move || replay_counting(woken, &page)).await;
        let (replayed, more) = joined.map_err(|error| interrupted(&error, first))??;
        facts = facts.saturating_add(more);
        woken = replayed;
    }
    Ok((woken, facts))
}

/// A replay that panicked would panic again, so it counts as a broken invariant.
fn interrupted(error: &tokio::task::JoinError, position: Position) -> WakeError {
    if error.is_panic() {
        WakeError::Violation { position, violation: Violation("the replay panicked".to_owned()) }
    } else {
        WakeError::Interrupted
    }
}

async fn from_snapshot<M: Machine>(journal: &dyn Journal, number: M::Number) -> Option<Published<M>> {
    let (head, bytes) = journal.snapshot(M::stream(number)).await?;
    let error = match spawn_cpu_bound(move || M::from_snapshot(&bytes)).await {
        Ok(Ok(state)) if state.number() == number => return Some(Published::at(head, state)),
        Ok(Ok(other)) => format!("it belongs to {} {}", M::NAME, other.number()),
        Ok(Err(error)) => error,
        Err(error) => error.to_string(),
    };
    tracing::warn!(machine = M::NAME, %number, error, "the snapshot is unusable, replaying the journal");
    None
}

/// Applies batches, in order, to the version before them.
///
/// # Errors
/// [`WakeError`] at the first batch that cannot be decoded or contradicts the state.
pub fn replay<M: Machine>(from: Published<M>, batches: &[Batch]) -> Result<Published<M>, WakeError> {
    replay_counting(from, batches).map(|(replayed, _)| replayed)
}

fn replay_counting<M: Machine>(
    mut from: Published<M>,
    batches: &[Batch],
) -> Result<(Published<M>, u64), WakeError> {
    let mut facts = 0_u64;
    for batch in batches {
        let position = batch.position;
        let entries = M::decode(&batch.payload).map_err(|error| WakeError::Wire { position, error })?;
        let mut changes = M::Changes::default();
        for entry in &entries {
            let applied = from.state.apply_entry(entry, &mut changes);
            applied.map_err(|violation| WakeError::Violation { position, violation })?;
            facts = facts.saturating_add(u64::try_from(M::facts(entry)).unwrap_or(u64::MAX));
        }
        (from.position, from.hash) = (position, batch.hash);
    }
    Ok((from, facts))
}
