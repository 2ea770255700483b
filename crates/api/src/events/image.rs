//! `PUT` and `DELETE /events/{event_id}/image`: an event's picture, which its organizer uploads and the server crops.

use crate::caller::turn_keys;
use crate::events::access::event_for;
use crate::events::edit_tag;
use crate::handler::*;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use fairseat_app::catalogue::images;
use fairseat_app::catalogue::images::{MAX_PIXELS, SMALL, Unusable};
use fairseat_contract::events::EventView;
use fairseat_edge::body;
use fairseat_edge::body::IMAGE_BODY_BYTES;
use fairseat_engine::Published;
use fairseat_store::audit::AuditEntry;
use fairseat_store::events::Event;
use fairseat_store::images::Image;
use std::sync::Arc;

/// Gives an event a picture
///
/// A JPEG, PNG or WebP of at most 10 MiB and 40 million pixels (28 million with transparency or as a progressive JPEG), and at least 600 × 315. Its middle is shown, at 1200 × 630 and 600 × 315,
/// without the metadata that a camera adds. Anybody who knows the picture's address can see it, also while the event is a draft.
#[utoipa::path(put, path = "/events/{event_id}/image", tag = "Events",
    params(("event_id" = Uuid, Path), IfMatchHeader),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
    responses((status = 200, body = EventView), (status = 404, description = "No such event of the caller's"),
        (status = 415, description = "The Content-Type is not one of the three"),
        (status = 422, description = "Not a picture in one of the three formats, or too large or too small")))]
pub(crate) async fn put_image(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    if_match: IfMatch,
    request: Request,
) -> Result<Response, ApiError> {
    event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    require_picture(request.headers())?;
    let sent = body::read(request, IMAGE_BODY_BYTES, Some(caller.account)).await?;
    let prepared =
        app.pictures.run(turn_keys(context.client, caller.account.0), move || images::prepare(&sent));
    let image = Some(prepared.await?.map_err(unusable)?);
    let (event, published) = put(&app, &caller, event_id, &if_match, image).await?;
    edit_tag::tagged(&app, event, &published.state).await
}

/// Removes an event's picture
///
/// The event shows the drawn poster again.
#[utoipa::path(delete, path = "/events/{event_id}/image", tag = "Events",
    params(("event_id" = Uuid, Path), IfMatchHeader),
    responses((status = 204, description = "The event has no picture now"), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn delete_image(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    put(&app, &caller, event_id, &if_match, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn require_picture(headers: &HeaderMap) -> Result<(), ApiError> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = sent.split(';').next().unwrap_or_default().trim();
    if ["image/jpeg", "image/png", "image/webp"].iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    let detail = "Send the file as it is, with Content-Type: image/jpeg, image/png or image/webp.";
    Err(Problem::new(Code::UnsupportedMediaType, detail).into())
}

fn unusable(why: Unusable) -> Problem {
    let message = match why {
        Unusable::Unreadable => "must be a JPEG, PNG or WebP picture; this one cannot be read".to_owned(),
        Unusable::TooManyPixels => {
            format!(
                "must have at most {} million pixels, or 28 million with transparency or as a progressive JPEG",
                MAX_PIXELS / 1_000_000
            )
        }
        Unusable::TooSmall => format!("must be at least {} × {} pixels", SMALL.0, SMALL.1),
    };
    Problem::invalid("image", message)
}

async fn put(
    app: &ApiState,
    caller: &SignedIn,
    event_id: Uuid,
    if_match: &IfMatch,
    image: Option<Image>,
) -> Result<(Event, Arc<Published>), ApiError> {
    let (event, _) = event_for(app, caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let (event, published) = event_for(app, caller, event_id, Permission::ManageCatalogue).await?;
    edit_tag::check(app, if_match, &event, &published.state).await?;
    let (store, given) = (&app.store, image.is_some());
    let before = event.details.image;
    let event = store.images().set(event.number, image, app.now()).await?.ok_or_else(Problem::not_found)?;
    if event.details.image != before {
        let action = if given { "event.image_set" } else { "event.image_removed" };
        let object = app.ids.event(event.number).to_string();
        let entry = app.audit_entry(caller.account, event.organization, action, object);
        store.audit().record(vec![AuditEntry { event: Some(event.number), ..entry }]).await?;
    }
    Ok((event, published))
}
