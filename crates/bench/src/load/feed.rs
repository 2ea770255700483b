//! A minimal WebSocket client, for viewers.

use anyhow::{Context, Result, ensure};
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A live feed.
pub(super) struct Feed {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A data frame.
pub(super) struct Frame {
    pub(super) is_binary: bool,
    pub(super) payload: Vec<u8>,
}

impl Feed {
    /// Opens the feed at `path` from the client address `from`.
    pub(super) async fn open(address: &str, path: &str, from: Ipv4Addr) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: {from}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut feed = Self { stream, buffer: Vec::new() };
        loop {
            feed.receive().await?;
            if let Some(end) = feed.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let opened = feed.buffer.starts_with(b"HTTP/1.1 101");
                ensure!(opened, "{}", String::from_utf8_lossy(&feed.buffer));
                feed.buffer.drain(..end + 4);
                return Ok(feed);
            }
        }
    }

    /// The next data frame; pings are answered.
    pub(super) async fn next(&mut self) -> Result<Frame> {
        loop {
            while let Some((opcode, start, end)) = frame(&self.buffer) {
                let payload: Vec<u8> = self.buffer.drain(..end).skip(start).collect();
                match opcode {
                    1 | 2 => return Ok(Frame { is_binary: opcode == 2, payload }),
                    // A pong with an all-zero mask, which RFC 6455 allows.
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

/// Opcode, start and end of the payload of the frame at the start of `bytes`; `None` while the frame is incomplete.
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
    fn frames_of_every_length_are_read() {
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
