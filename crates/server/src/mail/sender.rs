//! Works off the outbox: claims what is due, has it written and carried, and settles what came of it.
//!
//! What must always hold: a claim lasts longer than everything done under it, so a message is being sent by one process at a time; a
//! process that dies before it settled a message leaves it to the next, which sends it under the same Message-ID.

use super::carrier::{AT_ONCE, Carrier, PATIENCE, Trouble};
use super::letter::Sender;
use super::{counter_letters, layout, writing};
use crate::app::AppState;
use crate::http::problem::Problem;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::Clock;
use fairseat_store::StoreError;
use fairseat_store::mailbox::Letter;
use fairseat_store::outbox::QueuedMessage;
use futures::StreamExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// How often the outbox is looked at when nothing was due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Messages claimed at once.
const BATCH: u32 = 16;
/// How long they are ours.
const CLAIM: Millis = Millis::from_seconds(600);
const _: () = assert!(CLAIM.0 as u64 > 2 * PATIENCE.as_millis() as u64 * (BATCH / AT_ONCE) as u64);
/// How long a message waits after its first failed attempt; twice as long after each further one.
const FIRST_WAIT: Millis = Millis::from_seconds(30);
/// It never waits longer.
const LONGEST_WAIT: Millis = Millis::from_seconds(3_600);

/// Sends what waits in the outbox.
#[derive(Debug)]
pub struct Mailer {
    app: AppState,
    carrier: Carrier,
    clock: Arc<dyn Clock>,
}

impl Mailer {
    /// One that hands its letters to `carrier`.
    #[must_use]
    pub fn new(app: AppState, carrier: Carrier, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { app, carrier, clock })
    }

    /// Sends until the server closes; what is being sent then is sent to the end.
    pub async fn run(self: Arc<Self>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                () = self.app.closed() => return,
            }
            loop {
                match self.clone().round().await {
                    Ok(claimed) if claimed > 0 && !self.app.is_closing() => {}
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
        let (outbox, now) = (self.app.platform.store.outbox(), self.clock.now());
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
                    self.app.metrics.panicked();
                }
            })
            .await;
        Ok(count)
    }

    async fn attempt(&self, queued: QueuedMessage) {
        let tried = if self.clock.now() >= queued.message.expires_at {
            Err(Trouble::Never("expired", 0))
        } else {
            self.write_and_send(&queued).await
        };
        let settled = match tried {
            Ok(()) => self.app.platform.store.outbox().end(queued.id, self.clock.now()).await,
            Err(trouble) => self.settle(&queued, trouble).await,
        };
        if let Err(error) = settled {
            tracing::warn!(%error, kind = queued.message.kind, "a message may be sent once more");
        }
    }

    /// Sends a message. What is for nobody any more counts as sent.
    async fn write_and_send(&self, queued: &QueuedMessage) -> Result<(), Trouble> {
        let message = &queued.message;
        let cannot_write = |problem| cannot_write(message.kind.as_str(), &problem);
        let addressee = writing::addressee(&self.app, message).await.map_err(cannot_write)?;
        // Reserved for addresses that nobody has (RFC 2606).
        let Some(to) = addressee.filter(|to| !to.address.ends_with(".invalid")) else { return Ok(()) };
        let letter = writing::write(&self.app, message, &to.name).await.map_err(cannot_write)?;
        let letter = letter.ok_or(Trouble::Never("nothing_to_say", 0))?;
        let files = counter_letters::enclosed(&self.app, message).await.map_err(cannot_write)?;
        let sender = Sender { name: self.carrier.sender_name(), url: &self.app.base_url };
        let letter = Letter {
            message_id: message_id(queued),
            recipient: message.recipient,
            address: to.address,
            text: layout::text(&letter, sender),
            html: layout::html(&letter, sender),
            subject: letter.subject,
            sent_at: self.clock.now(),
            files,
        };
        self.carrier.take(&self.app, letter).await?;
        self.app.metrics.mail_sent();
        Ok(())
    }

    async fn settle(&self, queued: &QueuedMessage, trouble: Trouble) -> Result<(), StoreError> {
        let (outbox, now) = (self.app.platform.store.outbox(), self.clock.now());
        let (kind, message_id, attempts) = (&queued.message.kind, message_id(queued), queued.attempts);
        match trouble {
            Trouble::Later(reason, code) => {
                tracing::warn!(kind, %message_id, attempts, reason, code, "a message is tried again later");
                self.app.metrics.mail_failed(reason);
                outbox.postpone(queued, next_try(queued, now)).await
            }
            Trouble::Never(reason, code) => {
                tracing::error!(kind, %message_id, attempts, reason, code, "a message is given up");
                self.app.metrics.mail_failed(reason);
                self.app.metrics.alert("mail_given_up");
                outbox.end(queued.id, now).await
            }
        }
    }
}

fn cannot_write(kind: &str, problem: &Problem) -> Trouble {
    tracing::warn!(kind, code = problem.code().name(), "a message cannot be written now");
    Trouble::Later("unwritten", 0)
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
