//! Seats withheld from sale: chosen on the map, blocked with a reason or given to the sale again; below, what is blocked and by whom.

use super::fields::Fields;
use super::problem_text::{missing, on_the_form};
use super::shell::{Event, Shell};
use crate::api::{Failure, Problem, Visit};
use crate::render::{encoded, personal_with, to};
use crate::values::Instant;
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

/// Seats of one request: their indexes must fit the API's bound of a body.
const AT_ONCE: usize = 8_000;
/// Blocks that are listed; the map has all of them.
const LISTED: usize = 200;

/// Blocked seats as the API tells them, one by one or in groups.
#[derive(Debug, Deserialize)]
struct Blocked {
    #[serde(alias = "groups", alias = "seats")]
    blocked: Vec<Block>,
}

#[derive(Debug, Deserialize)]
struct Block {
    #[serde(default, alias = "seat")]
    label: String,
    #[serde(default)]
    seat_indexes: Vec<u32>,
    index: Option<u32>,
    #[serde(default)]
    reason: String,
    blocked_by: Option<Owner>,
    #[serde(alias = "at")]
    blocked_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
struct Owner {
    username: Option<String>,
    email: Option<String>,
}

impl Block {
    fn owner(&self) -> &str {
        let owner = self.blocked_by.as_ref();
        owner.and_then(|owner| owner.username.as_deref().or(owner.email.as_deref())).unwrap_or("the plan")
    }

    fn indexes(&self) -> String {
        let one = self.index.into_iter();
        self.seat_indexes.iter().copied().chain(one).map(|seat| seat.to_string()).collect::<Vec<_>>().join(",")
    }

    fn reason(&self) -> &str {
        if self.reason.is_empty() { "no reason given" } else { &self.reason }
    }
}

#[derive(Template)]
#[template(path = "console/seats.html")]
struct Page {
    shell: Shell,
    event: Event,
    blocked: Result<Vec<Block>, String>,
    asked: Fields,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
    fn shown(&self, blocks: &[Block]) -> usize {
        blocks.len().min(LISTED)
    }

    fn chosen(&self) -> String {
        self.fields.get("seats").replace(',', " ")
    }
}

async fn page(
    visit: &Visit,
    id: &str,
    (asked, fields): (Fields, Fields),
    problem: Option<Problem>,
) -> Result<Response, Failure> {
    let shell = Shell::of_event(visit, id, "seats").await?;
    let event = shell.event(visit)?.clone();
    let blocked = visit.get::<Blocked>(&format!("/events/{}/seats/blocked", encoded(id))).await;
    let blocked = blocked.map(|blocked| blocked.blocked).map_err(|failure| missing(&failure));
    let status = problem.as_ref().and_then(|problem| StatusCode::from_u16(problem.status).ok());
    let page = Page { shell, event, blocked, asked, fields, problem };
    Ok(personal_with(status.unwrap_or(StatusCode::OK), &page))
}

/// The page.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    page(&visit, &id, (asked, Fields::default()), None).await
}

/// Blocks or unblocks.
pub(crate) async fn act(
    visit: Visit,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let fields = Fields::read(&form);
    let seats: Vec<u32> = fields.get("seats").split(',').filter_map(|seat| seat.trim().parse().ok()).collect();
    let verb = if fields.get("do") == "unblock" { "unblock" } else { "block" };
    if seats.is_empty() {
        let problem = Problem {
            status: 422,
            title: "Nothing chosen".to_owned(),
            detail: "Choose seats on the map first.".to_owned(),
            ..Problem::default()
        };
        return page(&visit, &id, (Fields::default(), fields), Some(problem)).await;
    }
    for part in seats.chunks(AT_ONCE) {
        let mut body = json!({"seat_indexes": part});
        if verb == "block" {
            body["reason"] = fields.get("reason").into();
        }
        if let Err(failure) = visit.post(&format!("/events/{}/seats/{verb}", encoded(&id)), &body).await {
            let problem = on_the_form(failure)?;
            return page(&visit, &id, (Fields::default(), fields), Some(problem)).await;
        }
    }
    Ok(to(&format!("/console/events/{}/seats?done={verb}&count={}", encoded(&id), seats.len())))
}
