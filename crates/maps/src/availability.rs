//! The status of every seat in two bits, patched from version to version.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use fairseat_contract::seats::SeatStatus;
use fairseat_domain::Sale;
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_engine::{Published, SaleHandle};
use fairseat_journal::Position;
use moka::sync::Cache;
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock};

/// A seat and its status in some version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatChange {
    /// The seat.
    pub seat: SeatIndex,
    /// Its status.
    pub status: SeatStatus,
}

/// The status of every seat of an event in one version.
#[derive(Debug)]
pub struct Availability {
    /// The version that `bits` show.
    pub version: Position,
    /// Two bits per seat, four seats per byte, the first seat in the lowest bits.
    pub bits: Bytes,
    seats: usize,
    json: OnceLock<Bytes>,
    binary: OnceLock<Bytes>,
}

/// First bytes of every binary answer.
const MAGIC: &[u8; 4] = b"FSA1";
const KIND_FULL: u8 = 0;
const KIND_CHANGES: u8 = 1;

impl Availability {
    /// `{"version": …, "full": "…"}`, encoded once.
    #[must_use]
    pub fn json(&self) -> Bytes {
        let encode = || {
            let full = STANDARD.encode(&self.bits);
            Bytes::from(format!(
                "{{\"version\":{},\"seats\":{},\"full\":\"{full}\"}}",
                self.version.0, self.seats
            ))
        };
        self.json.get_or_init(encode).clone()
    }

    /// The same bits after a 20-byte header: `FSA1`, kind 0, three zero bytes, the version (64 bits) and the number of seats (32 bits),
    /// little-endian.
    #[must_use]
    pub fn binary(&self) -> Bytes {
        let encode = || {
            let mut bytes = header(KIND_FULL, self.version, self.seats, self.bits.len());
            bytes.extend_from_slice(&self.bits);
            bytes.freeze()
        };
        self.binary.get_or_init(encode).clone()
    }
}

/// Changes after the same header, with kind 1 and the number of changes: 32 bits each, the seat's index times four plus its status.
#[must_use]
pub fn binary_changes(version: Position, changes: &[SeatChange]) -> Bytes {
    let mut bytes = header(KIND_CHANGES, version, changes.len(), changes.len() * 4);
    for change in changes {
        bytes.put_u32_le((change.seat.0 << 2) | u32::from(change.status.bits()));
    }
    bytes.freeze()
}

fn header(kind: u8, version: Position, count: usize, room: usize) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(20 + room);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[kind, 0, 0, 0]);
    bytes.put_u64_le(version.0);
    bytes.put_u32_le(u32::try_from(count).unwrap_or(u32::MAX));
    bytes
}

/// The most events in the cache. The availability of an evicted event is computed again from its sale.
const MAX_EVENTS: u64 = 2_000;

/// The newest availability of each requested event.
#[derive(Debug)]
pub struct Availabilities {
    events: Cache<EventNumber, Arc<Mutex<Option<Arc<Availability>>>>>,
}

impl Default for Availabilities {
    fn default() -> Self {
        Self { events: Cache::new(MAX_EVENTS) }
    }
}

impl Availabilities {
    /// The availability of the sale's newest version. It is patched from the last known version, at a cost that depends on the number
    /// of changes.
    #[must_use]
    pub fn current(&self, event: EventNumber, sale: &SaleHandle) -> Arc<Availability> {
        let slot = self.events.get_with(event, Arc::default);
        let published = sale.published();
        let mut known = slot.lock();
        match &*known {
            Some(newest) if newest.version >= published.position => newest.clone(),
            older => {
                let patched = older.as_ref().and_then(|older| patch(older, &published, sale));
                let newest = Arc::new(patched.unwrap_or_else(|| full(&published)));
                *known = Some(newest.clone());
                newest
            }
        }
    }

    /// What changed after `since`, and the newest version; `None` when the changes are no longer known and a full answer is needed.
    #[must_use]
    pub fn changes(sale: &SaleHandle, since: Position) -> Option<(Position, Vec<SeatChange>)> {
        let published = sale.published();
        if since > published.position {
            return None;
        }
        let (_, seats) = sale.changed_since(since)?;
        Some((published.position, states_of(&published.state, &seats)))
    }
}

fn states_of(sale: &Sale, seats: &[SeatIndex]) -> Vec<SeatChange> {
    let status = |seat: &SeatIndex| {
        sale.seat(*seat).map(|state| SeatChange { seat: *seat, status: SeatStatus::of(state) })
    };
    seats.iter().filter_map(status).collect()
}

/// The newer version, patched from the older one. The log may already contain changes after `published`. Those seats get their state in
/// `published` now, and their new state with the next patch.
fn patch(older: &Availability, published: &Published, sale: &SaleHandle) -> Option<Availability> {
    let (_, seats) = sale.changed_since(older.version)?;
    let mut bits = older.bits.to_vec();
    for change in states_of(&published.state, &seats) {
        let byte = bits.get_mut(change.seat.position() / 4)?;
        let shift = (change.seat.0 % 4) * 2;
        *byte = (*byte & !(0b11 << shift)) | (change.status.bits() << shift);
    }
    Some(Availability {
        version: published.position,
        bits: bits.into(),
        seats: older.seats,
        json: OnceLock::new(),
        binary: OnceLock::new(),
    })
}

fn full(published: &Published) -> Availability {
    let seats = published.state.plan().seat_count();
    let mut bits = vec![0_u8; seats.div_ceil(4)];
    for (position, state) in published.state.seat_states().enumerate() {
        if let Some(byte) = bits.get_mut(position / 4) {
            *byte |= SeatStatus::of(state).bits() << ((position % 4) * 2);
        }
    }
    Availability {
        version: published.position,
        bits: bits.into(),
        seats,
        json: OnceLock::new(),
        binary: OnceLock::new(),
    }
}
