//! The demo's mailbox: the messages that a real server would send.

use crate::render::{encoded, personal};
use crate::values::Instant;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Mailbox {
    messages: Vec<Message>,
}

#[derive(Debug, Deserialize)]
struct Message {
    message_id: String,
    to: String,
    subject: String,
    sent_at: Instant,
    #[serde(default)]
    text: String,
    #[serde(default)]
    files: Vec<String>,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    messages: Vec<Message>,
    open: Option<Message>,
}

impl Page {
    /// The text split at spaces; `true` marks the pieces that are links.
    fn pieces(&self) -> Vec<(String, bool)> {
        let text = self.open.as_ref().map_or("", |message| message.text.as_str());
        text.split_inclusive(char::is_whitespace)
            .map(|word| (word.to_owned(), word.starts_with("http://") || word.starts_with("https://")))
            .collect()
    }
}

/// All messages, the newest first.
pub(crate) async fn list(client: ApiClient) -> Result<Response, PageError> {
    let mailbox: Mailbox = client.get("/demo/mailbox?limit=50").await?;
    Ok(personal(&Page { messages: mailbox.messages, open: None }))
}

/// One message.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let open: Message = client.get(&format!("/demo/mailbox/{}", encoded(&id))).await?;
    let mailbox: Mailbox = client.get("/demo/mailbox?limit=50").await?;
    Ok(personal(&Page { messages: mailbox.messages, open: Some(open) }))
}
