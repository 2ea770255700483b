//! Identifiers. Inside, code uses an event's number and numbers within the event; the public API uses opaque UUIDs.
//!
//! [`IdCipher`] turns `(kind, event, local)` into a version 8 UUID and back: 80 bits of payload and 42 zero bits of
//! redundancy, encrypted together as one 122-bit block. So every node finds the sale of an id without a look-up, an id
//! does not reveal how much is sold, and a made-up id passes the redundancy check once in 2^42 tries
//! (encode-then-encipher: Bellare and Rogaway, 2000).

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;
use std::fmt;
use std::hash::Hasher;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($int:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// The number of an event, and of its sale and journal. At most 40 bits; never reused.
    EventNumber(u64)
}
number! {
    /// A seat's index in its seating plan; never reused, whatever happens to the plan.
    SeatIndex(u32)
}
number! {
    /// A reservation's number within its sale, from 0.
    ReservationNumber(u32)
}
number! {
    /// An order's number within its sale, from 0.
    OrderNumber(u32)
}
number! {
    /// The number of a payment attempt within its sale, from 0.
    PaymentNumber(u32)
}
number! {
    /// A refund's number within its sale, from 0.
    RefundNumber(u32)
}
number! {
    /// A ticket's number within its sale, from 0; its order item carries the same number.
    TicketNumber(u32)
}
number! {
    /// An account, as a random 128-bit number. Only the store knows the person.
    AccountId(u128)
}

impl SeatIndex {
    /// The index as a position in a list of seats.
    #[must_use]
    pub fn position(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// The index of the seat at `position` of a list; saturating, far beyond [`crate::limits::MAX_SEATS`].
    #[must_use]
    pub fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }
}

/// The largest event number an id can carry.
pub const MAX_EVENT_NUMBER: u64 = (1 << 40) - 1;

/// The kind of object that an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdKind {
    /// The event itself; its local number is 0.
    Event,
    /// A seat of the event.
    Seat,
    /// A reservation.
    Reservation,
    /// An order.
    Order,
    /// A payment attempt.
    Payment,
    /// A refund.
    Refund,
    /// A ticket.
    Ticket,
    /// A line of an order; its local number is its ticket's.
    OrderItem,
}

impl IdKind {
    const ALL: [Self; 8] = [
        Self::Event,
        Self::Seat,
        Self::Reservation,
        Self::Order,
        Self::Payment,
        Self::Refund,
        Self::Ticket,
        Self::OrderItem,
    ];

    /// Stored in every id that was ever given out, so a code never changes.
    const fn code(self) -> u8 {
        match self {
            Self::Event => 1,
            Self::Seat => 2,
            Self::Reservation => 3,
            Self::Order => 4,
            Self::Payment => 5,
            Self::Refund => 6,
            Self::Ticket => 7,
            Self::OrderItem => 8,
        }
    }
}

/// The content of a public id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalId {
    /// The kind of object.
    pub kind: IdKind,
    /// The event it belongs to.
    pub event: EventNumber,
    /// Its number within the event.
    pub local: u32,
}

const HALF_BITS: u32 = 61;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;
const ROUNDS: u8 = 8;

/// An order's code has 8 symbols of 5 bits.
const CODE_SYMBOLS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_SYMBOL_COUNT: usize = 8;
const CODE_HALF_BITS: u32 = 20;
const CODE_HALF_MASK: u64 = (1 << CODE_HALF_BITS) - 1;

/// Whether a text has the form of an order's code ([`IdCipher::order_code`]).
#[must_use]
pub fn is_order_code(text: &str) -> bool {
    read_code(text).is_some()
}

/// The bits of an order's code, as somebody typed it; `None` when it is none.
fn read_code(code: &str) -> Option<u64> {
    let typed = code.chars().filter(|symbol| !matches!(symbol, ' ' | '-'));
    let value = |symbol: char| {
        let symbol = u8::try_from(symbol.to_ascii_uppercase()).ok()?;
        CODE_SYMBOLS.iter().position(|known| *known == symbol).and_then(|value| u64::try_from(value).ok())
    };
    let values: Vec<u64> =
        typed.take(CODE_SYMBOL_COUNT.saturating_add(1)).map(value).collect::<Option<_>>()?;
    let block = values.iter().fold(0, |block, value| (block << 5) | value);
    (values.len() == CODE_SYMBOL_COUNT).then_some(block)
}

/// Encrypts local numbers into UUIDs and decrypts them, under a secret key of the installation.
#[derive(Clone)]
pub struct IdCipher {
    key: SipHasher24,
}

impl fmt::Debug for IdCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdCipher(secret)")
    }
}

impl IdCipher {
    /// A cipher under `key`. Ids can only be opened under the key they were sealed with, so it must be kept.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self { key: SipHasher24::new_with_key(key) }
    }

    /// The UUID (as a number, version 8, RFC 9562) of `id`.
    #[must_use]
    pub fn seal(&self, id: LocalId) -> u128 {
        let event = u128::from(id.event.0 & MAX_EVENT_NUMBER);
        let block = (u128::from(id.kind.code()) << 114) | (event << 74) | (u128::from(id.local) << 42);
        let (mut left, mut right) = split(block);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        spread(join(left, right))
    }

    /// What `uuid` names, or `None` when it was not sealed under this key.
    #[must_use]
    pub fn open(&self, uuid: u128) -> Option<LocalId> {
        let (mut left, mut right) = split(gather(uuid)?);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        let block = join(left, right);
        let redundancy = block & ((1 << 42) - 1);
        let code = u8::try_from(block >> 114).ok()?;
        let kind = IdKind::ALL.into_iter().find(|kind| kind.code() == code)?;
        let event = EventNumber(u64::try_from((block >> 74) & u128::from(MAX_EVENT_NUMBER)).ok()?);
        let local = u32::try_from((block >> 42) & u128::from(u32::MAX)).ok()?;
        (redundancy == 0).then_some(LocalId { kind, event, local })
    }

    /// The number of an order that people write and say: 8 letters and digits, without those that are mistaken for each other (0 and O, 1 and I).
    /// Different orders of one event have different codes; two events may, by chance, share one.
    #[must_use]
    pub fn order_code(&self, event: EventNumber, order: OrderNumber) -> String {
        let block = u64::from(order.0);
        let (mut left, mut right) = (block >> CODE_HALF_BITS, block & CODE_HALF_MASK);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.code_round(event, round, right));
        }
        let mut block = (left << CODE_HALF_BITS) | right;
        let mut symbols = [0; CODE_SYMBOL_COUNT];
        for symbol in symbols.iter_mut().rev() {
            let value = usize::try_from(block & 31).unwrap_or_default();
            *symbol = CODE_SYMBOLS.get(value).copied().unwrap_or_default();
            block >>= 5;
        }
        symbols.map(char::from).iter().collect()
    }

    /// The order of `event` with this code, if the event has enough orders; upper and lower case, spaces and dashes do not matter. `None` when
    /// it is no code, or certainly not one of this event.
    #[must_use]
    pub fn open_order_code(&self, event: EventNumber, code: &str) -> Option<OrderNumber> {
        let block = read_code(code)?;
        let (mut left, mut right) = (block >> CODE_HALF_BITS, block & CODE_HALF_MASK);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.code_round(event, round, left), left);
        }
        u32::try_from((left << CODE_HALF_BITS) | right).ok().map(OrderNumber)
    }

    fn code_round(&self, event: EventNumber, round: u8, half: u64) -> u64 {
        let mut hasher = self.key;
        hasher.write_u8(round);
        hasher.write_u64(event.0);
        hasher.write_u64(half);
        hasher.finish() & CODE_HALF_MASK
    }

    fn round(&self, round: u8, half: u64) -> u64 {
        let mut hasher = self.key;
        hasher.write_u8(round);
        hasher.write_u64(half);
        hasher.finish() & HALF_MASK
    }
}

fn split(block: u128) -> (u64, u64) {
    let half = |bits: u128| u64::try_from(bits & u128::from(HALF_MASK)).unwrap_or_default();
    (half(block >> HALF_BITS), half(block))
}

fn join(left: u64, right: u64) -> u128 {
    (u128::from(left) << HALF_BITS) | u128::from(right)
}

/// Puts 122 bits around the version (8) and variant (0b10) bits of a UUID.
fn spread(block: u128) -> u128 {
    let top = (block >> 74) & 0xffff_ffff_ffff;
    let middle = (block >> 62) & 0xfff;
    let low = block & 0x3fff_ffff_ffff_ffff;
    (top << 80) | (8 << 76) | (middle << 64) | (0b10 << 62) | low
}

/// The 122 bits around version and variant; `None` when those are not ours.
fn gather(uuid: u128) -> Option<u128> {
    let ours = (uuid >> 76) & 0xf == 8 && (uuid >> 62) & 0b11 == 0b10;
    let top = uuid >> 80;
    let middle = (uuid >> 64) & 0xfff;
    let low = uuid & 0x3fff_ffff_ffff_ffff;
    ours.then_some((top << 74) | (middle << 62) | low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_id() -> impl Strategy<Value = LocalId> {
        let kind = proptest::sample::select(IdKind::ALL.to_vec());
        (kind, 0..=MAX_EVENT_NUMBER, any::<u32>()).prop_map(|(kind, event, local)| LocalId {
            kind,
            event: EventNumber(event),
            local,
        })
    }

    proptest! {
        #[test]
        fn sealed_ids_can_be_opened(id in any_id(), key in any::<[u8; 16]>()) {
            let cipher = IdCipher::new(&key);
            let uuid = cipher.seal(id);
            prop_assert_eq!(cipher.open(uuid), Some(id));
            prop_assert_eq!((uuid >> 76) & 0xf, 8, "version");
            prop_assert_eq!((uuid >> 62) & 3, 2, "variant");
        }

        #[test]
        fn one_changed_bit_is_refused(id in any_id(), bit in 0..128_u32) {
            let cipher = IdCipher::new(&[7; 16]);
            prop_assert_eq!(cipher.open(cipher.seal(id) ^ (1 << bit)), None);
        }

        #[test]
        fn order_codes_can_be_opened(event in 0..=MAX_EVENT_NUMBER, order in any::<u32>(), key in any::<[u8; 16]>()) {
            let (cipher, event, order) = (IdCipher::new(&key), EventNumber(event), OrderNumber(order));
            let code = cipher.order_code(event, order);
            prop_assert!(code.len() == 8 && code.chars().all(|symbol| !"0O1I".contains(symbol)), "{}", code);
            prop_assert_eq!(cipher.open_order_code(event, &code), Some(order));
            let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
            prop_assert_eq!(cipher.open_order_code(event, &typed), Some(order), "{}", typed);
        }

        #[test]
        fn made_up_ids_are_refused(uuid in any::<u128>()) {
            prop_assert_eq!(IdCipher::new(&[7; 16]).open(uuid), None);
            prop_assert_eq!(IdCipher::new(&[7; 16]).open(spread(uuid & ((1 << 122) - 1))), None);
        }
    }

    #[test]
    fn what_is_no_order_code_is_refused() {
        let cipher = IdCipher::new(&[7; 16]);
        for text in ["", "2222222", "222222222", "2222222O", "anna@example.org", "2222222\u{e9}"] {
            assert_eq!(cipher.open_order_code(EventNumber(1), text), None, "{text}");
        }
    }

    /// Ids given out must be understood for ever: these were sealed by the first release.
    #[test]
    fn ids_of_the_first_release_can_still_be_opened() {
        let cipher = IdCipher::new(b"0123456789abcdef");
        let seal = |kind, event, local| {
            format!("{:032x}", cipher.seal(LocalId { kind, event: EventNumber(event), local }))
        };
        let code = |event, order| cipher.order_code(EventNumber(event), OrderNumber(order));
        insta::assert_snapshot!(format!("{} {} {}", code(1, 0), code(1, 1), code(2, 0)), @"BDSFAKDD 673G7SHF MXLFWQ9U");
        insta::assert_snapshot!(seal(IdKind::Event, 1, 0), @"f59affea40f982b1982db0602c367e8f");
        insta::assert_snapshot!(seal(IdKind::Seat, 1, 0), @"4614a25c36af8a95818ef1759864d8b9");
        insta::assert_snapshot!(seal(IdKind::Ticket, MAX_EVENT_NUMBER, u32::MAX), @"db90c2dbd36984b8bfb4eb4c17417db4");
    }
}
