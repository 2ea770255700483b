//! The form that makes or changes an event. All its times are in the venue's time zone.

use super::event_questions::{MOVED, PAST, would_be_over, would_move};
use super::event_values::filled;
use super::fields::{Fields, amount, instant, number};
use super::layout::{ConsoleLayout, Event};
use super::plan_outline::{Outline, PlanPart, shown};
use super::priced_parts::{Group, groups, tiers};
use super::problem_text::{form_problem, is_outdated, other_errors, outdated, saved_meanwhile};
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery};
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, FieldProblem, PageError, Problem};
use fairseat_web::categories::{CATEGORIES, category_of};
use fairseat_web::done::Done;
use fairseat_web::forms::message_for;
use fairseat_web::render::{encoded, personal, personal_with, status_of};
use fairseat_web::values::Instant;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// A venue, with the fields that an event's form needs.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) venue_id: String,
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) city: String,
    pub(crate) timezone: String,
    /// The usual currency of its country.
    #[serde(default)]
    pub(crate) currency: Option<String>,
    pub(crate) capacity: u64,
}

#[derive(Debug, Deserialize)]
struct Places {
    venues: Vec<Place>,
}

#[derive(Template)]
#[template(path = "console/choose_venue.html")]
struct ChoicePage {
    layout: ConsoleLayout,
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "console/event_form.html")]
struct Page {
    layout: ConsoleLayout,
    /// `None` for a new event.
    event: Option<Event>,
    place: Place,
    outline: Outline,
    fields: Fields,
    problem: Option<Problem>,
}

/// Fields that show their own errors.
const SHOWN: &[&str] = &[
    "name",
    "performer",
    "doors_time",
    "description",
    "category",
    "start_time",
    "end_time",
    "on_sale_time",
    "sales_end_time",
    "currency",
    "max_tickets_per_user",
    "fees",
    "refund_policy",
    "hold_limits",
];

/// Fields that are compared when somebody else saved the event in the meantime.
const COMPARED: &[&str] = &[
    "name",
    "performer",
    "doors_time",
    "description",
    "category",
    "start_time",
    "end_time",
    "on_sale_time",
    "sales_end_time",
    "max_tickets_per_user",
    "fees.per_ticket",
    "fees.per_order",
    "fees.percent",
    "refund_policy.percent",
    "refund_policy.until_hours_before_start",
    "hold_limits.seats",
    "hold_limits.seats_of_new_accounts",
    "hold_limits.tickets_per_instrument",
];

impl Page {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    fn price(&self, name: &str) -> &str {
        self.fields.get(&format!("price.{name}"))
    }

    fn wrong_price(&self, name: &str) -> Option<&str> {
        self.error_for(&format!("price_tiers.{name}"))
    }

    /// The category or section with this name.
    fn part(&self, name: &str) -> Option<&PlanPart> {
        self.outline.part(name)
    }

    /// A name for people; ids are said to be none.
    fn shown(&self, name: &str) -> String {
        shown(name)
    }

    /// The names in groups; names that differ only in a number form one group.
    fn groups<'a>(&self, names: &[&'a str]) -> Vec<Group<'a>> {
        groups(names)
    }

    fn is_wrong(&self, group: &Group<'_>) -> bool {
        group.names.iter().any(|name| self.wrong_price(name).is_some())
    }

    /// Errors of fields that do not show their own.
    fn other_errors(&self) -> Vec<String> {
        let Some(problem) = &self.problem else { return Vec::new() };
        let rest = other_errors(problem, SHOWN);
        let of_a_price = |text: &String| {
            let mut names = self.outline.categories(&self.fields).into_iter().chain(self.outline.sections());
            names.any(|name| text.starts_with(&format!("price_tiers.{name}: ")))
        };
        rest.into_iter().filter(|text| !of_a_price(text)).collect()
    }

    fn categories(&self) -> impl Iterator<Item = &'static str> {
        CATEGORIES.iter().map(|(value, _)| *value)
    }

    /// Whether a rule in the part that is usually closed is set or was refused.
    fn has_special_rules(&self) -> bool {
        let names =
            ["hold_limits.seats", "hold_limits.seats_of_new_accounts", "hold_limits.tickets_per_instrument"];
        self.fields.has("refuse_single_seats")
            || names.iter().any(|name| self.fields.given(name).is_some() || self.error_for(name).is_some())
    }

    fn asks_about_the_past(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.code == PAST)
    }

    fn asks_about_moving(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.code == MOVED)
    }

    fn is_cancelled(&self) -> bool {
        self.event.as_ref().is_some_and(Event::is_cancelled)
    }

    fn id(&self) -> &str {
        self.event.as_ref().map_or("", |event| &event.event_id)
    }

    fn action(&self) -> String {
        match &self.event {
            Some(event) => format!("/console/events/{}/edit", event.event_id),
            None => format!("/console/events/new?venue={}", self.place.venue_id),
        }
    }
}

async fn place(client: &ApiClient, id: &str) -> Result<Place, PageError> {
    client.get(&format!("/venues/{}", encoded(id))).await
}

/// The form for a new event; before that, the choice of a venue.
pub(crate) async fn new(client: ApiClient, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let Some(venue) = asked.given("venue") else {
        let layout = ConsoleLayout::for_organization(&client, asked.get("organization"), "events")
            .await?
            .require(&client, ConsoleTask::ManageCatalogue)?;
        let organization = &layout.organization(&client)?.organization_id;
        let path = format!("/venues?organization_id={}&limit=100", encoded(organization));
        let Places { venues: places } = client.get(&path).await?;
        return Ok(personal(&ChoicePage { layout, places }));
    };
    let (place, outline) = tokio::try_join!(place(&client, venue), Outline::of(&client, venue))?;
    let layout = ConsoleLayout::for_organization(&client, &place.organization_id, "events")
        .await?
        .require(&client, ConsoleTask::ManageCatalogue)?;
    let mut fields = Fields::default();
    let now = Instant(Timestamp::now()).at(&place.timezone).field();
    for (name, value) in [
        ("on_sale_time", now.as_str()),
        ("currency", place.currency.as_deref().unwrap_or("USD")),
        ("max_tickets_per_user", "8"),
        ("refund_policy.percent", "100"),
        ("refund_policy.fees", "true"),
    ] {
        fields.set(name, value);
    }
    Ok(personal(&Page { layout, event: None, place, outline, fields, problem: None }))
}

/// The part of the API's request that is the same for new and changed events.
fn body(fields: &Fields, zone: &str, currency: &str) -> Value {
    let money = |name: &str| amount(fields.given(name).unwrap_or("0"), currency);
    let amount = |name: &str| number(fields.given(name).unwrap_or("0"));
    let mut body = json!({
        "name": fields.get("name"),
        "performer": fields.get("performer"),
        "description": fields.get("description"),
        "category": category_of(fields.get("category")),
        "start_time": instant(fields.get("start_time"), zone),
        "end_time": instant(fields.get("end_time"), zone),
        "max_tickets_per_user": number(fields.get("max_tickets_per_user")),
        "fees": {
            "per_ticket": money("fees.per_ticket"), "per_order": money("fees.per_order"), "percent": amount("fees.percent"),
        },
        "refund_policy": {
            "percent": amount("refund_policy.percent"),
            "fees": fields.has("refund_policy.fees"),
            "until_hours_before_start": amount("refund_policy.until_hours_before_start"),
        },
        "price_tiers": tiers(fields, currency),
        "refuse_single_seats": fields.has("refuse_single_seats"),
        "hold_limits": {
            "seats": fields.given("hold_limits.seats").map(number),
            "seats_of_new_accounts": fields.given("hold_limits.seats_of_new_accounts").map(number),
            "tickets_per_instrument": fields.given("hold_limits.tickets_per_instrument").map(number),
        },
    });
    // Sales that do not begin at a certain time begin now.
    let now = || Instant(Timestamp::now()).at(zone).field();
    body["on_sale_time"] = instant(&fields.given("on_sale_time").map_or_else(now, str::to_owned), zone);
    let until = fields.given("sales_end_time").unwrap_or(fields.get("start_time"));
    body["sales_end_time"] = instant(until, zone);
    // Doors that are not said open with the start.
    let doors = fields.given("doors_time").unwrap_or(fields.get("start_time"));
    body["doors_time"] = instant(doors, zone);
    body
}

/// Removes unchanged times from the request. A time in a form has no seconds, and is ambiguous in the hour that clocks repeat in autumn, so
/// sending it back could change the stored time.
fn without_unchanged_times(mut body: Value, fields: &Fields, shown: &Fields) -> Value {
    let is_same = |name: &str| fields.get(name) == shown.get(name);
    // If no end of sales was set, sales end at the start of the event.
    let ends_alike =
        is_same("sales_end_time") && (fields.given("sales_end_time").is_some() || is_same("start_time"));
    for (name, is_same) in [
        ("start_time", is_same("start_time")),
        ("doors_time", is_same("doors_time")),
        ("end_time", is_same("end_time")),
        ("on_sale_time", is_same("on_sale_time")),
        ("sales_end_time", ends_alike),
    ] {
        if let Some(members) = body.as_object_mut().filter(|_| is_same) {
            drop(members.remove(name));
        }
    }
    body
}

#[derive(Deserialize)]
struct CreatedEvent {
    event_id: String,
}

/// Makes an event.
pub(crate) async fn create(
    client: ApiClient,
    RawQuery(query): RawQuery,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let fields = Fields::read(&form);
    let place = place(&client, asked.get("venue")).await?;
    if let Some(problem) = would_be_over(&fields, &place.timezone, None) {
        let outline = Outline::of(&client, &place.venue_id).await?;
        let layout = ConsoleLayout::for_organization(&client, &place.organization_id, "events")
            .await?
            .require(&client, ConsoleTask::ManageCatalogue)?;
        return Ok(refused(&Page { layout, event: None, place, outline, fields, problem: Some(problem) }));
    }
    let currency = fields.get("currency").to_uppercase();
    let mut body = body(&fields, &place.timezone, &currency);
    body["venue_id"] = place.venue_id.clone().into();
    body["currency"] = currency.into();
    body["draft"] = (fields.get("draft") != "false").into();
    match client.post_idempotent("/events", fields.get("once"), &body).await {
        Ok(answer) => {
            let done = if fields.get("draft") == "false" { Done::Published } else { Done::DraftCreated };
            Ok(done.then(&format!("/console/events/{}", answer.json::<CreatedEvent>(&client)?.event_id)))
        }
        Err(failure) => {
            let problem = Some(form_problem(failure)?);
            let outline = Outline::of(&client, &place.venue_id).await?;
            let layout = ConsoleLayout::for_organization(&client, &place.organization_id, "events")
                .await?
                .require(&client, ConsoleTask::ManageCatalogue)?;
            Ok(refused(&Page { layout, event: None, place, outline, fields, problem }))
        }
    }
}

/// The fields in which the saved event differs from the submitted form.
fn saved_in(event: &Event, written: &Fields) -> Vec<FieldProblem> {
    let saved = filled(event);
    let mut fields = written.differing(&saved, COMPARED);
    let prices = saved.after("price.").chain(written.after("price.")).map(|(name, _)| name);
    for name in prices.collect::<std::collections::BTreeSet<_>>() {
        let field = format!("price.{name}");
        if written.get(&field) != saved.get(&field) {
            fields.push(saved_meanwhile(&format!("price_tiers.{name}"), saved.get(&field)));
        }
    }
    fields
}

fn refused(page: &Page) -> Response {
    personal_with(status_of(page.problem.as_ref()), page)
}

/// The form of an event.
pub(crate) async fn edit(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_event(&client, &id, "edit")
        .await?
        .require(&client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(&client)?.clone();
    let venue = &event.venue.venue_id;
    let (place, outline) = tokio::try_join!(place(&client, venue), Outline::of_event(&client, &id))?;
    let fields = filled(&event);
    Ok(personal(&Page { layout, event: Some(event), place, outline, fields, problem: None }))
}

/// Changes an event.
pub(crate) async fn change(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let layout = ConsoleLayout::for_event(&client, &id, "edit")
        .await?
        .require(&client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(&client)?.clone();
    let body =
        without_unchanged_times(body(&fields, &event.timezone, &event.currency), &fields, &filled(&event));
    let question = match would_be_over(&fields, &event.timezone, Some(&filled(&event))) {
        Some(question) => Some(question),
        None => would_move(&client, &event, &fields).await?,
    };
    let changed = if let Some(question) = question {
        Err(client.page_error(question))
    } else {
        let path = format!("/events/{}", encoded(&id));
        client.send_json_if_match(Method::PATCH, &path, fields.given("seen"), &body).await
    };
    match changed {
        Ok(_) => Ok(Done::Saved.then(&format!("/console/events/{}/edit", encoded(&id)))),
        Err(failure) => {
            let (layout, event) = if is_outdated(&failure) {
                let newest = ConsoleLayout::for_event(&client, &id, "edit").await?;
                let event = newest.event(&client)?.clone();
                (newest, event)
            } else {
                (layout, event)
            };
            let problem = Some(if is_outdated(&failure) {
                outdated(saved_in(&event, &fields))
            } else {
                form_problem(failure)?
            });
            let mut fields = fields;
            fields.set("currency", event.currency.clone());
            let venue = &event.venue.venue_id;
            let (place, outline) = tokio::try_join!(place(&client, venue), Outline::of_event(&client, &id))?;
            Ok(refused(&Page { layout, event: Some(event), place, outline, fields, problem }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unchanged_times_are_not_sent() {
        let shown = Fields::read(b"start_time=1&end_time=2&on_sale_time=0&sales_end_time=");
        for (form, sent) in [
            (&b"start_time=1&end_time=2&on_sale_time=0&sales_end_time="[..], &["name"][..]),
            (
                b"start_time=3&end_time=2&on_sale_time=0&sales_end_time=",
                &["name", "sales_end_time", "start_time"],
            ),
            (
                b"start_time=1&end_time=4&on_sale_time=0&sales_end_time=1",
                &["end_time", "name", "sales_end_time"],
            ),
        ] {
            let whole =
                json!({"name": "N", "start_time": 0, "end_time": 0, "on_sale_time": 0, "sales_end_time": 0});
            let body = without_unchanged_times(whole, &Fields::read(form), &shown);
            let names: Vec<&String> = body.as_object().unwrap().keys().collect();
            assert_eq!(names, sent);
        }
    }
}
