//! Works off the outbox: claims what is due, has it written and carried, and settles what came of it.
//!
//! What must always hold: a claim lasts longer than everything done under it, so a message is being sent by one process at a time; a
//! process that dies before it settled a message leaves it to the next, which sends it under the same Message-ID.

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

/// How often the outbox is looked at when nothing was due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Messages claimed at once.
const BATCH: u32 = 16;
/// How long they are ours.
const CLAIM: Millis = Millis::from_seconds(600);
const _: () = assert!(CLAIM.0 as u64 > 2 * SEND_TIMEOUT.as_millis() as u64 * (BATCH / AT_ONCE) as u64);
/// How long a message waits after its first failed attempt; twice as long after each further one.
const FIRST_WAIT: Millis = Millis::from_seconds(30);
/// It never waits longer.
const LONGEST_WAIT: Millis = Millis::from_seconds(3_600);

/// Knows what a message is about.
pub trait LetterComposer: Send + Sync + 'static {
    /// The letter for a message, from what is true now.
    fn compose<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Composed, ComposeError>>;
}

/// What came of composing a message.
#[derive(Debug)]
pub enum Composed {
    /// A letter.
    Letter {
        /// Who it goes to.
        to: Recipient,
        /// What it says.
        letter: letter::Letter,
        /// What is enclosed.
        files: Vec<File>,
    },
    /// The message is for nobody any more: it counts as sent.
    RecipientGone,
    /// The message is of a kind that is not known, or about something that does not exist: a bug.
    Unknown,
}

/// Who a letter goes to.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The name; may be empty.
    pub name: String,
    /// The e-mail address.
    pub address: String,
}

/// A message cannot be composed now; trying again later may help. The text is for the log.
#[derive(Clone, Debug)]
pub struct ComposeError(pub String);

/// Counts what becomes of messages.
pub trait MailObserver: Send + Sync + 'static {
    /// A message was sent.
    fn sent(&self);
    /// An attempt failed, for one of a few reasons.
    fn failed(&self, reason: &'static str);
    /// A message was given up.
    fn given_up(&self);
    /// Composing a message panicked: a bug.
    fn panicked(&self);
}

/// What a mailer works with.
pub struct MailerOptions {
    /// Has the outbox, and the demo's mailbox.
    pub store: Store,
    /// Hands letters over.
    pub transport: MailTransport,
    /// Knows what messages are about.
    pub composer: Arc<dyn LetterComposer>,
    /// Counts what becomes of them.
    pub observer: Arc<dyn MailObserver>,
    /// Where buyers reach the server.
    pub base_url: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for MailerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailerOptions").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// Sends what waits in the outbox.
#[derive(Debug)]
pub struct Mailer(MailerOptions);

impl Mailer {
    /// A mailer with these parts.
    #[must_use]
    pub fn new(options: MailerOptions) -> Arc<Self> {
        Arc::new(Self(options))
    }

    /// Sends until `stop` becomes true; what is being sent then is sent to the end.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
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

    /// Tries a few of the messages that are due, once each. Answers how many.
    ///
    /// # Errors
    /// When the store fails before anything was tried.
    pub async fn round(self: Arc<Self>) -> Result<usize, StoreError> {
        let (outbox, now) = (self.0.store.outbox(), self.0.clock.now());
        // Looking is cheap; claiming has to write.
        if !outbox.is_due(now).await? {
            return Ok(0);
        }
        let claimed = outbox.claim(BATCH, now, now.plus(CLAIM)).await?;
        let count = claimed.len();
        let at_once = usize::try_from(AT_ONCE).unwrap_or(1);
        futures::stream::iter(claimed)
            .for_each_concurrent(at_once, async |queued| {
                let mailer = self.clone();
                // A letter that cannot be written without a panic must not keep the others from being sent.
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
            tracing::warn!(%error, kind = queued.message.kind, "a message may be sent once more");
        }
    }

    async fn write_and_send(&self, queued: &QueuedMessage) -> Result<(), SendError> {
        let message = &queued.message;
        let composed = self.0.composer.compose(message).await;
        let composed = composed.map_err(|cannot| {
            tracing::warn!(kind = message.kind, cause = cannot.0, "a message cannot be written now");
            SendError::Temporary("unwritten", 0)
        })?;
        let (to, letter, files) = match composed {
            // Addresses below `.invalid` are reserved for nobody (RFC 2606).
            Composed::Letter { to, .. } if to.address.ends_with(".invalid") => return Ok(()),
            Composed::Letter { to, letter, files } => (to, letter, files),
            Composed::RecipientGone => return Ok(()),
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
                tracing::warn!(kind, %message_id, attempts, reason, code, "a message is tried again later");
                self.0.observer.failed(reason);
                outbox.postpone(queued, next_try(queued, now)).await
            }
            SendError::Permanent(reason, code) => {
                tracing::error!(kind, %message_id, attempts, reason, code, "a message is given up");
                self.0.observer.failed(reason);
                self.0.observer.given_up();
                outbox.end(queued.id, now).await
            }
        }
    }
}

/// When to try again: at the latest once more when the message expires, so that it is given up then.
fn next_try(queued: &QueuedMessage, now: Timestamp) -> Timestamp {
    let doublings = queued.attempts.saturating_sub(1).min(16);
    let wait = Millis((FIRST_WAIT.0 << doublings).min(LONGEST_WAIT.0));
    now.plus(wait).min(queued.message.expires_at.max(now))
}

/// The same for a message each time it is sent, and another for every message.
fn message_id(queued: &QueuedMessage) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&queued.message.recipient.0.to_be_bytes()).update(queued.message.dedupe_key.as_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
