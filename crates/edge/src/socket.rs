//! A connection's socket, with three time limits that hyper does not have: a request's head must be complete soon after its first byte; a
//! client must not stop reading its answer; after the last answer, the socket reads and discards what still arrives for a moment
//! (lingering).
//!
//! Lingering matters because the kernel sends a reset when a socket is closed with unread bytes in it. The reset destroys an answer that is
//! still on its way: the client sees "connection reset by peer" instead of "413".

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// How long a request's head may take from its first byte.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long bytes may wait to be sent to a client that does not read them, or reads too few: a piece of an answer has some 64 KiB.
pub(crate) const STALL_TIME: Duration = Duration::from_secs(30);
/// How long the socket lingers, and how many bytes it discards at most.
const LINGER_TIME: Duration = Duration::from_secs(5);
const LINGER_BYTES: usize = 128 * 1024 * 1024;

/// A counter that the service shares with its socket: even while the connection waits for a request, odd while it answers one.
#[derive(Debug, Default)]
pub(crate) struct Phase(AtomicU32);

const UPGRADED: u32 = u32::MAX;

impl Phase {
    pub(crate) fn request_began(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn request_ended(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Turns the time limits for heads off: the connection is a WebSocket from now on, and its pings detect a dead peer.
    pub(crate) fn upgraded(&self) {
        self.0.store(UPGRADED, Ordering::Relaxed);
    }

    fn now(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A TCP stream that lingers when it is dropped. `K` is dropped after the connection is closed.
pub(crate) struct Socket<K: Send + 'static> {
    stream: Option<TcpStream>,
    phase: Arc<Phase>,
    /// The phase in which the current head began, and when.
    head: Option<(u32, Instant)>,
    head_deadline: Option<Pin<Box<Sleep>>>,
    stall_deadline: Option<Pin<Box<Sleep>>>,
    /// Whether the client disconnected or exceeded a time limit; such a socket does not linger.
    over: bool,
    kept: Option<K>,
}

impl<K: Send + 'static> Socket<K> {
    pub(crate) fn new(stream: TcpStream, phase: Arc<Phase>, kept: K) -> Self {
        Self {
            stream: Some(stream),
            phase,
            head: None,
            head_deadline: None,
            stall_deadline: None,
            over: false,
            kept: Some(kept),
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Fails when the head has not arrived in time.
    fn poll_head_deadline(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let phase = self.phase.now();
        let Some((_, since)) = self.head.filter(|(began, _)| *began == phase) else {
            (self.head, self.head_deadline) = (None, None);
            return Ok(());
        };
        let deadline = self.head_deadline.get_or_insert_with(|| Box::pin(sleep_until(since + HEAD_TIME)));
        if deadline.as_mut().poll(context).is_ready() {
            self.over = true;
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    fn after_read(&mut self, bytes: usize) {
        let phase = self.phase.now();
        self.over |= bytes == 0;
        let waiting = phase.is_multiple_of(2) && phase != UPGRADED;
        if !waiting {
            (self.head, self.head_deadline) = (None, None);
        } else if self.head.is_none_or(|(began, _)| began != phase) {
            self.head = Some((phase, Instant::now()));
            self.head_deadline = None;
        }
    }

    /// Returns a write's outcome; fails when bytes have waited too long for the client to read. That a few of them were written is not enough:
    /// the time starts again only when none is left ([`Self::flushed`]).
    fn written<T>(&mut self, outcome: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            return outcome;
        }
        let deadline =
            self.stall_deadline.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + STALL_TIME)));
        ready!(deadline.as_mut().poll(context));
        self.over = true;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// As [`Self::written`], when nothing is left to be written.
    fn flushed(&mut self, outcome: Poll<io::Result<()>>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if outcome.is_ready() {
            self.stall_deadline = None;
        }
        self.written(outcome, context)
    }
}

impl<K: Send + Unpin + 'static> AsyncRead for Socket<K> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        let before = buffer.filled().len();
        match socket.stream()?.poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                socket.after_read(buffer.filled().len() - before);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                socket.over = true;
                Poll::Ready(Err(error))
            }
            Poll::Pending => {
                socket.poll_head_deadline(context)?;
                Poll::Pending
            }
        }
    }
}

impl<K: Send + Unpin + 'static> AsyncWrite for Socket<K> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let socket = self.get_mut();
        let outcome = socket.stream()?.poll_write(context, bytes);
        socket.written(outcome, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let socket = self.get_mut();
        let outcome = socket.stream()?.poll_write_vectored(context, slices);
        socket.written(outcome, context)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        let outcome = socket.stream()?.poll_flush(context);
        socket.flushed(outcome, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        let outcome = socket.stream()?.poll_shutdown(context);
        socket.flushed(outcome, context)
    }
}

impl<K: Send + 'static> Drop for Socket<K> {
    fn drop(&mut self) {
        let (Some(stream), false) = (self.stream.take(), self.over) else { return };
        let kept = self.kept.take();
        // Without a runtime the process is ending; the kernel still sends the bytes that were written.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(async move {
                linger(stream).await;
                drop(kept);
            }));
        }
    }
}

async fn linger(mut stream: TcpStream) {
    let read = async {
        stream.shutdown().await?;
        let mut buffer = [0; 4096];
        let mut left = LINGER_BYTES;
        while left > 0 {
            match stream.read(&mut buffer).await? {
                0 => break,
                bytes => left = left.saturating_sub(bytes),
            }
        }
        io::Result::Ok(())
    };
    // The connection is closed now, whether reading timed out or failed.
    drop(timeout(LINGER_TIME, read).await);
}
