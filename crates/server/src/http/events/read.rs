//! One event, and who may see or change it.

use super::prepared::Version;
use super::view::EventView;
use crate::app::{App, AppState};
use crate::auth::{MaybeSignedIn, Permission, SignedIn};
use crate::http::cache::{CachePolicy, Prepared};
use crate::http::json::{Json, to_bytes};
use crate::http::problem::Problem;
use crate::http::query::Path;
use crate::http::sale_access::any_sale;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use fairseat_engine::Published;
use fairseat_store::events::{Event, Stage};
use fairseat_web::Holds;
use futures::FutureExt as _;
use std::sync::Arc;
use uuid::Uuid;

/// An event's row and its sale, whoever may see them.
///
/// # Errors
/// `not_found` when there is none, or none any more.
pub(super) async fn found(app: &App, event_id: Uuid) -> Result<(Event, Arc<Published>), Problem> {
    let (number, _, published) = any_sale(app, event_id).await?;
    let event = app.platform.store.events().by_number(number).await?;
    let event = event.filter(|event| event.stage != Stage::Deleted).ok_or_else(Problem::not_found)?;
    Ok((event, published))
}

/// An event the caller may use so.
///
/// # Errors
/// `not_found` when there is none or it is another organization's, `forbidden` when the caller's role there does not allow it.
pub(in crate::http) async fn event_for(
    app: &App,
    caller: &SignedIn,
    event_id: Uuid,
    permission: Permission,
) -> Result<(Event, Arc<Published>), Problem> {
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
    State(app): State<AppState>,
    MaybeSignedIn(caller): MaybeSignedIn,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
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

/// What tells whether a GET of `path` below the API's root is still answered with `etag`: for an event that is awake and prepared.
pub(in crate::http) fn watch(app: &AppState, path: &str, etag: &HeaderValue) -> Option<Holds> {
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
