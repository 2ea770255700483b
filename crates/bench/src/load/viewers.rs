//! People who look at a sale without asking anything: thousands of live feeds, or of connections that only wait.
//!
//! Prints one line when all are there, so that the server's memory can be read, and one at the end with what they were sent.

use super::connection::Connection;
use super::crowd::address_of;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::time::Duration;
use std::{cell::Cell, future::pending};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Who comes to look.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ViewersSpec {
    pub(crate) address: String,
    pub(crate) viewers: u64,
    /// The path of a live feed; without one the connections ask for something small once and then wait.
    pub(crate) live: Option<String>,
    /// How long they stay once all are there.
    pub(crate) seconds: f64,
}

/// What they were sent.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ViewersSeen {
    pub(crate) connected: u64,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// Viewers whose connection ended before they left.
    pub(crate) lost: u64,
}

#[derive(Default)]
struct Counters {
    messages: Cell<u64>,
    bytes: Cell<u64>,
    lost: Cell<u64>,
}

pub(super) fn run(spec: &ViewersSpec) -> Result<()> {
    let _files = fairseat_server::http::listener::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, look(spec))
}

async fn look(spec: &ViewersSpec) -> Result<()> {
    let counters = Rc::new(Counters::default());
    for number in 0..spec.viewers {
        match &spec.live {
            Some(path) => {
                let viewer = Viewer::open(&spec.address, path, number).await?;
                let counters = counters.clone();
                tokio::task::spawn_local(async move {
                    // However it ended: before its time.
                    drop(viewer.watch(&counters).await);
                    counters.lost.set(counters.lost.get() + 1);
                });
            }
            None => {
                let mut waiting = Connection::open(&spec.address).await?;
                waiting.exchange(b"GET /healthz HTTP/1.1\r\nhost: bench\r\n\r\n").await?;
                tokio::task::spawn_local(async move {
                    let _open = waiting;
                    pending::<()>().await;
                });
            }
        }
    }
    let seen = |connected| ViewersSeen {
        connected,
        messages: counters.messages.get(),
        bytes: counters.bytes.get(),
        lost: counters.lost.get(),
    };
    super::tell(&seen(spec.viewers))?;
    tokio::time::sleep(Duration::from_secs_f64(spec.seconds)).await;
    super::tell(&seen(spec.viewers))
}

struct Viewer {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Viewer {
    async fn open(address: &str, path: &str, number: u64) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let from = address_of(number);
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: {from}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut viewer = Self { stream, buffer: Vec::new() };
        loop {
            viewer.receive().await?;
            if let Some(end) = viewer.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                ensure!(
                    viewer.buffer.starts_with(b"HTTP/1.1 101"),
                    "{}",
                    String::from_utf8_lossy(&viewer.buffer)
                );
                viewer.buffer.drain(..end + 4);
                return Ok(viewer);
            }
        }
    }

    async fn watch(mut self, counters: &Counters) -> Result<()> {
        loop {
            while let Some((opcode, start, end)) = frame(&self.buffer) {
                let payload: Vec<u8> = self.buffer.drain(..end).skip(start).collect();
                match opcode {
                    1 | 2 => {
                        counters.messages.set(counters.messages.get() + 1);
                        counters.bytes.set(counters.bytes.get() + payload.len() as u64);
                    }
                    // Masked with zeros, which is allowed.
                    9 => {
                        let length = u8::try_from(payload.len()).unwrap_or(0);
                        self.stream.write_all(&[0x8a, 0x80 | length, 0, 0, 0, 0]).await?;
                        self.stream.write_all(&payload).await?;
                    }
                    _ => {}
                }
            }
            self.receive().await?;
        }
    }

    async fn receive(&mut self) -> Result<()> {
        self.buffer.reserve(1_024);
        let bytes = self.stream.read_buf(&mut self.buffer).await.context("cannot receive")?;
        ensure!(bytes > 0, "the server closed the connection");
        Ok(())
    }
}

/// Opcode, first byte and end of the payload of the frame at the start of `bytes`; `None` while it is not all there.
fn frame(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (opcode, length) = (bytes.first()? & 0x0f, bytes.get(1)? & 0x7f);
    let (start, length) = match length {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((opcode, start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_frames_of_every_length() {
        assert_eq!(frame(&[0x81, 2, b'h', b'i', 0x81]), Some((1, 2, 4)));
        assert_eq!(frame(&[0x81, 2, b'h']), None);
        let mut long = vec![0x82, 126, 1, 0];
        long.resize(4 + 256, 0);
        assert_eq!(frame(&long), Some((2, 4, 260)));
        let mut longer = vec![0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0];
        longer.resize(10 + 65_536, 0);
        assert_eq!(frame(&longer), Some((2, 10, 65_546)));
    }
}
