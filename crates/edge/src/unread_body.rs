//! Reads and discards the part of a request body that the handler did not read.
//!
//! A handler may answer before it has read the body. If the connection closed then, a client that is still sending would see a reset
//! instead of the answer. So the rest of the body is discarded first, up to a limit of size and time. Beyond it the answer tells the client
//! that the connection will close, and the socket reads for a moment longer (see `socket`).

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, SizeHint};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// The most bytes that are discarded.
const DRAIN_BYTES: u64 = 1024 * 1024;
/// How long discarding may take.
const DRAIN_TIME: Duration = Duration::from_secs(2);

type ReturnSlot = Arc<Mutex<Option<Body>>>;

/// The unread rest of a request body, once its handler has dropped it.
#[derive(Debug)]
pub(crate) struct UnreadBody {
    returned: Option<ReturnSlot>,
    waits_for_continue: bool,
}

/// A request body that hands over its unread rest when its reader drops it.
#[derive(Debug)]
struct TrackedBody {
    body: Option<Body>,
    slot: ReturnSlot,
}

/// Replaces the body of `request` by one that hands back its unread rest when it is dropped.
pub(crate) fn track(request: Request) -> (Request, UnreadBody) {
    if request.body().is_end_stream() {
        return (request, UnreadBody { returned: None, waits_for_continue: false });
    }
    let waits_for_continue = request.headers().contains_key(header::EXPECT);
    let slot = ReturnSlot::default();
    let request = request.map(|body| Body::new(TrackedBody { body: Some(body), slot: Arc::clone(&slot) }));
    (request, UnreadBody { returned: Some(slot), waits_for_continue })
}

impl UnreadBody {
    /// Discards the rest of the body, or marks the connection as closing.
    pub(crate) async fn discard(self, response: &mut Response) {
        let left = self.returned.and_then(|slot| slot.lock().take());
        let Some(body) = left else { return };
        let closing = response.headers().contains_key(header::CONNECTION);
        let too_much = body.size_hint().lower() > DRAIN_BYTES;
        let drained = !closing
            && !too_much
            && !self.waits_for_continue
            && timeout(DRAIN_TIME, drain(body)).await.unwrap_or(false);
        if !drained {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether the end was reached.
async fn drain(mut body: Body) -> bool {
    let mut left = DRAIN_BYTES;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)) {
            Some(rest) => left = rest,
            None => return false,
        }
    }
    true
}

impl hyper::body::Body for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.body.as_mut() {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(hyper::body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(hyper::body::Body::size_hint).unwrap_or_default()
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.slot.lock() = Some(body);
        }
    }
}
