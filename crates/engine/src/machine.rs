//! The interface of a state machine that an engine can run.

use fairseat_domain::sale::Violation;
use fairseat_domain::time::Timestamp;
use fairseat_domain::wire::WireError;
use fairseat_journal::{Position, StreamId, StreamKind};
use std::fmt::{Debug, Display};

/// A request's answer.
pub type Answer<M> = Result<<M as Machine>::Decision, <M as Machine>::Refusal>;

/// The result of one request: the entries to append, and the answer to give once they are durable.
pub type Step<M> = (Vec<<M as Machine>::Entry>, Answer<M>);

/// A deterministic state machine whose history is one stream of the journal.
///
/// The engine clones a state for every batch, so cloning must be cheap. All methods are pure: the same calls give the
/// same results on every node.
pub trait Machine: Clone + Debug + Send + Sync + 'static {
    /// The machine's name in log lines.
    const NAME: &'static str;
    /// The kind of its streams.
    const KIND: StreamKind;

    /// The number of one machine of this kind.
    type Number: Copy + Ord + Debug + Display + Send + Sync + 'static;
    /// A command with its context, such as actor and idempotency key.
    type Request: Debug + Send + 'static;
    /// The answer to an accepted request.
    type Decision: Debug + Send + 'static;
    /// The answer to a refused request.
    type Refusal: Debug + Send + 'static;
    /// The facts of one request. The journal stores all of them or none.
    type Entry: Debug + Send + Sync + 'static;
    /// What the entries of a batch changed, for readers that show the state.
    type Changes: Default + Debug + Send + Sync + 'static;
    /// The newest changes, which readers get from a handle.
    type ChangeLog: ChangeLog<Self::Changes>;

    /// The stream that holds this machine's history, of kind [`Machine::KIND`].
    fn stream(number: Self::Number) -> StreamId;
    /// The machine whose history a stream holds; `None` for a stream of another kind.
    fn number_of(stream: StreamId) -> Option<Self::Number>;
    /// The state before the first entry.
    fn empty(number: Self::Number) -> Self;

    /// This machine's number.
    fn number(&self) -> Self::Number;
    /// The time of the newest entry. A machine's time never runs backwards.
    fn now(&self) -> Timestamp;
    /// When [`Machine::due_entry`] next has an entry.
    fn next_due(&self) -> Option<Timestamp>;
    /// When this machine must be awake next, for its next due entry or for calls to the payment provider. `None` when it may
    /// sleep until the next request. Each append stores it, so that a sleeping machine is woken.
    fn next_deadline(&self) -> Option<Timestamp>;

    /// The next entry that time makes due by `now`. While there is one, no request is decided.
    fn due_entry(&self, now: Timestamp) -> Option<Self::Entry>;
    /// Decides a request and applies its entries to this state.
    ///
    /// # Errors
    /// [`Violation`]: the state is unusable and must be discarded.
    fn step(
        &mut self,
        request: &Self::Request,
        now: Timestamp,
        changes: &mut Self::Changes,
    ) -> Result<Step<Self>, Violation>;
    /// Applies an entry.
    ///
    /// # Errors
    /// [`Violation`]: the state is unusable and must be discarded.
    fn apply_entry(&mut self, entry: &Self::Entry, changes: &mut Self::Changes) -> Result<(), Violation>;
    /// Whether a request's entry can be larger than a whole batch. It then gets a batch of its own.
    fn needs_own_batch(request: &Self::Request) -> bool;

    /// About how much memory this state takes, in bytes. It must be cheap to compute.
    fn memory_bytes(&self) -> usize {
        size_of::<Self>()
    }

    /// How many facts an entry holds, as a measure of the cost of replaying it.
    fn facts(entry: &Self::Entry) -> usize;
    /// Adds an entry to the encoded entries of a batch, which may be empty.
    ///
    /// # Errors
    /// [`WireError::Unwritable`] when the entry cannot be encoded: a bug.
    fn encode(batch: Vec<u8>, entry: &Self::Entry) -> Result<Vec<u8>, WireError>;
    /// The entries of a batch.
    ///
    /// # Errors
    /// [`WireError`]; this program must not write the stream.
    fn decode(batch: &[u8]) -> Result<Vec<Self::Entry>, WireError>;
    /// The state as bytes.
    ///
    /// # Errors
    /// Why it cannot be encoded. The journal is then replayed instead.
    fn to_snapshot(&self) -> Result<Vec<u8>, String>;
    /// The state from the bytes of a snapshot.
    ///
    /// # Errors
    /// Why it is unusable. The journal is then replayed instead.
    fn from_snapshot(bytes: &[u8]) -> Result<Self, String>;
}

/// The newest changes of one machine, so that a reader of an older version can be sent only the differences.
pub trait ChangeLog<C>: Debug + Send + Sync + 'static {
    /// An empty log that begins at this version.
    fn starting_at(position: Position) -> Self;
    /// Adds the changes that led to the version at `position`.
    fn push(&mut self, position: Position, changes: &C);
}

/// No log, for machines whose readers always take the whole state.
impl<C> ChangeLog<C> for () {
    fn starting_at(_: Position) -> Self {}
    fn push(&mut self, _: Position, _: &C) {}
}
