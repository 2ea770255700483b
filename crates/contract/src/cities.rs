//! Cities with events.

use serde::Serialize;
use utoipa::ToSchema;

/// Cities with events, those with the most events first; at most 100.
#[derive(Debug, Serialize, ToSchema)]
pub struct CityList {
    pub cities: Vec<CityView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = City)]
pub struct CityView {
    pub city: String,
    /// As a code or a name; may be empty
    pub state: String,
    /// As a code or a name
    pub country: String,
    /// Published events that are neither cancelled nor over
    pub events: u64,
}
