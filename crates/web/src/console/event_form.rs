//! An event to be made or changed: one form for both, in the times of the venue.

use super::event_prices::{Group, Outline, groups, tiers};
use super::fields::{Fields, amount, instant, number};
use super::problem_text::{changed_meanwhile, elsewhere, on_the_form};
use super::shell::{Event, Shell};
use crate::api::{Failure, Problem, Visit};
use crate::categories::CATEGORIES;
use crate::forms::message_for;
use crate::render::{encoded, personal, personal_with, status_of, to};
use crate::values::Instant;
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery};
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

/// A venue an event may take place at.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) venue_id: String,
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) city: String,
    pub(crate) timezone: String,
    pub(crate) capacity: u64,
}

#[derive(Debug, Deserialize)]
struct Places {
    venues: Vec<Place>,
}

#[derive(Template)]
#[template(path = "console/choose_venue.html")]
struct ChoicePage {
    shell: Shell,
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "console/event_form.html")]
struct Page {
    shell: Shell,
    /// None while the event is a new one.
    event: Option<Event>,
    place: Place,
    outline: Outline,
    fields: Fields,
    /// It was saved a moment ago.
    saved: bool,
    problem: Option<Problem>,
}

/// Fields that tell beside them what is wrong.
const SHOWN: &[&str] = &[
    "name",
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
];

impl Page {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn wrong(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    fn price(&self, name: &str) -> &str {
        self.fields.get(&format!("price.{name}"))
    }

    fn wrong_price(&self, name: &str) -> Option<&str> {
        self.wrong(&format!("price_tiers.{name}"))
    }

    /// Those that differ by a number together.
    fn groups<'a>(&self, names: &[&'a str]) -> Vec<Group<'a>> {
        groups(names)
    }

    fn is_wrong(&self, group: &Group<'_>) -> bool {
        group.names.iter().any(|name| self.wrong_price(name).is_some())
    }

    /// What is wrong and has no place of its own.
    fn rest(&self) -> Vec<String> {
        let Some(problem) = &self.problem else { return Vec::new() };
        let rest = elsewhere(problem, SHOWN);
        let of_a_price = |text: &String| {
            let mut names = self.outline.categories().into_iter().chain(self.outline.sections());
            names.any(|name| text.starts_with(&format!("price_tiers.{name}: ")))
        };
        rest.into_iter().filter(|text| !of_a_price(text)).collect()
    }

    fn categories(&self) -> impl Iterator<Item = &'static str> {
        CATEGORIES.iter().map(|(value, _)| *value)
    }

    fn asks_about_the_past(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.code == PAST)
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

async fn place(visit: &Visit, id: &str) -> Result<Place, Failure> {
    visit.get(&format!("/venues/{}", encoded(id))).await
}

/// The form of a new event, once it is known where.
pub(crate) async fn new(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let Some(venue) = asked.given("venue") else {
        let shell =
            Shell::of(&visit, asked.get("organization"), "events").await?.only(&visit, Shell::manages)?;
        let organization = &shell.organization(&visit)?.organization_id;
        let path = format!("/venues?organization_id={}&limit=100", encoded(organization));
        let Places { venues: places } = visit.get(&path).await?;
        return Ok(personal(&ChoicePage { shell, places }));
    };
    let (place, outline) = tokio::try_join!(place(&visit, venue), Outline::of(&visit, venue))?;
    let shell = Shell::of(&visit, &place.organization_id, "events").await?.only(&visit, Shell::manages)?;
    let mut fields = Fields::default();
    for (name, value) in [
        ("currency", "USD"),
        ("max_tickets_per_user", "8"),
        ("refund_policy.percent", "100"),
        ("refund_policy.fees", "true"),
    ] {
        fields.set(name, value);
    }
    Ok(personal(&Page { shell, event: None, place, outline, fields, saved: false, problem: None }))
}

/// What of a form is the same for new and changed events.
fn body(fields: &Fields, zone: &str, currency: &str) -> Value {
    let money = |name: &str| amount(fields.given(name).unwrap_or("0"), currency);
    let amount = |name: &str| number(fields.given(name).unwrap_or("0"));
    let mut body = json!({
        "name": fields.get("name"),
        "description": fields.get("description"),
        "category": fields.get("category"),
        "start_time": instant(fields.get("start_time"), zone),
        "end_time": instant(fields.get("end_time"), zone),
        "on_sale_time": instant(fields.get("on_sale_time"), zone),
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
    });
    let until = fields.given("sales_end_time").unwrap_or(fields.get("start_time"));
    body["sales_end_time"] = instant(until, zone);
    body
}

/// A form knows no seconds, nor which of two equal hours is meant: a time that was left alone is not sent.
fn without_unchanged_times(mut body: Value, fields: &Fields, shown: &Fields) -> Value {
    let is_same = |name: &str| fields.get(name) == shown.get(name);
    // Unless it is set, sales end when it starts.
    let ends_alike =
        is_same("sales_end_time") && (fields.given("sales_end_time").is_some() || is_same("start_time"));
    for (name, is_same) in [
        ("start_time", is_same("start_time")),
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

/// A code of ours, for what no rule of the API forbids.
const PAST: &str = "in_the_past";

/// A start in the past is mostly a slip; sent again, it is meant.
fn would_be_over(fields: &Fields, zone: &str, before: Option<&Fields>) -> Option<Problem> {
    let start = fields.get("start_time");
    let is_new = before.is_none_or(|before| before.get("start_time") != start);
    let at = instant(start, zone);
    let is_past = at.as_str().and_then(|at| at.parse().ok()).is_some_and(|at| Instant(at).is_past());
    let is_meant = fields.get("past") == start;
    (is_new && is_past && !is_meant).then(|| Problem {
        status: 422,
        code: PAST.to_owned(),
        title: "In the past".to_owned(),
        detail: "It would start in the past. Save it again if that is meant.".to_owned(),
        ..Problem::default()
    })
}

#[derive(Deserialize)]
struct Made {
    event_id: String,
}

/// Makes an event.
pub(crate) async fn create(
    visit: Visit,
    RawQuery(query): RawQuery,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let fields = Fields::read(&form);
    let place = place(&visit, asked.get("venue")).await?;
    if let Some(problem) = would_be_over(&fields, &place.timezone, None) {
        let outline = Outline::of(&visit, &place.venue_id).await?;
        let shell =
            Shell::of(&visit, &place.organization_id, "events").await?.only(&visit, Shell::manages)?;
        return Ok(refused(&Page {
            shell,
            event: None,
            place,
            outline,
            fields,
            saved: false,
            problem: Some(problem),
        }));
    }
    let currency = fields.get("currency").to_uppercase();
    let mut body = body(&fields, &place.timezone, &currency);
    body["venue_id"] = place.venue_id.clone().into();
    body["currency"] = currency.into();
    body["draft"] = (fields.get("draft") != "false").into();
    match visit.post_once("/events", fields.get("once"), &body).await {
        Ok(answer) => Ok(to(&format!("/console/events/{}", answer.json::<Made>(&visit)?.event_id))),
        Err(failure) => {
            let problem = Some(on_the_form(failure)?);
            let outline = Outline::of(&visit, &place.venue_id).await?;
            let shell =
                Shell::of(&visit, &place.organization_id, "events").await?.only(&visit, Shell::manages)?;
            Ok(refused(&Page { shell, event: None, place, outline, fields, saved: false, problem }))
        }
    }
}

fn refused(page: &Page) -> Response {
    personal_with(status_of(page.problem.as_ref()), page)
}

/// A form that says what an event is like now.
pub(crate) fn filled(event: &Event) -> Fields {
    let mut fields = Fields::default();
    let time = |instant: crate::values::Instant| instant.at(&event.timezone).field();
    for (name, value) in [
        ("name", event.name.clone()),
        ("description", event.description.clone()),
        ("category", event.category.clone()),
        ("start_time", time(event.start_time)),
        ("end_time", time(event.end_time)),
        ("on_sale_time", time(event.on_sale_time)),
        ("currency", event.currency.clone()),
        ("max_tickets_per_user", event.max_tickets_per_user.to_string()),
        ("fees.per_ticket", event.fees.per_ticket.digits().to_owned()),
        ("fees.per_order", event.fees.per_order.digits().to_owned()),
        ("fees.percent", event.fees.percent.short().to_owned()),
        ("refund_policy.percent", event.refund_policy.percent.short().to_owned()),
        ("refund_policy.until_hours_before_start", event.refund_policy.until_hours_before_start.to_string()),
    ] {
        fields.set(name, value);
    }
    if event.sales_end_time != event.start_time {
        fields.set("sales_end_time", time(event.sales_end_time));
    }
    if event.refund_policy.fees {
        fields.set("refund_policy.fees", "true");
    }
    for (name, price) in &event.price_tiers {
        fields.set(&format!("price.{name}"), price.digits());
    }
    fields
}

/// The form of an event.
pub(crate) async fn edit(
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let saved = Fields::read(query.unwrap_or_default().as_bytes()).has("saved");
    let shell = Shell::of_event(&visit, &id, "edit").await?.only(&visit, Shell::manages)?;
    let event = shell.event(&visit)?.clone();
    let venue = &event.venue.venue_id;
    let (place, outline) = tokio::try_join!(place(&visit, venue), Outline::of_event(&visit, &id))?;
    let fields = filled(&event);
    Ok(personal(&Page { shell, event: Some(event), place, outline, fields, saved, problem: None }))
}

/// Changes an event.
pub(crate) async fn change(
    visit: Visit,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let fields = Fields::read(&form);
    let shell = Shell::of_event(&visit, &id, "edit").await?.only(&visit, Shell::manages)?;
    let event = shell.event(&visit)?.clone();
    let body =
        without_unchanged_times(body(&fields, &event.timezone, &event.currency), &fields, &filled(&event));
    let is_newest = fields.given("seen").is_none_or(|seen| seen == event.updated_at.to_string());
    let changed = if let Some(problem) = would_be_over(&fields, &event.timezone, Some(&filled(&event))) {
        Err(visit.failed(problem))
    } else if is_newest {
        visit.with_body(Method::PATCH, &format!("/events/{}", encoded(&id)), &body).await
    } else {
        Err(visit.failed(changed_meanwhile()))
    };
    match changed {
        Ok(_) => Ok(to(&format!("/console/events/{}/edit?saved=yes", encoded(&id)))),
        Err(failure) => {
            let problem = Some(on_the_form(failure)?);
            let mut fields = fields;
            fields.set("currency", event.currency.clone());
            let venue = &event.venue.venue_id;
            let (place, outline) = tokio::try_join!(place(&visit, venue), Outline::of_event(&visit, &id))?;
            Ok(refused(&Page { shell, event: Some(event), place, outline, fields, saved: false, problem }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_were_left_alone_are_not_sent() {
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
