//! What the form of an event asks before it saves times that are probably a mistake, or about which ticket holders are told. Sending the form
//! again answers yes.

use super::event_values::filled;
use super::fields::{Fields, instant};
use super::layout::Event;
use fairseat_client::{ApiClient, PageError, Problem};
use fairseat_web::render::encoded;
use fairseat_web::values::Instant;
use serde::Deserialize;

/// The code of a question that only this form asks; the API itself allows events in the past.
pub(super) const PAST: &str = "in_the_past";

/// Asks for confirmation of a start in the past, which is usually a typing error. Sending the form again confirms it.
pub(super) fn would_be_over(fields: &Fields, zone: &str, before: Option<&Fields>) -> Option<Problem> {
    let start = fields.get("start_time");
    let is_new = before.is_none_or(|before| before.get("start_time") != start);
    let at = instant(start, zone);
    let is_past = at.as_str().and_then(|at| at.parse().ok()).is_some_and(|at| Instant(at).is_past());
    let is_meant = fields.get("past") == start;
    (is_new && is_past && !is_meant).then(|| Problem {
        status: 422,
        code: PAST.to_owned(),
        title: "In the past".to_owned(),
        detail: "It would start in the past. Nothing is saved yet.".to_owned(),
        ..Problem::default()
    })
}

/// The code of the question whether ticket holders are to be told about new times; only this form asks it.
pub(super) const MOVED: &str = "moved";

/// The times of the form, as the answer to the question repeats them.
pub(crate) fn times_of(fields: &Fields) -> String {
    format!("{} {}", fields.get("start_time"), fields.get("end_time"))
}

/// The ticket holders of an event.
#[derive(Deserialize)]
struct Holders {
    people: u64,
    box_office_orders: u64,
}

/// `, doors 19:00`, if the form says when they open.
fn doors(time: &str) -> String {
    let clock = time.split_once('T').map(|(_, clock)| clock);
    clock.map_or_else(String::new, |clock| format!(", doors {clock}"))
}

/// Asks for confirmation of new times of an event with ticket holders, who are told at once. Sending the form again confirms it.
pub(super) async fn would_move(
    client: &ApiClient,
    event: &Event,
    fields: &Fields,
) -> Result<Option<Problem>, PageError> {
    let shown = filled(event);
    if times_of(fields) == times_of(&shown) || fields.get("moved") == times_of(fields) {
        return Ok(None);
    }
    let at = instant(fields.get("start_time"), &event.timezone);
    let Some(start) = at.as_str().and_then(|at| at.parse().ok()).map(Instant) else { return Ok(None) };
    let path = format!("/events/{}/cancellation", encoded(&event.event_id));
    let Holders { people, box_office_orders } = client.get(&path).await?;
    let counted = |count: u64, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{} {more}", fairseat_web::values::count(&count))),
    };
    let online = counted(people, "person with tickets", "people with tickets");
    let counter = counted(box_office_orders, "customer of the box office", "customers of the box office");
    let told: Vec<String> = online.into_iter().chain(counter).collect();
    let detail = format!(
        "{} will be told by e-mail: it was {}, it will be {}{}. Nothing is saved yet.",
        told.join(" and "),
        event.starts().full(),
        start.at(&event.timezone).full(),
        doors(fields.get("doors_time"))
    );
    let question = Problem {
        status: 422,
        code: MOVED.to_owned(),
        title: "New times".to_owned(),
        detail,
        ..Problem::default()
    };
    Ok((!told.is_empty()).then_some(question))
}
