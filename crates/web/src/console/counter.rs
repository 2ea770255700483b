//! Where staff of the box office land when they sign in: the events that tickets can be sold for now.

use super::fields::Fields;
use super::layout::{ConsoleLayout, event_badge};
use crate::render::{encoded, personal, see_other};
use crate::values::{Instant, Local};
use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Events in the list.
const MAX_EVENTS: usize = 50;

/// Events that began earlier than this are not listed: the longest that one usually sells into an event.
const LONGEST_RUNNING: SignedDuration = SignedDuration::from_hours(24);

/// An event that begins within this time is today's.
const TODAY: SignedDuration = SignedDuration::from_hours(16);

#[derive(Debug, Deserialize)]
struct EventList {
    events: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    event_id: String,
    name: String,
    venue: String,
    city: String,
    timezone: String,
    start_time: Instant,
    end_time: Instant,
    status: String,
    available_seats: u64,
}

impl Entry {
    fn starts(&self) -> Local {
        self.start_time.at(&self.timezone)
    }

    fn badge(&self) -> (&'static str, String) {
        event_badge(&self.status, self.end_time)
    }

    fn is_today(&self) -> bool {
        self.start_time.0 <= Timestamp::now() + TODAY
    }
}

#[derive(Template)]
#[template(path = "console/counter.html")]
struct Page {
    layout: ConsoleLayout,
    events: Vec<Entry>,
}

/// `GET /console/box-office`: the events, the soonest first. If only one of them is today's, its box office is shown at once, unless the visitor
/// asks for the list.
pub(crate) async fn show(client: ApiClient, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let layout = ConsoleLayout::for_organization(&client, asked.get("organization"), "counter")
        .await?
        .require(&client, ConsoleTask::SellAtCounter)?;
    let organization = &layout.organization(&client)?.organization_id;
    let path = format!(
        "/events?organization_id={}&date_from={}&sort=start_time&limit=100",
        encoded(organization),
        encoded(&(Timestamp::now() - LONGEST_RUNNING).to_string())
    );
    let EventList { events } = client.get(&path).await?;
    let sells = |event: &Entry| event.status != "cancelled" && !event.end_time.is_past();
    let events: Vec<Entry> = events.into_iter().filter(sells).take(MAX_EVENTS).collect();
    let mut today = events.iter().filter(|event| event.is_today());
    if let (Some(only), None, false) = (today.next(), today.next(), asked.has("all")) {
        return Ok(see_other(&format!("/console/events/{}/box-office", only.event_id)));
    }
    Ok(personal(&Page { layout, events }))
}
