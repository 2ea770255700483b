//! Sends the messages of the outbox: claims those that are due, composes and sends their letters, and ends or postpones them.
//!
//! What must always hold: a claim lasts longer than the attempts made under it, so that only one process sends a message at a time. If a
//! process dies during an attempt, another one sends the message again later, with the same Message-ID.

use crate::letter::{self, Sender};
use crate::transport::{AT_ONCE, MailTransport, SEND_TIMEOUT, SendError};
use crate::{layout, letters};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::Clock;
use fairseat_store::mailbox::{File, Letter};
use fairseat_store::outbox::{Message, QueuedMessage};
use fairseat_store::{Store, StoreError};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// How often the outbox is polled when nothing is due.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// The most messages claimed together.
const BATCH: u32 = 16;
/// How long a claim lasts.
const CLAIM: Millis = Millis::from_seconds(600);
const _: () = assert!(CLAIM.0 as u64 > 2 * SEND_TIMEOUT.as_millis() as u64 * (BATCH / AT_ONCE) as u64);
/// The wait after the first failed attempt; it doubles with each further one.
const FIRST_WAIT: Millis = Millis::from_seconds(30);
/// The longest wait between two attempts.
const LONGEST_WAIT: Millis = Millis::from_seconds(3_600);

/// Composes the letters of messages.
pub trait LetterComposer: Send + Sync + 'static {
    /// The letter of a message, from the current data.
    fn compose<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Composed, ComposeError>>;
}

/// The outcome of composing a message.
#[derive(Debug)]
pub enum Composed {
    /// A letter.
    Letter {
        /// The recipient.
        to: Recipient,
        /// The text.
        letter: letter::Letter,
        /// The attached files.
        files: Vec<File>,
    },
    /// The recipient no longer exists; the message is ended without an alert.
    RecipientGone,
    /// The address got many letters and nobody has confirmed it; the message is ended without an alert.
    Withheld,
    /// The kind of message is unknown, or its object does not exist: a bug.
    Unknown,
}

/// The recipient of a letter.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The name; may be empty.
    pub name: String,
    /// The e-mail address.
    pub address: String,
}

/// Composing failed; a later attempt may succeed. The text is for the log.
#[derive(Clone, Debug)]
pub struct ComposeError(pub String);

/// Counts the outcomes of messages.
pub trait MailObserver: Send + Sync + 'static {
    /// A message was sent.
    fn sent(&self);
    /// An attempt failed, for one of a few reasons.
    fn failed(&self, reason: &'static str);
    /// A message was abandoned.
    fn given_up(&self);
    /// Composing a message panicked: a bug.
    fn panicked(&self);
}

/// The parts of a mailer.
pub struct MailerOptions {
    /// The store with the outbox and the demo's mailbox.
    pub store: Store,
    /// Sends letters.
    pub transport: MailTransport,
    /// Composes letters.
    pub composer: Arc<dyn LetterComposer>,
    /// Counts outcomes.
    pub observer: Arc<dyn MailObserver>,
    /// The address at which buyers reach the server.
    pub base_url: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for MailerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailerOptions").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// Sends the messages of the outbox.
#[derive(Debug)]
pub struct Mailer(MailerOptions);

impl Mailer {
    /// A mailer with these parts.
    #[must_use]
    pub fn new(options: MailerOptions) -> Arc<Self> {
        Arc::new(Self(options))
    }

    /// Sends messages until `stop` becomes true; a round in progress is finished.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut poll = tokio::time::interval(POLL_EVERY);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = poll.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            loop {
                match self.clone().round().await {
                    Ok(claimed) if claimed > 0 && !*stop.borrow() => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, "the outbox cannot be read");
                        break;
                    }
                }
            }
        }
    }

    /// Attempts a few due messages once each. Returns how many.
    ///
    /// # Errors
    /// When the store fails before the first attempt.
    pub async fn round(self: Arc<Self>) -> Result<usize, StoreError> {
        let (outbox, now) = (self.0.store.outbox(), self.0.clock.now());
        // Reading first avoids a write transaction when nothing is due.
        if !outbox.is_due(now).await? {
            return Ok(0);
        }
        let claimed = outbox.claim(BATCH, now, now.plus(CLAIM)).await?;
        let count = claimed.len();
        let at_once = usize::try_from(AT_ONCE).unwrap_or(1);
        futures::stream::iter(claimed)
            .for_each_concurrent(at_once, async |queued| {
                let mailer = self.clone();
                // A task of its own, so that a panic while composing one letter does not stop the others.
                let sent = tokio::spawn(async move { mailer.attempt(queued).await });
                if sent.await.is_err() {
                    self.0.observer.panicked();
                }
            })
            .await;
        Ok(count)
    }

    async fn attempt(&self, queued: QueuedMessage) {
        let tried = if self.0.clock.now() >= queued.message.expires_at {
            Err(SendError::Permanent("expired", 0))
        } else {
            self.write_and_send(&queued).await
        };
        let settled = match tried {
            Ok(()) => self.0.store.outbox().end(queued.id, self.0.clock.now()).await,
            Err(error) => self.settle(&queued, error).await,
        };
        if let Err(error) = settled {
            tracing::warn!(%error, kind = queued.message.kind, "the outcome of a message was not stored; it may be sent again");
        }
    }

    async fn write_and_send(&self, queued: &QueuedMessage) -> Result<(), SendError> {
        let message = &queued.message;
        let composed = self.0.composer.compose(message).await;
        let composed = composed.map_err(|cannot| {
            tracing::warn!(
                kind = message.kind,
                cause = cannot.0,
                "a letter could not be composed and will be retried"
            );
            SendError::Temporary("unwritten", 0)
        })?;
        let (to, letter, files) = match composed {
            // Addresses under `.invalid` never exist (RFC 2606); the demo's accounts have such addresses.
            Composed::Letter { to, .. } if to.address.ends_with(".invalid") => return Ok(()),
            Composed::Letter { to, letter, files } => (to, letter, files),
            Composed::RecipientGone => return Ok(()),
            Composed::Withheld => {
                tracing::info!(
                    kind = message.kind,
                    "a letter is withheld: its address is not confirmed and got many letters"
                );
                return Ok(());
            }
            Composed::Unknown => return Err(SendError::Permanent("nothing_to_say", 0)),
        };
        let letter = letters::greeted(letter, &to.name);
        let sender = Sender { name: self.0.transport.sender_name(), url: &self.0.base_url };
        let letter = Letter {
            message_id: message_id(queued),
            recipient: message.recipient,
            address: to.address,
            text: layout::text(&letter, sender),
            html: layout::html(&letter, sender),
            subject: letter.subject,
            sent_at: self.0.clock.now(),
            files,
        };
        self.0.transport.send(&self.0.store, letter).await?;
        self.0.observer.sent();
        Ok(())
    }

    async fn settle(&self, queued: &QueuedMessage, error: SendError) -> Result<(), StoreError> {
        let (outbox, now) = (self.0.store.outbox(), self.0.clock.now());
        let (kind, message_id, attempts) = (&queued.message.kind, message_id(queued), queued.attempts);
        match error {
            SendError::Temporary(reason, code) => {
                tracing::warn!(kind, %message_id, attempts, reason, code, "a message was not sent and will be retried");
                self.0.observer.failed(reason);
                outbox.postpone(queued, next_try(queued, now)).await
            }
            SendError::Permanent(reason, code) => {
                tracing::error!(kind, %message_id, attempts, reason, code, "a message is abandoned");
                self.0.observer.failed(reason);
                self.0.observer.given_up();
                outbox.end(queued.id, now).await
            }
        }
    }
}

/// The time of the next attempt. If the message expires first, that time, so that it is abandoned then.
fn next_try(queued: &QueuedMessage, now: Timestamp) -> Timestamp {
    let doublings = queued.attempts.saturating_sub(1).min(16);
    let wait = Millis((FIRST_WAIT.0 << doublings).min(LONGEST_WAIT.0));
    now.plus(wait).min(queued.message.expires_at.max(now))
}

/// The Message-ID: the same for every attempt to send a message, and different for each message.
fn message_id(queued: &QueuedMessage) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&queued.message.recipient.0.to_be_bytes()).update(queued.message.dedupe_key.as_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::ids::AccountId;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }

    fn queued(key: &str, attempts: u32, expires_in: Millis) -> QueuedMessage {
        let message = Message {
            dedupe_key: key.to_owned(),
            kind: "order_confirmed".to_owned(),
            recipient: AccountId(1),
            event: None,
            as_of: None,
            data: "{}".to_owned(),
            expires_at: now().plus(expires_in),
        };
        QueuedMessage { id: 1, message, created_at: now(), attempts }
    }

    #[test]
    fn waits_double_up_to_an_hour_and_end_when_the_message_expires() {
        let day = Millis::from_seconds(24 * 3_600);
        let waits = [(1, 30), (2, 60), (3, 120), (7, 1_920), (8, 3_600), (9, 3_600), (u32::MAX, 3_600)];
        for (attempts, seconds) in waits {
            let next = next_try(&queued("a", attempts, day), now());
            assert_eq!(next.since(now()), Millis::from_seconds(seconds), "after attempt {attempts}");
        }
        let soon = Millis::from_seconds(10);
        assert_eq!(next_try(&queued("a", 1, soon), now()).since(now()), soon, "not after it has expired");
    }

    #[test]
    fn every_attempt_at_a_message_has_the_same_id() {
        let hour = Millis::from_seconds(3_600);
        let id = message_id(&queued("a", 1, hour));
        assert_eq!(message_id(&queued("a", 2, hour)), id);
        assert_ne!(message_id(&queued("b", 1, hour)), id);
    }
}
