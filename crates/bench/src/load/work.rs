//! The requests of each operation, as bytes.

use super::connection::Answer;
use super::crowd::{Crowd, address_of};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use uuid::Uuid;

/// Requests that one account sends before the next account takes over the connection.
const TURN: u32 = 10;
const SOLD_OUT: &str = "every seat of the dataset is sold: give it more events";

/// The kind of operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Work {
    /// A GET with only a `Host` header.
    Hello(String),
    /// A POST with only a `Host` header and an empty body.
    Empty(String),
    /// A public GET from many addresses.
    Read(String),
    /// A public GET from many addresses that accepts gzip, as browsers do.
    Page(String),
    /// A reservation of one seat, with an access token, an idempotency key and an address.
    Reserve {
        /// The choice of seats.
        seats: Seats,
        /// Requests that an account sends in a row.
        turn: u32,
    },
    /// A reservation and its order: the operation ends when the tickets are issued.
    Buy {
        /// Seats of each order.
        tickets: u32,
    },
}

/// The choice of seats.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Seats {
    /// A free seat each time, spread over the hall; when the event is sold out, the next event.
    Spread,
    /// All buyers want the same hundred seats.
    Contended,
    /// A free seat each time, of another event each time.
    Everywhere,
}

impl Work {
    /// Reservations with the usual number of requests in a row.
    pub(crate) const fn reserve(seats: Seats) -> Self {
        Self::Reserve { seats, turn: TURN }
    }
}

/// What to do after an answer.
pub(super) enum Next {
    /// The operation is over.
    Done,
    /// Send the next request, which is in the buffer now.
    Send,
}

/// Writes the requests of one connection.
pub(super) struct RequestWriter<'a> {
    work: &'a Work,
    crowd: &'a Crowd,
    /// The account whose turn it is, and its remaining requests.
    account: u64,
    turn_left: u32,
    /// The last idempotency key; the start is random, so that keys are unique.
    nonce: u128,
    ordering: bool,
    body: Vec<u8>,
}

impl<'a> RequestWriter<'a> {
    pub(super) fn new(work: &'a Work, crowd: &'a Crowd) -> Self {
        let nonce = Uuid::new_v4().as_u128();
        Self { work, crowd, account: 0, turn_left: 0, nonce, ordering: false, body: Vec::new() }
    }

    /// Writes the first request of an operation.
    pub(super) fn begin(&mut self, request: &mut Vec<u8>) -> Result<()> {
        request.clear();
        match self.work {
            Work::Hello(path) => write!(request, "GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n")?,
            Work::Empty(path) => {
                write!(request, "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: 0\r\n\r\n")?;
            }
            Work::Read(path) => self.read(path, "", request)?,
            Work::Page(path) => self.read(path, "accept-encoding: gzip, deflate, br\r\n", request)?,
            Work::Reserve { seats, turn } => self.reserve(*seats, *turn, request)?,
            Work::Buy { tickets } => {
                self.take_turn(TURN);
                let (event, seats) = self.crowd.fresh_seats(*tickets).context(SOLD_OUT)?;
                self.ask_for(event, &seats, request)?;
            }
        }
        Ok(())
    }

    /// Checks an answer, and writes the operation's next request if there is one.
    pub(super) fn answered(&mut self, answer: &Answer<'_>, request: &mut Vec<u8>) -> Result<Next> {
        let good = match self.work {
            Work::Reserve { seats: Seats::Contended, .. } => matches!(answer.status, 201 | 409),
            Work::Reserve { .. } | Work::Buy { .. } => answer.status == 201,
            Work::Hello(_) | Work::Empty(_) | Work::Read(_) | Work::Page(_) => answer.status == 200,
        };
        ensure!(good, "{}: {}", answer.status, String::from_utf8_lossy(answer.body));
        if !matches!(self.work, Work::Buy { .. }) {
            return Ok(Next::Done);
        }
        self.ordering = !self.ordering;
        if !self.ordering {
            return Ok(Next::Done);
        }
        let reservation = text_of(answer.body, "\"reservation_id\":\"").context("no reservation")?;
        self.body.clear();
        write!(
            self.body,
            "{{\"reservation_id\":\"{reservation}\",\"payment_method\":\"credit_card\",\"payment_details\":\
             {{\"card_number\":\"4242424242424242\",\"expiry\":\"12/40\",\"cvv\":\"123\"}}}}"
        )?;
        request.clear();
        self.post("/api/v1/orders", request)?;
        Ok(Next::Send)
    }

    fn read(&mut self, path: &str, more: &str, request: &mut Vec<u8>) -> Result<()> {
        self.take_turn(TURN);
        let address = address_of(self.account);
        Ok(write!(request, "GET {path} HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: {address}\r\n{more}\r\n")?)
    }

    fn reserve(&mut self, seats: Seats, turn: u32, request: &mut Vec<u8>) -> Result<()> {
        self.take_turn(turn);
        let chosen = match seats {
            Seats::Spread => self.crowd.fresh_seat(),
            Seats::Contended => self.crowd.hot_seat(),
            Seats::Everywhere => self.crowd.seat_elsewhere(),
        };
        let (event, seat) = chosen.context(SOLD_OUT)?;
        self.ask_for(event, &[seat], request)
    }

    /// A request for these seats.
    fn ask_for(&mut self, event: Uuid, seats: &[Uuid], request: &mut Vec<u8>) -> Result<()> {
        self.body.clear();
        self.body.extend_from_slice(b"{\"seat_ids\":[");
        for (place, seat) in seats.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(self.body, "{comma}\"{seat}\"")?;
        }
        self.body.extend_from_slice(b"],\"hold_duration\":900}");
        self.post(&format!("/api/v1/events/{event}/reserve"), request)
    }

    /// A POST of the body as a real client sends it.
    fn post(&mut self, path: &str, request: &mut Vec<u8>) -> Result<()> {
        self.nonce = self.nonce.wrapping_add(1);
        write!(
            request,
            "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\nx-forwarded-for: {}\r\n\
             idempotency-key: {:032x}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.crowd.token(self.account),
            address_of(self.account),
            self.nonce,
            self.body.len(),
        )?;
        request.extend_from_slice(&self.body);
        Ok(())
    }

    fn take_turn(&mut self, turn: u32) {
        if self.turn_left == 0 {
            (self.account, self.turn_left) = (self.crowd.next_account(), turn);
        }
        self.turn_left -= 1;
    }
}

fn text_of<'b>(body: &'b [u8], before: &str) -> Option<&'b str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once(before)?;
    rest.split('"').next()
}
