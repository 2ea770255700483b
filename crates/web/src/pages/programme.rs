//! The pages of a venue and of an artist: what is on there, or with them.
//!
//! Both are known by their published events: a venue or an artist without any has no page.

use super::event::{Event, Venue, event_path, script_json};
use super::events::{EventEntry, EventList, PAGE, Pager};
use crate::error_page;
use crate::render::{encoded, public};
use crate::state::{Site, Web};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use fairseat_edge::prepared::CachePolicy;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The number of the page, from 0.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Number {
    page: u64,
}

#[derive(Template)]
#[template(path = "programme.html")]
struct Page {
    site: Arc<Site>,
    /// The page's path, encoded.
    path: String,
    name: String,
    /// The venue; `None` on an artist's page.
    venue: Option<Venue>,
    list: EventList,
    pager: Option<Pager>,
}

impl Page {
    fn address(&self) -> String {
        format!("{}{}", self.site.base_url, self.path)
    }

    fn description(&self) -> String {
        match &self.venue {
            Some(venue) => format!(
                "What is on at {}, {}, and tickets for the seats you choose.",
                venue.name,
                venue.place()
            ),
            None => format!("Dates and tickets for {}, with the seats you choose.", self.name),
        }
    }

    /// The place or the artist for search engines, as JSON-LD (schema.org), escaped for a script element.
    fn json_ld(&self) -> String {
        let event = |event: &EventEntry| {
            json!({
                "@type": "Event", "name": event.name, "startDate": event.start_time.to_string(),
                "url": format!("{}/events/{}", self.site.base_url, event.event_id),
                "location": {"@type": "Place", "name": event.venue, "address": event.city},
            })
        };
        let events: Vec<Value> = self.list.events.iter().map(event).collect();
        script_json(match &self.venue {
            Some(venue) => json!({
                "@context": "https://schema.org", "@type": "EventVenue", "name": venue.name, "url": self.address(),
                "address": venue.json_ld(), "maximumAttendeeCapacity": venue.capacity, "event": events,
            }),
            None => json!({
                "@context": "https://schema.org", "@type": "PerformingGroup", "name": self.name, "url": self.address(), "event": events,
            }),
        })
    }
}

/// `/venues/{venue_id}`
pub(crate) async fn venue(
    State(web): State<Web>,
    client: ApiClient,
    Path(venue_id): Path<String>,
    Query(Number { page }): Query<Number>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Ok(id) = uuid::Uuid::try_parse(&venue_id) else { return Ok(error_page::not_found()) };
    show(&web, client, &headers, (format!("/venues/{id}"), format!("venue_id={id}")), page).await
}

/// `/artists/{name}`
pub(crate) async fn artist(
    State(web): State<Web>,
    client: ApiClient,
    Path(name): Path<String>,
    Query(Number { page }): Query<Number>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Ok(error_page::not_found());
    }
    let name = encoded(&name);
    show(&web, client, &headers, (artist_path(&name), format!("performer={name}")), page).await
}

/// The path of an artist's page; the name is encoded.
pub(crate) fn artist_path(name: &str) -> String {
    format!("/artists/{}", name.replace('+', "%20"))
}

async fn show(
    web: &Web,
    client: ApiClient,
    headers: &HeaderMap,
    (path, filter): (String, String),
    page: u64,
) -> Result<Response, PageError> {
    let (page, client) = (page.min(10_000), client.anonymous());
    let key = format!("{path}?page={page}");
    if let Some(cached) = web.caches.lists.get(&key) {
        return Ok(cached.respond(headers));
    }
    let now = encoded(&Timestamp::now().to_string());
    let coming =
        format!("/events?{filter}&sort=bookable&date_from={now}&limit={PAGE}&offset={}", page * PAGE);
    let list: EventList = client.get(&coming).await?;
    let known = match list.events.first() {
        Some(event) => Some(event.event_id.clone()),
        // Nothing is coming up, but something was on before.
        None => {
            let before: EventList = client.get(&format!("/events?{filter}&sort=-start_time&limit=1")).await?;
            before.events.into_iter().next().map(|event| event.event_id)
        }
    };
    let Some(known) = known else { return Ok(error_page::not_found()) };
    let Event { venue, performer, .. } = client.get(&event_path(&known)).await?;
    let venue = path.starts_with("/venues/").then_some(venue);
    let (name, path) = match &venue {
        Some(venue) => (venue.name.clone(), path),
        None => (performer.clone(), artist_path(&encoded(&performer))),
    };
    let pager =
        Pager::of(
            page,
            list.total,
            |page| if page == 0 { path.clone() } else { format!("{path}?page={page}") },
        );
    let shown = Page { site: web.site.clone(), path, name, venue, list, pager };
    let prepared = public(&shown, CachePolicy::seconds(5));
    web.caches.lists.insert(key, prepared.clone());
    Ok(prepared.respond(headers))
}
