//! An event as it is shown: by itself from its sale, in lists from the views.

use super::image::addresses;
use super::terms::{self, FeesShown, RefundPolicyShown};
use crate::API;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::venues::seat_map_url;
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::Sale;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::Status;
use fairseat_domain::time::Timestamp;
use fairseat_edge::problem::Problem;
use fairseat_store::events::Event;
use fairseat_store::venues::Venue;
use fairseat_store::{EventListing, EventStatus, Scope};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a buyer can expect of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventStatus)]
pub(super) enum EventStatusView {
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

impl EventStatusView {
    fn of_sale(sale: &Sale, now: Timestamp) -> Self {
        match sale.status(now) {
            Status::Draft => Self::Draft,
            Status::Upcoming => Self::Upcoming,
            Status::OnSale => Self::OnSale,
            Status::SoldOut | Status::Ended => Self::SoldOut,
            Status::Cancelled => Self::Cancelled,
        }
    }

    fn of_listing(listing: &EventListing) -> Self {
        match listing.status {
            EventStatus::Cancelled => Self::Cancelled,
            _ if listing.event.details.draft => Self::Draft,
            EventStatus::Upcoming => Self::Upcoming,
            EventStatus::OnSale => Self::OnSale,
            EventStatus::SoldOut => Self::SoldOut,
        }
    }
}

/// Where an event takes place.
#[derive(Debug, Serialize, ToSchema)]
struct EventVenue {
    venue_id: Uuid,
    name: String,
    address: String,
    city: String,
    state: String,
    country: String,
    timezone: String,
    capacity: u32,
    layout_type: String,
    seat_map_url: String,
}

impl EventVenue {
    fn of(venue: Venue) -> Self {
        let details = venue.details;
        Self {
            venue_id: venue.id.0,
            name: details.name,
            address: details.address,
            city: details.city,
            state: details.state,
            country: details.country,
            timezone: details.timezone,
            capacity: venue.capacity,
            layout_type: details.layout_type,
            seat_map_url: seat_map_url(venue.id),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct Organizer {
    id: Uuid,
    name: String,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(super) struct EventView {
    event_id: Uuid,
    name: String,
    description: String,
    venue: EventVenue,
    organization: Organizer,
    start_time: JsonTime,
    /// When it was to begin as first announced; absent unless it was moved since
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_start_time: Option<JsonTime>,
    end_time: JsonTime,
    /// The venue's, an IANA name
    timezone: String,
    category: String,
    status: EventStatusView,
    on_sale_time: JsonTime,
    sales_end_time: JsonTime,
    total_seats: u32,
    available_seats: u32,
    /// Prices without fees, by the name of a section or a category of the plan
    #[schema(value_type = BTreeMap<String, f64>)]
    price_tiers: BTreeMap<String, JsonMoney>,
    #[schema(value_type = Option<f64>)]
    min_price: Option<JsonMoney>,
    #[schema(value_type = Option<f64>)]
    max_price: Option<JsonMoney>,
    /// Of every amount, ISO 4217
    currency: String,
    fees: FeesShown,
    refund_policy: RefundPolicyShown,
    max_tickets_per_user: u32,
    seat_map_url: String,
    /// Its picture, 1200 × 630; absent where the organizer gave none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    image_url: Option<String>,
    /// True for a draft; absent for everything that is published
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    draft: bool,
    created_at: JsonTime,
    updated_at: JsonTime,
}

impl EventView {
    /// The event of this row, as its sale has it now.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(app: &ApiState, event: Event, sale: &Sale) -> Result<Self, ApiError> {
        let store = &app.store;
        let venue = store.venues().get(event.venue, &Scope::All).await?;
        let venue = venue.ok_or_else(|| Problem::internal("an event's venue is gone"))?;
        let organization = store.organizations().by_id(event.organization).await?;
        let organization =
            organization.ok_or_else(|| Problem::internal("an event's organization is gone"))?;
        let organization = Organizer { id: organization.id.0, name: organization.name };
        Ok(Self::new(app, event, venue, organization, sale))
    }

    fn new(app: &ApiState, event: Event, venue: Venue, organization: Organizer, sale: &Sale) -> Self {
        let (terms, counts) = (sale.terms(), sale.counts());
        let currency = terms.currency;
        let event_id = app.ids.event(event.number);
        let money = |amount| JsonMoney(amount, currency);
        let prices = || sale.tiers().iter().map(|tier| tier.price);
        Self {
            event_id,
            name: event.details.name,
            description: event.details.description,
            timezone: venue.details.timezone.clone(),
            venue: EventVenue::of(venue),
            organization,
            start_time: JsonTime(terms.starts_at),
            previous_start_time: event.moved_from.map(JsonTime),
            end_time: JsonTime(event.details.ends_at),
            category: event.details.category,
            status: EventStatusView::of_sale(sale, app.now()),
            on_sale_time: JsonTime(terms.on_sale_at),
            sales_end_time: JsonTime(terms.sales_end_at),
            total_seats: counts.total(),
            available_seats: counts.available,
            price_tiers: sale.tiers().iter().map(|tier| (tier.name.clone(), money(tier.price))).collect(),
            min_price: prices().min().map(money),
            max_price: prices().max().map(money),
            currency: currency.code().to_owned(),
            fees: terms::show_fees(&terms.fees, currency),
            refund_policy: terms::show_refund_policy(&terms.refund_policy),
            max_tickets_per_user: terms.max_tickets_per_buyer,
            seat_map_url: format!("{API}/events/{event_id}/seatmap"),
            image_url: event.details.image.map(|image| addresses(image)[0].clone()),
            draft: !terms.published,
            created_at: JsonTime(event.created_at),
            updated_at: JsonTime(event.updated_at),
        }
    }
}

/// An event in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventEntry {
    event_id: Uuid,
    name: String,
    /// The venue's name
    venue: String,
    venue_id: Uuid,
    city: String,
    state: String,
    country: String,
    /// The venue's, an IANA name
    timezone: String,
    start_time: JsonTime,
    end_time: JsonTime,
    category: String,
    status: EventStatusView,
    on_sale_time: JsonTime,
    sales_end_time: JsonTime,
    total_seats: u32,
    /// Milliseconds old
    available_seats: u32,
    /// With a ticket that is good; milliseconds old
    sold_seats: u32,
    #[schema(value_type = Option<f64>)]
    min_price: Option<JsonMoney>,
    #[schema(value_type = Option<f64>)]
    max_price: Option<JsonMoney>,
    /// Of every amount, ISO 4217
    currency: String,
    /// Its picture, 600 × 315; absent where the organizer gave none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    thumbnail_url: Option<String>,
    /// True for a draft; absent for everything that is published
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    draft: bool,
}

/// What an entry takes from the seats.
struct Figures {
    status: EventStatusView,
    total: u32,
    available: u32,
    sold: u32,
    min_price: Option<Amount>,
    max_price: Option<Amount>,
}

impl EventEntry {
    /// An event found.
    ///
    /// # Errors
    /// When it is so new that its sale must be asked, and that fails.
    pub(super) async fn of(app: &ApiState, listing: EventListing) -> Result<Self, ApiError> {
        let figures = figures(app, &listing).await?;
        let EventListing { event, venue, .. } = listing;
        let currency: Currency = event.details.currency;
        let money = |amount: Option<Amount>| amount.map(|amount| JsonMoney(amount, currency));
        Ok(Self {
            event_id: app.ids.event(event.number),
            name: event.details.name,
            venue: venue.details.name,
            venue_id: venue.id.0,
            city: venue.details.city,
            state: venue.details.state,
            country: venue.details.country,
            timezone: venue.details.timezone,
            start_time: JsonTime(event.details.starts_at),
            end_time: JsonTime(event.details.ends_at),
            category: event.details.category,
            status: figures.status,
            on_sale_time: JsonTime(event.details.on_sale_at),
            sales_end_time: JsonTime(event.details.sales_end_at),
            total_seats: figures.total,
            available_seats: figures.available,
            sold_seats: figures.sold,
            min_price: money(figures.min_price),
            max_price: money(figures.max_price),
            currency: currency.code().to_owned(),
            thumbnail_url: event.details.image.map(|image| addresses(image)[1].clone()),
            draft: event.details.draft,
        })
    }
}

/// From the view, or from the sale while there is no view yet: an organizer looks for a new event at once.
async fn figures(app: &ApiState, listing: &EventListing) -> Result<Figures, ApiError> {
    if let Some(counters) = &listing.counters {
        return Ok(Figures {
            status: EventStatusView::of_listing(listing),
            total: counters.total,
            available: counters.available,
            sold: counters.sold,
            min_price: counters.min_price,
            max_price: counters.max_price,
        });
    }
    let sale = app.engine.sale(listing.event.number).await?.published();
    let prices = || sale.state.tiers().iter().map(|tier| tier.price);
    Ok(Figures {
        status: EventStatusView::of_sale(&sale.state, app.now()),
        total: sale.state.counts().total(),
        available: sale.state.counts().available,
        sold: sale.state.counts().sold,
        min_price: prices().min(),
        max_price: prices().max(),
    })
}
