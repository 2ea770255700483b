//! `GET /cities`: where there are events.

use crate::handler::{ApiError, ApiState, Lists, Response, State};
use axum::http::{HeaderMap, HeaderValue};
use fairseat_contract::cities::{CityList, CityView};
use fairseat_edge::json::to_bytes;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_edge::problem::Problem;
use fairseat_store::search::City;

/// The cities with events
#[utoipa::path(get, path = "/cities", tag = "Events", security(()),
    responses((status = 200, body = CityList), (status = 304, description = "Unchanged")))]
pub(crate) async fn cities(
    State(app): State<ApiState>,
    lists: Lists,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = lists.search().cities(app.now()).await?;
    let view = |City { name: city, state, country, events }| CityView { city, state, country, events };
    let list = CityList { cities: found.into_iter().map(view).collect() };
    let json = to_bytes(&list).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/json");
    Ok(Prepared::new(kind, json.into(), CachePolicy::REVALIDATE).respond(&headers))
}
