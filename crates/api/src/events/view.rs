//! An event in answers: a single one is read from its sale, lists are read from the views.

use crate::handler::*;
use crate::images::addresses;
use crate::venues::view::seat_map_url;
use fairseat_contract::API_ROOT;
use fairseat_contract::events::{
    EventEntry, EventStatusView, EventVenue, EventView, HoldLimitsShown, Organizer,
};
use fairseat_contract::terms::{FeesShown, RefundPolicyShown};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::TierIndex;
use fairseat_store::events::Event;
use fairseat_store::venues::Venue;
use fairseat_store::{EventListing, EventStatus, Scope};

fn status_of_listing(listing: &EventListing) -> EventStatusView {
    match listing.status {
        EventStatus::Cancelled => EventStatusView::Cancelled,
        _ if listing.event.details.draft => EventStatusView::Draft,
        EventStatus::Upcoming => EventStatusView::Upcoming,
        EventStatus::OnSale => EventStatusView::OnSale,
        EventStatus::SoldOut => EventStatusView::SoldOut,
    }
}

fn event_venue(venue: Venue) -> EventVenue {
    let details = venue.details;
    EventVenue {
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

/// The event of this row, with the newest values of its sale.
///
/// # Errors
/// When the store fails.
pub(crate) async fn event_view(app: &ApiState, event: Event, sale: &Sale) -> Result<EventView, ApiError> {
    let store = &app.store;
    let venue = store.venues().get(event.venue, &Scope::All).await?;
    let venue = venue.ok_or_else(|| Problem::internal("an event's venue is gone"))?;
    let organization = store.organizations().by_id(event.organization).await?;
    let organization = organization.ok_or_else(|| Problem::internal("an event's organization is gone"))?;
    let organization = Organizer { id: organization.id.0, name: organization.name };
    Ok(view_of(app, event, venue, organization, sale))
}

fn view_of(app: &ApiState, event: Event, venue: Venue, organization: Organizer, sale: &Sale) -> EventView {
    let (terms, counts) = (sale.terms(), sale.counts());
    let currency = terms.currency;
    let event_id = app.ids.event(event.number);
    let money = |amount| JsonMoney(amount, currency);
    let range = sale.price_range();
    let unused = (0..).zip(sale.tiers()).filter(|(at, _)| sale.offered(TierIndex(*at)) == 0);
    EventView {
        event_id,
        name: event.details.name,
        performer: event.details.performer,
        description: event.details.description,
        timezone: venue.details.timezone.clone(),
        venue: event_venue(venue),
        organization,
        start_time: JsonTime(terms.starts_at),
        doors_time: event.details.doors_at.filter(|doors| *doors < terms.starts_at).map(JsonTime),
        previous_start_time: event.moved_from.map(JsonTime),
        end_time: JsonTime(event.details.ends_at),
        category: event.details.category,
        status: EventStatusView::of(sale.status(app.now())),
        on_sale_time: JsonTime(terms.on_sale_at),
        sales_end_time: JsonTime(terms.sales_end_at),
        total_seats: counts.total(),
        available_seats: counts.available,
        price_tiers: sale.tiers().iter().map(|tier| (tier.name.clone(), money(tier.price))).collect(),
        unused_price_tiers: unused.map(|(_, tier)| tier.name.clone()).collect(),
        min_price: range.map(|(low, _)| money(low)),
        max_price: range.map(|(_, high)| money(high)),
        currency: currency.code().to_owned(),
        fees: FeesShown::of(&terms.fees, currency),
        refund_policy: RefundPolicyShown::of(&terms.refund_policy),
        max_tickets_per_user: terms.max_tickets_per_buyer,
        general_admission: sale.plan().sections().all(|section| section.general_admission()),
        refuse_single_seats: sale.refuses_single_seats(),
        hold_limits: HoldLimitsShown::of(sale.own_hold_limits()),
        seat_map_url: format!("{API_ROOT}/events/{event_id}/seatmap"),
        image_url: event.details.image.map(|image| addresses(image)[0].clone()),
        draft: !terms.published,
        created_at: JsonTime(event.created_at),
        updated_at: JsonTime(event.updated_at),
    }
}

/// An entry's figures about seats.
pub(crate) struct Figures {
    status: EventStatusView,
    total: u32,
    available: u32,
    sold: u32,
    min_price: Option<Amount>,
    max_price: Option<Amount>,
}

/// An event in a list.
///
/// # Errors
/// When the event is so new that its sale must be read, and reading it fails.
pub(crate) async fn event_entry(app: &ApiState, listing: EventListing) -> Result<EventEntry, ApiError> {
    let figures = figures(app, &listing).await?;
    let EventListing { event, venue, .. } = listing;
    let currency: Currency = event.details.currency;
    let money = |amount: Option<Amount>| amount.map(|amount| JsonMoney(amount, currency));
    Ok(EventEntry {
        event_id: app.ids.event(event.number),
        name: event.details.name,
        performer: event.details.performer,
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

/// The figures from the view, or from the sale while there is no view yet, so that an organizer finds a new event at once.
pub(crate) async fn figures(app: &ApiState, listing: &EventListing) -> Result<Figures, ApiError> {
    if let Some(figures) = &listing.figures {
        return Ok(Figures {
            status: status_of_listing(listing),
            total: figures.total,
            available: figures.available,
            sold: figures.sold,
            min_price: figures.min_price,
            max_price: figures.max_price,
        });
    }
    let sale = app.engine.sale(listing.event.number).await?.published();
    let range = sale.state.price_range();
    Ok(Figures {
        status: EventStatusView::of(sale.state.status(app.now())),
        total: sale.state.counts().total(),
        available: sale.state.counts().available,
        sold: sale.state.counts().sold,
        min_price: range.map(|(low, _)| low),
        max_price: range.map(|(_, high)| high),
    })
}
