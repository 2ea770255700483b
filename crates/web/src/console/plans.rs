//! Where seating plans come in: with a new venue, or in the place of an event's. The plan is made or read in the browser, which shows it
//! before it is sent, and how far it has been sent.

use super::fields::Fields;
use super::problem_text::elsewhere;
use super::shell::{Event, Shell};
use super::venue_forms::DETAILS;
use crate::api::{Failure, Problem, Visit};
use crate::forms::message_for;
use crate::render::personal;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;

/// A venue to be made.
#[derive(Template)]
#[template(path = "console/venue_new.html")]
pub(super) struct NewVenuePage {
    pub(super) shell: Shell,
    pub(super) organization: String,
    pub(super) fields: Fields,
    pub(super) problem: Option<Problem>,
}

impl NewVenuePage {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn wrong(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    fn rest(&self) -> Vec<String> {
        self.problem.as_ref().map_or_else(Vec::new, |problem| elsewhere(problem, DETAILS))
    }
}

/// The form of a new venue.
pub(crate) async fn new_venue(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let shell = Shell::of(&visit, asked.get("organization"), "venues").await?.only(&visit, Shell::manages)?;
    let organization = shell.organization(&visit)?.organization_id.clone();
    Ok(personal(&NewVenuePage { shell, organization, fields: Fields::default(), problem: None }))
}

#[derive(Template)]
#[template(path = "console/event_plan.html")]
struct EventPlanPage {
    shell: Shell,
    event: Event,
}

/// Another plan for an event.
pub(crate) async fn event_plan(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let shell = Shell::of_event(&visit, &id, "dashboard").await?.only(&visit, Shell::manages)?;
    let event = shell.event(&visit)?.clone();
    Ok(personal(&EventPlanPage { shell, event }))
}
