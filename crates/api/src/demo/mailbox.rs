//! The demo's mailbox: anybody can read the messages that would have been sent. These routes answer 404 outside the demo.

use crate::handler::*;
use axum::http::header;
use axum::response::IntoResponse as _;
use fairseat_contract::demo::{MailboxList, MailboxMessage};
use fairseat_store::Page;
use fairseat_store::mailbox::{File, Letter};

fn mailbox_message(letter: Letter) -> MailboxMessage {
    let Letter { message_id, recipient: _, address, subject, text, html, sent_at, files } = letter;
    let files = files.into_iter().map(|file| file.name).collect();
    MailboxMessage { message_id, to: address, subject, sent_at: JsonTime(sent_at), text, html, files }
}

fn only_in_the_demo(app: &ApiState) -> Result<(), ApiError> {
    if app.demo { Ok(()) } else { Err(Problem::not_found().into()) }
}

/// The demo's messages
///
/// Everybody's messages, the newest first; the last thousand are kept. Only in demo mode, where no message is sent; otherwise 404.
#[utoipa::path(get, path = "/demo/mailbox", tag = "Demo", security(()), params(Paging),
    responses((status = 200, body = MailboxList)))]
pub(crate) async fn messages(
    State(app): State<ApiState>,
    paging: Paging,
) -> Result<Json<MailboxList>, ApiError> {
    only_in_the_demo(&app)?;
    let Paging { limit, offset } = paging;
    let found = app.store.mailbox().list(Page { limit, offset: u64::from(offset) }).await?;
    let messages = found.rows.into_iter().map(mailbox_message).collect();
    Ok(Json(MailboxList { messages, total: found.total, limit, offset }))
}

/// One of the demo's messages
///
/// Only in demo mode; otherwise 404.
#[utoipa::path(get, path = "/demo/mailbox/{message_id}", tag = "Demo", security(()),
    params(("message_id" = Uuid, Path)), responses((status = 200, body = MailboxMessage)))]
pub(crate) async fn message(
    State(app): State<ApiState>,
    Path(message_id): Path<Uuid>,
) -> Result<Json<MailboxMessage>, ApiError> {
    only_in_the_demo(&app)?;
    let letter = app.store.mailbox().by_id(message_id).await?;
    Ok(letter.map(|letter| Json(mailbox_message(letter))).ok_or_else(Problem::not_found)?)
}

/// An attachment of one of the demo's messages
///
/// Only in demo mode; otherwise 404.
#[utoipa::path(get, path = "/demo/mailbox/{message_id}/files/{name}", tag = "Demo", security(()),
    params(("message_id" = Uuid, Path), ("name" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub(crate) async fn enclosure(
    State(app): State<ApiState>,
    Path((message_id, name)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    only_in_the_demo(&app)?;
    let kind = File::media_type(&name);
    let file = app.store.mailbox().file(message_id, name).await?.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, kind)], file).into_response())
}
