//! Who asks, and for which seats: the accounts of a dataset, each from its own address, and what is left to sell.

use super::Cursor;
use crate::dataset::{self, Dataset};
use anyhow::{Result, ensure};
use fairseat_app::ids::PublicIds;
use fairseat_app::keys::Keys;
use fairseat_domain::ids::{EventNumber, SeatIndex};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Requests a crowd makes for the same hundred seats before it turns to the next.
const CROWD_MOVES_AFTER: u64 = 10_000;
/// Seats everybody wants.
const HOT_SEATS: u64 = 100;
/// Coprime to every number of seats here: neighbours in time are far apart in the hall.
const STRIDE: u64 = 7_919;

/// See the module. Shared by all connections.
#[derive(Debug)]
pub(super) struct Crowd {
    dataset: Dataset,
    ids: Option<PublicIds>,
    tokens: Vec<String>,
    seat: AtomicU64,
    hot_seat: AtomicU64,
    account: AtomicU64,
    asked: Option<Asked>,
}

/// When each seat of the first event was asked for.
#[derive(Debug)]
struct Asked {
    began: Instant,
    /// Nanoseconds since then, by seat; 0 for never.
    seats: Vec<AtomicU64>,
}

impl Crowd {
    /// The crowd of a dataset; an empty one for work that needs none.
    pub(super) fn open(folder: Option<&Path>, from: Cursor) -> Result<Self> {
        let (dataset, ids, tokens) = match folder {
            None => (Dataset::default(), None, Vec::new()),
            Some(folder) => {
                let keys = Keys::load_or_create(folder)?;
                let tokens = dataset::tokens(folder)?;
                ensure!(!tokens.is_empty(), "nobody has a token");
                (Dataset::read(folder)?, Some(PublicIds::new(keys.ids.expose())), tokens)
            }
        };
        Ok(Self {
            dataset,
            ids,
            tokens,
            seat: AtomicU64::new(from.seat),
            hot_seat: AtomicU64::new(from.hot_seat),
            account: AtomicU64::new(from.account),
            asked: None,
        })
    }

    /// The same, which notes when it asks for seats.
    pub(super) fn noting(self) -> Self {
        let seats = (0..self.dataset.seats).map(|_| AtomicU64::new(0)).collect();
        Self { asked: Some(Asked { began: Instant::now(), seats }), ..self }
    }

    /// How long ago a seat of the first event was asked for; `None` when it was not, or nobody noted it.
    pub(super) fn since_asked(&self, seat: u32) -> Option<Duration> {
        let asked = self.asked.as_ref()?;
        let at = asked.seats.get(seat as usize)?.load(Ordering::Relaxed);
        (at > 0).then(|| asked.began.elapsed().saturating_sub(Duration::from_nanos(at)))
    }

    pub(super) fn cursor(&self) -> Cursor {
        Cursor {
            seat: self.seat.load(Ordering::Relaxed),
            hot_seat: self.hot_seat.load(Ordering::Relaxed),
            account: self.account.load(Ordering::Relaxed),
        }
    }

    /// Whose turn it is: a number, to be shown with [`Self::token`] and [`address_of`].
    pub(super) fn next_account(&self) -> u64 {
        self.account.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn token(&self, account: u64) -> &str {
        pick(&self.tokens, account).map_or("", String::as_str)
    }

    /// A seat nobody was given before: its event's id and its own. `None` when everything is sold.
    pub(super) fn fresh_seat(&self) -> Option<(Uuid, Uuid)> {
        let next = self.seat.fetch_add(1, Ordering::Relaxed);
        let seats = u64::from(self.dataset.seats);
        let event = self.dataset.events.get(usize::try_from(next / seats).ok()?)?;
        let seat = next % seats * STRIDE % seats;
        if let Some(asked) = self.asked.as_ref().filter(|_| next < seats)
            && let Some(note) = asked.seats.get(usize::try_from(seat).ok()?)
        {
            note.store(u64::try_from(asked.began.elapsed().as_nanos()).ok()?, Ordering::Relaxed);
        }
        self.named(EventNumber(*event), seat)
    }

    /// The same, but of the next event each time.
    pub(super) fn seat_elsewhere(&self) -> Option<(Uuid, Uuid)> {
        let next = self.seat.fetch_add(1, Ordering::Relaxed);
        let seat = next / u64::try_from(self.dataset.events.len()).ok()?.max(1);
        let event = pick(&self.dataset.events, next).filter(|_| seat < u64::from(self.dataset.seats))?;
        self.named(EventNumber(*event), seat)
    }

    /// One of the hundred seats everybody wants at the moment.
    pub(super) fn hot_seat(&self) -> Option<(Uuid, Uuid)> {
        let next = self.hot_seat.fetch_add(1, Ordering::Relaxed);
        let hundreds = u64::from(self.dataset.seats) / HOT_SEATS;
        let moved = next / CROWD_MOVES_AFTER % hundreds;
        self.named(EventNumber(self.dataset.hot_event), moved * HOT_SEATS + next * STRIDE % HOT_SEATS)
    }

    fn named(&self, event: EventNumber, seat: u64) -> Option<(Uuid, Uuid)> {
        let ids = self.ids.as_ref()?;
        Some((ids.event(event), ids.seat(event, SeatIndex(u32::try_from(seat).ok()?))))
    }
}

fn pick<T>(all: &[T], number: u64) -> Option<&T> {
    let count = u64::try_from(all.len()).ok()?.max(1);
    all.get(usize::try_from(number % count).ok()?)
}

/// The address an account asks from: one each, as far as sixteen million go.
pub(super) fn address_of(account: u64) -> Ipv4Addr {
    let [_, a, b, c] = u32::try_from(account % (1 << 24)).unwrap_or(0).to_be_bytes();
    Ipv4Addr::new(10, a, b, c)
}
