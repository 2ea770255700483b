//! The demo's mailbox.

use crate::money::JsonTime;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Messages, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailboxList {
    pub messages: Vec<MailboxMessage>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// A message as its recipient reads it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailboxMessage {
    pub message_id: Uuid,
    /// The recipient's address
    pub to: String,
    pub subject: String,
    pub sent_at: JsonTime,
    /// The plain text
    pub text: String,
    /// The HTML
    pub html: String,
    /// Names of the attached files; always empty in lists
    pub files: Vec<String>,
}
