//! The accounts that send requests, each from its own address, and the seats that are left to sell.

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

/// The number of requests for the same hundred seats before the crowd moves to the next hundred.
const CROWD_MOVES_AFTER: u64 = 10_000;
/// The number of contended seats.
const HOT_SEATS: u64 = 100;
/// The distance between seats of successive requests; coprime to every number of seats used, so that each seat comes up once.
const STRIDE: u64 = 7_919;

/// The accounts and seats, shared by all connections.
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

/// When each seat of the first event was requested.
#[derive(Debug)]
struct Asked {
    began: Instant,
    /// Nanoseconds since then, by seat; 0 for never.
    seats: Vec<AtomicU64>,
}

impl Crowd {
    /// The accounts and seats of a data set; without a folder, an empty crowd for operations that need none.
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

    /// The same crowd, which also records when each seat is requested.
    pub(super) fn recording(self) -> Self {
        let seats = (0..self.dataset.seats).map(|_| AtomicU64::new(0)).collect();
        Self { asked: Some(Asked { began: Instant::now(), seats }), ..self }
    }

    /// How long ago a seat of the first event was requested; `None` if it was not, or if times are not recorded.
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

    /// The number of the next account, for [`Self::token`] and [`address_of`].
    pub(super) fn next_account(&self) -> u64 {
        self.account.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn token(&self, account: u64) -> &str {
        pick(&self.tokens, account).map_or("", String::as_str)
    }

    /// The ids of the event and of a seat that was not returned before. `None` when all seats were.
    pub(super) fn fresh_seat(&self) -> Option<(Uuid, Uuid)> {
        let next = self.seat.fetch_add(1, Ordering::Relaxed);
        self.seat_at(next)
    }

    /// The ids of an event and of some of its seats that were not returned before. `None` when too few are left.
    pub(super) fn fresh_seats(&self, count: u32) -> Option<(Uuid, Vec<Uuid>)> {
        loop {
            let next = self.seat.fetch_add(u64::from(count), Ordering::Relaxed);
            let seats: Vec<_> =
                (next..next + u64::from(count)).map(|number| self.seat_at(number)).collect::<Option<_>>()?;
            let event = seats.first()?.0;
            // The last seats of an event that are too few for an order stay free.
            if seats.iter().all(|(of, _)| *of == event) {
                return Some((event, seats.into_iter().map(|(_, seat)| seat).collect()));
            }
        }
    }

    fn seat_at(&self, next: u64) -> Option<(Uuid, Uuid)> {
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

    /// As [`Self::fresh_seat`], but of the next event each time.
    pub(super) fn seat_elsewhere(&self) -> Option<(Uuid, Uuid)> {
        let next = self.seat.fetch_add(1, Ordering::Relaxed);
        let seat = next / u64::try_from(self.dataset.events.len()).ok()?.max(1);
        let event = pick(&self.dataset.events, next).filter(|_| seat < u64::from(self.dataset.seats))?;
        self.named(EventNumber(*event), seat)
    }

    /// One of the hundred seats that are contended at the moment.
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

/// The address of an account; the first sixteen million accounts have different ones.
pub(super) fn address_of(account: u64) -> Ipv4Addr {
    let [_, a, b, c] = u32::try_from(account % (1 << 24)).unwrap_or(0).to_be_bytes();
    Ipv4Addr::new(10, a, b, c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn crowd() -> Crowd {
        let dataset = Dataset { seats: 200, events: vec![1, 2], hot_event: 3 };
        Crowd {
            dataset,
            ids: Some(PublicIds::new(&[7; 16])),
            tokens: vec!["a".to_owned(), "b".to_owned()],
            seat: AtomicU64::new(0),
            hot_seat: AtomicU64::new(0),
            account: AtomicU64::new(0),
            asked: None,
        }
    }

    #[test]
    fn each_seat_is_sold_once_and_then_none_is_left() {
        for next in [Crowd::fresh_seat, Crowd::seat_elsewhere] {
            let crowd = crowd();
            let sold: BTreeSet<_> = std::iter::from_fn(|| next(&crowd)).take(1_000).collect();
            assert_eq!(sold.len(), 400, "two events of 200 seats");
            assert_eq!(crowd.cursor().seat, 401, "one request too many");
        }
    }

    #[test]
    fn the_seats_of_an_order_are_of_one_event_and_sold_once() {
        let crowd = crowd();
        let orders: Vec<_> = std::iter::from_fn(|| crowd.fresh_seats(4)).take(1_000).collect();
        let sold: BTreeSet<_> =
            orders.iter().flat_map(|(event, seats)| seats.iter().map(move |seat| (event, seat))).collect();
        assert_eq!((orders.len(), sold.len()), (100, 400), "two events of 200 seats");

        let crowd = self::crowd();
        let orders: Vec<_> = std::iter::from_fn(|| crowd.fresh_seats(3)).take(1_000).collect();
        assert_eq!(orders.len(), 132, "the order on the border of both events is left out");
    }

    #[test]
    fn a_hundred_seats_are_contended_until_the_crowd_moves_on() {
        let crowd = crowd();
        let contended = || (0..CROWD_MOVES_AFTER).filter_map(|_| crowd.hot_seat()).collect::<BTreeSet<_>>();
        let (first, second, third) = (contended(), contended(), contended());
        assert_eq!((first.len(), second.len()), (100, 100));
        assert!(first.is_disjoint(&second));
        assert_eq!(third, first, "after the last hundred comes the first");
    }

    #[test]
    fn accounts_take_turns_and_have_an_address_each() {
        let crowd = crowd();
        let tokens: Vec<_> = (0..3).map(|_| crowd.token(crowd.next_account()).to_owned()).collect();
        assert_eq!(tokens, ["a", "b", "a"]);
        assert_eq!(
            [0, 1, 256].map(address_of).map(|address| address.to_string()),
            ["10.0.0.0", "10.0.0.1", "10.0.1.0"]
        );
    }
}
