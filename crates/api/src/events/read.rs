//! One event, and who may see or change it.

use super::prepared::Version;
use super::view::EventView;
use crate::caller::{MaybeSignedIn, SignedIn};
use crate::error::ApiError;
use crate::sale_access::any_sale;
use crate::state::ApiState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use fairseat_app::access::Permission;
use fairseat_edge::json::{Json, to_bytes};
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use fairseat_engine::Published;
use fairseat_store::events::{Event, Lifecycle};
use futures::FutureExt as _;
use std::sync::Arc;
use uuid::Uuid;

/// An event's row and its sale, whoever may see them.
///
/// # Errors
/// `not_found` when there is none, or none any more.
pub(super) async fn found(app: &ApiState, event_id: Uuid) -> Result<(Event, Arc<Published>), ApiError> {
    let (number, _, published) = any_sale(app, event_id).await?;
    let event = app.store.events().by_number(number).await?;
    let event = event.filter(|event| event.lifecycle != Lifecycle::Deleted).ok_or_else(Problem::not_found)?;
    Ok((event, published))
}

/// An event the caller may use so.
///
/// # Errors
/// `not_found` when there is none or it is another organization's, `forbidden` when the caller's role there does not allow it.
pub(crate) async fn event_for(
    app: &ApiState,
    caller: &SignedIn,
    event_id: Uuid,
    permission: Permission,
) -> Result<(Event, Arc<Published>), ApiError> {
    let (event, published) = found(app, event_id).await?;
    caller.require(event.organization, permission)?;
    Ok((event, published))
}

/// An event
///
/// A draft is seen by members of its organization only.
#[utoipa::path(get, path = "/events/{event_id}", tag = "Events", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = EventView), (status = 304, description = "Unchanged"),
        (status = 404, description = "No such event, or a draft of another organization")))]
pub(super) async fn event(
    State(app): State<ApiState>,
    MaybeSignedIn(caller): MaybeSignedIn,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (number, _, published) = any_sale(&app, event_id).await?;
    let version = Version::now(&app, published.position);
    if let Some(kept) = app.prepared_events.kept(number, version, app.now()) {
        return Ok(kept.prepared.respond(&headers));
    }
    let (event, published) = found(&app, event_id).await?;
    let public = published.state.terms().published;
    if !public {
        let caller = caller.ok_or_else(Problem::not_found)?;
        caller.require(event.organization, Permission::SeeCatalogue)?;
    }
    let view = EventView::of(&app, event, &published.state).await?;
    if !public {
        return Ok(Json(view).into_response());
    }
    let json = to_bytes(&view).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/json");
    let prepared = Prepared::fleeting(kind, json.into(), CachePolicy::REVALIDATE);
    app.prepared_events.keep(number, version, app.now(), prepared.clone());
    Ok(prepared.respond(&headers))
}

/// Whether an answer still holds; `false` also when that cannot be said at once.
pub(super) type StillHolds = Arc<dyn Fn() -> bool + Send + Sync>;

/// For the event at this path below the API's root, while its sale is awake and its answer is prepared under this tag: a function that
/// tells whether that answer still holds.
pub fn unchanged_event(app: &ApiState, path: &str, etag: &HeaderValue) -> Option<StillHolds> {
    let event = path.strip_prefix("/events/").and_then(|id| Uuid::try_parse(id).ok())?;
    let (number, sale, published) = any_sale(app, event).now_or_never()?.ok()?;
    let kept = app.prepared_events.kept(number, Version::now(app, published.position), app.now())?;
    if !kept.prepared.is_tagged(etag) {
        return None;
    }
    let (app, position) = (app.clone(), sale.position());
    Some(Arc::new(move || {
        position.get().is_some_and(|position| kept.holds(Version::now(&app, position), app.now()))
    }))
}
