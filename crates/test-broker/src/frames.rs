//! The protocol's frames, as far as the proxy looks into them: a size, then a request with API key, version and correlation id, or an answer
//! with correlation id. <https://kafka.apache.org/protocol>

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

pub(crate) const PRODUCE: i16 = 0;
pub(crate) const METADATA: i16 = 3;
pub(crate) const SASL_HANDSHAKE: i16 = 17;
pub(crate) const API_VERSIONS: i16 = 18;
pub(crate) const SASL_AUTHENTICATE: i16 = 36;

/// No frame of a test is larger.
const MAX_FRAME: usize = 16 << 20;

pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let size = usize::try_from(from.read_u32().await?).unwrap_or(usize::MAX);
    if size > MAX_FRAME {
        return Err(io::Error::other("a frame that is too large"));
    }
    let mut frame = vec![0; size];
    from.read_exact(&mut frame).await?;
    Ok(frame)
}

pub(crate) async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_u32(u32::try_from(frame.len()).unwrap_or(u32::MAX)).await?;
    to.write_all(frame).await?;
    to.flush().await
}

fn i16_at(frame: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(frame.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn i32_at(frame: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(frame.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// A request's header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) api: i16,
    pub(crate) version: i16,
    pub(crate) correlation: i32,
    /// Where the request begins after the client's name.
    body: usize,
}

impl Header {
    pub(crate) fn of(request: &[u8]) -> Option<Self> {
        let client = usize::try_from(i16_at(request, 8)?.max(0)).ok()?;
        let (api, version) = (i16_at(request, 0)?, i16_at(request, 2)?);
        Some(Self { api, version, correlation: i32_at(request, 4)?, body: client.checked_add(10)? })
    }

    /// The text or bytes with which the request's body begins, after a length of 2 or 4 bytes.
    pub(crate) fn first_field<'r>(&self, request: &'r [u8], length_bytes: usize) -> Option<&'r [u8]> {
        let length = match length_bytes {
            2 => i32::from(i16_at(request, self.body)?),
            _ => i32_at(request, self.body)?,
        };
        let begin = self.body.checked_add(length_bytes)?;
        request.get(begin..begin.checked_add(usize::try_from(length).ok()?)?)
    }
}

/// The correlation id of an answer.
pub(crate) fn correlation(answer: &[u8]) -> Option<i32> {
    i32_at(answer, 0)
}

/// Replaces the port of a broker at 127.0.0.1 in an answer.
pub(crate) fn replace_port(answer: &mut [u8], from: u16, to: u16) {
    const HOST: &[u8] = b"\x00\x09127.0.0.1";
    let (from, to) = (i32::from(from).to_be_bytes(), i32::from(to).to_be_bytes());
    let address: Vec<u8> = [HOST, &from].concat();
    let found: Vec<usize> = (0..answer.len()).filter(|at| answer[*at..].starts_with(&address)).collect();
    for at in found {
        answer[at + HOST.len()..at + HOST.len() + 4].copy_from_slice(&to);
    }
}

/// Adds the two requests of signing in to an answer that lists the API versions.
pub(crate) fn add_sign_in_versions(answer: &mut Vec<u8>) {
    const COUNT_AT: usize = 6;
    let Some(count) = i32_at(answer, COUNT_AT) else { return };
    let more = [SASL_HANDSHAKE, 1, 1, SASL_AUTHENTICATE, 0, 1].map(i16::to_be_bytes).concat();
    answer[COUNT_AT..COUNT_AT + 4].copy_from_slice(&(count + 2).to_be_bytes());
    drop(answer.splice(COUNT_AT + 4..COUNT_AT + 4, more));
}
