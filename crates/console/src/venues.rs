//! Venues: the list, the page of one venue with its plan, and deleting one.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::problem_text::form_problem;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::render::{encoded, last_page_if_past, personal, personal_with, see_other, status_of};
use fairseat_web::values::Instant;
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
    layout: ConsoleLayout,
    list: VenueList,
    organization: String,
    page: u64,
}

impl ListPage {
    fn next(&self) -> Option<u64> {
        ((self.page + 1) * PAGE < self.list.total).then_some(self.page + 1)
    }
}

/// `GET /console/venues`: the list.
pub(crate) async fn list(client: ApiClient, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let layout = ConsoleLayout::for_organization(&client, asked.get("organization"), "venues").await?;
    let organization = layout.organization(&client)?.organization_id.clone();
    let page = asked.get("page").parse::<u64>().unwrap_or(0).min(10_000);
    let path =
        format!("/venues?organization_id={}&limit={PAGE}&offset={}", encoded(&organization), page * PAGE);
    let list: VenueList = client.get(&path).await?;
    if let Some(last) = last_page_if_past(page, list.total, PAGE) {
        return Ok(see_other(&format!(
            "/console/venues?organization={}&page={last}",
            encoded(&organization)
        )));
    }
    Ok(personal(&ListPage { layout, list, organization, page }))
}

#[derive(Template)]
#[template(path = "console/venue.html")]
struct Page {
    layout: ConsoleLayout,
    venue: Venue,
}

/// One venue.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let venue: Venue = client.get(&format!("/venues/{}", encoded(&id))).await?;
    let layout = ConsoleLayout::for_organization(&client, &venue.organization_id, "venues").await?;
    Ok(personal(&Page { layout, venue }))
}

/// A venue, and the layout of a page on which it is changed.
pub(super) async fn managed(client: &ApiClient, id: &str) -> Result<(Venue, ConsoleLayout), PageError> {
    let venue: Venue = client.get(&format!("/venues/{}", encoded(id))).await?;
    let layout = ConsoleLayout::for_organization(client, &venue.organization_id, "venues")
        .await?
        .require(client, ConsoleTask::ManageCatalogue)?;
    Ok((venue, layout))
}

#[derive(Template)]
#[template(path = "console/venue_delete.html")]
struct DeletePage {
    layout: ConsoleLayout,
    venue: Venue,
    problem: Option<Problem>,
}

async fn delete_page(client: &ApiClient, id: &str, problem: Option<Problem>) -> Result<Response, PageError> {
    let (venue, layout) = managed(client, id).await?;
    Ok(personal_with(status_of(problem.as_ref()), &DeletePage { layout, venue, problem }))
}

/// Asks whether to delete a venue.
pub(crate) async fn delete_form(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    delete_page(&client, &id, None).await
}

/// Deletes a venue. The API allows it only while no event takes place there.
pub(crate) async fn delete(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let path = format!("/venues/{}", encoded(&id));
    let organization = client.get::<Venue>(&path).await.ok().map(|venue| venue.organization_id);
    let list = format!("/console/venues?organization={}", encoded(&organization.unwrap_or_default()));
    match client.send_empty(Method::DELETE, &path).await {
        Ok(_) => Ok(Done::VenueDeleted.then(&list)),
        // Deleted meanwhile, in another tab or by another member.
        Err(failure) if failure.problem.status == 404 => Ok(see_other("/console/venues")),
        Err(failure) => delete_page(&client, &id, Some(form_problem(failure)?)).await,
    }
}
