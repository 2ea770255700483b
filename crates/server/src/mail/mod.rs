//! Mail: what waits in the outbox is written, and handed to a mail server, or put into the demo's mailbox.
//!
//! What must always hold: a message is sent at least once, under the same Message-ID each time, or given up with an alert; no
//! request waits for it; whatever organizers and buyers wrote is escaped where a letter is laid out, and nowhere else. Links carry
//! secrets that are made when a letter is written, so that none stands in the outbox. What is to be said to whom is decided elsewhere:
//! by the follower of facts, the catalogue, the accounts and the counter.

mod carrier;
mod counter_letters;
mod layout;
mod letter;
mod order_letters;
mod sender;
mod smtp_url;
mod writing;

pub use carrier::{Carrier, Trouble};
pub use sender::Mailer;
pub use smtp_url::SmtpUrl;

use crate::app::AppState;
use fairseat_domain::time::Millis;
use fairseat_engine::SystemClock;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// How long a message about an order or an event is worth sending.
pub const USEFUL_FOR: Millis = Millis::from_seconds(3 * 24 * 3600);

/// Begins to send, and says where to. Ends when the server closes; messages that wait without a mail server stay.
#[must_use]
pub fn start(app: &AppState, carrier: Option<Carrier>) -> Option<JoinHandle<()>> {
    let Some(carrier) = carrier else {
        tracing::info!("no --smtp-url: messages wait in the outbox");
        return None;
    };
    match &carrier {
        Carrier::Mailbox => tracing::info!("messages are shown at /demo/mailbox"),
        Carrier::Smtp { .. } => tracing::info!("messages go to the mail server"),
    }
    let mailer = Mailer::new(app.clone(), carrier, Arc::new(SystemClock));
    Some(tokio::spawn(mailer.run()))
}
