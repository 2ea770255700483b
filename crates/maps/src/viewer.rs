//! Sends seat changes to one viewer of an event, over WebSocket.
//!
//! A viewer costs a task and small buffers. A viewer that falls behind is told to reload, so that it does not delay others.

use crate::broadcaster::Frame;
use axum::extract::ws::{CloseCode, CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use fairseat_domain::ids::EventNumber;
use fairseat_edge::Shutdown;
use fairseat_journal::Position;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// How long a viewer's connection may take to accept a message.
const SEND_TIME: Duration = Duration::from_secs(10);

/// How often a viewer is pinged. The connection ends if nothing was received since the last ping.
const PING_EVERY: Duration = Duration::from_secs(30);

/// The read buffer: viewers only send answers to pings.
const READ_BUFFER: usize = 128;

/// The largest message a viewer may send; none is needed.
const MAX_MESSAGE: usize = 1_024;

/// The right to see an event that not everybody may see. It may end while the feed is open.
pub trait ViewingRight: Send {
    /// Waits until the right may have ended.
    fn changed(&mut self) -> impl Future<Output = ()> + Send;

    /// Whether the right has ended. If this cannot be told now, it is asked again with the next ping.
    fn is_over(&self) -> impl Future<Output = bool> + Send;
}

/// A viewer of an event.
#[derive(Debug)]
pub struct Viewer<R> {
    /// The event.
    pub event: EventNumber,
    /// Whether changes are sent in the binary form.
    pub binary: bool,
    /// The version that the viewer has.
    pub version: Position,
    /// Why the viewer may see the event, if not everybody may.
    pub right: Option<Box<R>>,
}

/// A WebSocket with the small buffers that a viewer needs.
pub fn with_small_buffers(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
}

impl<R: ViewingRight + Sync> Viewer<R> {
    /// Sends `first`, and then frames until the viewer leaves, loses its right, is too slow, or the server shuts down.
    pub async fn serve(
        &mut self,
        socket: &mut WebSocket,
        frames: &mut broadcast::Receiver<Arc<Frame>>,
        shutdown: &Shutdown,
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
                    if self.has_lost_right().await {
                        return close(socket, close_code::POLICY, "you may no longer see this event").await;
                    }
                    None
                }
                _ = ping.tick() => {
                    if !std::mem::take(&mut heard) {
                        return;
                    }
                    // Another server may have changed it.
                    if self.has_lost_right().await {
                        return close(socket, close_code::POLICY, "you may no longer see this event").await;
                    }
                    Some(Message::Ping(bytes::Bytes::new()))
                }
                () = shutdown.begun() => return close(socket, close_code::AWAY, "the server is shutting down").await,
            };
            if let Some(message) = message
                && !send(socket, message).await
            {
                tracing::debug!(event = self.event.0, "a viewer was too slow");
                return;
            }
        }
    }

    async fn has_lost_right(&self) -> bool {
        match &self.right {
            // Boxed, because every viewer's task would have the memory for it.
            Some(right) => Box::pin(right.is_over()).await,
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

/// Waits until a right may have ended; for ever without one.
async fn changed<R: ViewingRight>(right: &mut Option<Box<R>>) {
    match right {
        Some(right) => right.changed().await,
        None => std::future::pending().await,
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(tokio::time::timeout(SEND_TIME, socket.send(message)).await, Ok(Ok(())))
}

async fn close(socket: &mut WebSocket, code: CloseCode, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    send(socket, Message::Close(Some(frame))).await;
}
