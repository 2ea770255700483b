//! Events: as they are made, changed, shown and listed.

use crate::money::{JsonMoney, JsonTime};
use crate::terms::{FeesInput, FeesShown, PriceTiers, RefundPolicyInput, RefundPolicyShown};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// An event in a few words.
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
    /// The venue's street, city and country, as far as they are known
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<String>,
    pub start_time: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub end_time: Option<JsonTime>,
    /// The venue's, an IANA name
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
    /// Orders that were confirmed just before; each is refunded in full, fees included
    pub orders: usize,
}

/// What cancelling an event would do now; once it is cancelled, what is left of that to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancellation {
    pub event_id: Uuid,
    /// Confirmed orders, which end
    pub orders: u32,
    /// Of these, sold at the counter: their money is handed out there
    pub box_office_orders: u32,
    /// Tickets that no longer let anybody in
    pub tickets: u32,
    /// Buyers who are told; customers of the counter are not among them
    pub people: u32,
    /// Given back through the payment provider, fees included
    pub refund_amount: JsonMoney,
    /// To be handed out at the counter
    pub box_office_refund_amount: JsonMoney,
    /// ISO 4217
    pub currency: String,
    /// Reservations that end at once
    pub reservations: u32,
    pub reserved_seats: u32,
    /// Of these, with an attempt to pay under way: it is stopped, or sent back if it succeeds
    pub paying: u32,
}

/// When the copy takes place. Times left out keep their distance to the start.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CopyInput {
    pub start_time: JsonTime,
    pub end_time: Option<JsonTime>,
    pub on_sale_time: Option<JsonTime>,
    /// The same unless given
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventList {
    pub events: Vec<EventEntry>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// What a buyer can expect of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventStatus)]
pub enum EventStatusView {
    /// Sales have not begun.
    Upcoming,
    /// Seats can be reserved, or are in carts and may come back.
    OnSale,
    /// Nothing is available or reserved, or sales have ended.
    SoldOut,
    /// It does not take place.
    Cancelled,
    /// Its organization alone sees it.
    Draft,
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
    pub description: String,
    pub venue: EventVenue,
    pub organization: Organizer,
    pub start_time: JsonTime,
    /// When it was to begin as first announced; absent unless it was moved since
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_start_time: Option<JsonTime>,
    pub end_time: JsonTime,
    /// The venue's, an IANA name
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
    #[schema(value_type = Option<f64>)]
    pub min_price: Option<JsonMoney>,
    #[schema(value_type = Option<f64>)]
    pub max_price: Option<JsonMoney>,
    /// Of every amount, ISO 4217
    pub currency: String,
    pub fees: FeesShown,
    pub refund_policy: RefundPolicyShown,
    pub max_tickets_per_user: u32,
    pub seat_map_url: String,
    /// Its picture, 1200 × 630; absent where the organizer gave none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub image_url: Option<String>,
    /// True for a draft; absent for everything that is published
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
    /// The venue's name
    pub venue: String,
    pub venue_id: Uuid,
    pub city: String,
    pub state: String,
    pub country: String,
    /// The venue's, an IANA name
    pub timezone: String,
    pub start_time: JsonTime,
    pub end_time: JsonTime,
    pub category: String,
    pub status: EventStatusView,
    pub on_sale_time: JsonTime,
    pub sales_end_time: JsonTime,
    pub total_seats: u32,
    /// Milliseconds old
    pub available_seats: u32,
    /// With a ticket that is good; milliseconds old
    pub sold_seats: u32,
    #[schema(value_type = Option<f64>)]
    pub min_price: Option<JsonMoney>,
    #[schema(value_type = Option<f64>)]
    pub max_price: Option<JsonMoney>,
    /// Of every amount, ISO 4217
    pub currency: String,
    /// Its picture, 600 × 315; absent where the organizer gave none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub thumbnail_url: Option<String>,
    /// True for a draft; absent for everything that is published
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

/// An event to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EventInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub description: String,
    pub venue_id: Uuid,
    pub start_time: JsonTime,
    pub end_time: JsonTime,
    /// Concert, sports, theater, comedy, family, …
    #[schema(min_length = 1, max_length = 50)]
    pub category: String,
    pub on_sale_time: JsonTime,
    /// By default the event's start
    pub sales_end_time: Option<JsonTime>,
    /// Prices without fees, by the name of a section, else of a category of the plan; seats without a price start blocked
    #[schema(value_type = BTreeMap<String, f64>)]
    pub price_tiers: PriceTiers,
    /// ISO 4217
    #[schema(default = "USD", min_length = 3, max_length = 3)]
    pub currency: Option<String>,
    #[schema(default = 8, minimum = 1, maximum = 1000)]
    pub max_tickets_per_user: Option<u32>,
    pub fees: Option<FeesInput>,
    pub refund_policy: Option<RefundPolicyInput>,
    /// The venue's, which needs no saying
    pub organization_id: Option<Uuid>,
    /// Seen by its organization only, until it is published
    #[schema(default = false)]
    pub draft: Option<bool>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub waiting_room: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub resale: Option<IgnoredAny>,
}

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct EventChanges {
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(max_length = 10_000)]
    pub description: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    pub category: Option<String>,
    /// Ticket holders are told of new times
    pub start_time: Option<JsonTime>,
    pub end_time: Option<JsonTime>,
    pub on_sale_time: Option<JsonTime>,
    /// Moves with `start_time` where it was the same
    pub sales_end_time: Option<JsonTime>,
    /// All prices, for future reservations
    #[schema(value_type = Option<BTreeMap<String, f64>>)]
    pub price_tiers: Option<PriceTiers>,
    #[schema(minimum = 1, maximum = 1000)]
    pub max_tickets_per_user: Option<u32>,
    pub fees: Option<FeesInput>,
    pub refund_policy: Option<RefundPolicyInput>,
    /// `false` publishes a draft; `true` takes an event back while nothing was sold
    pub draft: Option<bool>,
    /// Cannot change
    #[schema(value_type = Option<String>)]
    pub currency: Option<IgnoredAny>,
    /// Cannot change
    #[schema(value_type = Option<String>)]
    pub venue_id: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub waiting_room: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    pub resale: Option<IgnoredAny>,
}
