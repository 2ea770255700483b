//! How much an organization may have, and has. Administrators can change it here.

use super::fields::{Fields, number};
use super::layout::{ConsoleLayout, is_admin};
use super::problem_text::{form_problem, unavailable_reason};
use askama::Template;
use axum::extract::{Path, RawForm};
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::forms::message_for;
use fairseat_web::render::{encoded, personal_with, status_of};
use fairseat_web::values::count;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What is limited: its name in the API, and in words.
const THINGS: [(&str, &str); 5] = [
    ("draft_events", "Drafts of events"),
    ("published_events", "Published events that are not over"),
    ("seats", "Seats, of venues and of events that are not over"),
    ("venues", "Venues"),
    ("pictures", "Pictures of events"),
];

/// The answer of the API.
#[derive(Debug, Deserialize)]
struct Quota {
    limits: Map<String, Value>,
    used: Map<String, Value>,
    set_by_administrator: bool,
}

/// A line of the table.
struct Line {
    name: &'static str,
    words: &'static str,
    used: u64,
    limit: u64,
}

impl Line {
    fn used(&self) -> String {
        count(&self.used)
    }

    fn limit(&self) -> String {
        count(&self.limit)
    }
}

impl Quota {
    fn lines(&self) -> Vec<Line> {
        let of = |amounts: &Map<String, Value>, name| {
            amounts.get(name).and_then(Value::as_u64).unwrap_or_default()
        };
        let line =
            |(name, words)| Line { name, words, used: of(&self.used, name), limit: of(&self.limits, name) };
        THINGS.map(line).into()
    }
}

#[derive(Template)]
#[template(path = "console/quota.html")]
struct Page {
    layout: ConsoleLayout,
    organization: String,
    quota: Result<Quota, String>,
    may_change: bool,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    /// What was entered, or the limit of now.
    fn value(&self, line: &Line) -> String {
        self.fields.given(line.name).map_or_else(|| line.limit.to_string(), str::to_owned)
    }
}

fn object(organization: &str) -> String {
    format!("/organizations/{}/quota", encoded(organization))
}

async fn page(
    client: &ApiClient,
    organization: &str,
    fields: Fields,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_organization(client, organization, "quota").await?;
    let quota = client.get::<Quota>(&object(organization)).await;
    let quota = quota.map_err(|failure| unavailable_reason(&failure));
    let may_change = is_admin(client).await?;
    let status = status_of(problem.as_ref());
    let page = Page { layout, organization: organization.to_owned(), quota, may_change, fields, problem };
    Ok(personal_with(status, &page))
}

/// `GET /console/organizations/{organization_id}/quota`: the page.
pub(crate) async fn show(client: ApiClient, Path(organization): Path<String>) -> Result<Response, PageError> {
    page(&client, &organization, Fields::default(), None).await
}

/// Sets the amounts, or gives the organization the usual ones again.
pub(crate) async fn set(
    client: ApiClient,
    Path(organization): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let is_usual = fields.given("usual").is_some();
    let given =
        THINGS.iter().filter(|_| !is_usual).map(|(name, _)| ((*name).to_owned(), number(fields.get(name))));
    let body = Value::Object(given.collect());
    match client.send_json(Method::PUT, &object(&organization), &body).await {
        Ok(_) => Ok(Done::Saved.then(&format!("/console{}", object(&organization)))),
        Err(failure) => page(&client, &organization, fields, Some(form_problem(failure)?)).await,
    }
}
