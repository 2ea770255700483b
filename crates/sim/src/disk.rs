//! The disk of the journal: which bytes are written, which are synced, and which survive a power cut.
//!
//! With several nodes, the journal is a server with a synchronous standby, and a sync includes the standby. The server may come
//! back after its end with commits that its standby never got, and the standby may be promoted: they are lost, and
//! others take their positions. What was acknowledged is never among them.
//!
//! A commit writes a frame, syncs, and only then shows it to readers. A power cut loses any part of what was not synced; what
//! is left of a half-written frame is recognised by its checksum. Positions, conflicts and deadlines come from the real
//! [`MemoryJournal`]: one instance for everything written, one for everything durable.

use crate::world::World;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_journal::{
    Append, AppendError, BatchId, DecisionTimes, Head, Journal, MemoryJournal, Position, ReadError, StreamId,
    chain_hash,
};
use futures::FutureExt;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The state of the simulated computer that holds the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Up,
    /// No power.
    Down,
    /// A sync failed: it refuses appends until it is restarted.
    Stopped,
    /// It is back, perhaps with commits that its standby never got, and the standby is away: every commit waits for it, and so
    /// does every connection, before it may read.
    Alone,
}

/// The simulated computer that holds the journal, with its disk.
#[derive(Debug)]
pub(crate) struct Disk {
    world: Arc<World>,
    state: Mutex<State>,
    /// One commit at a time.
    turn: tokio::sync::Mutex<()>,
    stops: mpsc::UnboundedSender<()>,
}

#[derive(Debug)]
struct State {
    bytes: Vec<u8>,
    synced: usize,
    written: Arc<MemoryJournal>,
    durable: Arc<MemoryJournal>,
    health: Health,
    /// Grows with every power cut.
    epoch: u64,
    full_until: i64,
}

impl Disk {
    /// An empty disk, and the channel on which it reports that it stopped.
    pub(crate) fn new(world: Arc<World>) -> (Arc<Self>, mpsc::UnboundedReceiver<()>) {
        let (stops, stopped) = mpsc::unbounded_channel();
        let state = State {
            bytes: Vec::new(),
            synced: 0,
            written: Arc::default(),
            durable: Arc::default(),
            health: Health::Up,
            epoch: 0,
            full_until: 0,
        };
        (
            Arc::new(Self { world, state: Mutex::new(state), turn: tokio::sync::Mutex::default(), stops }),
            stopped,
        )
    }

    /// The journal as readers see it.
    ///
    /// # Errors
    /// While there is no power.
    pub(crate) fn durable(&self) -> Result<Arc<MemoryJournal>, ReadError> {
        let state = self.state.lock();
        match state.health {
            Health::Down => Err(ReadError::Failed("no power".to_owned())),
            Health::Alone if planted(Bug::ReadUnreplicated) => Ok(state.written.clone()),
            Health::Alone => Err(ReadError::Failed("it waits for its standby".to_owned())),
            Health::Up | Health::Stopped => Ok(state.durable.clone()),
        }
    }

    /// The number of durable batches of a stream.
    pub(crate) fn head(&self, stream: StreamId) -> u64 {
        let durable = self.state.lock().durable.clone();
        at_once(durable.head(stream)).map_or(0, |head| head.position.0)
    }

    /// The deadline of a stream.
    pub(crate) fn deadline(&self, stream: StreamId) -> Option<i64> {
        let durable = self.state.lock().durable.clone();
        let due = at_once(durable.due(stream.kind(), i64::MAX, usize::MAX)).ok()?;
        due.into_iter().find(|(found, _)| *found == stream).map(|(_, deadline)| deadline)
    }

    /// Resolves when no commit is in progress.
    pub(crate) async fn rest(&self) {
        drop(self.turn.lock().await);
    }

    pub(crate) async fn commit(self: Arc<Self>, mut append: Append) -> Result<Head, AppendError> {
        let _turn = self.turn.lock().await;
        if planted(Bug::IgnoreExpectedPosition)
            && let Ok(head) = at_once(self.state.lock().written.head(append.stream))
        {
            append.expected = head;
        }
        let epoch = self.state.lock().epoch;
        self.world.pass_time(0, 3).await;
        self.write(&append, epoch)?;
        let slow = self.world.fault("sync is slow", 60);
        self.world.pass_time(1, if slow { 3_000 } else { 6 }).await;
        self.sync(&append, epoch)
    }

    fn write(&self, append: &Append, epoch: u64) -> Result<(), AppendError> {
        let mut state = self.state.lock();
        if state.epoch != epoch || matches!(state.health, Health::Down | Health::Alone) {
            return Err(AppendError::Unknown);
        }
        if state.health == Health::Stopped {
            return Err(AppendError::Stopped);
        }
        // A lost race is answered even on a full disk: "full" promises that this batch was not written.
        if at_once(state.written.head(append.stream)).is_ok_and(|head| head != append.expected) {
            return at_once(state.written.append(append.clone())).map(|_repeated| ());
        }
        if self.world.fault("disk is full", 150) {
            state.full_until = self.world.now() + 2_000;
        }
        if self.world.now() < state.full_until && !self.world.is_calm() {
            return Err(AppendError::Full);
        }
        at_once(state.written.append(append.clone()))?;
        let frame = frame(append);
        state.bytes.extend(frame);
        Ok(())
    }

    fn sync(&self, append: &Append, epoch: u64) -> Result<Head, AppendError> {
        let mut state = self.state.lock();
        if state.epoch != epoch || state.health != Health::Up {
            return Err(AppendError::Unknown);
        }
        if self.world.fault("sync fails", 300) {
            state.health = Health::Stopped;
            // It fails when the history has ended, which is fine.
            let _nobody = self.stops.send(());
            return Err(AppendError::Unknown);
        }
        if !planted(Bug::SkipFsync) {
            state.synced = state.bytes.len();
        }
        at_once(state.durable.append(append.clone()))
    }

    /// Loses power, and any part of the bytes that were not synced.
    pub(crate) fn cut_power(&self) {
        let mut state = self.state.lock();
        state.epoch += 1;
        state.health = Health::Down;
        let unsynced = state.bytes.len() - state.synced;
        let kept = usize::try_from(self.world.below(unsynced as u64 + 1)).unwrap_or(0);
        let kept = if self.world.one_in(3) { unsynced } else { kept };
        let (synced, length) = (state.synced, state.synced + kept);
        state.bytes.truncate(length);
        if kept > 0 && self.world.one_in(4) {
            let at = synced + usize::try_from(self.world.below(kept as u64)).unwrap_or(0);
            if let Some(byte) = state.bytes.get_mut(at) {
                *byte ^= 0x55;
                self.world.count("fault", "garbage in the unsynced tail");
            }
        }
        self.world.note(format_args!("the disk loses {} of {unsynced} unsynced bytes", unsynced - kept));
    }

    /// The database ends and keeps all that it wrote, also what its standby does not have yet.
    pub(crate) fn kill(&self) {
        let mut state = self.state.lock();
        state.epoch += 1;
        state.health = Health::Down;
        self.world.note(format_args!("the disk keeps {} unsynced bytes", state.bytes.len() - state.synced));
    }

    /// Whether a commit is under way that the standby does not have.
    pub(crate) fn is_committing(&self) -> bool {
        let state = self.state.lock();
        state.bytes.len() > state.synced
    }

    /// Restarts without the standby.
    pub(crate) fn recover_alone(&self) {
        let mut state = self.state.lock();
        state.written = rebuilt(&frames(&state.bytes).0);
        state.health = Health::Alone;
    }

    /// The standby takes over, without the commits that it never got.
    pub(crate) fn promote(&self) {
        let mut state = self.state.lock();
        let (synced, lost) = (state.synced, frames(&state.bytes).0.len());
        state.bytes.truncate(synced);
        drop(state);
        self.recover();
        let kept = frames(&self.state.lock().bytes).0.len();
        self.world.note(format_args!("the standby is promoted, {} commits are lost", lost - kept));
        if lost > kept {
            self.world.count("fault", "promotion loses commits");
        }
    }

    /// Restarts from the bytes on the disk.
    pub(crate) fn recover(&self) {
        let mut state = self.state.lock();
        let (appends, whole) = frames(&state.bytes);
        if whole < state.synced {
            self.world.record.lock().wrong.push("the simulated disk lost what it had synced".to_owned());
        }
        if whole < state.bytes.len() {
            self.world.count("fault", "torn write");
            self.world.note(format_args!("a torn write is found and cut off"));
        }
        state.bytes.truncate(whole);
        state.synced = whole;
        // Snapshots are in another file, which is sometimes lost as well.
        let old = std::mem::replace(&mut state.durable, rebuilt(&appends));
        if !self.world.one_in(3) {
            keep_snapshots(&old, &state.durable);
        }
        state.written = rebuilt(&appends);
        state.health = Health::Up;
    }
}

/// The journal that these appends lead to.
fn rebuilt(appends: &[Append]) -> Arc<MemoryJournal> {
    let journal = MemoryJournal::new();
    appends.iter().for_each(|append| drop(at_once(journal.append(append.clone()))));
    Arc::new(journal)
}

fn keep_snapshots(old: &MemoryJournal, new: &MemoryJournal) {
    let Ok(streams) = at_once(new.streams(None, usize::MAX)) else { return };
    for (stream, _) in streams {
        if let Some((head, bytes)) = at_once(old.snapshot(stream)) {
            drop(at_once(new.put_snapshot(stream, head, bytes)));
        }
    }
}

/// The answer of a journal in memory, which never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap_or_else(|| unreachable!("a journal in memory never waits"))
}

const HEAD: usize = 4 + 32;

/// Length, checksum, then stream, head before, batch, deadline and payload.
fn frame(append: &Append) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(append.stream.0.to_be_bytes());
    body.extend(append.expected.position.0.to_be_bytes());
    body.extend(append.expected.hash);
    body.extend(append.batch.0.to_be_bytes());
    body.extend(append.deadline.unwrap_or(i64::MIN).to_be_bytes());
    body.extend(&append.payload);
    let mut frame = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    frame.extend(checksum(&body));
    frame.extend(body);
    frame
}

fn checksum(body: &[u8]) -> [u8; 32] {
    chain_hash(&[0; 32], StreamId(0), Position(0), BatchId(0), body)
}

/// The undamaged frames at the beginning, and their total length.
fn frames(bytes: &[u8]) -> (Vec<Append>, usize) {
    let (mut appends, mut whole) = (Vec::new(), 0);
    while let Some((append, length)) = bytes.get(whole..).and_then(one_frame) {
        appends.push(append);
        whole += length;
    }
    (appends, whole)
}

fn one_frame(bytes: &[u8]) -> Option<(Append, usize)> {
    let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
    let body = bytes.get(HEAD..HEAD.checked_add(length)?)?;
    if bytes.get(4..HEAD)? != checksum(body) {
        return None;
    }
    let number = |at: usize| Some(u64::from_be_bytes(*body.get(at..)?.first_chunk()?));
    let deadline = i64::from_be_bytes(*body.get(64..)?.first_chunk()?);
    let append = Append {
        stream: StreamId(number(0)?),
        expected: Head { position: Position(number(8)?), hash: *body.get(16..)?.first_chunk()? },
        batch: BatchId(u128::from_be_bytes(*body.get(48..)?.first_chunk()?)),
        deadline: (deadline != i64::MIN).then_some(deadline),
        payload: body.get(72..)?.to_vec().into(),
        decided: DecisionTimes::default(),
    };
    Some((append, HEAD + length))
}
