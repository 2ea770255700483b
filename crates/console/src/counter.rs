//! Where staff of the box office land when they sign in: the events that tickets can be sold for now.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::listed_event::{EventList, ListedEvent};
use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError};
use fairseat_web::render::{encoded, personal, see_other};
use jiff::{SignedDuration, Timestamp};

/// Events in the list.
const MAX_EVENTS: usize = 50;

/// Events that began earlier than this are not listed: the longest that one usually sells into an event.
const LONGEST_RUNNING: SignedDuration = SignedDuration::from_hours(24);

/// An event that begins within this time is today's.
const TODAY: SignedDuration = SignedDuration::from_hours(16);

fn is_today(event: &ListedEvent) -> bool {
    event.start_time.0 <= Timestamp::now() + TODAY
}

#[derive(Template)]
#[template(path = "console/counter.html")]
struct Page {
    layout: ConsoleLayout,
    events: Vec<ListedEvent>,
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
    let EventList { events, .. } = client.get(&path).await?;
    let sells = |event: &ListedEvent| !event.is_cancelled() && !event.end_time.is_past();
    let events: Vec<ListedEvent> = events.into_iter().filter(sells).take(MAX_EVENTS).collect();
    let mut today = events.iter().filter(|event| is_today(event));
    if let (Some(only), None, false) = (today.next(), today.next(), asked.has("all")) {
        return Ok(see_other(&format!("/console/events/{}/box-office", only.event_id)));
    }
    Ok(personal(&Page { layout, events }))
}
