//! Codes and pages being drawn: off the threads that answer requests, a few at a time, the codes of late remembered.

use super::token::{self, Claims};
use super::{Printed, pdf, qr::Qr};
use crate::keys::TicketKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moka::sync::Cache;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Drawings under way at once: more would only take turns on the same cores.
const AT_ONCE: usize = 4;
/// Codes remembered, by ticket: about 2 KB each.
const REMEMBERED: u64 = 20_000;

/// A code as an order shows it, and as a picture.
#[derive(Clone, Debug)]
pub struct Code {
    /// What the code says.
    pub token: Arc<str>,
    /// The picture.
    pub png: Arc<[u8]>,
}

impl Code {
    /// The picture for JSON.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.png)
    }
}

/// Something could not be drawn: a bug.
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
    /// The codes of tickets, in their order.
    ///
    /// # Errors
    /// [`DrawError`], never because of what a ticket is.
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

    /// A ticket's page to print.
    ///
    /// # Errors
    /// [`DrawError`], never because of what a ticket says.
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
