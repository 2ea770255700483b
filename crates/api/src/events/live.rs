//! Sends seat changes to the viewers of an event, over WebSocket.
//!
//! A viewer costs a task and small buffers. A viewer that falls behind is told to reload, so that it does not delay others.

use crate::caller::SignedIn;
use crate::handler::{
    ApiError, ApiState, Code, LimitedCaller, Path, Problem, Query, RateLimit, RequestContext, Response,
    State, Uuid,
};
use fairseat_contract::seats::AvailabilityFormat;

use crate::live::Frame;
use crate::sale_access::{VisibleSale, visible_sale};
use axum::extract::Extension;
use axum::extract::ws::{CloseCode, CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::HeaderMap;
use fairseat_domain::ids::{AccountId, EventNumber};
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
    // Subscribed first, so that no change is missed in between.
    let changes = app.access.changes();
    let VisibleSale { event, sale, member, .. } = visible_sale(&app, &headers, event_id).await?;
    let right = member.map(|member| Box::new(MembersRight { member, changes, headers, event_id }));
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
        right,
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
    /// Why the viewer may see the event, if not everybody may.
    right: Option<Box<MembersRight>>,
}

/// The right of a member to see a draft. It may end while the feed is open.
struct MembersRight {
    member: SignedIn,
    changes: broadcast::Receiver<AccountId>,
    headers: HeaderMap,
    event_id: Uuid,
}

impl MembersRight {
    /// Waits until the member's access may have changed.
    async fn changed(&mut self) {
        loop {
            let concerns = match self.changes.recv().await {
                Ok(account) => account == self.member.account,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => std::future::pending().await,
            };
            if concerns {
                return;
            }
        }
    }

    /// Whether the member may no longer see the event. If this cannot be told now, it is asked again with the next ping.
    async fn is_over(&self, app: &ApiState) -> bool {
        // Boxed, because every viewer's task would have the memory for it.
        let visible = Box::pin(visible_sale(app, &self.headers, self.event_id)).await;
        let refused = visible.err().map(|error| error.0.code());
        matches!(refused, Some(Code::NotFound | Code::Forbidden | Code::Unauthenticated))
    }
}

/// Waits until a right may have changed; for ever without one.
async fn changed(right: &mut Option<Box<MembersRight>>) {
    match right {
        Some(right) => right.changed().await,
        None => std::future::pending().await,
    }
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
                    Err(RecvError::Closed) => return close(socket, close_code::AWAY, "reconnect").await,
                },
                received = socket.recv() => match received {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => { heard = true; None }
                },
                () = changed(&mut self.right) => {
                    if self.has_lost_right(app).await {
                        return close(socket, close_code::POLICY, "you may no longer see this event").await;
                    }
                    None
                }
                _ = ping.tick() => {
                    if !std::mem::take(&mut heard) {
                        return;
                    }
                    // Another server may have changed it.
                    if self.has_lost_right(app).await {
                        return close(socket, close_code::POLICY, "you may no longer see this event").await;
                    }
                    Some(Message::Ping(bytes::Bytes::new()))
                }
                () = app.edge.shutdown.begun() => return close(socket, close_code::AWAY, "the server is shutting down").await,
            };
            if let Some(message) = message
                && !send(socket, message).await
            {
                tracing::debug!(event = self.event.0, "a viewer was too slow");
                return;
            }
        }
    }

    async fn has_lost_right(&self, app: &ApiState) -> bool {
        match &self.right {
            Some(right) => right.is_over(app).await,
            None => false,
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

pub(crate) async fn close(socket: &mut WebSocket, code: CloseCode, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    send(socket, Message::Close(Some(frame))).await;
}
