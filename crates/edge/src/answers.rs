//! The memory of answers that wait to be read: a large answer takes its bytes from a budget until the client has read it, so that clients who
//! ask and do not read cannot fill the memory.
//!
//! Bytes that many answers share are not counted ([`SharedBytes`]). A client that reads nothing, or too little, is disconnected (see `socket`).

use crate::limits::LimitedCaller;
use crate::problem::Problem;
use crate::shares::{Places, Shares};
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Body as _, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;

/// Memory for large answers, and the share of one address.
const ANSWER_MEMORY: usize = 192 << 20;
const ANSWER_MEMORY_SHARE: usize = 48 << 20;
/// Answers of at least so many bytes are counted.
const LARGE_ANSWER: usize = 64 << 10;
/// So much of a large answer is handed to the connection at once: the rest stays counted until there is room for more.
const PIECE: usize = 64 << 10;

/// How fast a large answer must be read, and how long it may take besides.
const READ_BYTES_PER_SECOND: u32 = 64 << 10;
const READ_TIME: Duration = Duration::from_secs(30);

/// Marks an answer whose bytes are shared with others, such as a prepared one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedBytes;

impl SharedBytes {
    /// Marks `response`, if it is large enough to matter.
    pub(crate) fn mark(response: &mut Response, bytes: usize) {
        if bytes >= LARGE_ANSWER {
            response.extensions_mut().insert(Self);
        }
    }
}

/// The budget.
pub(crate) fn budget() -> Arc<Shares> {
    Shares::new(ANSWER_MEMORY, ANSWER_MEMORY_SHARE)
}

/// Counts a large answer against the budget, or replaces it by 503 when the budget, or the address's share of it, is used up.
pub(crate) fn counted(response: Response, budget: &Arc<Shares>, caller: Option<LimitedCaller>) -> Response {
    let bytes = response.body().size_hint().lower();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    if bytes < LARGE_ANSWER || response.extensions().get::<SharedBytes>().is_some() {
        return response;
    }
    match budget.take(caller, bytes) {
        Some(places) => response.map(|body| Body::new(CountedBody::new(body, places))),
        None => Problem::overloaded().because("large answers are not read").into_response(),
    }
}

/// A body that gives its bytes in pieces, and its places back when the last piece is taken.
struct CountedBody {
    body: Body,
    rest: Bytes,
    began: Instant,
    handed_out: u32,
    _places: Places,
}

impl CountedBody {
    fn new(body: Body, places: Places) -> Self {
        Self { body, rest: Bytes::new(), began: Instant::now(), handed_out: 0, _places: places }
    }

    fn is_late(&self) -> bool {
        let allowed = Duration::from_secs(u64::from(self.handed_out / READ_BYTES_PER_SECOND));
        self.began.elapsed() > READ_TIME + allowed
    }
}

impl hyper::body::Body for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.is_late() {
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))));
        }
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                ended_or_broken => return Poll::Ready(ended_or_broken),
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let piece = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(piece);
        self.handed_out = self.handed_out.saturating_add(u32::try_from(piece.len()).unwrap_or(u32::MAX));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        let hint = self.body.size_hint();
        let mut all = SizeHint::new();
        all.set_lower(hint.lower().saturating_add(rest));
        if let Some(upper) = hint.upper() {
            all.set_upper(upper.saturating_add(rest));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    fn answer(bytes: usize) -> Response {
        Response::new(Body::from(vec![b'x'; bytes]))
    }

    #[tokio::test]
    async fn a_large_answer_is_counted_until_it_was_read() {
        let (budget, caller) = (Shares::new(300_000, 200_000), Some(LimitedCaller::Address(1)));
        let small = counted(answer(LARGE_ANSWER - 1), &budget, caller);
        assert_eq!(budget.taken(), 0, "small answers are not counted");
        let first = counted(answer(150_000), &budget, caller);
        assert_eq!((first.body().size_hint().exact(), budget.taken()), (Some(150_000), 150_000));
        assert_eq!(counted(answer(100_000), &budget, caller).status(), 503, "more than the share");
        let mut shared = answer(100_000);
        SharedBytes::mark(&mut shared, 100_000);
        assert_eq!(counted(shared, &budget, caller).status(), 200, "shared bytes take no memory");
        let read = first.into_body().collect().await.unwrap().to_bytes();
        assert_eq!((read.len(), budget.taken()), (150_000, 0));
        drop(small);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_answer_that_is_read_too_slowly_ends() {
        let budget = Shares::new(1 << 30, 1 << 30);
        let mut body = counted(answer(8 << 20), &budget, None).into_body();
        for piece in 0..4 {
            assert!(body.frame().await.unwrap().is_ok(), "piece {piece}");
            tokio::time::advance(Duration::from_secs(9)).await;
        }
        assert!(body.frame().await.unwrap().is_err(), "256 KiB in 36 seconds is too slow");
        drop(body);
        assert_eq!(budget.taken(), 0);
    }
}
