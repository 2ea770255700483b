//! `GET /events/{event_id}`.

use crate::caller::MaybeSignedIn;
use crate::events::access::found;
use crate::events::edit_tag::edit_tag;
use crate::events::view::event_view;
use crate::handler::{ApiError, ApiState, Json, Path, Permission, Problem, Response, State, Uuid};
use crate::sale_access::any_sale;
use axum::http::{HeaderMap, HeaderValue};
use fairseat_app::catalogue::event_answers::Version;
use fairseat_contract::events::EventView;
use fairseat_edge::json::to_bytes;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use futures::FutureExt as _;
use std::sync::Arc;

/// An event
///
/// Only members of its organization see a draft.
#[utoipa::path(get, path = "/events/{event_id}", tag = "Events", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = EventView), (status = 304, description = "Unchanged"),
        (status = 404, description = "No such event, or a draft of another organization")))]
pub(crate) async fn event(
    State(app): State<ApiState>,
    MaybeSignedIn(caller): MaybeSignedIn,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (number, sale, mut published) = any_sale(&app, event_id).await?;
    if caller.is_some() && !app.is_alone {
        // An organizer who has just saved on another node sees what was saved. Visitors see it within a second.
        published = app.as_of_now(&sale).await?;
    }
    let version = Version::now(&app, published.position);
    if let Some(kept) = app.prepared_events.kept(number, version, app.now()) {
        return Ok(kept.answer.respond(&headers));
    }
    let (event_row, published) = found(&app, event_id).await?;
    let public = published.state.terms().published;
    if !public {
        let caller = caller.ok_or_else(Problem::not_found)?;
        caller.require(event_row.organization, Permission::SeeCatalogue)?;
    }
    let view = event_view(&app, event_row.clone(), &published.state).await?;
    let tag = edit_tag(&app, &event_row, &published.state, &view).await?;
    if !public {
        return Ok(tag.on(Json(view)));
    }
    let json = to_bytes(&view).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/json");
    let prepared = Prepared::editable(kind, json.into(), CachePolicy::REVALIDATE, &tag);
    app.prepared_events.keep(number, version, app.now(), prepared.clone());
    Ok(prepared.respond(&headers))
}

/// Tells whether an answer is still current; `false` also when that cannot be decided without waiting.
type StillHolds = Arc<dyn Fn() -> bool + Send + Sync>;

/// If the sale of the event at `path` (below the API's root) is awake and its answer is prepared with this tag: a function that tells
/// whether that answer is still current.
pub fn unchanged_event(app: &ApiState, path: &str, etag: &HeaderValue) -> Option<StillHolds> {
    let event = path.strip_prefix("/events/").and_then(|id| Uuid::try_parse(id).ok())?;
    let (number, sale, published) = any_sale(app, event).now_or_never()?.ok()?;
    let kept = app.prepared_events.kept(number, Version::now(app, published.position), app.now())?;
    if !kept.answer.is_tagged(etag) {
        return None;
    }
    let (app, position) = (app.clone(), sale.position());
    Some(Arc::new(move || {
        position.get().is_some_and(|position| kept.holds(Version::now(&app, position), app.now()))
    }))
}
