//! What happens to an event as a whole: published, copied, cancelled, deleted. Whatever cannot be taken back says first what it will do.

use super::fields::{Fields, instant};
use super::problem_text::{elsewhere, missing, on_the_form};
use super::shell::{Event, Shell};
use crate::api::{Failure, Problem, Visit};
use crate::forms::message_for;
use crate::render::{encoded, personal_with, status_of, to};
use crate::values::Money;
use askama::Template;
use axum::extract::{Path, RawForm};
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

fn object(id: &str) -> String {
    format!("/events/{}", encoded(id))
}

fn dashboard(id: &str) -> String {
    format!("/console/events/{}", encoded(id))
}

/// Publishes a draft.
pub(crate) async fn publish(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    visit.with_body(Method::PATCH, &object(&id), &json!({"draft": false})).await?;
    Ok(to(&dashboard(&id)))
}

/// What cancelling would do, as the API foretells it.
#[derive(Debug, Deserialize)]
struct Preview {
    orders: u64,
    #[serde(default)]
    box_office_orders: u64,
    tickets: u64,
    people: u64,
    refund_amount: Money,
    box_office_refund_amount: Option<Money>,
    currency: String,
    reservations: u64,
    reserved_seats: u64,
    paying: u64,
}

impl Preview {
    fn money(&self) -> String {
        self.refund_amount.text(&self.currency)
    }

    /// What is to be handed out where it was taken, if anything.
    fn counter_money(&self) -> Option<String> {
        let amount = self.box_office_refund_amount.as_ref().filter(|amount| !amount.is_zero());
        amount.map(|amount| amount.text(&self.currency))
    }
}

#[derive(Template)]
#[template(path = "console/cancel.html")]
struct CancelPage {
    shell: Shell,
    event: Event,
    preview: Result<Preview, String>,
    /// What was written where the event's name belongs.
    typed: String,
    problem: Option<Problem>,
}

async fn cancel_page(
    visit: &Visit,
    id: &str,
    (typed, problem): (&str, Option<Problem>),
) -> Result<Response, Failure> {
    let shell = Shell::of_event(visit, id, "dashboard").await?.only(visit, Shell::manages)?;
    let event = shell.event(visit)?.clone();
    let preview = visit.get::<Preview>(&format!("{}/cancellation", object(id))).await;
    let preview = preview.map_err(|failure| missing(&failure));
    Ok(personal_with(
        status_of(problem.as_ref()),
        &CancelPage { shell, event, preview, typed: typed.to_owned(), problem },
    ))
}

/// Says what cancelling will do.
pub(crate) async fn cancel_form(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    cancel_page(&visit, &id, ("", None)).await
}

/// Cancels an event, once its name was written down.
pub(crate) async fn cancel(
    visit: Visit,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let fields = Fields::read(&form);
    let event: Event = visit.get(&object(&id)).await?;
    if fields.get("name") != event.name.trim() {
        let problem = unsure("This is not the event’s name. Write it as it stands above.");
        return cancel_page(&visit, &id, (fields.get("name"), Some(problem))).await;
    }
    match visit.bare(Method::POST, &format!("{}/cancel", object(&id))).await {
        Ok(_) => Ok(to(&dashboard(&id))),
        Err(failure) => cancel_page(&visit, &id, ("", Some(on_the_form(failure)?))).await,
    }
}

fn unsure(detail: &str) -> Problem {
    Problem { status: 422, title: "Not sure".to_owned(), detail: detail.to_owned(), ..Problem::default() }
}

#[derive(Template)]
#[template(path = "console/delete.html")]
struct DeletePage {
    shell: Shell,
    event: Event,
    problem: Option<Problem>,
}

async fn delete_page(visit: &Visit, id: &str, problem: Option<Problem>) -> Result<Response, Failure> {
    let shell = Shell::of_event(visit, id, "dashboard").await?.only(visit, Shell::manages)?;
    let event = shell.event(visit)?.clone();
    Ok(personal_with(status_of(problem.as_ref()), &DeletePage { shell, event, problem }))
}

/// Says what deleting will do.
pub(crate) async fn delete_form(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    delete_page(&visit, &id, None).await
}

/// Deletes an event of which nothing was sold.
pub(crate) async fn delete(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    match visit.bare(Method::DELETE, &object(&id)).await {
        Ok(_) => Ok(to("/console")),
        // Deleted already, from another tab or by another.
        Err(failure) if failure.problem.status == 404 => Ok(to("/console")),
        Err(failure) => delete_page(&visit, &id, Some(on_the_form(failure)?)).await,
    }
}

#[derive(Template)]
#[template(path = "console/clone.html")]
struct ClonePage {
    shell: Shell,
    event: Event,
    fields: Fields,
    problem: Option<Problem>,
}

impl ClonePage {
    /// What is wrong and has no place of its own.
    fn rest(&self) -> Vec<String> {
        let shown = &["name", "start_time", "end_time", "on_sale_time"];
        self.problem.as_ref().map_or_else(Vec::new, |problem| elsewhere(problem, shown))
    }

    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn wrong(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }
}

async fn clone_page(
    visit: &Visit,
    id: &str,
    fields: Option<Fields>,
    problem: Option<Problem>,
) -> Result<Response, Failure> {
    let shell = Shell::of_event(visit, id, "dashboard").await?.only(visit, Shell::manages)?;
    let event = shell.event(visit)?.clone();
    let fields = fields.unwrap_or_else(|| super::event_form::filled(&event));
    Ok(personal_with(status_of(problem.as_ref()), &ClonePage { shell, event, fields, problem }))
}

/// The form of a copy.
pub(crate) async fn clone_form(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    clone_page(&visit, &id, None, None).await
}

#[derive(Deserialize)]
struct Cloned {
    event_id: String,
}

/// Makes a copy, as a draft.
pub(crate) async fn clone(
    visit: Visit,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let fields = Fields::read(&form);
    let event: Event = visit.get(&object(&id)).await?;
    let mut body = json!({"name": fields.get("name")});
    for name in ["start_time", "end_time", "on_sale_time"] {
        if let Some(text) = fields.given(name) {
            body[name] = instant(text, &event.timezone);
        }
    }
    match visit.post_once(&format!("{}/clone", object(&id)), fields.get("once"), &body).await {
        Ok(answer) => Ok(to(&format!("/console/events/{}/edit", answer.json::<Cloned>(&visit)?.event_id))),
        Err(failure) if matches!(failure.problem.status, 404 | 405) => {
            let problem =
                unsure("This server does not copy events. Make a new one at the same venue instead.");
            clone_page(&visit, &id, Some(fields), Some(problem)).await
        }
        Err(failure) => {
            let problem = on_the_form(failure)?;
            clone_page(&visit, &id, Some(fields), Some(problem)).await
        }
    }
}
