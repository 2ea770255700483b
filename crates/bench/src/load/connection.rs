//! One HTTP/1.1 connection of the load: writes a request and reads its answer. It implements only the part of HTTP that this needs.
//!
//! Every answer must have a `Content-Length`; an answer without one ends the run, so that no wrong measurement goes unnoticed.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The initial size of the buffer.
const BUFFER_BYTES: usize = 64 * 1024;

/// A connection that is kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer's status and body.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream =
            TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES], filled: 0 })
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await.context("cannot send")?;
        self.filled = 0;
        let head = loop {
            self.receive().await?;
            if let Some(head) = read_head(self.buffer.get(..self.filled).unwrap_or_default())? {
                break head;
            }
        };
        let whole = head.bytes + head.body_bytes;
        if whole > self.buffer.len() {
            self.buffer.resize(whole, 0);
        }
        while self.filled < whole {
            self.receive().await?;
        }
        ensure!(self.filled == whole, "there are more bytes than one answer");
        Ok(Answer { status: head.status, body: self.buffer.get(head.bytes..whole).unwrap_or_default() })
    }

    async fn receive(&mut self) -> Result<()> {
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let bytes = self.stream.read(room).await.context("cannot receive")?;
        ensure!(bytes > 0, "the server closed the connection");
        self.filled += bytes;
        Ok(())
    }
}

/// The head at the start of `bytes`; `None` while it is incomplete.
fn read_head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = bytes.get(..end + 2).unwrap_or_default();
    let status = u16::try_from(number(head.get(9..12).unwrap_or_default())?)?;
    let (mut body_bytes, mut from) = (0, 0);
    for to in memchr::memchr_iter(b'\n', head) {
        let line = head.get(from..to).unwrap_or_default();
        from = to + 1;
        if let Some(length) = value_of(line, b"content-length:") {
            body_bytes = number(length)?;
        } else if value_of(line, b"transfer-encoding:").is_some() {
            bail!("an answer has no Content-Length");
        }
    }
    Ok(Some(Head { status, bytes: end + 4, body_bytes }))
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then(|| rest.trim_ascii())
}

fn number(digits: &[u8]) -> Result<usize> {
    std::str::from_utf8(digits)?.parse().with_context(|| format!("no number: {digits:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 12\r\nx: y\r\n\r\nhello";
        for end in 0..answer.len() - 5 {
            assert!(read_head(&answer[..end]).unwrap().is_none(), "{end}");
        }
        let head = read_head(answer).unwrap().unwrap();
        assert_eq!((head.status, head.bytes, head.body_bytes), (201, answer.len() - 5, 12));
        assert!(read_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(read_head(b"nonsense\r\n\r\n").is_err());
    }
}
