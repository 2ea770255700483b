//! Messages to people: their wording (`letters`), their layout, and sending the messages of the outbox.
//!
//! What must always hold: a message is sent at least once, with the same Message-ID each time, or abandoned with an alert; no request waits
//! for it; text from organizers and buyers is escaped in `layout`, and nowhere else. What deliberately does not live here, but in
//! `fairseat-app`: which fact causes which message, and the data of a letter ([`LetterComposer`]).

mod address;
mod layout;
mod letter;
pub mod letters;
mod sender;
mod smtp_url;
mod transport;

pub use address::{AddressRefusal, MailAddress};
pub use letter::{Block, Letter};
pub use sender::{ComposeError, Composed, LetterComposer, MailObserver, Mailer, MailerOptions, Recipient};
pub use smtp_url::SmtpUrl;
pub use transport::{MailTransport, SendError};

use fairseat_domain::time::Millis;

/// How long it makes sense to send a message about an order or an event.
pub const USEFUL_FOR: Millis = Millis::from_seconds(3 * 24 * 3600);
