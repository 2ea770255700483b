//! `GET /images/{file}`: pictures of events. An address always shows the same picture.

use crate::handler::{ApiError, ApiState, Path, Problem, Response, State, Uuid};
use axum::http::{HeaderMap, HeaderValue};
use fairseat_contract::API_ROOT;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_store::ImageId;
use fairseat_store::images::Size;

/// The addresses of a picture, in the size for its event's page and in the size for lists.
pub(crate) fn addresses(image: ImageId) -> [String; 2] {
    [format!("{}/images/{image}.jpg", API_ROOT), format!("{}/images/{image}-small.jpg", API_ROOT)]
}

/// A picture of an event
///
/// `{image_id}.jpg` is 1200 × 630, `{image_id}-small.jpg` 600 × 315. It may be cached for ever.
#[utoipa::path(get, path = "/images/{file}", tag = "Events", security(()),
    params(("file" = String, Path, description = "The file name from an event's `image_url` or `thumbnail_url`")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 304, description = "Unchanged"),
        (status = 404, description = "No event has such a picture")))]
pub(crate) async fn image(
    State(app): State<ApiState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (id, size) = named(&file).ok_or_else(Problem::not_found)?;
    let bytes = app.store.images().file(id, size).await?.ok_or_else(Problem::not_found)?;
    let kind = HeaderValue::from_static("image/jpeg");
    Ok(Prepared::fleeting(kind, bytes.into(), CachePolicy::IMMUTABLE).respond(&headers))
}

pub(crate) fn named(file: &str) -> Option<(ImageId, Size)> {
    let name = file.strip_suffix(".jpg")?;
    let (id, size) = name.strip_suffix("-small").map_or((name, Size::Wide), |id| (id, Size::Small));
    let id = Uuid::try_parse(id).ok().filter(|parsed| parsed.to_string() == id)?;
    Some((ImageId(id), size))
}
