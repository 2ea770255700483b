//! The bounds of every queue, batch, string, list and map of a sale (I9).

use crate::time::Millis;

/// Seats of one seating plan, removed ones included: the largest stadiums hold about 115,000.
pub const MAX_SEATS: usize = 250_000;
/// Sections of one seating plan.
pub const MAX_SECTIONS: usize = 2_000;
/// Rows of one seating plan.
pub const MAX_ROWS: usize = 50_000;
/// Former labels kept for one ticket; the oldest go first.
pub const MAX_FORMER_LABELS: usize = 8;
/// Categories of one seating plan.
pub const MAX_CATEGORIES: usize = 500;
/// Decorations (stage, texts, shapes) of one seating plan.
pub const MAX_DECORATIONS: usize = 5_000;
/// Points of one decoration's polygon.
pub const MAX_POLYGON_POINTS: usize = 2_000;
/// Characters of a name or label taken from a seating plan.
pub const MAX_LABEL_CHARS: usize = 200;
/// Price tiers of one sale.
pub const MAX_PRICE_TIERS: usize = 2_500;
/// Seats in one reservation, and so in one order.
pub const MAX_SEATS_PER_RESERVATION: usize = 1_000;
/// Seats one block or unblock command may name.
pub const MAX_SEATS_PER_BLOCK: usize = MAX_SEATS;
/// Different reasons for blocking seats in one sale.
pub const MAX_REASONS: usize = 1_000;
/// Characters of the reason given for blocking seats.
pub const MAX_REASON_CHARS: usize = 64;
/// Tickets one buyer may be allowed in one sale; the organizer's `max_tickets_per_user` is 1 to this.
pub const MAX_TICKETS_PER_BUYER: u32 = 1_000;
/// The ticket limit of an event, unless the organizer sets another.
pub const DEFAULT_TICKETS_PER_BUYER: u32 = 8;
/// Characters of a payment method's name.
pub const MAX_METHOD_CHARS: usize = 32;
/// Seats that may be held from one network at one time at a small event, unless the organizer sets another number.
pub const DEFAULT_HELD_BY_ORIGIN: u32 = 200;
/// At a large event, one network may hold this part of the seats: a twentieth.
pub const HELD_BY_ORIGIN_DIVISOR: u32 = 20;
/// New accounts of one network together may hold this part of the seats of a large event: a fiftieth.
pub const HELD_BY_NEW_ACCOUNTS_DIVISOR: u32 = 50;
/// Buyers with as many tickets as one may have, who fit into the limits of one network at a small event.
pub const BUYERS_OF_A_SMALL_EVENT: u32 = 4;
/// The most that an organizer may set for one of the limits on hoarding.
pub const MAX_HELD: u32 = 100_000;
/// How long it is remembered that somebody gave a seat back.
pub const GIVE_BACK_TIME: Millis = Millis::from_seconds(1_800);
/// A seat that somebody gave back twice within [`GIVE_BACK_TIME`] is left to others for this long.
pub const COOLING_TIME: Millis = Millis::from_seconds(300);
/// Given-back seats that are remembered at most; then the oldest are forgotten.
pub const MAX_GIVE_BACKS: usize = 100_000;
/// Payment attempts for one order.
pub const MAX_PAYMENT_ATTEMPTS: u32 = 50;
/// The largest amount a single price, fee or total may have, in minor units: keeps every sum far from overflow.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;

/// The shortest hold a buyer may ask for.
pub const MIN_HOLD: Millis = Millis::from_seconds(60);
/// The longest hold, and the longest time from placing to expiry with an extension.
pub const MAX_HOLD: Millis = Millis::from_seconds(900);
/// The hold, unless the buyer asks for another.
pub const DEFAULT_HOLD: Millis = Millis::from_seconds(600);
/// A payment that may still charge keeps its seats this long after `expires_at`; then it is cancelled at the provider.
pub const PAYMENT_GRACE: Millis = Millis::from_seconds(900);
/// How long an idempotency key is remembered.
pub const IDEMPOTENCY_TTL: Millis = Millis::from_seconds(24 * 3600);
/// How long a reservation that ended without an order can still be looked up in the sale.
pub const ENDED_RESERVATION_TTL: Millis = Millis::from_seconds(24 * 3600);

/// Facts in one entry of due facts: expired reservations, payments past their deadline, orders of a cancelled event.
pub const MAX_DUE_FACTS: usize = 500;
/// Encoded size at which the engine closes a batch.
pub const BATCH_BYTES: usize = 64 * 1024;
