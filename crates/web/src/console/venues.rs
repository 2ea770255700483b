//! Venues: the list, and one with its plan.

use super::fields::Fields;
use super::shell::Shell;
use crate::api::{Failure, Visit};
use crate::render::{encoded, last_before, personal, to};
use crate::values::Instant;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use serde::Deserialize;

/// Venues on one page.
const PAGE: u64 = 50;

/// A venue as the console shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct Venue {
    pub(crate) venue_id: String,
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: String,
    pub(crate) timezone: String,
    pub(crate) layout_type: String,
    pub(crate) capacity: u64,
    seat_map_url: String,
    created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl Venue {
    fn place(&self) -> String {
        let parts = [&self.address, &self.city, &self.state, &self.country];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Debug, Deserialize)]
struct VenueList {
    venues: Vec<Venue>,
    total: u64,
}

#[derive(Template)]
#[template(path = "console/venues.html")]
struct ListPage {
    shell: Shell,
    list: VenueList,
    organization: String,
    page: u64,
}

impl ListPage {
    fn next(&self) -> Option<u64> {
        ((self.page + 1) * PAGE < self.list.total).then_some(self.page + 1)
    }
}

/// The list.
pub(crate) async fn list(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let shell = Shell::of(&visit, asked.get("organization"), "venues").await?;
    let organization = shell.organization(&visit)?.organization_id.clone();
    let page = asked.get("page").parse::<u64>().unwrap_or(0).min(10_000);
    let path =
        format!("/venues?organization_id={}&limit={PAGE}&offset={}", encoded(&organization), page * PAGE);
    let list: VenueList = visit.get(&path).await?;
    if let Some(last) = last_before(page, list.total, PAGE) {
        return Ok(to(&format!("/console/venues?organization={}&page={last}", encoded(&organization))));
    }
    Ok(personal(&ListPage { shell, list, organization, page }))
}

#[derive(Template)]
#[template(path = "console/venue.html")]
struct Page {
    shell: Shell,
    venue: Venue,
    /// It was made a moment ago.
    made: bool,
}

/// One venue.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let made = Fields::read(query.unwrap_or_default().as_bytes()).has("made");
    let venue: Venue = visit.get(&format!("/venues/{}", encoded(&id))).await?;
    let shell = Shell::of(&visit, &venue.organization_id, "venues").await?;
    Ok(personal(&Page { shell, venue, made }))
}
