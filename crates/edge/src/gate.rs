//! The gate that every request passes with its body: how many bodies may arrive at once, how large, how fast, and how much memory all of them
//! may take.
//!
//! A request without a body is in flight at once. A request with one first takes a place among the bodies that are arriving, and is in flight
//! when its body is complete; so callers who announce a body and send nothing keep nobody out. Of all places and of all memory, one address may
//! take a share only.
//!
//! A body may have [`DEFAULT_BODY_BYTES`] until the handler, which has checked who asks, allows more ([`Gate::allow`]). The gate sits in the body
//! itself, so it holds for every reader: JSON, forms, uploads, and the discarding of what nobody read.
//!
//! A handler may answer before it has read the body. If the connection were closed then, a client that is still sending would see a reset
//! instead of the answer. So the rest is discarded first, within limits of size and time; above them the answer has `Connection: close`, and the
//! socket reads for a moment longer (see `socket`).

use crate::body::DEFAULT_BODY_BYTES;
use crate::limits::LimitedCaller;
use crate::problem::{Code, Problem};
use crate::shares::{Places, Shares};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use fairseat_domain::ids::AccountId;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, SizeHint};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// Requests being answered at once, and the share of one address; one more is answered 503, because each would wait too long.
pub const MAX_IN_FLIGHT: usize = 4_096;
const IN_FLIGHT_SHARE: usize = 1_024;
/// Bodies that may be arriving at once, and the share of one address.
pub const MAX_ARRIVING: usize = 1_024;
/// The share of one address in [`MAX_ARRIVING`].
pub const ARRIVING_SHARE: usize = 128;
/// Bodies above [`DEFAULT_BODY_BYTES`] at once, and the share of one address; an account may send one at a time.
pub const MAX_LARGE: usize = 16;
const LARGE_SHARE: usize = 2;
/// Memory for the bodies of all requests, and the share of one address.
const BODY_MEMORY: usize = 192 << 20;
const BODY_MEMORY_SHARE: usize = 80 << 20;
/// How long a body may take to arrive.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a body may take that was allowed to be large: 64 MiB at 5 Mbit/s.
pub const LARGE_BODY_TIME: Duration = Duration::from_secs(110);
/// Of a large body, so much must arrive in each so long a time.
const PACE_BYTES: usize = 128 << 10;
const PACE_TIME: Duration = Duration::from_secs(8);
/// Bytes of an unread body that are discarded at most, and how long that may take.
const DRAIN_BYTES: u64 = 1 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// The places of all requests.
#[derive(Debug)]
pub struct Gates {
    pub(crate) in_flight: Arc<Shares>,
    pub(crate) arriving: Arc<Shares>,
    pub(crate) large: Arc<Shares>,
    large_by_account: Arc<Shares>,
    memory: Arc<Shares>,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            in_flight: Shares::shrinking(MAX_IN_FLIGHT, IN_FLIGHT_SHARE),
            arriving: Shares::shrinking(MAX_ARRIVING, ARRIVING_SHARE),
            large: Shares::new(MAX_LARGE, LARGE_SHARE),
            large_by_account: Shares::new(MAX_LARGE, 1),
            memory: Shares::new(BODY_MEMORY, BODY_MEMORY_SHARE),
        }
    }
}

/// Why the gate refused a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyRefused {
    /// It has more than so many bytes.
    #[error("the body has more than {0} bytes")]
    TooLarge(usize),
    /// It did not arrive in time.
    #[error("the body arrives too slowly")]
    TooSlow,
    /// Too many bodies are arriving, or too many requests are in flight.
    #[error("the server is busy")]
    Busy,
}

impl From<BodyRefused> for Problem {
    fn from(refused: BodyRefused) -> Self {
        match refused {
            BodyRefused::TooLarge(limit) => {
                Self::new(Code::BodyTooLarge, format!("The body may have at most {limit} bytes."))
            }
            BodyRefused::TooSlow => {
                let detail = format!(
                    "A body must arrive within {} seconds, and a large one at {} kB a second.",
                    BODY_TIME.as_secs(),
                    PACE_BYTES / 1_000 / usize::try_from(PACE_TIME.as_secs()).unwrap_or(1)
                );
                Self::new(Code::RequestTimeout, detail)
                    .with_header(header::CONNECTION, HeaderValue::from_static("close"))
            }
            BodyRefused::Busy => {
                Self::overloaded().with_header(header::CONNECTION, HeaderValue::from_static("close"))
            }
        }
    }
}

/// One request's way through the gate; an extension of requests with a body.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Passage>);

#[derive(Debug)]
struct Passage {
    gates: Arc<Gates>,
    caller: Option<LimitedCaller>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: usize,
    received: usize,
    /// By when all of it must be there.
    deadline: Instant,
    /// When the pace is measured next, and how much had arrived when it was measured last; for large bodies.
    pace: Option<(Instant, usize)>,
    /// The place among the bodies that are arriving, or among the requests in flight.
    place: Option<Places>,
    is_complete: bool,
    memory: Option<Places>,
    large: Vec<Places>,
    refused: Option<BodyRefused>,
    /// The unread rest, once the reader dropped it.
    returned: Option<Body>,
}

impl Gate {
    /// Lets a request with a body in, or refuses it because too many are arriving.
    pub(crate) fn enter(gates: &Arc<Gates>, caller: Option<LimitedCaller>) -> Result<Self, BodyRefused> {
        let place = gates.arriving.take(caller, 1).ok_or(BodyRefused::Busy)?;
        let state = State {
            limit: DEFAULT_BODY_BYTES,
            received: 0,
            deadline: Instant::now() + BODY_TIME,
            pace: None,
            place: Some(place),
            is_complete: false,
            memory: None,
            large: Vec::new(),
            refused: None,
            returned: None,
        };
        Ok(Self(Arc::new(Passage { gates: Arc::clone(gates), caller, state: Mutex::new(state) })))
    }

    /// Puts the gate into the body of `request`.
    pub(crate) fn guard(&self, mut request: Request) -> Request {
        request.extensions_mut().insert(self.clone());
        let passage = Arc::clone(&self.0);
        request.map(|body| Body::new(GuardedBody { body: Some(body), passage, timer: None }))
    }

    /// Allows a body of up to `limit` bytes: as a large one if that is more than a form needs. Call it after the caller's rights were checked.
    ///
    /// # Errors
    /// [`BodyRefused::Busy`] when too many large bodies are arriving, of all callers, of this address or of this account.
    pub fn allow(&self, limit: usize, account: Option<AccountId>) -> Result<(), BodyRefused> {
        let Passage { gates, caller, state } = &*self.0;
        let mut state = state.lock();
        if limit > FORM_BODY_BYTES {
            let one = |shares: &Arc<Shares>, caller| shares.take(caller, 1).ok_or(BodyRefused::Busy);
            let places = [
                one(&gates.large, *caller)?,
                one(&gates.large_by_account, account.map(LimitedCaller::Account))?,
            ];
            state.large.extend(places);
            let now = Instant::now();
            state.deadline = now + LARGE_BODY_TIME;
            state.pace = Some((now + PACE_TIME, state.received));
        }
        state.limit = state.limit.max(limit);
        Ok(())
    }

    /// Why the gate refused the body, if it did.
    #[must_use]
    pub fn refused(&self) -> Option<BodyRefused> {
        self.0.state.lock().refused
    }

    /// Discards the rest of the body, or marks the connection as closing.
    pub(crate) async fn discard_rest(self, waits_for_continue: bool, response: &mut Response) {
        let left = self.0.state.lock().returned.take();
        let Some(body) = left else { return };
        let closing = response.headers().contains_key(header::CONNECTION);
        let too_much = body.size_hint().lower() > DRAIN_BYTES;
        let drained = !closing
            && !too_much
            && !waits_for_continue
            && timeout(DRAIN_TIME, drain(body)).await.unwrap_or(false);
        if !drained {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// The largest body that needs no place among the large ones: a form with a long description, in which every letter is encoded as nine bytes.
pub const FORM_BODY_BYTES: usize = 256 << 10;

impl Passage {
    fn refuse(&self, refused: BodyRefused) -> axum::Error {
        self.state.lock().refused = Some(refused);
        axum::Error::new(refused)
    }

    fn received(&self, bytes: usize) -> Result<(), BodyRefused> {
        let mut state = self.state.lock();
        state.received = state.received.saturating_add(bytes);
        if state.received > state.limit {
            return Err(BodyRefused::TooLarge(state.limit));
        }
        let has_room = match &mut state.memory {
            Some(memory) => memory.grow(bytes),
            None => {
                state.memory = self.gates.memory.take(self.caller, bytes);
                state.memory.is_some()
            }
        };
        if has_room { Ok(()) } else { Err(BodyRefused::Busy) }
    }

    /// The body is complete: the request is in flight from now on.
    fn complete(&self) -> Result<(), BodyRefused> {
        let mut state = self.state.lock();
        if state.is_complete {
            return Ok(());
        }
        state.is_complete = true;
        state.large.clear();
        state.place = self.gates.in_flight.take(self.caller, 1);
        if state.place.is_some() { Ok(()) } else { Err(BodyRefused::Busy) }
    }

    /// When the body's progress must be looked at next; an error when it is too slow.
    fn next_look(&self, now: Instant) -> Result<Instant, BodyRefused> {
        let mut state = self.state.lock();
        let received = state.received;
        if let Some((look, before)) = &mut state.pace
            && now >= *look
        {
            if received.saturating_sub(*before) < PACE_BYTES {
                return Err(BodyRefused::TooSlow);
            }
            (*look, *before) = (now + PACE_TIME, received);
        }
        if now >= state.deadline {
            return Err(BodyRefused::TooSlow);
        }
        Ok(state.pace.map_or(state.deadline, |(look, _)| look.min(state.deadline)))
    }

    /// Whether the body announces more than it may have.
    fn announces_too_much(&self, body: &Body) -> Option<BodyRefused> {
        let state = self.state.lock();
        let left = u64::try_from(state.limit.saturating_sub(state.received)).unwrap_or(u64::MAX);
        (body.size_hint().lower() > left).then_some(BodyRefused::TooLarge(state.limit))
    }
}

/// A request body behind the gate. When its reader drops it, the unread rest goes back to the gate.
struct GuardedBody {
    body: Option<Body>,
    passage: Arc<Passage>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl GuardedBody {
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Result<(), BodyRefused> {
        loop {
            let next = self.passage.next_look(Instant::now())?;
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(next)));
            if timer.deadline() != next {
                timer.as_mut().reset(next);
            }
            if timer.as_mut().poll(context).is_pending() {
                return Ok(());
            }
        }
    }
}

impl hyper::body::Body for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let passage = Arc::clone(&self.passage);
        let refuse = |refused| Poll::Ready(Some(Err(passage.refuse(refused))));
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        if let Some(refused) = passage.announces_too_much(body) {
            return refuse(refused);
        }
        let polled = Pin::new(&mut *body).poll_frame(context);
        let outcome = match &polled {
            Poll::Ready(Some(Ok(frame))) => passage
                .received(frame.data_ref().map_or(0, Bytes::len))
                .and_then(|()| if body.is_end_stream() { passage.complete() } else { Ok(()) }),
            Poll::Ready(None) => passage.complete(),
            Poll::Ready(Some(Err(_broken))) => Ok(()),
            Poll::Pending => self.poll_timer(context),
        };
        match outcome {
            Ok(()) => polled,
            Err(refused) => refuse(refused),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(hyper::body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(hyper::body::Body::size_hint).unwrap_or_default()
    }
}

impl Drop for GuardedBody {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            self.passage.state.lock().returned = Some(body);
        }
    }
}

/// Reads and discards a body; whether its end was reached.
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
