//! Messages to people: their wording (`letters`), their layout, and sending the messages of the outbox.
//!
//! What must always hold: a message is sent at least once, with the same Message-ID each time, or abandoned with an alert; no request
//! waits for it; text from organizers and buyers is escaped in `layout`, and nowhere else. What deliberately does not live here: which
//! fact causes which message, and the data of a letter ([`LetterComposer`]). `fairseat-app` has both.

mod layout;
mod letter;
pub mod letters;
mod sender;
mod smtp_url;
mod transport;

pub use letter::{Block, Letter};
pub use sender::{ComposeError, Composed, LetterComposer, MailObserver, Mailer, MailerOptions, Recipient};
pub use smtp_url::SmtpUrl;
pub use transport::{MailTransport, SendError};

use fairseat_domain::time::Millis;

/// How long a message about an order or an event is worth sending.
pub const USEFUL_FOR: Millis = Millis::from_seconds(3 * 24 * 3600);
