//! Accepts connections and speaks HTTP/1.1 on them.
//!
//! What must always hold: the number of connections is bounded, overall and by address; slow clients are disconnected; an error while
//! accepting neither stops the server nor makes it spin; after [`Shutdown`](crate::Shutdown) the requests in progress are answered before
//! the process ends.

use crate::context::Peer;
use crate::host::{self, UnusableHost};
use crate::shares::{Places, Shares};
use crate::socket::{Phase, Socket};
use crate::state::EdgeState;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};

/// The most bytes in a request's head; a longer head is answered 431.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;
/// How long a connection may wait for its next request.
pub const IDLE_TIME: Duration = Duration::from_secs(60);
/// How long requests in progress may take after the shutdown began.
pub const DRAIN_TIME: Duration = Duration::from_secs(15);
/// How long connections may take to close after their last answer.
const GOODBYE_TIME: Duration = Duration::from_secs(2);
/// The most open connections; fewer if the system allows fewer files.
pub const MAX_CONNECTIONS: usize = 100_000;
/// The most open connections of one address (an IPv6 /64), unless it is a trusted proxy or limits are off.
pub const MAX_CONNECTIONS_PER_ADDRESS: usize = 2_000;
/// File descriptors reserved for everything that is not a connection.
const OTHER_FILES: usize = 256;
/// The most refused connections that are answered 503 at the same time; further ones are closed without an answer.
const POLITE_REFUSALS: usize = 128;
/// How long accepting pauses when the system has no files left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
    retry-after: 5\r\nconnection: close\r\ncontent-length: 147\r\n\r\n\
    {\"type\":\"/docs#overloaded\",\"title\":\"The server is busy\",\"status\":503,\"code\":\"overloaded\",\
    \"detail\":\"Too many connections are open. Try again soon.\"}";

/// Counts open connections.
#[derive(Debug)]
struct Connections {
    edge: EdgeState,
    places: Arc<Shares>,
    /// Every open connection holds a clone.
    open: mpsc::Sender<Infallible>,
}

/// One open connection; dropped when its socket is closed.
#[derive(Debug)]
struct Connection {
    edge: EdgeState,
    _place: Places,
    _open: mpsc::Sender<Infallible>,
}

impl Connections {
    /// Counts a connection from `peer`, or refuses it.
    fn open(&self, peer: SocketAddr) -> Option<Connection> {
        let is_proxy = self.edge.trusted_proxies.iter().any(|proxy| proxy.contains(peer.ip().to_canonical()));
        let caller = self.edge.sharer(peer.ip()).filter(|_| !is_proxy);
        let place = self.places.take(caller, 1)?;
        self.edge.metrics.connection_opened();
        Some(Connection { edge: self.edge.clone(), _place: place, _open: self.open.clone() })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.edge.metrics.connection_closed();
    }
}

/// Raises this process's limit of open files as far as the system allows, and returns how many connections the limit permits. Call it
/// before other threads start.
///
/// It also grows the kernel's table of this process's files once. Otherwise the table doubles while a crowd connects, and during each
/// doubling Linux makes `accept` wait until every core has passed through the kernel; up to half a second was measured.
#[must_use]
pub fn raise_file_limit() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    let files = getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    let connections = files.saturating_sub(OTHER_FILES).clamp(1, MAX_CONNECTIONS);
    let last_file = i32::try_from(connections.saturating_add(OTHER_FILES / 2)).unwrap_or(i32::MAX);
    if let Err(error) = rustix::io::fcntl_dupfd_cloexec(std::io::stderr(), last_file) {
        tracing::debug!(%error, "cannot grow the table of open files");
    }
    connections
}

/// A service that answers requests, such as a router.
pub trait Service:
    tower::Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Service for S where
    S: tower::Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Serves on `listener` until the shutdown has begun and the requests in progress are answered.
///
/// Returns whether all of them were answered within [`DRAIN_TIME`].
pub async fn serve(
    listener: TcpListener,
    service: impl Service,
    edge: EdgeState,
    max_connections: usize,
) -> bool {
    // Every connection holds a sender of each; `recv` returns when the last sender is dropped.
    let (alive, mut gone) = mpsc::channel::<Infallible>(1);
    let (open, mut closed) = mpsc::channel::<Infallible>(1);
    let places = Shares::shrinking(max_connections, MAX_CONNECTIONS_PER_ADDRESS);
    let connections = Connections { edge: edge.clone(), places, open };
    accept(listener, &service, &connections, &alive).await;
    drop((alive, connections));
    let drained = timeout(DRAIN_TIME, gone.recv()).await.is_ok();
    // Live feeds are still sending their close frames, and the last answers are still on their way. A client that is cut off now would have
    // to retry.
    if drained {
        drop(timeout(GOODBYE_TIME, closed.recv()).await);
    }
    drained
}

async fn accept(
    listener: TcpListener,
    service: &impl Service,
    connections: &Connections,
    alive: &mpsc::Sender<Infallible>,
) {
    let refusals = Arc::new(Semaphore::new(POLITE_REFUSALS));
    let mut closed = pin!(connections.edge.shutdown.begun());
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut closed => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match connections.open(peer) {
                Some(connection) => {
                    let answering = answer(stream, peer, service.clone(), connection, alive.clone());
                    drop(tokio::spawn(answering));
                }
                None => refuse(stream, connections, &refusals),
            },
            Err(error) => after_accept_error(&error).await,
        }
    }
}

/// Ignores clients that disconnected before they were accepted. Other errors, such as no free file descriptors, last for a while, so
/// accepting pauses instead of spinning.
async fn after_accept_error(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept connections");
        sleep(ACCEPT_PAUSE).await;
    }
}

fn refuse(stream: TcpStream, connections: &Connections, refusals: &Arc<Semaphore>) {
    connections.edge.metrics.connection_refused();
    let Ok(permit) = Arc::clone(refusals).try_acquire_owned() else { return };
    // The answer fits the empty send buffer of a new socket; dropping the socket reads what the client is sending.
    drop(stream.try_write(REFUSAL));
    drop(Socket::new(stream, Arc::default(), permit));
}

async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    service: impl Service,
    connection: Connection,
    alive: mpsc::Sender<Infallible>,
) {
    // Turns off Nagle's algorithm, which may delay an answer until the previous one is acknowledged. It fails only if the client has
    // disconnected.
    drop(stream.set_nodelay(true));
    let shutdown = connection.edge.shutdown.clone();
    let phase = Arc::new(Phase::default());
    let socket = Socket::new(stream, Arc::clone(&phase), connection);
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIME)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(
            TokioIo::new(socket),
            Answering { service: RefCell::new(service), peer: Peer(peer), phase },
        )
        .with_upgrades();
    let mut http = pin!(http);
    let mut closed = pin!(shutdown.begun());
    let (mut registered, mut closing) = (false, false);
    // Polling `closed` takes a lock that all connections share. So it is polled once, to register this task's waker, and again only after
    // the shutdown has begun.
    let ended = poll_fn(|context| {
        let ended = http.as_mut().poll(context);
        if ended.is_ready() || closing || (registered && !shutdown.has_begun()) {
            return ended;
        }
        registered = true;
        if closed.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        closing = true;
        http.as_mut().graceful_shutdown();
        http.as_mut().poll(context)
    });
    if let Err(error) = ended.await {
        tracing::debug!(%error, "a connection broke");
    }
    drop(alive);
}

/// Passes each request of one connection to the service. Each connection has its own clone of the service: a clone for each request
/// would write to reference counts that all connections share, which costs cache-line contention.
struct Answering<S> {
    service: RefCell<S>,
    peer: Peer,
    phase: Arc<Phase>,
}

/// Tells the socket that the request has ended, also when its future is dropped.
struct InRequest<'a>(&'a Phase);

impl<S: Service> hyper::service::Service<Request<Incoming>> for Answering<S> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.phase.request_began();
        request.extensions_mut().insert(self.peer);
        if !host::is_usable(request.version(), request.headers()) {
            request.extensions_mut().insert(UnusableHost);
        }
        let answer = self.service.borrow_mut().call(request);
        let phase = Arc::clone(&self.phase);
        Box::pin(async move {
            let ended = InRequest(&phase);
            let response = answer.await?;
            drop(ended);
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                phase.upgraded();
            }
            Ok(response)
        })
    }
}

impl Drop for InRequest<'_> {
    fn drop(&mut self) {
        self.0.request_ended();
    }
}
