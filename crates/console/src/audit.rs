//! The audit log of an organization: who did what, the newest first.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::problem_text::unavailable_reason;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use fairseat_web::render::{encoded, last_page_if_past, personal, see_other};
use fairseat_web::values::Instant;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Entries on one page.
const PAGE: u64 = 50;

/// A page of the log.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AuditLog {
    pub(super) entries: Vec<AuditEntry>,
    total: u64,
}

/// An entry of the log.
#[derive(Debug, Deserialize)]
pub(super) struct AuditEntry {
    at: Instant,
    username: String,
    email: Option<String>,
    action: String,
    event_id: Option<String>,
    event_name: Option<String>,
    #[serde(default)]
    event_deleted: bool,
    object_id: String,
    object_name: Option<String>,
    #[serde(default)]
    detail: Map<String, Value>,
}

/// The text of each action.
const ACTIONS: &[(&str, &str)] = &[
    ("event.created", "made the event"),
    ("event.terms_changed", "changed times or terms, which are now"),
    ("event.prices_changed", "changed prices"),
    ("event.plan_changed", "replaced the seating plan"),
    ("event.cancelled", "cancelled the event"),
    ("event.image_set", "gave the event a picture"),
    ("event.image_removed", "took the event’s picture away"),
    ("event.withdrawn", "deleted the event"),
    ("seats.blocked", "blocked seats"),
    ("seats.unblocked", "put seats on sale"),
    ("box_office.sold", "sold at the box office"),
    ("order.cancelled", "cancelled an order"),
    ("refund.handed_out", "handed out a refund"),
    ("member.set", "set a member’s role"),
    ("member.joined", "accepted an invitation and became a member"),
    ("member.removed", "removed a member"),
    ("invitation.sent", "invited somebody"),
    ("invitation.withdrawn", "withdrew an invitation"),
    ("orders.exported", "exported orders"),
    ("attendees.exported", "exported attendees"),
    ("quota.set", "set how much the organization may have"),
];

/// The name of a detail. The entry about terms says how they are since then, changed or not.
fn label(name: &str) -> String {
    match name {
        "start_time" => "starts".to_owned(),
        "on_sale_time" => "on sale from".to_owned(),
        "total_amount" => "total".to_owned(),
        "refund_amount" => "refund".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A detail that has words of its own.
fn phrase(name: &str, value: &Value) -> Option<&'static str> {
    Some(match (name, value.as_bool()?) {
        ("draft", true) => "as a draft",
        ("draft", false) => "published",
        ("refuse_single_seats", true) => "single seats refused",
        ("refuse_single_seats", false) => "single seats allowed",
        _ => return None,
    })
}

impl AuditEntry {
    /// Whether it blocked or unblocked seats of this event.
    pub(super) fn is_about_seats_of(&self, event: &str) -> bool {
        self.action.starts_with("seats.") && self.event_id.as_deref() == Some(event)
    }

    pub(super) fn who(&self) -> &str {
        &self.username
    }

    pub(super) fn at(&self) -> &Instant {
        &self.at
    }

    pub(super) fn what(&self) -> String {
        let known = ACTIONS.iter().find(|(action, _)| *action == self.action);
        known.map_or_else(|| self.action.replace(['_', '.'], " "), |(_, words)| (*words).to_owned())
    }

    /// The details in one line: `seats 12, reason press`.
    pub(super) fn details(&self) -> String {
        let present = self.detail.iter().filter(|(_, value)| !matches!(value, Value::Null) && *value != "");
        let parts = present.map(|(name, value)| {
            if let Some(words) = phrase(name, value) {
                return words.to_owned();
            }
            let time = value.as_str().and_then(|text| text.parse().ok()).map(Instant);
            let value = time.map_or_else(
                || value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace('_', " "),
                |time| time.at("UTC").full(),
            );
            format!("{} {value}", label(name))
        });
        self.object_name.clone().into_iter().chain(parts).collect::<Vec<_>>().join(", ")
    }

    /// The event it is about: id and name.
    fn event(&self) -> Option<(&str, &str)> {
        Some((self.event_id.as_deref()?, self.event_name.as_deref()?))
    }

    /// Whether the event has a page to link to; a deleted one has none.
    fn leads_to_event(&self) -> bool {
        !self.event_deleted
    }

    /// The order it is about.
    fn order(&self) -> Option<&str> {
        let is_order =
            matches!(self.action.as_str(), "box_office.sold" | "order.cancelled" | "refund.handed_out");
        is_order.then_some(self.object_id.as_str())
    }
}

#[derive(Template)]
#[template(path = "console/audit.html")]
struct Page {
    layout: ConsoleLayout,
    organization: String,
    log: Result<AuditLog, String>,
    page: u64,
}

impl Page {
    fn next(&self) -> Option<u64> {
        let total = self.log.as_ref().map_or(0, |log| log.total);
        ((self.page + 1) * PAGE < total).then_some(self.page + 1)
    }
}

/// `GET /console/organizations/{organization_id}/audit`: the page.
pub(crate) async fn show(
    client: ApiClient,
    Path(organization): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let layout = ConsoleLayout::for_organization(&client, &organization, "audit").await?;
    let page = asked.get("page").parse::<u64>().unwrap_or(0).min(100_000);
    let path = format!("/organizations/{}/audit?limit={PAGE}&offset={}", encoded(&organization), page * PAGE);
    let log = client.get::<AuditLog>(&path).await.map_err(|failure| unavailable_reason(&failure));
    if let Some(last) = log.as_ref().ok().and_then(|log| last_page_if_past(page, log.total, PAGE)) {
        return Ok(see_other(&format!(
            "/console/organizations/{}/audit?page={last}",
            encoded(&organization)
        )));
    }
    Ok(personal(&Page { layout, organization, log, page }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_shown_in_words() {
        let entry: AuditEntry = serde_json::from_value(serde_json::json!({
            "at": "2026-11-25T17:00:00Z", "username": "ada", "action": "seats.blocked", "event_id": "e", "event_name": "Play",
            "object_id": "e", "detail": {"reason": "press", "seats": 12, "note": ""},
        }))
        .unwrap();
        assert_eq!(
            (entry.what().as_str(), entry.details().as_str()),
            ("blocked seats", "reason press, seats 12")
        );
        let moved: AuditEntry = serde_json::from_value(serde_json::json!({
            "at": "2026-11-25T17:00:00Z", "username": "ada", "action": "member.set", "object_id": "b", "object_name": "bob",
            "detail": {"draft": false, "role": "staff", "start_time": "2026-12-05T19:00:00.000Z"},
        }))
        .unwrap();
        assert_eq!(moved.details(), "bob, published, role staff, starts Sat 5 Dec 2026, 19:00 UTC");
        assert!(entry.is_about_seats_of("e") && !entry.is_about_seats_of("f") && entry.order().is_none());
    }
}
