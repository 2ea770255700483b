//! Blocking seats: chosen on the map, blocked with a reason or put back on sale. The page also lists the blocked seats with their reasons
//! and the latest changes.

use super::audit::{AuditEntry, AuditLog};
use super::fields::Fields;
use super::layout::{ConsoleLayout, Event};
use super::problem_text::{form_problem, unavailable_reason};
use askama::Template;
use axum::extract::{Path, RawQuery, Request};
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_edge::body;
use fairseat_web::render::{encoded, personal_with, see_other, status_of};
use fairseat_web::values::{self, Instant};
use serde::Deserialize;
use serde_json::json;

/// The largest form: the indexes of all seats of a stadium.
const FORM_BYTES: usize = 4 << 20;
/// Seats in one request: their indexes must fit into the API's largest body.
const AT_ONCE: usize = 8_000;
/// A larger group has no button that chooses its seats; the map still shows them.
const PICKED: usize = 2_000;
/// Entries of the audit log that are searched for changes to seats.
const AUDIT_ENTRIES: usize = 100;

/// The API's list of blocked seats.
#[derive(Debug, Deserialize)]
struct Blocked {
    seats: Vec<BlockedSeat>,
    reasons: Vec<BlockedFor>,
}

/// Who last blocked seats for this reason.
#[derive(Debug, Deserialize)]
struct BlockedFor {
    reason: String,
    blocked_by: String,
    blocked_at: Instant,
}

#[derive(Debug, Deserialize)]
struct BlockedSeat {
    index: u32,
    section: String,
    label: String,
    kind: String,
    reason: String,
}

/// Seats of one section that are blocked for one reason.
#[derive(Debug)]
struct Group {
    section: String,
    kind: String,
    reason: String,
    first: String,
    last: String,
    indexes: Vec<u32>,
}

impl Group {
    fn why(&self) -> &str {
        match (self.kind.as_str(), self.reason.as_str()) {
            ("unpriced", _) => "has no price",
            ("removed", _) => "no longer in the plan",
            (_, "") => "no reason given",
            (_, reason) => reason,
        }
    }

    /// `Stalls A-1`, or the first and the last seat.
    fn seats(&self) -> String {
        if self.first == self.last { self.first.clone() } else { format!("{} … {}", self.first, self.last) }
    }

    /// The indexes for the button that chooses the seats; `None` if there are too many or they cannot be put on sale.
    fn picked(&self) -> Option<String> {
        let few = self.indexes.len() <= PICKED && self.kind == "organizer";
        few.then(|| self.indexes.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
    }
}

/// One group for each section and reason, in the plan's order.
fn groups(seats: Vec<BlockedSeat>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for seat in seats {
        let alike = |group: &&mut Group| {
            group.section == seat.section && group.kind == seat.kind && group.reason == seat.reason
        };
        if let Some(group) = groups.iter_mut().rev().find(alike) {
            group.indexes.push(seat.index);
            group.last = seat.label;
        } else {
            let BlockedSeat { index, section, label, kind, reason } = seat;
            groups.push(Group {
                section,
                kind,
                reason,
                first: label.clone(),
                last: label,
                indexes: vec![index],
            });
        }
    }
    groups
}

#[derive(Template)]
#[template(path = "console/seats.html")]
struct Page {
    layout: ConsoleLayout,
    event: Event,
    blocked: Result<Vec<Group>, String>,
    reasons: Vec<BlockedFor>,
    /// The latest changes to blocked seats; empty if the role may not see the audit log.
    changes: Vec<AuditEntry>,
    asked: Fields,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
    /// Who last blocked seats for the reason of a group.
    fn by(&self, group: &Group) -> Option<&BlockedFor> {
        let known = self.reasons.iter().find(|known| known.reason == group.reason);
        known.filter(|_| group.kind == "organizer")
    }

    /// What was just done, in words.
    fn done(&self) -> Option<String> {
        let count: u64 = self.asked.get("count").parse().ok()?;
        let seats =
            if count == 1 { "1 seat is".to_owned() } else { format!("{} seats are", values::count(&count)) };
        match self.asked.get("done") {
            "block" => Some(format!("{seats} blocked.")),
            "unblock" => Some(format!("{seats} for sale again.")),
            _ => None,
        }
    }

    fn chosen(&self) -> String {
        self.fields.get("seats").replace(',', " ")
    }
}

/// The latest changes to the blocked seats of an event; empty if the role may not see the audit log.
async fn changes(client: &ApiClient, layout: &ConsoleLayout, event: &str) -> Vec<AuditEntry> {
    let Some(organization) = &layout.current else { return Vec::new() };
    let path =
        format!("/organizations/{}/audit?limit={AUDIT_ENTRIES}", encoded(&organization.organization_id));
    let log = client.get::<AuditLog>(&path).await.map(|log| log.entries).unwrap_or_default();
    log.into_iter().filter(|change| change.is_about_seats_of(event)).take(10).collect()
}

async fn page(
    client: &ApiClient,
    id: &str,
    (asked, fields): (Fields, Fields),
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let layout =
        ConsoleLayout::for_event(client, id, "seats").await?.require(client, ConsoleTask::BlockSeats)?;
    let event = layout.event(client)?.clone();
    let blocked = client.get::<Blocked>(&format!("/events/{}/seats/blocked", encoded(id))).await;
    let mut reasons = Vec::new();
    let blocked = blocked.map(|blocked| {
        reasons = blocked.reasons;
        groups(blocked.seats)
    });
    let blocked = blocked.map_err(|failure| unavailable_reason(&failure));
    let changes = changes(client, &layout, &event.event_id).await;
    let status = status_of(problem.as_ref());
    let page = Page { layout, event, blocked, reasons, changes, asked, fields, problem };
    Ok(personal_with(status, &page))
}

/// `GET /console/events/{event_id}/seats`: the page.
pub(crate) async fn show(
    client: ApiClient,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    page(&client, &id, (asked, Fields::default()), None).await
}

/// Blocks or unblocks seats.
pub(crate) async fn act(
    client: ApiClient,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    ConsoleLayout::for_event(&client, &id, "seats").await?.require(&client, ConsoleTask::BlockSeats)?;
    let form = body::read(request, FORM_BYTES, None).await;
    let fields = Fields::read(&form.map_err(|problem| client.page_error(Problem::of_edge(&problem)))?);
    let seats: Vec<u32> =
        fields.get("seats").split(',').filter_map(|seat| seat.trim().parse().ok()).collect();
    let verb = if fields.get("do") == "unblock" { "unblock" } else { "block" };
    if seats.is_empty() {
        let problem = Problem {
            status: 422,
            title: "Nothing chosen".to_owned(),
            detail: "Choose seats on the map first.".to_owned(),
            ..Problem::default()
        };
        return page(&client, &id, (Fields::default(), fields), Some(problem)).await;
    }
    for part in seats.chunks(AT_ONCE) {
        let mut body = json!({"seat_indexes": part});
        if verb == "block" {
            body["reason"] = fields.get("reason").into();
        }
        if let Err(failure) = client.post(&format!("/events/{}/seats/{verb}", encoded(&id)), &body).await {
            let problem = form_problem(failure)?;
            return page(&client, &id, (Fields::default(), fields), Some(problem)).await;
        }
    }
    Ok(see_other(&format!("/console/events/{}/seats?done={verb}&count={}", encoded(&id), seats.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocked_seats_are_grouped_by_section_and_reason() {
        let seat = |index, section: &str, reason: &str| BlockedSeat {
            index,
            section: section.to_owned(),
            label: format!("{section} A-{index}"),
            kind: "organizer".to_owned(),
            reason: reason.to_owned(),
        };
        let found = groups(vec![
            seat(1, "Stalls", "press"),
            seat(2, "Stalls", ""),
            seat(3, "Stalls", "press"),
            seat(9, "Circle", "press"),
        ]);
        let shown: Vec<_> =
            found.iter().map(|group| (group.seats(), group.why(), group.picked().unwrap())).collect();
        assert_eq!(
            shown,
            [
                ("Stalls A-1 … Stalls A-3".to_owned(), "press", "1,3".to_owned()),
                ("Stalls A-2".to_owned(), "no reason given", "2".to_owned()),
                ("Circle A-9".to_owned(), "press", "9".to_owned()),
            ]
        );
    }
}
