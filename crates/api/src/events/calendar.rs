//! `GET /events/{event_id}/event.ics`.

use crate::handler::{ApiError, ApiState, Path, Problem, Response, State, Uuid};
use crate::sale_access::visible_sale;
use crate::tickets::disposition;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse as _;
use fairseat_app::calendar::CalendarEntry;
use fairseat_domain::sale::Status;

/// The event as a calendar entry (iCalendar)
#[utoipa::path(get, path = "/events/{event_id}/event.ics", tag = "Events", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/calendar"),
        (status = 404, description = "No such event, or a draft of another organization")))]
pub(crate) async fn calendar(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let event = app.event_infos.get(visible.event).await?.ok_or_else(Problem::not_found)?;
    let now = app.now();
    let doors = event.doors_at.and_then(|at| fairseat_app::tickets::doors(at, &event.timezone));
    let entry = CalendarEntry {
        uid: format!("{event_id}@fairseat"),
        name: &event.name,
        place: &event.place(),
        description: &doors.unwrap_or_default(),
        url: &format!("{}/events/{event_id}", app.base_url),
        organizer: &event.organizer,
        site: &app.base_url,
        starts_at: event.starts_at,
        ends_at: Some(event.ends_at),
        cancelled: visible.sale.published().state.status(now) == Status::Cancelled,
    };
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    let saved_as = disposition("attachment", &[&event.name], "ics");
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, saved_as)];
    Ok(visible.answer((headers, entry.to_file(now)).into_response()))
}
