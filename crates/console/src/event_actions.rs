//! Actions on a whole event: publish, copy, cancel, delete. Actions that cannot be undone first show what they will do.

use super::fields::{Fields, instant, number};
use super::layout::{ConsoleLayout, Event};
use super::problem_text::{form_problem, other_errors, unavailable_reason};
use askama::Template;
use axum::extract::{Path, RawForm};
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::forms::message_for;
use fairseat_web::render::{encoded, personal_with, see_other, status_of};
use fairseat_web::values::Money;
use serde::Deserialize;
use serde_json::{Value, json};

fn event_path(id: &str) -> String {
    format!("/events/{}", encoded(id))
}

fn dashboard(id: &str) -> String {
    format!("/console/events/{}", encoded(id))
}

/// Publishes a draft.
pub(crate) async fn publish(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    client.send_json(Method::PATCH, &event_path(&id), &json!({"draft": false})).await?;
    Ok(Done::Published.then(&dashboard(&id)))
}

/// The API's preview of what cancelling would do.
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

    /// The amount to refund at the box office, if any.
    fn counter_money(&self) -> Option<String> {
        let amount = self.box_office_refund_amount.as_ref().filter(|amount| !amount.is_zero());
        amount.map(|amount| amount.text(&self.currency))
    }
}

#[derive(Template)]
#[template(path = "console/cancel.html")]
struct CancelPage {
    layout: ConsoleLayout,
    event: Event,
    preview: Result<Preview, String>,
    /// The event's name as the visitor typed it to confirm.
    typed: String,
    problem: Option<Problem>,
}

async fn cancel_page(
    client: &ApiClient,
    id: &str,
    (typed, problem): (&str, Option<Problem>),
) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(client, id, "dashboard")
        .await?
        .require(client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(client)?.clone();
    let preview = client.get::<Preview>(&format!("{}/cancellation", event_path(id))).await;
    let preview = preview.map_err(|failure| unavailable_reason(&failure));
    Ok(personal_with(
        status_of(problem.as_ref()),
        &CancelPage { layout, event, preview, typed: typed.to_owned(), problem },
    ))
}

/// Shows what cancelling will do.
pub(crate) async fn cancel_form(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    cancel_page(&client, &id, ("", None)).await
}

/// Cancels an event, if its name was typed to confirm.
pub(crate) async fn cancel(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let event: Event = client.get(&event_path(&id)).await?;
    if fields.get("name") != event.name.trim() {
        let problem = refusal("This is not the event’s name. Write it as it stands above.");
        return cancel_page(&client, &id, (fields.get("name"), Some(problem))).await;
    }
    match client.send_empty(Method::POST, &format!("{}/cancel", event_path(&id))).await {
        Ok(_) => Ok(Done::EventCancelled.then(&dashboard(&id))),
        Err(failure) => cancel_page(&client, &id, ("", Some(form_problem(failure)?))).await,
    }
}

fn refusal(detail: &str) -> Problem {
    Problem { status: 422, title: "Not sure".to_owned(), detail: detail.to_owned(), ..Problem::default() }
}

#[derive(Template)]
#[template(path = "console/delete.html")]
struct DeletePage {
    layout: ConsoleLayout,
    event: Event,
    problem: Option<Problem>,
}

async fn delete_page(client: &ApiClient, id: &str, problem: Option<Problem>) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(client, id, "dashboard")
        .await?
        .require(client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(client)?.clone();
    Ok(personal_with(status_of(problem.as_ref()), &DeletePage { layout, event, problem }))
}

/// Shows what deleting will do.
pub(crate) async fn delete_form(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    delete_page(&client, &id, None).await
}

/// Deletes an event. The API allows it only while nothing was sold.
pub(crate) async fn delete(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    match client.send_empty(Method::DELETE, &event_path(&id)).await {
        Ok(_) => Ok(Done::EventDeleted.then("/console")),
        // Deleted meanwhile, in another tab or by another member.
        Err(failure) if failure.problem.status == 404 => Ok(see_other("/console")),
        Err(failure) => delete_page(&client, &id, Some(form_problem(failure)?)).await,
    }
}

#[derive(Template)]
#[template(path = "console/clone.html")]
struct ClonePage {
    layout: ConsoleLayout,
    event: Event,
    fields: Fields,
    problem: Option<Problem>,
}

impl ClonePage {
    /// Errors of fields that do not show their own.
    fn other_errors(&self) -> Vec<String> {
        let shown = &["name", "start_time", "end_time", "on_sale_time", "hold_limits"];
        self.problem.as_ref().map_or_else(Vec::new, |problem| other_errors(problem, shown))
    }

    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }
}

async fn clone_page(
    client: &ApiClient,
    id: &str,
    fields: Option<Fields>,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(client, id, "dashboard")
        .await?
        .require(client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(client)?.clone();
    let fields = fields.unwrap_or_else(|| super::event_values::filled(&event));
    Ok(personal_with(status_of(problem.as_ref()), &ClonePage { layout, event, fields, problem }))
}

/// The form that copies an event.
pub(crate) async fn clone_form(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    clone_page(&client, &id, None, None).await
}

#[derive(Deserialize)]
struct CreatedEvent {
    event_id: String,
}

/// The request for a copy. Times that the form shows as the event has them are left out: the API then moves them along with the start, as it
/// moves the doors and the end of sales.
fn copy_body(fields: &Fields, shown: &Fields, zone: &str) -> Value {
    let limit = |name: &str| fields.given(name).map(number);
    let mut body = json!({
        "name": fields.get("name"),
        "start_time": instant(fields.get("start_time"), zone),
        "refuse_single_seats": fields.has("refuse_single_seats"),
        "hold_limits": {
            "seats": limit("hold_limits.seats"),
            "seats_of_new_accounts": limit("hold_limits.seats_of_new_accounts"),
            "tickets_per_instrument": limit("hold_limits.tickets_per_instrument"),
        },
    });
    for name in ["end_time", "on_sale_time"] {
        if let Some(text) = fields.given(name).filter(|text| *text != shown.get(name)) {
            body[name] = instant(text, zone);
        }
    }
    body
}

/// Makes a copy, as a draft.
pub(crate) async fn clone(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let event: Event = client.get(&event_path(&id)).await?;
    let body = copy_body(&fields, &super::event_values::filled(&event), &event.timezone);
    match client.post_idempotent(&format!("{}/clone", event_path(&id)), fields.get("once"), &body).await {
        Ok(answer) => Ok(Done::Copied.then(&dashboard(&answer.json::<CreatedEvent>(&client)?.event_id))),
        Err(failure) if matches!(failure.problem.status, 404 | 405) => {
            let problem =
                refusal("This server does not copy events. Make a new one at the same venue instead.");
            clone_page(&client, &id, Some(fields), Some(problem)).await
        }
        Err(failure) => {
            let problem = form_problem(failure)?;
            clone_page(&client, &id, Some(fields), Some(problem)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_left_as_they_are_move_along_with_the_start() {
        let shown = Fields::read(
            b"start_time=2026-12-05T20:00&end_time=2026-12-05T22:00&on_sale_time=2026-11-01T10:00",
        );
        let copied = |form: &[u8]| copy_body(&Fields::read(form), &shown, "UTC");
        let later = copied(
            b"start_time=2027-01-05T20:00&end_time=2026-12-05T22:00&on_sale_time=2026-11-01T10:00&hold_limits.seats=40",
        );
        assert_eq!(later["start_time"], "2027-01-05T20:00:00Z");
        assert!(later.get("end_time").is_none() && later.get("on_sale_time").is_none(), "{later}");
        assert_eq!(
            later["hold_limits"],
            json!({"seats": 40, "seats_of_new_accounts": null, "tickets_per_instrument": null})
        );
        let longer = copied(b"start_time=2027-01-05T20:00&end_time=2027-01-05T23:00&on_sale_time=");
        assert_eq!(longer["end_time"], "2027-01-05T23:00:00Z");
    }
}
