//! Draws QR codes and PDF pages. Long work runs on a blocking thread, a few tasks at a time.

use super::token::{self, Claims};
use super::{pdf, qr::Qr};
use crate::keys::TicketKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fairseat_domain::ids::AccountId;
use fairseat_turns::{HeavyWork, TurnKeys};

/// The most drawings on blocking threads at once; more would only compete for the cores.
const AT_ONCE: usize = 4;
/// The most that wait. Each belongs to a request in flight, so that the number is never reached.
const MAX_WAITING: usize = 100_000;
/// Up to so many codes are drawn without a blocking thread, because waking a thread costs about as much as drawing one code.
const WITHOUT_THREAD: usize = 4;

/// A ticket's code: its text and its picture.
#[derive(Clone, Debug)]
pub struct Code {
    /// The text of the code.
    pub token: String,
    /// The picture, a PNG.
    pub png: Vec<u8>,
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
    drawing: HeavyWork,
}

impl Default for Drawings {
    fn default() -> Self {
        Self { drawing: HeavyWork::new(AT_ONCE, MAX_WAITING, MAX_WAITING) }
    }
}

impl Drawings {
    /// The codes of a buyer's tickets, in the same order.
    ///
    /// # Errors
    /// [`DrawError`], whatever the tickets are.
    pub async fn codes(
        &self,
        tickets: Vec<Claims>,
        key: &TicketKey,
        buyer: AccountId,
    ) -> Result<Vec<Code>, DrawError> {
        let draw_all =
            |tickets: &[Claims], key: &TicketKey| tickets.iter().map(|claims| draw(claims, key)).collect();
        if tickets.len() <= WITHOUT_THREAD {
            return draw_all(&tickets, key);
        }
        let key = key.clone();
        self.drawing.run(turn_of(buyer), move || draw_all(&tickets, &key)).await.map_err(broken)?
    }

    /// Tickets of one buyer as a PDF, a page each.
    ///
    /// # Errors
    /// [`DrawError`], whatever the tickets say.
    pub async fn pages(&self, pages: Vec<pdf::Page>, buyer: AccountId) -> Result<Vec<u8>, DrawError> {
        let draw = move || pdf::pages(&pages).map_err(broken);
        self.drawing.run(turn_of(buyer), draw).await.map_err(broken)?
    }
}

fn turn_of(buyer: AccountId) -> TurnKeys {
    [buyer.0, 0]
}

fn draw(claims: &Claims, key: &TicketKey) -> Result<Code, DrawError> {
    let token = token::sign(claims, key.signing_key());
    let png = Qr::of(&token).and_then(|code| code.png()).map_err(broken)?;
    Ok(Code { token, png })
}
