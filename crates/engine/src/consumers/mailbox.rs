//! Where the runner leaves news for one consumer. It never waits: news of one stream is merged until the consumer takes it.

use super::news::Gathered;
use crate::machine::Machine;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use tokio::sync::Notify;

/// Entries that wait for one consumer; if there are more, it reads them from the journal.
const MAX_ENTRIES: usize = 100_000;

#[derive(Debug)]
pub(super) struct Mailbox<M: Machine> {
    mail: Mutex<Mail<M>>,
    arrived: Notify,
}

/// News that a consumer has not taken yet.
#[derive(Debug)]
pub(super) struct Mail<M: Machine> {
    pub(super) gathered: BTreeMap<M::Number, Gathered<M>>,
    /// The feed was too fast: some streams were left out.
    pub(super) must_find_behind: bool,
    entries: usize,
}

impl<M: Machine> Default for Mail<M> {
    fn default() -> Self {
        Self { gathered: BTreeMap::new(), must_find_behind: false, entries: 0 }
    }
}

impl<M: Machine> Default for Mailbox<M> {
    fn default() -> Self {
        Self { mail: Mutex::default(), arrived: Notify::new() }
    }
}

impl<M: Machine> Mailbox<M> {
    /// Adds what was announced; the entries are shared with the other consumers.
    pub(super) fn put(&self, news: &BTreeMap<M::Number, Gathered<M>>) {
        let mut mail = self.mail.lock();
        for (number, gathered) in news {
            mail.entries = mail.entries.saturating_add(gathered.entries());
            match mail.gathered.get_mut(number) {
                Some(before) => before.append(gathered),
                None => drop(mail.gathered.insert(*number, gathered.clone())),
            }
        }
        if mail.entries > MAX_ENTRIES {
            mail.gathered.values_mut().for_each(Gathered::clear);
            mail.entries = 0;
        }
        drop(mail);
        self.arrived.notify_one();
    }

    /// Has the consumer search for streams that it is behind with.
    pub(super) fn find_behind(&self) {
        self.mail.lock().must_find_behind = true;
        self.arrived.notify_one();
    }

    /// Everything that has arrived, once something has.
    pub(super) async fn take(&self) -> Mail<M> {
        self.arrived.notified().await;
        std::mem::take(&mut *self.mail.lock())
    }
}
