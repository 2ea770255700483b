//! Messages that must reach somebody, queued durably; whoever sends them is elsewhere.
//!
//! What must hold: of messages with one key only the first is queued, ever. A message names its recipient by account; the
//! address is looked up when it is sent, so that none is written here.

use crate::database::Database;
use crate::error::StoreError;
use crate::sql::{Row, Sql, values};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;

/// A message to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What makes it the same message when it is queued again: its kind and what it is about.
    pub dedupe_key: String,
    /// Which template.
    pub kind: String,
    /// To whom.
    pub recipient: AccountId,
    /// The event it is about, if any.
    pub event: Option<EventNumber>,
    /// What the template needs, as JSON: numbers and ids rather than personal details.
    pub data: String,
}

/// A message that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Its number, in the order of queueing.
    pub id: u64,
    /// The message.
    pub message: Message,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// The outbox; from [`crate::Store::outbox`].
#[derive(Clone, Copy, Debug)]
pub struct Outbox<'s>(pub(crate) &'s Database);

impl Outbox<'_> {
    /// Queues a message. Answers whether it was new; either way it is durably queued.
    ///
    /// # Errors
    /// When the database fails, or there is no such account.
    pub async fn queue(&self, message: Message, now: Timestamp) -> Result<bool, StoreError> {
        self.0.write("outbox.queue", move |sql| queue(sql, &message, now)).await
    }

    /// Queues many, all or none. Answers how many were new.
    ///
    /// # Errors
    /// As [`Outbox::queue`].
    pub async fn queue_all(&self, messages: Vec<Message>, now: Timestamp) -> Result<u64, StoreError> {
        self.0
            .write("outbox.queue_all", move |sql| {
                messages.iter().try_fold(0, |new: u64, message| {
                    Ok(new.saturating_add(u64::from(queue(sql, message, now)?)))
                })
            })
            .await
    }

    /// Drops whatever waits of these kinds, so that it can be queued anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_kinds(&self, kinds: &'static [&'static str]) -> Result<(), StoreError> {
        self.0
            .write("outbox.drop_kinds", move |sql| {
                kinds.iter().try_for_each(|kind| {
                    sql.execute("DELETE FROM outbox WHERE kind = ?1", &values![(*kind).to_owned()]).map(drop)
                })
            })
            .await
    }

    /// The messages after the one with id `after`, in order of queueing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending(&self, after: u64, limit: u32) -> Result<Vec<QueuedMessage>, StoreError> {
        let text = "SELECT id, dedupe_key, kind, recipient, event, data, created_at FROM outbox \
                    WHERE id > ?1 ORDER BY id LIMIT ?2";
        let values = values![after, limit];
        self.0.read("outbox.pending", move |sql| sql.all(text, &values, read)).await
    }

    /// How many messages wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        self.0.read("outbox.count", |sql| sql.count("SELECT COUNT(*) FROM outbox", &[])).await
    }
}

fn queue(sql: &Sql<'_>, message: &Message, now: Timestamp) -> Result<bool, StoreError> {
    let text = "INSERT INTO outbox (dedupe_key, kind, recipient, event, data, created_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (dedupe_key) DO NOTHING";
    let Message { dedupe_key, kind, recipient, event, data } = message;
    Ok(sql.execute(text, &values![*dedupe_key, *kind, *recipient, *event, *data, now])? == 1)
}

fn read(row: &Row<'_>) -> Result<QueuedMessage, StoreError> {
    Ok(QueuedMessage {
        id: row.next()?,
        message: Message {
            dedupe_key: row.next()?,
            kind: row.next()?,
            recipient: row.next()?,
            event: row.next()?,
            data: row.next()?,
        },
        created_at: row.next()?,
    })
}

/// Drops what waits for an account that is being deleted: it has no address any more.
pub(crate) fn drop_all(sql: &Sql<'_>, recipient: AccountId) -> Result<(), StoreError> {
    sql.execute("DELETE FROM outbox WHERE recipient = ?1", &values![recipient])?;
    Ok(())
}
