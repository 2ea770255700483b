//! The outbox: a durable queue of messages to accounts. `fairseat-messages` sends them.
//!
//! What must hold: of several messages with one key only the first is queued; when a message has ended, its content is deleted and its key
//! is kept for [`MESSAGE_MEMORY`]. A message holds its recipient's account id: the address is looked up when the message is sent. Only the letter to
//! the former address of an account has the address itself, in its data. A claimed message belongs to one sender until the claim expires, so that two senders do not send it twice, and another sender
//! claims it if the first one died.

use crate::database::Database;
use crate::error::StoreError;
use crate::limits::MESSAGE_MEMORY;
use crate::sql::{Row, Sql, cell, values};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;

/// A message to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Identifies the message, so that it is queued once: its kind and the id of the object it is about.
    pub dedupe_key: String,
    /// The kind of message, which selects the letter.
    pub kind: String,
    /// The recipient.
    pub recipient: AccountId,
    /// The event it is about, if any.
    pub event: Option<EventNumber>,
    /// The version of the event's sale that caused it, if a sale did.
    pub as_of: Option<u64>,
    /// The letter's data, as JSON: numbers and ids, no personal details except the former address of an account.
    pub data: String,
    /// When it is no longer worth sending.
    pub expires_at: Timestamp,
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
    /// How often it was claimed.
    pub attempts: u32,
}

const COLUMNS: &str = "id, dedupe_key, kind, recipient, event, as_of, data, expires_at, created_at, attempts";

/// The outbox; from [`crate::Store::outbox`].
#[derive(Clone, Copy, Debug)]
pub struct Outbox<'s>(pub(crate) &'s Database);

impl Outbox<'_> {
    /// Queues a message, unless its key is already stored. Returns whether it was new.
    ///
    /// # Errors
    /// When the database fails, or there is no such account.
    pub async fn queue(&self, message: Message, now: Timestamp) -> Result<bool, StoreError> {
        self.0.write("outbox.queue", move |sql| queue(sql, &message, now)).await
    }

    /// Queues many messages in one transaction. Returns how many were new.
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

    /// Claims at most `limit` due messages until `until`; no other caller gets them before then. Messages without an event come first,
    /// because somebody waits for them (a link for a new password, for instance); the others come in the order of queueing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        limit: u32,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        let text = format!(
            "UPDATE outbox SET due_at = ?1, attempts = attempts + 1 WHERE id IN \
             (SELECT id FROM outbox WHERE ended_at IS NULL AND due_at <= ?2 \
              ORDER BY event IS NOT NULL, due_at, id LIMIT ?3) RETURNING {COLUMNS}"
        );
        let values = values![until, now, limit];
        let mut claimed = self.0.write("outbox.claim", move |sql| sql.all(&text, &values, read)).await?;
        claimed.sort_by_key(|queued| queued.id);
        Ok(claimed)
    }

    /// Ends a message that was sent or abandoned. Its content is deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, id: u64, now: Timestamp) -> Result<(), StoreError> {
        let text = "UPDATE outbox SET ended_at = ?2, data = '' WHERE id = ?1 AND ended_at IS NULL";
        let values = values![id, now];
        self.0.write("outbox.end", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// Releases a claimed message; it is due again at `due_at`. Does nothing if the claim expired and another sender has claimed it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone(&self, claimed: &QueuedMessage, due_at: Timestamp) -> Result<(), StoreError> {
        let text = "UPDATE outbox SET due_at = ?3 WHERE id = ?1 AND attempts = ?2 AND ended_at IS NULL";
        let values = values![claimed.id, claimed.attempts, due_at];
        self.0.write("outbox.postpone", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// Whether a message is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let text = "SELECT EXISTS (SELECT 1 FROM outbox WHERE ended_at IS NULL AND event IS NOT NULL = ?1 AND due_at <= ?2)";
        let either = move |sql: &Sql<'_>| {
            let is_due = |of_event: bool| sql.one(text, &values![of_event, now], cell::<bool>);
            Ok(is_due(false)? == Some(true) || is_due(true)? == Some(true))
        };
        self.0.read("outbox.is_due", either).await
    }

    /// The waiting messages with an id above `after`, in order of queueing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending(&self, after: u64, limit: u32) -> Result<Vec<QueuedMessage>, StoreError> {
        let text =
            format!("SELECT {COLUMNS} FROM outbox WHERE id > ?1 AND ended_at IS NULL ORDER BY id LIMIT ?2");
        let values = values![after, limit];
        self.0.read("outbox.pending", move |sql| sql.all(&text, &values, read)).await
    }

    /// How many messages wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        let text = "SELECT COUNT(*) FROM outbox WHERE ended_at IS NULL";
        self.0.read("outbox.count", move |sql| sql.count(text, &[])).await
    }

    /// When the oldest waiting message was queued.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest(&self) -> Result<Option<Timestamp>, StoreError> {
        let text = "SELECT MIN(created_at) FROM outbox WHERE ended_at IS NULL";
        let oldest = self.0.read("outbox.oldest", move |sql| sql.one(text, &[], cell)).await?;
        Ok(oldest.flatten())
    }

    /// How many messages to this account have ended after this time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ended_since(&self, recipient: AccountId, after: Timestamp) -> Result<u64, StoreError> {
        let text = "SELECT COUNT(*) FROM outbox WHERE recipient = ?1 AND ended_at > ?2";
        let values = values![recipient, after];
        self.0.read("outbox.ended_since", move |sql| sql.count(text, &values)).await
    }

    /// The events whose sales caused messages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events(&self) -> Result<Vec<EventNumber>, StoreError> {
        let text =
            "SELECT DISTINCT event FROM outbox WHERE as_of IS NOT NULL AND event IS NOT NULL ORDER BY event";
        self.0.read("outbox.events", move |sql| sql.all(text, &[], cell)).await
    }

    /// Deletes the messages, including their keys, that versions of the event's sale above `version` caused. Used after restoring a journal
    /// that ends at `version`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_after(&self, event: EventNumber, version: u64) -> Result<(), StoreError> {
        let values = values![event, version];
        let text = "DELETE FROM outbox WHERE event = ?1 AND as_of > ?2";
        self.0.write("outbox.forget_after", move |sql| sql.execute(text, &values).map(drop)).await
    }
}

/// Queues a message, unless its key is already stored. Returns whether it was new.
pub(crate) fn queue(sql: &Sql<'_>, message: &Message, now: Timestamp) -> Result<bool, StoreError> {
    let text = "INSERT INTO outbox (dedupe_key, kind, recipient, event, as_of, data, expires_at, created_at, due_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (dedupe_key) DO NOTHING";
    let Message { dedupe_key, kind, recipient, event, as_of, data, expires_at } = message;
    let values = values![*dedupe_key, *kind, *recipient, *event, *as_of, *data, *expires_at, now];
    Ok(sql.execute(text, &values)? == 1)
}

fn read(row: &Row<'_>) -> Result<QueuedMessage, StoreError> {
    Ok(QueuedMessage {
        id: row.next()?,
        message: Message {
            dedupe_key: row.next()?,
            kind: row.next()?,
            recipient: row.next()?,
            event: row.next()?,
            as_of: row.next()?,
            data: row.next()?,
            expires_at: row.next()?,
        },
        created_at: row.next()?,
        attempts: row.next()?,
    })
}

/// Deletes all messages and message keys of an account that is being deleted.
pub(crate) fn drop_all(sql: &Sql<'_>, recipient: AccountId) -> Result<(), StoreError> {
    sql.execute("DELETE FROM outbox WHERE recipient = ?1", &values![recipient])?;
    Ok(())
}

pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM outbox WHERE ended_at <= ?1", &values![now.minus(MESSAGE_MEMORY)])?;
    Ok(())
}
