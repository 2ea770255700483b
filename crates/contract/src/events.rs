//! Events: creating, changing, showing and listing them.

use crate::money::{JsonMoney, JsonTime};
use crate::terms::{FeesInput, FeesShown, PriceTiers, RefundPolicyInput, RefundPolicyShown};
use fairseat_domain::sale::Status;
use fairseat_domain::terms::HoldLimits;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A summary of an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EventBrief)]
pub struct EventSummary {
    pub event_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The venue's name
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub venue: Option<String>,
    /// The venue's street, city and country, if known
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<String>,
    pub start_time: JsonTime,
    /// When the doors open; absent if that is not known
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub doors_time: Option<JsonTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub end_time: Option<JsonTime>,
    /// The venue's time zone, an IANA name
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub timezone: Option<String>,
}

/// A cancelled event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancelled {
    pub event_id: Uuid,
    /// `cancelled`
    pub status: &'static str,
    /// Orders that were confirmed until then; each is refunded in full, fees included
    pub orders: usize,
}

/// What cancelling an event would do now; after it was cancelled, what remains to be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancellation {
    pub event_id: Uuid,
    /// Confirmed orders, which will be cancelled
    pub orders: u32,
    /// Of these, those sold at the box office, where their money is paid back
    pub box_office_orders: u32,
    /// Tickets that will be void
    pub tickets: u32,
    /// Buyers who will be notified; customers of the box office are not counted
    pub people: u32,
    /// The amount refunded through the payment provider, fees included
    pub refund_amount: JsonMoney,
    /// The amount to be paid back at the box office
    pub box_office_refund_amount: JsonMoney,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    /// Reservations that end at once
    pub reservations: u32,
    pub reserved_seats: u32,
    /// Of these, those with a payment in progress: the payment is stopped, or refunded if it succeeds
    pub paying: u32,
}

/// The time of the copy. Times that are left out keep their distance to the start.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CopyInput {
    pub start_time: JsonTime,
    pub end_time: Option<JsonTime>,
    pub on_sale_time: Option<JsonTime>,
    /// By default the name of the original
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// By default as of the original
    pub hold_limits: Option<HoldLimitsInput>,
    /// By default as of the original
    pub refuse_single_seats: Option<bool>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventList {
    pub events: Vec<EventEntry>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// An event's status for buyers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventStatus)]
pub enum EventStatusView {
    /// Sales have not begun.
    Upcoming,
    /// Seats can be reserved, or are reserved and may become available again.
    OnSale,
    /// No seat is available or reserved, or sales have ended.
    SoldOut,
    /// It does not take place.
    Cancelled,
    /// Only its organization sees it.
    Draft,
}

impl EventStatusView {
    /// The status of a sale.
    #[must_use]
    pub fn of(status: Status) -> Self {
        match status {
            Status::Draft => Self::Draft,
            Status::Upcoming => Self::Upcoming,
            Status::OnSale => Self::OnSale,
            Status::SoldOut | Status::Ended => Self::SoldOut,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

/// Where an event takes place.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventVenue {
    pub venue_id: Uuid,
    pub name: String,
    pub address: String,
    pub city: String,
    pub state: String,
    pub country: String,
    pub timezone: String,
    pub capacity: u32,
    pub layout_type: String,
    pub seat_map_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Organizer {
    pub id: Uuid,
    pub name: String,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    pub event_id: Uuid,
    pub name: String,
    /// Who performs or plays; absent if the organizer named nobody
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub performer: String,
    pub description: String,
    pub venue: EventVenue,
    pub organization: Organizer,
    pub start_time: JsonTime,
    /// When the doors open; absent if the organizer did not say so
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub doors_time: Option<JsonTime>,
    /// The start as first announced; absent unless the event was rescheduled since
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_start_time: Option<JsonTime>,
    pub end_time: JsonTime,
    /// The venue's time zone, an IANA name
    pub timezone: String,
    pub category: String,
    pub status: EventStatusView,
    pub on_sale_time: JsonTime,
    pub sales_end_time: JsonTime,
    pub total_seats: u32,
    pub available_seats: u32,
    /// Prices without fees, by the name of a section or a category of the plan
    #[schema(value_type = BTreeMap<String, f64>)]
    pub price_tiers: BTreeMap<String, JsonMoney>,
    /// Names in `price_tiers` at whose price no seat is on offer, because none has it or all that have it are blocked; absent if
    /// there is none
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused_price_tiers: Vec<String>,
    /// The lowest price of a seat that is neither blocked nor removed, sold seats included; null if there is none
    #[schema(value_type = Option<f64>)]
    pub min_price: Option<JsonMoney>,
    /// The highest price of a seat that is neither blocked nor removed, sold seats included; null if there is none
    #[schema(value_type = Option<f64>)]
    pub max_price: Option<JsonMoney>,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    pub fees: FeesShown,
    pub refund_policy: RefundPolicyShown,
    pub max_tickets_per_user: u32,
    /// Whether no seat is numbered: all places are sold by count
    pub general_admission: bool,
    /// Whether a choice of seats that leaves a single one alone is refused
    pub refuse_single_seats: bool,
    /// The limits on hoarding that its organizer set
    pub hold_limits: HoldLimitsShown,
    pub seat_map_url: String,
    /// Its picture, 1200 × 630; absent if the organizer uploaded none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub image_url: Option<String>,
    /// True for a draft; absent for a published event
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    pub created_at: JsonTime,
    pub updated_at: JsonTime,
}

/// An event in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventEntry {
    pub event_id: Uuid,
    pub name: String,
    /// Who performs or plays; absent if the organizer named nobody
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub performer: String,
    /// The venue's name
    pub venue: String,
    pub venue_id: Uuid,
    pub city: String,
    pub state: String,
    pub country: String,
    /// The venue's time zone, an IANA name
    pub timezone: String,
    pub start_time: JsonTime,
    pub end_time: JsonTime,
    pub category: String,
    pub status: EventStatusView,
    pub on_sale_time: JsonTime,
    pub sales_end_time: JsonTime,
    pub total_seats: u32,
    /// May be some milliseconds old
    pub available_seats: u32,
    /// Seats with a valid ticket; may be some milliseconds old
    pub sold_seats: u32,
    /// The lowest price of a seat that is neither blocked nor removed, sold seats included; null if there is none
    #[schema(value_type = Option<f64>)]
    pub min_price: Option<JsonMoney>,
    /// The highest price of a seat that is neither blocked nor removed, sold seats included; null if there is none
    #[schema(value_type = Option<f64>)]
    pub max_price: Option<JsonMoney>,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    /// Its picture, 600 × 315; absent if the organizer uploaded none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub thumbnail_url: Option<String>,
    /// True for a draft; absent for a published event
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

/// A new event.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EventInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Who performs or plays: an artist, a band, a company, a team
    #[serde(default)]
    #[schema(max_length = 200)]
    pub performer: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub description: String,
    pub venue_id: Uuid,
    pub start_time: JsonTime,
    /// When the doors open, at the latest at the start
    pub doors_time: Option<JsonTime>,
    pub end_time: JsonTime,
    /// The kind of event: concert, sports, theater, comedy, family, …
    #[schema(min_length = 1, max_length = 50)]
    pub category: String,
    pub on_sale_time: JsonTime,
    /// By default the start of the event
    pub sales_end_time: Option<JsonTime>,
    /// Prices without fees, by the name of a section, or else of a category of the plan. A name that is both means the category: in that
    /// section, seats of other categories keep the prices of these. Seats without a price are blocked at first
    #[schema(value_type = BTreeMap<String, f64>)]
    pub price_tiers: PriceTiers,
    /// The currency of every amount, ISO 4217
    #[schema(default = "USD", min_length = 3, max_length = 3)]
    pub currency: Option<String>,
    #[schema(default = 8, minimum = 1, maximum = 1000)]
    pub max_tickets_per_user: Option<u32>,
    pub fees: Option<FeesInput>,
    pub refund_policy: Option<RefundPolicyInput>,
    /// The venue's organization; may be left out
    pub organization_id: Option<Uuid>,
    /// Limits on hoarding
    pub hold_limits: Option<HoldLimitsInput>,
    /// Whether a choice of seats that leaves a single one alone between taken ones is refused; see `PATCH`
    #[schema(default = false)]
    pub refuse_single_seats: Option<bool>,
    /// Whether only its organization sees it, until it is published
    #[schema(default = false)]
    pub draft: Option<bool>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub waiting_room: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub resale: Option<IgnoredAny>,
}

/// Limits on hoarding: how many seats may be held from one network at one time, and how many tickets one card may pay for. `null` or left out
/// for the default.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = HoldLimits)]
pub struct HoldLimitsInput {
    /// By all accounts; by default a twentieth of the seats, at least 200 and four times the ticket limit
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats: Option<u32>,
    /// By new accounts together: those younger than a day or without a verified address, as all guests are. By default a fiftieth of the seats,
    /// and at least four times the ticket limit, but at most a quarter of the seats for that
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats_of_new_accounts: Option<u32>,
    /// Tickets that may be paid with one card or account of a payment provider, refunded ones left out; by default the ticket limit
    #[schema(minimum = 1, maximum = 100_000)]
    pub tickets_per_instrument: Option<u32>,
}

/// The limits on hoarding; null for the default.
#[derive(Clone, Copy, Debug, Hash, Serialize, ToSchema)]
pub struct HoldLimitsShown {
    /// By all accounts
    pub seats: Option<u32>,
    /// By new accounts together
    pub seats_of_new_accounts: Option<u32>,
    /// Tickets that may be paid with one card or account of a payment provider
    pub tickets_per_instrument: Option<u32>,
}

impl HoldLimitsShown {
    /// These limits.
    #[must_use]
    pub fn of(limits: HoldLimits) -> Self {
        let HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument } = limits;
        Self { seats, seats_of_new_accounts, tickets_per_instrument }
    }
}

/// Changes to an event; fields that are left out stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventChanges {
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(max_length = 10_000)]
    pub description: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    pub category: Option<String>,
    /// Who performs or plays; empty for nobody
    #[schema(max_length = 200)]
    pub performer: Option<String>,
    /// Ticket holders are notified of new times
    pub start_time: Option<JsonTime>,
    /// When the doors open, at the latest at the start; a time equal to the start means that it is not said. Moves with `start_time` unless given
    pub doors_time: Option<JsonTime>,
    pub end_time: Option<JsonTime>,
    pub on_sale_time: Option<JsonTime>,
    /// Moves with `start_time` if it was the same
    pub sales_end_time: Option<JsonTime>,
    /// All prices, for future reservations
    #[schema(value_type = Option<BTreeMap<String, f64>>)]
    pub price_tiers: Option<PriceTiers>,
    #[schema(minimum = 1, maximum = 1000)]
    pub max_tickets_per_user: Option<u32>,
    pub fees: Option<FeesInput>,
    pub refund_policy: Option<RefundPolicyInput>,
    /// Limits on hoarding, for reservations made from now on
    pub hold_limits: Option<HoldLimitsInput>,
    /// Whether a choice of seats that leaves a single one alone between taken ones is refused, where another choice would not leave one;
    /// best available, wheelchair places and the box office are not affected
    pub refuse_single_seats: Option<bool>,
    /// `false` publishes a draft; `true` withdraws an event while nothing is sold
    pub draft: Option<bool>,
    /// Cannot be changed
    #[schema(value_type = Option<String>)]
    pub currency: Option<IgnoredAny>,
    /// Cannot be changed
    #[schema(value_type = Option<String>)]
    pub venue_id: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub waiting_room: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub resale: Option<IgnoredAny>,
}
