//! Sends seat changes to the viewers of an event, over WebSocket.
//!
//! A viewer costs a task and small buffers. A viewer that falls behind is told to reload, so that it does not delay others.

use crate::handler::{
    ApiError, ApiState, LimitedCaller, Path, Problem, Query, RateLimit, RequestContext, Response, State, Uuid,
};
use fairseat_contract::seats::AvailabilityFormat;

use crate::live::Frame;
use crate::sale_access::{VisibleSale, visible_sale};
use axum::extract::Extension;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use fairseat_domain::ids::EventNumber;
use fairseat_journal::Position;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;

/// How long a viewer's connection may take to accept a message.
const SEND_TIME: Duration = Duration::from_secs(10);

/// How often a viewer is pinged. The connection ends if nothing was received since the last ping.
const PING_EVERY: Duration = Duration::from_secs(30);

/// The read buffer: viewers only send answers to pings.
const READ_BUFFER: usize = 128;

/// The largest message a viewer may send; none is needed.
const MAX_MESSAGE: usize = 1_024;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// `json` (the default) or `binary`
    #[param(required = false, inline)]
    format: Option<AvailabilityFormat>,
}

/// Seat changes as they happen (WebSocket)
///
/// The first message is `{"version": n, …}`. Then come `{"version": n, "changes": [{"seat_id", "index", "status"}]}`, at most ten times a
/// second, and less often the more people watch (once a second for ten thousand). Ignore versions that are not newer than yours.
/// `{"version": n, "reload": true}` means that changes were missed: read them from `availability?since=`. With `format=binary` changes come
/// as in `availability?format=binary`; the first message and `reload` are still text.
#[utoipa::path(get, path = "/events/{event_id}/live", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), LiveQuery),
    responses((status = 101, description = "Switching to WebSocket"), (status = 404, description = "No such event"),
        (status = 422, description = "The request is not a WebSocket request")))]
pub(crate) async fn live(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<LiveQuery>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::LiveOpen, LimitedCaller::address(context.client))?;
    let VisibleSale { event, sale, .. } = visible_sale(&app, &headers, event_id).await?;
    let upgrade = upgrade.map_err(|_plain_http| {
        Problem::invalid("", "Ask for this address as a WebSocket (ws:// or wss://).")
    })?;
    let mut frames = app.broadcasters.join(&app.ids, event, &sale);
    let published = sale.published();
    let counts = published.state.counts();
    let first = format!(
        "{{\"version\":{},\"event_id\":\"{event_id}\",\"seats\":{},\"available\":{}}}",
        published.position.0,
        counts.total(),
        counts.available
    );
    let mut viewer = Viewer {
        event,
        binary: query.format.unwrap_or_default() == AvailabilityFormat::Binary,
        version: published.position,
    };
    Ok(upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |mut socket| async move {
            // `serve` borrows these, because a value that is moved into another future takes memory in both.
            let served = async move {
                app.metrics.viewer_joined();
                viewer.serve(&app, &mut socket, &mut frames, first).await;
                app.metrics.viewer_left();
            };
            // Spawned as a new task, because the current one keeps the memory of every step of the upgrade until it ends.
            drop(tokio::spawn(served));
        }))
}

struct Viewer {
    event: EventNumber,
    binary: bool,
    version: Position,
}

impl Viewer {
    async fn serve(
        &mut self,
        app: &ApiState,
        socket: &mut WebSocket,
        frames: &mut broadcast::Receiver<Arc<Frame>>,
        first: String,
    ) {
        if !send(socket, Message::Text(first.into())).await {
            return;
        }
        let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING_EVERY, PING_EVERY);
        let mut heard = true;
        loop {
            let message = tokio::select! {
                frame = frames.recv() => match frame {
                    Ok(frame) => self.message(&frame),
                    Err(RecvError::Lagged(_)) => Some(self.reload()),
                    Err(RecvError::Closed) => return close(socket, "reconnect").await,
                },
                received = socket.recv() => match received {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => { heard = true; None }
                },
                _ = ping.tick() => {
                    if !std::mem::take(&mut heard) {
                        return;
                    }
                    Some(Message::Ping(bytes::Bytes::new()))
                }
                () = app.edge.shutdown.begun() => return close(socket, "the server is shutting down").await,
            };
            if let Some(message) = message
                && !send(socket, message).await
            {
                tracing::debug!(event = self.event.0, "a viewer was too slow");
                return;
            }
        }
    }

    /// The frame as a message; `None` if the viewer has this version or a newer one.
    fn message(&mut self, frame: &Frame) -> Option<Message> {
        if frame.version <= self.version {
            return None;
        }
        self.version = frame.version;
        let compact = frame.binary.clone().filter(|_| self.binary);
        Some(compact.map_or_else(|| Message::Text(frame.text.clone()), Message::Binary))
    }

    fn reload(&self) -> Message {
        Message::Text(Utf8Bytes::from(format!("{{\"version\":{},\"reload\":true}}", self.version.0)))
    }
}

pub(crate) async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(tokio::time::timeout(SEND_TIME, socket.send(message)).await, Ok(Ok(())))
}

pub(crate) async fn close(socket: &mut WebSocket, reason: &'static str) {
    let frame =
        CloseFrame { code: axum::extract::ws::close_code::AWAY, reason: Utf8Bytes::from_static(reason) };
    send(socket, Message::Close(Some(frame))).await;
}
