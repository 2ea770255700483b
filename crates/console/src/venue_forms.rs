//! Creating a venue without scripts, from a list of sections, and changing a venue. With scripts, the browser builds the plan and sends it
//! directly to the API.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::plans::NewVenuePage;
use super::problem_text::{form_problem, is_outdated, other_errors, outdated};
use super::venues::Venue;
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::forms::message_for;
use fairseat_web::render::{encoded, personal_with, status_of};
use serde::Deserialize;
use serde_json::{Value, json};

/// The fields that describe a venue.
pub(super) const DETAILS: &[&str] =
    &["name", "address", "city", "state", "country", "timezone", "layout_type"];

/// The details of a venue from a form; an empty time zone is left out.
fn details(fields: &Fields) -> Value {
    let mut body = json!({});
    for name in DETAILS {
        let value = fields.get(name);
        if !value.is_empty() || *name != "timezone" {
            body[*name] = value.into();
        }
    }
    body
}

/// The IANA time zones that are named after places, each with the place. Technical and obsolete names are left out.
pub(super) fn zones() -> Vec<(String, String)> {
    let of_machines =
        ["Etc/", "posix/", "right/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/"];
    let known = jiff::tz::db().available().map(|name| name.as_str().to_owned());
    let mut zones: Vec<String> = known
        .filter(|name| name.contains('/') && !of_machines.iter().any(|prefix| name.starts_with(prefix)))
        .collect();
    zones.sort_unstable();
    let with_place = |zone: String| {
        let place = zone.rsplit('/').next().unwrap_or_default().replace('_', " ");
        (zone, place)
    };
    zones.into_iter().map(with_place).collect()
}

/// The kinds of venue that the form offers: the API's value and the name.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("theater", "Theatre"),
    ("hall", "Concert hall"),
    ("club", "Club"),
    ("arena", "Arena"),
    ("stadium", "Stadium"),
    ("other", "Another kind"),
];

/// The kind of a venue that the form does not offer, so that saving the form keeps it.
pub(super) fn other_kind(kind: &str) -> Option<&str> {
    Some(kind).filter(|kind| !kind.is_empty() && !KINDS.iter().any(|(known, _)| known == kind))
}

/// The most sections that one form describes.
const MAX_SECTIONS: usize = 1_000;

/// `Stalls, 12, 24` is a section of 12 rows with 24 seats each; `Floor, 500` has 500 standing places.
fn sections(text: &str) -> Result<Vec<Value>, String> {
    let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    if lines().count() > MAX_SECTIONS {
        return Err(format!("A plan from this form has at most {MAX_SECTIONS} sections."));
    }
    lines().map(|(at, line)| section(line).ok_or_else(|| wrong_line(at, line))).collect()
}

fn section(line: &str) -> Option<Value> {
    let parts: Vec<&str> = line.split(',').map(str::trim).collect();
    let number = |text: &str| text.parse::<u32>().ok();
    match parts[..] {
        [name, places] => Some(json!({"name": name, "general_admission": number(places)?})),
        [name, rows, seats] => {
            Some(json!({"name": name, "rows": number(rows)?, "seats_per_row": number(seats)?}))
        }
        _ => None,
    }
}

fn wrong_line(at: usize, line: &str) -> String {
    format!(
        "Line {}: “{}” is no section. Write its name, rows and seats in a row, as Stalls, 12, 24.",
        at + 1,
        line.trim()
    )
}

#[derive(Deserialize)]
struct CreatedVenue {
    venue_id: String,
}

fn unreadable(detail: String) -> Problem {
    Problem { status: 422, title: "The plan cannot be read".to_owned(), detail, ..Problem::default() }
}

/// Makes a venue.
pub(crate) async fn create(
    client: ApiClient,
    RawQuery(query): RawQuery,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let fields = Fields::read(&form);
    let problem = match sections(fields.get("sections")) {
        Err(detail) => unreadable(detail),
        Ok(sections) if sections.is_empty() => unreadable("Write at least one section.".to_owned()),
        Ok(sections) => {
            let mut body = details(&fields);
            body["organization_id"] = asked.get("organization").into();
            body["seating_plan"] = json!({"name": fields.get("name"), "sections": sections});
            match client.post_idempotent("/venues", fields.get("once"), &body).await {
                Ok(answer) => {
                    let id = answer.json::<CreatedVenue>(&client)?.venue_id;
                    return Ok(Done::VenueCreated.then(&format!("/console/venues/{id}")));
                }
                Err(failure) => form_problem(failure)?,
            }
        }
    };
    let layout = ConsoleLayout::for_organization(&client, asked.get("organization"), "venues").await?;
    let organization = layout.organization(&client)?.organization_id.clone();
    let page = NewVenuePage { layout, organization, fields, problem: Some(problem) };
    Ok(personal_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

#[derive(Template)]
#[template(path = "console/venue_form.html")]
struct Page {
    layout: ConsoleLayout,
    venue: Venue,
    /// The version of the venue that the form shows.
    edit_tag: String,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
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

async fn page(
    client: &ApiClient,
    id: &str,
    fields: Option<Fields>,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let (venue, edit_tag) = client.get_editable::<Venue>(&format!("/venues/{}", encoded(id))).await?;
    let layout = ConsoleLayout::for_organization(client, &venue.organization_id, "venues")
        .await?
        .require(client, ConsoleTask::ManageCatalogue)?;
    let fields = fields.unwrap_or_else(|| filled(&venue));
    let status = status_of(problem.as_ref());
    Ok(personal_with(status, &Page { layout, venue, edit_tag, fields, problem }))
}

fn filled(venue: &Venue) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in [
        ("name", &venue.name),
        ("address", &venue.address),
        ("city", &venue.city),
        ("state", &venue.state),
        ("country", &venue.country),
        ("timezone", &venue.timezone),
        ("layout_type", &venue.layout_type),
    ] {
        fields.set(name, value.clone());
    }
    fields
}

/// The form of a venue.
pub(crate) async fn edit(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    page(&client, &id, None, None).await
}

/// Changes a venue.
pub(crate) async fn change(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let path = format!("/venues/{}", encoded(&id));
    let body = details(&fields);
    match client.send_json_if_match(Method::PATCH, &path, fields.given("seen"), &body).await {
        Ok(_) => Ok(Done::Saved.then(&format!("/console/venues/{}", encoded(&id)))),
        Err(failure) if is_outdated(&failure) => {
            let saved = filled(&client.get::<Venue>(&path).await?);
            let problem = outdated(fields.differing(&saved, DETAILS));
            page(&client, &id, Some(fields), Some(problem)).await
        }
        Err(failure) => page(&client, &id, Some(fields), Some(form_problem(failure)?)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_named_after_places() {
        let zones = zones();
        for (zone, place) in
            [("America/New_York", "New York"), ("Australia/Perth", "Perth"), ("Europe/Berlin", "Berlin")]
        {
            assert!(zones.contains(&(zone.to_owned(), place.to_owned())), "{zone}");
        }
        assert!(!zones.iter().any(|(known, _)| known.starts_with("US/") || known == "UTC"));
    }

    #[test]
    fn sections_are_read_line_by_line() {
        assert_eq!(
            sections("Stalls, 12, 24\n\nFloor, 500\n").unwrap(),
            [
                json!({"name": "Stalls", "rows": 12, "seats_per_row": 24}),
                json!({"name": "Floor", "general_admission": 500})
            ]
        );
        assert!(sections("Stalls, 12, 24\nBalcony").unwrap_err().starts_with("Line 2:"));
        assert!(sections("Stalls, many, 24").is_err());
    }
}
