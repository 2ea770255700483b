//! The sales figures of an event.

use crate::money::{JsonMoney, JsonTime};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The sales figures of an event, all of the same instant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics<'a> {
    pub event_id: Uuid,
    /// The time of the request
    pub as_of: JsonTime,
    /// The version of the sale that this shows; see `availability`
    pub version: u64,
    /// The currency of every amount, ISO 4217
    pub currency: &'a str,
    pub seats: SeatFigures,
    pub reservations: ReservationFigures,
    pub holds: HoldFigures,
    pub orders: OrderFigures,
    pub tickets: TicketFigures,
    pub money: MoneyFigures,
    pub box_office: CounterFigures,
    pub price_tiers: Vec<TierFigures<'a>>,
    /// In the plan's order
    pub sections: Vec<SectionFigures<'a>>,
    pub sales: SalesCurve,
}

/// Seats by status; the four numbers add up to the total.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatFigures {
    pub total: u32,
    pub available: u32,
    pub reserved: u32,
    pub sold: u32,
    pub blocked: u32,
}

/// How much is held from one network, and how much may be.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldFigures {
    /// The most seats that are held from one network now
    pub most_seats: u32,
    /// The most seats that new accounts of one network hold now
    pub most_seats_of_new_accounts: u32,
    /// The limit in force for the first
    pub limit: u32,
    /// The limit in force for the second
    pub limit_of_new_accounts: u32,
    /// Requests that the limits refused lately: until a day passes without one, or the server restarts
    pub refused: u64,
    /// The last of them; null if there was none
    pub last_refused_at: Option<JsonTime>,
    /// The tickets that one card, or one account of a payment provider, may pay for
    pub limit_by_instrument: u32,
    /// Orders that this limit refused lately
    pub refused_by_instrument: u64,
    /// The last of them; null if there was none
    pub last_refused_by_instrument_at: Option<JsonTime>,
}

/// Active reservations.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReservationFigures {
    pub active: u32,
    pub seats: u32,
    pub amount: JsonMoney,
    /// Of these, those with a payment in progress
    pub paying: u32,
    /// When the first of them expires
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_expires_at: Option<JsonTime>,
}

/// Orders by state.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderFigures {
    pub pending: u32,
    pub confirmed: u32,
    /// Confirmed once, then cancelled
    pub cancelled: u32,
    /// Never paid
    pub unpaid: u32,
}

/// Tickets by state.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketFigures {
    pub valid: u32,
    /// Not valid until their failed payment is resolved
    pub suspended: u32,
    pub void: u32,
}

/// Money: net = gross − refunded − refunds still pending − uncollected.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyFigures {
    /// Of every order ever confirmed, fees included
    pub gross: JsonMoney,
    /// The part of it that is fees
    pub fees: JsonMoney,
    /// Refunds that the provider has completed
    pub refunded: JsonMoney,
    /// Refunds that the provider has not completed
    pub refunds_pending: JsonMoney,
    /// Authorized, but the capture finally failed
    pub uncollected: JsonMoney,
    pub net: JsonMoney,
}

/// Sales at the box office, without cancelled orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct CounterFigures {
    pub orders: u32,
    pub tickets: u32,
    pub cash: JsonMoney,
    pub card_terminal: JsonMoney,
    /// Given away
    pub complimentary_tickets: u32,
    /// Money taken there, also for orders cancelled since, minus money paid back there
    pub in_hand: JsonMoney,
}

/// A price and the seats sold at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierFigures<'a> {
    /// A section of the plan or a category
    pub name: &'a str,
    pub price: JsonMoney,
    pub total: u32,
    pub available: u32,
    pub reserved: u32,
    pub sold: u32,
    pub blocked: u32,
    /// Prices of the sold seats when they were bought, without fees
    pub revenue: JsonMoney,
}

/// A section and its sold seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionFigures<'a> {
    pub section: &'a str,
    pub general_admission: bool,
    pub total: u32,
    pub available: u32,
    pub reserved: u32,
    pub sold: u32,
    pub blocked: u32,
    /// Prices of the sold seats when they were bought, without fees
    pub revenue: JsonMoney,
}

/// Sales over time, from the first order to the last; at most 400 points. Orders that were cancelled later are counted at the time they
/// were sold.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesCurve {
    /// The length of each interval: `minute`, `hour`, `day` or `week`; a longer sale has longer intervals
    pub bucket: &'static str,
    /// The length in seconds; may be several weeks
    pub bucket_seconds: i64,
    pub points: Vec<CurvePoint>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CurvePoint {
    pub start: JsonTime,
    pub orders: u32,
    pub tickets: u32,
    /// Fees included
    pub revenue: JsonMoney,
}
