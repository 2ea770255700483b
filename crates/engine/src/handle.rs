//! A handle on an awake machine, from which callers read versions, and the [`Publisher`] with which its task publishes them.

use crate::fault::Fault;
use crate::machine::{ChangeLog, Machine};
use crate::published::{Answered, Published};
use crate::usage::Usage;
use fairseat_journal::Position;
use parking_lot::{RwLock, RwLockReadGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot, watch};

/// The sender of a request's answer.
pub(crate) type Reply<M> = oneshot::Sender<Result<Answered<M>, Fault>>;

/// A request in a mailbox.
pub(crate) struct Message<M: Machine> {
    pub(crate) request: Box<M::Request>,
    pub(crate) reply: Reply<M>,
}

/// The position of an awake machine's newest durable version, for caches of values derived from it. Reading it is one
/// atomic load, and holding it keeps no state in memory.
#[derive(Clone, Debug)]
pub struct PublishedPosition(Arc<AtomicU64>);

impl PublishedPosition {
    /// Stored instead of a position once the machine has fallen asleep.
    const ASLEEP: u64 = u64::MAX;

    fn new(position: Position) -> Self {
        Self(Arc::new(AtomicU64::new(position.0)))
    }

    fn set(&self, position: Position) {
        self.0.store(position.0, Ordering::Release);
    }

    /// The position of the newest durable version; `None` once the machine has fallen asleep.
    #[must_use]
    pub fn get(&self) -> Option<Position> {
        let position = self.0.load(Ordering::Acquire);
        (position != Self::ASLEEP).then_some(Position(position))
    }
}

/// An awake machine, to read and to follow. Holding a handle does not keep the machine awake; watching its versions does.
#[derive(Debug)]
pub struct Handle<M: Machine> {
    number: M::Number,
    mailbox: mpsc::Sender<Message<M>>,
    published: watch::Receiver<Arc<Published<M>>>,
    changes: Arc<RwLock<M::ChangeLog>>,
    position: PublishedPosition,
    usage: Arc<Usage>,
}

impl<M: Machine> Handle<M> {
    /// The machine's number.
    #[must_use]
    pub fn number(&self) -> M::Number {
        self.number
    }

    /// The newest durable version.
    #[must_use]
    pub fn published(&self) -> Arc<Published<M>> {
        self.published.borrow().clone()
    }

    /// The position of the newest durable version, now and later.
    #[must_use]
    pub fn position(&self) -> PublishedPosition {
        self.position.clone()
    }

    /// Receives each new version; a slow receiver sees only the newest.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Published<M>>> {
        self.published.clone()
    }

    /// The number of requests in the mailbox.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.mailbox.max_capacity() - self.mailbox.capacity()
    }

    /// The newest changes. The task cannot publish while the lock is held.
    pub(crate) fn changes(&self) -> RwLockReadGuard<'_, M::ChangeLog> {
        self.changes.read()
    }

    pub(crate) fn usage(&self) -> &Usage {
        &self.usage
    }

    pub(crate) fn mailbox(&self) -> &mpsc::Sender<Message<M>> {
        &self.mailbox
    }

    /// Resolves when the machine's task has ended, because the machine fell asleep or for another reason.
    pub(crate) async fn ended(&self) {
        let mut versions = self.published.clone();
        while versions.changed().await.is_ok() {}
    }
}

/// The sending end of a [`Handle`], with which the machine's task publishes versions.
pub(crate) struct Publisher<M: Machine> {
    published: watch::Sender<Arc<Published<M>>>,
    changes: Arc<RwLock<M::ChangeLog>>,
    position: PublishedPosition,
    usage: Arc<Usage>,
}

impl<M: Machine> Publisher<M> {
    /// Creates the publisher, the mailbox and the handle of a machine that has just woken.
    pub(crate) fn connect(
        woken: &Published<M>,
        mailbox_size: usize,
    ) -> (Self, mpsc::Receiver<Message<M>>, Handle<M>) {
        let (mailbox, receiver) = mpsc::channel(mailbox_size);
        let (sender, published) = watch::channel(Arc::new(woken.clone()));
        let changes = Arc::new(RwLock::new(M::ChangeLog::starting_at(woken.position)));
        let position = PublishedPosition::new(woken.position);
        let usage = Arc::new(Usage::of(&woken.state));
        let publisher = Self {
            published: sender,
            changes: changes.clone(),
            position: position.clone(),
            usage: usage.clone(),
        };
        (
            publisher,
            receiver,
            Handle { number: woken.state.number(), mailbox, published, changes, position, usage },
        )
    }

    /// Publishes a version under one lock, so that no reader sees changes before the version that contains them.
    pub(crate) fn publish(&self, published: &Arc<Published<M>>, changes: &M::Changes) {
        let mut log = self.changes.write();
        log.push(published.position, changes);
        self.position.set(published.position);
        self.usage.measure(&published.state);
        self.published.send_replace(published.clone());
    }

    /// Whether a caller watches the versions. Each handle holds one receiver; the registry keeps one handle.
    pub(crate) fn is_watched(&self) -> bool {
        self.published.receiver_count() > 1
    }

    pub(crate) fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Marks the position as asleep. The machine's next task gets a new position.
    pub(crate) fn fall_asleep(&self) {
        self.position.0.store(PublishedPosition::ASLEEP, Ordering::Release);
    }
}
