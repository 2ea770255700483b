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
    /// The form without pictures and colours
    pub text: String,
    /// The same as a page of its own
    pub html: String,
    /// Names of what is enclosed; in lists always empty
    pub files: Vec<String>,
}
