//! How an event is selling, in figures.

use crate::money::{JsonMoney, JsonTime};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a sale is going. All of it is true at the same instant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics<'a> {
    pub event_id: Uuid,
    /// When it was asked
    pub as_of: JsonTime,
    /// The version of the sale this shows; see `availability`
    pub version: u64,
    /// Of every amount, ISO 4217
    pub currency: &'a str,
    pub seats: SeatFigures,
    pub reservations: ReservationFigures,
    pub orders: OrderFigures,
    pub tickets: TicketFigures,
    pub money: MoneyFigures,
    pub box_office: CounterFigures,
    pub price_tiers: Vec<TierFigures<'a>>,
    /// In the plan's order
    pub sections: Vec<SectionFigures<'a>>,
    pub sales: SalesCurve,
}

/// Seats by what they are doing; the four add up to the total.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatFigures {
    pub total: u32,
    pub available: u32,
    pub reserved: u32,
    pub sold: u32,
    pub blocked: u32,
}

/// Reservations whose time runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReservationFigures {
    pub active: u32,
    pub seats: u32,
    pub amount: JsonMoney,
    /// Of these, with an attempt to pay under way
    pub paying: u32,
    /// The first of them ends then
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_expires_at: Option<JsonTime>,
}

/// Orders by what has become of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderFigures {
    pub pending: u32,
    pub confirmed: u32,
    /// Confirmed once, then cancelled
    pub cancelled: u32,
    /// Never paid
    pub unpaid: u32,
}

/// Tickets by whether they let somebody in.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketFigures {
    pub valid: u32,
    /// Until somebody has looked at their payment
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

/// What was sold at the counter and stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CounterFigures {
    pub orders: u32,
    pub tickets: u32,
    pub cash: JsonMoney,
    pub card_terminal: JsonMoney,
    /// Given away
    pub complimentary_tickets: u32,
    /// What was taken there, cancelled orders too, and not handed out again
    pub in_hand: JsonMoney,
}

/// A price and how its seats are going.
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
    /// What the sold ones cost when they were bought, without fees
    pub revenue: JsonMoney,
}

/// A section and how its seats are going.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionFigures<'a> {
    pub section: &'a str,
    pub general_admission: bool,
    pub total: u32,
    pub available: u32,
    pub reserved: u32,
    pub sold: u32,
    pub blocked: u32,
    /// What the sold ones cost when they were bought, without fees
    pub revenue: JsonMoney,
}

/// What was sold when, from the first order to the last; at most 400 points. Orders cancelled since count where they were sold.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesCurve {
    /// How long each point lasts: `minute`, `hour`, `day` or `week`, by how long the sale has been going on
    pub bucket: &'static str,
    /// The same in seconds; weeks may be several
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
