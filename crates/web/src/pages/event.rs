//! The page of one event: its description, time, place and prices, and how many tickets are left.

use super::event_prices::{PriceColors, PriceLine, lines};
use super::events::{Badge, one_line};
use super::programme::artist_path;
use crate::categories::category_name;
use crate::page_cache::EventPage;
use crate::render::{encoded, public};
use crate::state::{Site, Web};
use crate::values::{Instant, Local, Money, count, price_range};
use crate::{markdown, poster};
use askama::Template;
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use fairseat_client::{ApiClient, PageError};
use fairseat_edge::prepared::CachePolicy;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An event as its page shows it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) event_id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) performer: String,
    #[serde(default)]
    description: String,
    pub(crate) venue: Venue,
    organization: Option<Organization>,
    pub(crate) start_time: Instant,
    doors_time: Option<Instant>,
    previous_start_time: Option<Instant>,
    end_time: Option<Instant>,
    timezone: String,
    category: String,
    pub(crate) status: String,
    pub(crate) on_sale_time: Instant,
    sales_end_time: Instant,
    total_seats: u64,
    available_seats: u64,
    price_tiers: BTreeMap<String, Money>,
    #[serde(default)]
    unused_price_tiers: Vec<String>,
    min_price: Option<Money>,
    max_price: Option<Money>,
    pub(crate) currency: String,
    fees: Fees,
    refund_policy: RefundPolicy,
    pub(crate) max_tickets_per_user: u32,
    pub(crate) refuse_single_seats: bool,
    general_admission: bool,
    pub(crate) seat_map_url: String,
    image_url: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Venue {
    pub(crate) venue_id: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) city: String,
    state: String,
    country: String,
    pub(crate) capacity: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct Organization {
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Fees {
    per_ticket: Money,
    per_order: Money,
    percent: Money,
}

#[derive(Clone, Debug, Deserialize)]
struct RefundPolicy {
    percent: Money,
    /// Whether fees are refunded as well.
    fees: bool,
    until_hours_before_start: u32,
}

impl Venue {
    pub(crate) fn place(&self) -> String {
        let parts = [&self.city, &self.state, &self.country];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl Venue {
    /// The address for search engines (schema.org/PostalAddress).
    pub(crate) fn json_ld(&self) -> Value {
        json!({
            "@type": "PostalAddress", "streetAddress": self.address, "addressLocality": self.city, "addressRegion": self.state,
            "addressCountry": self.country,
        })
    }

    /// A map of its surroundings, on another site.
    pub(crate) fn map_url(&self) -> String {
        let place = [&self.name, &self.address, &self.city, &self.country].map(|part| part.trim()).join(", ");
        format!("https://www.openstreetmap.org/search?query={}", encoded(&place))
    }
}

impl Event {
    /// The venue's time zone, an IANA name.
    pub(crate) fn zone_name(&self) -> &str {
        &self.timezone
    }

    /// The page of who performs; empty if nobody is named.
    pub(crate) fn artist(&self) -> Option<String> {
        Some(artist_path(&encoded(&self.performer))).filter(|_| !self.performer.is_empty())
    }

    fn doors(&self) -> Option<Local> {
        Some(self.doors_time?.at(&self.timezone))
    }

    pub(crate) fn starts(&self) -> Local {
        self.start_time.at(&self.timezone)
    }

    /// The time of the end; with the day if it differs from the day of the start.
    fn ends(&self) -> String {
        let Some(end) = self.end_time else { return "open end".to_owned() };
        let end = end.at(&self.timezone);
        let same_day = end.short_day() == self.starts().short_day();
        if same_day { end.clock() } else { format!("{}, {}", end.short_day(), end.clock()) }
    }

    pub(crate) fn on_sale(&self) -> String {
        self.on_sale_time.at(&self.timezone).full()
    }

    fn sales_end(&self) -> String {
        self.sales_end_time.at(&self.timezone).full()
    }

    fn is_cancelled(&self) -> bool {
        self.status == "cancelled"
    }

    /// The words of the button that leads to the seats page while tickets are on sale.
    fn get_tickets(&self) -> &'static str {
        if self.general_admission { "Get tickets" } else { "Choose seats" }
    }

    /// The same for an event that is not on sale yet.
    fn look(&self) -> &'static str {
        if self.general_admission { "See the venue" } else { "See the seats" }
    }

    pub(crate) fn is_on_sale(&self) -> bool {
        self.status == "on_sale"
    }

    pub(crate) fn price(&self) -> Option<String> {
        price_range(self.min_price.as_ref(), self.max_price.as_ref(), &self.currency)
    }

    pub(crate) fn offered_tiers(&self) -> impl Iterator<Item = (&String, &Money)> {
        self.price_tiers.iter().filter(|(name, _)| !self.unused_price_tiers.contains(name))
    }

    /// The name of the organization that sells it.
    pub(crate) fn seller(&self) -> Option<&str> {
        self.organization.as_ref().map(|organization| &*organization.name)
    }

    pub(crate) fn fees_are_zero(&self) -> bool {
        self.fees.per_ticket.is_zero() && self.fees.per_order.is_zero() && self.fees.percent.is_zero()
    }

    pub(crate) fn fees_text(&self) -> String {
        if self.fees_are_zero() {
            return "No fees.".to_owned();
        }
        let mut parts = Vec::new();
        if !self.fees.per_ticket.is_zero() {
            let some_are_free = self.min_price.as_ref().is_some_and(Money::is_zero);
            let each = if some_are_free { "per paid ticket" } else { "per ticket" };
            parts.push(format!("{} {each}", self.fees.per_ticket.text(&self.currency)));
        }
        if !self.fees.percent.is_zero() {
            parts.push(format!("{}% of the price", self.fees.percent.short()));
        }
        if !self.fees.per_order.is_zero() {
            parts.push(format!("{} per order", self.fees.per_order.text(&self.currency)));
        }
        format!("Fees: {}.", parts.join(", "))
    }

    pub(crate) fn refund_text(&self) -> String {
        if self.refund_policy.percent.is_zero() {
            return "No refunds.".to_owned();
        }
        let fees = if self.fees_are_zero() {
            ""
        } else if self.refund_policy.fees {
            " and the fees"
        } else {
            ", not the fees,"
        };
        let back = match self.refund_policy.percent.short() {
            "100" if !fees.starts_with(',') => "Full refund".to_owned(),
            percent => format!("{percent}% refund of the price{fees}"),
        };
        match self.refund_policy.until_hours_before_start {
            0 => format!("{back} until it starts."),
            1 => format!("{back} until an hour before it starts."),
            hours => format!("{back} until {hours} hours before it starts."),
        }
    }

    fn left_text(&self) -> String {
        match self.available_seats {
            0 => "All remaining tickets are in other people’s carts. Some may come back.".to_owned(),
            1 => "Only 1 ticket left.".to_owned(),
            left if left * 10 <= self.total_seats => format!("Only {} tickets left.", count(&left)),
            left if left > 1_000 => format!("{} tickets available.", count(&left)),
            left => format!("{left} of {} tickets available.", count(&self.total_seats)),
        }
    }

    fn category_name(&self) -> String {
        category_name(&self.category)
    }

    /// Whether the event has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.status != "draft" && self.end_time.unwrap_or(self.start_time).is_past()
    }

    fn summary(&self) -> String {
        one_line(&self.description)
    }

    fn description_html(&self) -> String {
        markdown::to_html(&self.description)
    }

    pub(crate) fn poster(&self) -> String {
        self.image_url
            .clone()
            .unwrap_or_else(|| poster::url(&self.category, &self.venue.venue_id, &self.event_id, "svg"))
    }

    /// The picture for link previews, as PNG because most services show no SVG.
    fn shared_poster(&self) -> String {
        self.image_url
            .clone()
            .unwrap_or_else(|| poster::url(&self.category, &self.venue.venue_id, &self.event_id, "png"))
    }

    fn banners(&self) -> Vec<Badge> {
        let status = match self.status.as_str() {
            "cancelled" => {
                Some(("bad", "This event is cancelled. Everyone who bought a ticket gets a full refund."))
            }
            _ if self.is_over() => Some(("", "This event is over.")),
            "sold_out" => Some(("warn", "This event is sold out.")),
            "draft" => Some(("warn", "This is a draft. Only your organization can see it.")),
            _ if self.start_time.is_past() => Some(("", "This event has started.")),
            _ => None,
        };
        let status = status.map(|(kind, text)| Badge { kind, text: text.to_owned() });
        let moved = self.previous_start_time.filter(|_| self.status != "cancelled").map(|previous| {
            let (previous, now) = (previous.at(&self.timezone), self.starts());
            let text = format!(
                "New date: moved from {} to {}. Your tickets stay valid.",
                previous.full(),
                now.full()
            );
            Badge { kind: "warn", text }
        });
        status.into_iter().chain(moved).collect()
    }

    /// The event for search engines as JSON-LD (schema.org/Event), escaped for a script element.
    fn json_ld(&self, site: &Site) -> String {
        let url = format!("{}/events/{}", site.base_url, self.event_id);
        let status = match self.previous_start_time {
            _ if self.status == "cancelled" => "EventCancelled",
            Some(_) => "EventRescheduled",
            None => "EventScheduled",
        };
        let availability = match self.status.as_str() {
            "on_sale" => "InStock",
            "upcoming" => "PreOrder",
            _ => "SoldOut",
        };
        let offers = self.min_price.as_ref().zip(self.max_price.as_ref()).map(|(low, high)| {
            json!({
                "@type": "AggregateOffer", "lowPrice": low.digits(), "highPrice": high.digits(), "priceCurrency": self.currency,
                "availability": format!("https://schema.org/{availability}"), "validFrom": self.on_sale_time.to_string(), "url": url,
            })
        });
        let event = json!({
            "@context": "https://schema.org", "@type": "Event", "name": self.name, "description": self.summary(), "url": url,
            "startDate": self.start_time.to_string(), "endDate": self.end_time.map(|end| end.to_string()),
            "previousStartDate": self.previous_start_time.map(|previous| previous.to_string()),
            "eventStatus": format!("https://schema.org/{status}"),
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "image": format!("{}{}", site.base_url, self.shared_poster()), "offers": offers,
            "doorTime": self.doors_time.map(|doors| doors.to_string()),
            "performer": self.artist().map(|path| json!({"@type": "PerformingGroup", "name": self.performer, "url": format!("{}{path}", site.base_url)})),
            "organizer": self.organization.as_ref().map(|by| json!({"@type": "Organization", "name": by.name})),
            "location": {
                "@type": "Place", "name": self.venue.name, "address": self.venue.json_ld(),
                "url": format!("{}/venues/{}", site.base_url, self.venue.venue_id),
            },
        });
        script_json(event)
    }
}

#[derive(Template)]
#[template(path = "event.html")]
struct Page {
    site: Arc<Site>,
    event: Event,
    prices: Vec<PriceLine>,
}

/// `GET /events/{event_id}`: renders the page once per version of the event; [`crate::page_cache::EventPageCache`] answers the following
/// requests.
pub(crate) async fn show(
    State(web): State<Web>,
    Path(event_id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    let path = event_path(&event_id);
    let cached = web.caches.events.get(&event_id);
    let (mut parts, _no_body) = request.into_parts();
    let Ok(client) = ApiClient::from_request_parts(&mut parts, &web).await;
    let client = client.anonymous();
    let answer = client.get_if_changed(&path, cached.as_ref().map(|cached| &cached.etag)).await?;
    let page = match cached.filter(|_| answer.status == StatusCode::NOT_MODIFIED) {
        Some(cached) => cached.page.clone(),
        None => {
            let event: Event = answer.json(&client)?;
            // Without its colours the list of prices is still complete.
            let colors: PriceColors = client.get(&format!("{path}/price-colors")).await.unwrap_or_default();
            let prices = lines(&event, &colors);
            public(&Page { site: web.site.clone(), event, prices }, CachePolicy::REVALIDATE)
        }
    };
    if let Some(etag) = answer.headers.get(header::ETAG).cloned() {
        let freshness = web.api.freshness_check(&path, &etag);
        web.caches.events.insert(event_id, Arc::new(EventPage { page: page.clone(), etag, freshness }));
    }
    Ok(page.respond(&parts.headers))
}

/// The API's path of an event. The id is encoded, so that a page's address cannot lead to another path.
pub(crate) fn event_path(event_id: &str) -> String {
    format!("/events/{}", crate::render::encoded(event_id))
}

/// `GET /events/{event_id}/event.ics`: the event for a calendar, as the API writes it.
pub(crate) async fn calendar(client: ApiClient, Path(event_id): Path<String>) -> Result<Response, PageError> {
    let answer =
        client.anonymous().get_if_changed(&format!("{}/event.ics", event_path(&event_id)), None).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CACHE_CONTROL, CachePolicy::REVALIDATE.header()),
    ];
    Ok((headers, answer.body).into_response())
}

/// JSON-LD for a script element, without nulls.
pub(crate) fn script_json(value: Value) -> String {
    without_nulls(value).to_string().replace('<', "\\u003c")
}

/// Removes nulls from an object and its members, because readers of JSON-LD take a null as a value.
fn without_nulls(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let known = members.into_iter().filter(|(_, member)| !member.is_null());
    Value::Object(known.map(|(name, member)| (name, without_nulls(member))).collect())
}
