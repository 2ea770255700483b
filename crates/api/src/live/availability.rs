//! The status of every seat in two bits, patched from version to version.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use fairseat_domain::Sale;
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::sale::SeatState;
use fairseat_engine::{Published, SaleHandle};
use fairseat_journal::Position;
use moka::sync::Cache;
use parking_lot::Mutex;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// What the public is told of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeatStatus {
    /// Free to reserve; 0 in the compact form.
    Available,
    /// In somebody's reservation; 1.
    Reserved,
    /// Sold; 2.
    Sold,
    /// Withheld; 3.
    Blocked,
}

impl SeatStatus {
    /// The status of a seat.
    #[must_use]
    pub(crate) fn of(state: SeatState) -> Self {
        match state {
            SeatState::Available => Self::Available,
            SeatState::Reserved(_) => Self::Reserved,
            SeatState::Sold(_) => Self::Sold,
            SeatState::Blocked(_) => Self::Blocked,
        }
    }

    /// The word for it.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Sold => "sold",
            Self::Blocked => "blocked",
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Available => 0,
            Self::Reserved => 1,
            Self::Sold => 2,
            Self::Blocked => 3,
        }
    }
}

/// A seat and what it is doing in some version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeatChange {
    /// Which.
    pub seat: SeatIndex,
    /// What.
    pub status: SeatStatus,
}

/// What is known of one version of one event.
#[derive(Debug)]
pub(crate) struct Availability {
    /// The version.
    pub version: Position,
    /// Two bits a seat, four seats a byte, the first in the lowest bits.
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
    pub(crate) fn json(&self) -> Bytes {
        let encode = || {
            let full = STANDARD.encode(&self.bits);
            Bytes::from(format!(
                "{{\"version\":{},\"seats\":{},\"full\":\"{full}\"}}",
                self.version.0, self.seats
            ))
        };
        self.json.get_or_init(encode).clone()
    }

    /// The bytes themselves behind a 20-byte header: `FSA1`, kind 0, three zero bytes, the version as 64 and the number of seats
    /// as 32 bits, little-endian.
    #[must_use]
    pub(crate) fn binary(&self) -> Bytes {
        let encode = || {
            let mut bytes = header(KIND_FULL, self.version, self.seats, self.bits.len());
            bytes.extend_from_slice(&self.bits);
            bytes.freeze()
        };
        self.binary.get_or_init(encode).clone()
    }
}

/// Changes behind the same header with kind 1 and their number: 32 bits each, the seat's index times four plus its
/// status.
#[must_use]
pub(super) fn binary_changes(version: Position, changes: &[SeatChange]) -> Bytes {
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

/// Events kept at once; another is worked out anew from its sale.
const MAX_EVENTS: u64 = 2_000;

/// The newest availability of each event somebody asked about.
#[derive(Debug)]
pub(crate) struct Availabilities {
    events: Cache<EventNumber, Arc<Mutex<Option<Arc<Availability>>>>>,
}

impl Default for Availabilities {
    fn default() -> Self {
        Self { events: Cache::new(MAX_EVENTS) }
    }
}

impl Availabilities {
    /// The availability of the sale's newest version, worked out from the last one known at a cost that follows what
    /// changed.
    #[must_use]
    pub(crate) fn current(&self, event: EventNumber, sale: &SaleHandle) -> Arc<Availability> {
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

    /// What changed after `since`, with the version that makes; `None` when only a full answer will do.
    #[must_use]
    pub(crate) fn changes(sale: &SaleHandle, since: Position) -> Option<(Position, Vec<SeatChange>)> {
        let published = sale.published();
        if since > published.position {
            return None;
        }
        let (_, seats) = sale.changed_since(since)?;
        Some((published.position, states_of(&published.state, &seats)))
    }
}

pub(super) fn states_of(sale: &Sale, seats: &[SeatIndex]) -> Vec<SeatChange> {
    let status = |seat: &SeatIndex| {
        sale.seat(*seat).map(|state| SeatChange { seat: *seat, status: SeatStatus::of(state) })
    };
    seats.iter().filter_map(status).collect()
}

/// The newer version from the older one. The log may know later changes than `published` shows: those seats are written as
/// `published` has them, and written again next time.
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
