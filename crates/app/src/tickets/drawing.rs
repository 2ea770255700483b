//! Draws QR codes and PDF pages on blocking threads, a few at a time. Recent codes are cached.

use super::token::{self, Claims};
use super::{Printed, pdf, qr::Qr};
use crate::keys::TicketKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moka::sync::Cache;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Drawings at the same time; more would only compete for the cores.
const AT_ONCE: usize = 4;
/// Cached codes, by ticket: about 2 KB each.
const REMEMBERED: u64 = 20_000;

/// A ticket's code: its text and its picture.
#[derive(Clone, Debug)]
pub struct Code {
    /// The text of the code.
    pub token: Arc<str>,
    /// The picture, a PNG.
    pub png: Arc<[u8]>,
}

impl Code {
    /// The picture in base64, for JSON.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.png)
    }
}

/// A code or page could not be drawn, which is a bug.
#[derive(Debug, thiserror::Error)]
#[error("a ticket cannot be drawn: {0}")]
pub struct DrawError(String);

fn broken(error: impl std::fmt::Display) -> DrawError {
    DrawError(error.to_string())
}

/// Draws tickets.
#[derive(Debug)]
pub struct Drawings {
    permits: Semaphore,
    codes: Cache<uuid::Uuid, Code>,
}

impl Default for Drawings {
    fn default() -> Self {
        let codes = Cache::builder().max_capacity(REMEMBERED).build();
        Self { permits: Semaphore::new(AT_ONCE), codes }
    }
}

impl Drawings {
    /// The codes of tickets, in the same order.
    ///
    /// # Errors
    /// [`DrawError`], whatever the tickets are.
    pub async fn codes(&self, tickets: Vec<Claims>, key: &TicketKey) -> Result<Vec<Code>, DrawError> {
        let known: Option<Vec<Code>> = tickets.iter().map(|ticket| self.codes.get(&ticket.ticket)).collect();
        if let Some(codes) = known {
            return Ok(codes);
        }
        let _permit = self.permits.acquire().await.map_err(broken)?;
        let (key, codes) = (key.clone(), self.codes.clone());
        let draw = move || {
            let drawn = |claims: &Claims| codes.try_get_with(claims.ticket, || draw(claims, &key));
            tickets.iter().map(drawn).collect::<Result<Vec<Code>, _>>().map_err(broken)
        };
        tokio::task::spawn_blocking(draw).await.map_err(broken)?
    }

    /// A ticket as a PDF page.
    ///
    /// # Errors
    /// [`DrawError`], whatever the ticket says.
    pub async fn page(&self, ticket: Printed, token: Option<String>) -> Result<Vec<u8>, DrawError> {
        let _permit = self.permits.acquire().await.map_err(broken)?;
        let draw = move || pdf::page(&ticket, token.as_deref()).map_err(broken);
        tokio::task::spawn_blocking(draw).await.map_err(broken)?
    }
}

fn draw(claims: &Claims, key: &TicketKey) -> Result<Code, DrawError> {
    let token = token::sign(claims, key.signing_key());
    let png = Qr::of(&token).and_then(|code| code.png()).map_err(broken)?;
    Ok(Code { token: token.into(), png: png.into() })
}
