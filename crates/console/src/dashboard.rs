//! The dashboard of an event: figures, the sales curve, the sections. A script reloads the page every few seconds and draws the charts from
//! its tables.

use super::layout::{ConsoleLayout, Event};
use super::problem_text::unavailable_reason;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError};
use fairseat_web::render::{encoded, personal, see_other};
use fairseat_web::values::{Instant, Money};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Statistics {
    as_of: Instant,
    currency: String,
    seats: Seats,
    reservations: Reservations,
    holds: Holds,
    orders: Orders,
    tickets: Tickets,
    money: MoneyFigures,
    box_office: Option<Counter>,
    price_tiers: Vec<Part>,
    sections: Vec<Part>,
    sales: Sales,
}

#[derive(Debug, Deserialize)]
struct Seats {
    total: u64,
    available: u64,
    sold: u64,
    blocked: u64,
}

#[derive(Debug, Deserialize)]
struct Reservations {
    active: u64,
    seats: u64,
    amount: Money,
    paying: u64,
    next_expires_at: Option<Instant>,
}

/// The limits on seats in carts from one network, and what they refused.
#[derive(Debug, Deserialize)]
struct Holds {
    limit: u64,
    limit_of_new_accounts: u64,
    refused: u64,
    last_refused_at: Option<Instant>,
    limit_by_instrument: u64,
    refused_by_instrument: u64,
    last_refused_by_instrument_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
struct Orders {
    pending: u64,
    confirmed: u64,
    cancelled: u64,
    unpaid: u64,
}

#[derive(Debug, Deserialize)]
struct Tickets {
    valid: u64,
    suspended: u64,
    void: u64,
}

#[derive(Debug, Deserialize)]
struct MoneyFigures {
    gross: Money,
    fees: Money,
    refunded: Money,
    refunds_pending: Money,
    uncollected: Money,
    net: Money,
}

/// Sales at the box office.
#[derive(Debug, Deserialize)]
struct Counter {
    orders: u64,
    tickets: u64,
    cash: Money,
    card_terminal: Money,
    complimentary_tickets: u64,
    in_hand: Money,
}

/// Figures of a section or of a price tier.
#[derive(Debug, Deserialize)]
struct Part {
    #[serde(alias = "section")]
    name: String,
    price: Option<Money>,
    total: u64,
    available: u64,
    reserved: u64,
    sold: u64,
    blocked: u64,
    revenue: Money,
}

impl Part {
    /// The percentage of sold seats among those for sale.
    fn percent_sold(&self) -> u64 {
        percentage(self.sold, self.total.saturating_sub(self.blocked))
    }
}

#[derive(Debug, Deserialize)]
struct Sales {
    bucket: String,
    bucket_seconds: i64,
    points: Vec<Point>,
}

#[derive(Debug, Deserialize)]
struct Point {
    start: Instant,
    orders: u64,
    tickets: u64,
    revenue: Money,
}

/// A percentage, rounded; 100 only for the whole, 0 only for nothing.
fn percentage(part: u64, whole: u64) -> u64 {
    match (part * 100 + whole / 2).checked_div(whole) {
        None => 0,
        Some(nearest) if part >= whole => nearest,
        Some(nearest) => nearest.clamp(u64::from(part > 0), 99),
    }
}

impl Statistics {
    fn money(&self, amount: &Money) -> String {
        amount.text(&self.currency)
    }

    fn percent_sold(&self) -> u64 {
        percentage(self.seats.sold, self.seats.total.saturating_sub(self.seats.blocked))
    }

    /// The length of the interval of each point.
    fn step(&self) -> String {
        match (self.sales.bucket.as_str(), self.sales.bucket_seconds) {
            ("week", seconds) if seconds > 604_800 => format!("{} weeks", seconds / 604_800),
            (word, _) => word.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "console/dashboard.html")]
struct Page<'a> {
    layout: &'a ConsoleLayout,
    event: &'a Event,
    statistics: Result<Statistics, String>,
}

impl Page<'_> {
    /// Whether the API allows deleting the event: only while nothing was ever sold.
    fn may_be_deleted(&self) -> bool {
        let Ok(now) = &self.statistics else { return false };
        let Tickets { valid, suspended, void } = now.tickets;
        valid + suspended + void + now.orders.pending == 0
    }

    /// The start of an interval in the venue's time; without the hour if intervals are a day or longer.
    fn when(&self, point: &Point, step: &i64) -> String {
        let local = point.start.at(&self.event.timezone);
        if *step >= 86_400 { local.short_day() } else { format!("{} {}", local.short_day(), local.clock()) }
    }

    fn clock(&self, instant: &Instant) -> String {
        instant.at(&self.event.timezone).seconds()
    }
}

/// `GET /console/events/{event_id}`: the page.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(&client, &id, "dashboard").await?;
    if !layout.allows(ConsoleTask::SeeOrders) {
        return Ok(see_other(&format!("/console/events/{}/box-office", encoded(&id))));
    }
    let statistics = client.get::<Statistics>(&format!("/events/{}/statistics", encoded(&id))).await;
    let statistics = match statistics {
        Err(failure) if failure.problem.status == 401 => return Err(failure),
        other => other.map_err(|failure| unavailable_reason(&failure)),
    };
    let event = layout.event(&client)?;
    Ok(personal(&Page { layout: &layout, event, statistics }))
}
