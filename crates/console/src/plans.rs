//! The pages with the plan editor: a new venue, and replacing the plan of a venue or an event. A script builds the plan or reads it from a file, shows a
//! preview, and sends it to the API with a progress bar.

use super::fields::Fields;
use super::layout::{ConsoleLayout, Event};
use super::problem_text::other_errors;
use super::venue_forms::DETAILS;
use super::venues::{Venue, managed};
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_web::forms::message_for;
use fairseat_web::render::personal;

/// The page for a new venue.
#[derive(Template)]
#[template(path = "console/venue_new.html")]
pub(super) struct NewVenuePage {
    pub(super) layout: ConsoleLayout,
    pub(super) organization: String,
    pub(super) fields: Fields,
    pub(super) problem: Option<Problem>,
}

impl NewVenuePage {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    fn other_errors(&self) -> Vec<String> {
        self.problem.as_ref().map_or_else(Vec::new, |problem| other_errors(problem, DETAILS))
    }
}

/// The form of a new venue.
pub(crate) async fn new_venue(client: ApiClient, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let layout = ConsoleLayout::for_organization(&client, asked.get("organization"), "venues")
        .await?
        .require(&client, ConsoleTask::ManageCatalogue)?;
    let organization = layout.organization(&client)?.organization_id.clone();
    Ok(personal(&NewVenuePage { layout, organization, fields: Fields::default(), problem: None }))
}

#[derive(Template)]
#[template(path = "console/venue_plan.html")]
struct VenuePlanPage {
    layout: ConsoleLayout,
    venue: Venue,
}

/// The page that replaces a venue's plan.
pub(crate) async fn venue_plan(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let (venue, layout) = managed(&client, &id).await?;
    Ok(personal(&VenuePlanPage { layout, venue }))
}

#[derive(Template)]
#[template(path = "console/event_plan.html")]
struct EventPlanPage {
    layout: ConsoleLayout,
    event: Event,
}

/// The page that replaces an event's plan.
pub(crate) async fn event_plan(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(&client, &id, "dashboard")
        .await?
        .require(&client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(&client)?.clone();
    Ok(personal(&EventPlanPage { layout, event }))
}
