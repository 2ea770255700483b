//! Venues.

use crate::money::JsonTime;
use crate::plans::{LeftOut, Renumbered, Repaired};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

/// Changes to a venue; absent fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueChange {
    pub name: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    pub timezone: Option<String>,
    pub layout_type: Option<String>,
}

/// A new venue.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VenueInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(max_length = 500)]
    pub address: String,
    #[schema(min_length = 1, max_length = 100)]
    pub city: String,
    /// As a code or a name
    #[schema(max_length = 100)]
    #[serde(default)]
    pub state: String,
    /// As a code or a name
    #[schema(min_length = 1, max_length = 100)]
    pub country: String,
    /// An IANA name; by default the time zone of the state, city or country; required where these are not known or have several
    pub timezone: Option<String>,
    /// The kind of venue: stadium, theater, arena, …
    #[schema(min_length = 1, max_length = 50)]
    pub layout_type: String,
    /// pretix's seating-plan JSON, or the short form `{sections: [{name, rows, seats_per_row, accessible?}, {name,
    /// general_admission}], stage?}`, where `stage` is top, bottom, left, right, middle or the name of a section: best available seats are those
    /// nearest to it
    #[schema(value_type = Object)]
    pub seating_plan: Box<RawValue>,
    /// Required only for members of several organizations
    pub organization_id: Option<Uuid>,
}

/// A page of venues.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenueList {
    pub venues: Vec<VenueView>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// A venue.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenueView {
    pub venue_id: Uuid,
    pub organization_id: Uuid,
    pub name: String,
    pub address: String,
    pub city: String,
    pub state: String,
    pub country: String,
    /// The time zone, an IANA name
    pub timezone: String,
    /// The usual currency of its country, ISO 4217; absent if it is not known
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub currency: Option<String>,
    pub layout_type: String,
    /// The number of seats of its plan
    pub capacity: u32,
    /// The address of a picture of the plan
    pub seat_map_url: String,
    pub created_at: JsonTime,
    pub updated_at: JsonTime,
    /// Only for a new venue: the seats that got another guid, if that was requested
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub repairs: Option<Vec<Repaired>>,
    /// Only for a new venue: the seats that got another number, if that was requested and there are any
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub renumbered: Vec<Renumbered>,
    /// Only for a new venue: the parts of its plan that were left out, if any; at most the first 1000
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub left_out: Vec<LeftOut>,
}
