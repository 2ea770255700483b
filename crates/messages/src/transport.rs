//! The two transports for letters: a mail server, and the demo's mailbox.
//!
//! The text of a mail server's answer is never logged, because it often contains the recipient's address.

use crate::address::MailAddress;
use crate::smtp_url::SmtpUrl;
use anyhow::{Result, anyhow};
use fairseat_store::Store;
use fairseat_store::mailbox::{File, Letter};
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};
use lettre::transport::smtp::{PoolConfig, response::Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::error::Error;
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// The most letters sent to the mail server at once, each over its own connection.
pub(super) const AT_ONCE: u32 = 4;
/// How long the mail server may take for one letter.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the mail server may take for one line of the protocol.
const LINE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an unused connection stays open.
const IDLE: Duration = Duration::from_secs(20);

/// Reply codes that are permanent by their number but concern the connection rather than the letter: the server shuts down, does not know a
/// command, or refuses our login. Sending is retried, because an operator can fix these.
const RETRIED_CODES: [u16; 9] = [500, 502, 503, 504, 521, 530, 534, 535, 538];

/// How letters are sent.
pub enum MailTransport {
    /// Through a mail server.
    Smtp {
        /// Connections to it.
        transport: AsyncSmtpTransport<Tokio1Executor>,
        /// The sender's address.
        from: Mailbox,
    },
    /// Into the demo's mailbox.
    Mailbox,
}

impl fmt::Debug for MailTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // lettre's debug output of a transport may contain the password.
            Self::Smtp { from, .. } => f.debug_struct("Smtp").field("from", from).finish_non_exhaustive(),
            Self::Mailbox => f.write_str("Mailbox"),
        }
    }
}

/// Why a letter was not sent, as a short code for logs and metrics, with the mail server's reply code or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// A later attempt may succeed.
    Temporary(&'static str, u16),
    /// No later attempt can succeed.
    Permanent(&'static str, u16),
}

impl MailTransport {
    /// A transport through the mail server at this address, with `from` as the sender.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn smtp(url: &SmtpUrl, from: Mailbox) -> Result<Self> {
        let builder = url.transport().map_err(|wrong| anyhow!("--smtp-url {wrong}"))?;
        let pool = PoolConfig::new().max_size(AT_ONCE).idle_timeout(IDLE);
        let transport = builder.timeout(Some(LINE_TIMEOUT)).pool_config(pool).build();
        Ok(Self::Smtp { transport, from })
    }

    /// The sender's name, for the end of letters.
    pub(super) fn sender_name(&self) -> &str {
        match self {
            Self::Smtp { from, .. } => from.name.as_deref().unwrap_or("Fairseat"),
            Self::Mailbox => "Fairseat",
        }
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// When the mail server did not accept the letter, or when it is unknown whether it did.
    pub(super) async fn send(&self, store: &Store, letter: Letter) -> Result<(), SendError> {
        match self {
            Self::Mailbox => {
                store.mailbox().put(letter).await.map_err(|_failed| SendError::Temporary("store", 0))
            }
            Self::Smtp { transport, from } => {
                let message =
                    message(from, letter).map_err(|_unsendable| SendError::Permanent("unsendable", 0))?;
                match timeout(SEND_TIMEOUT, transport.send(message)).await {
                    Ok(Ok(_taken)) => Ok(()),
                    Ok(Err(error)) => Err(send_error(&error)),
                    Err(_elapsed) => Err(SendError::Temporary("timeout", 0)),
                }
            }
        }
    }
}

fn send_error(error: &lettre::transport::smtp::Error) -> SendError {
    match error.status() {
        Some(code) => {
            let number = code.into();
            let never =
                code.severity == Severity::PermanentNegativeCompletion && !RETRIED_CODES.contains(&number);
            if never {
                SendError::Permanent("refused", number)
            } else {
                SendError::Temporary("refused_for_now", number)
            }
        }
        None if error.is_timeout() => SendError::Temporary("timeout", 0),
        None if error.is_tls() => SendError::Temporary("tls", 0),
        None => SendError::Temporary("unreachable", 0),
    }
}

/// The `Auto-Submitted` header (RFC 3834): it prevents automatic replies, such as out-of-office notices.
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_given: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn message(from: &Mailbox, letter: Letter) -> Result<Message, Box<dyn Error + Send + Sync>> {
    let to = MailAddress::parse(&letter.address)?.into_sendable();
    let id = format!("<{}@{}>", letter.message_id, from.email.domain());
    // Given here, because lettre cannot read a quoted address from the header again.
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.clone()])?;
    let message = Message::builder()
        .envelope(envelope)
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject)
        .message_id(Some(id))
        .header(AutoSubmitted);
    let said = MultiPart::alternative_plain_html(letter.text, letter.html);
    if letter.files.is_empty() {
        return Ok(message.multipart(said)?);
    }
    let mut whole = MultiPart::mixed().multipart(said);
    for File { name, content } in letter.files {
        let kind: ContentType = File::media_type(&name).parse()?;
        whole = whole.singlepart(Attachment::new(name).body(content, kind));
    }
    Ok(message.multipart(whole)?)
}
