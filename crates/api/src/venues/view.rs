//! A venue as its organization sees it.

use crate::plan_import::{LeftOut, Repaired};
use fairseat_contract::JsonTime;
use fairseat_store::VenueId;
use fairseat_store::venues::Venue;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A venue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VenueView {
    pub(crate) venue_id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: String,
    /// An IANA name
    pub(crate) timezone: String,
    pub(crate) layout_type: String,
    /// Seats of its plan
    pub(crate) capacity: u32,
    /// The plan as a picture
    pub(crate) seat_map_url: String,
    pub(crate) created_at: JsonTime,
    pub(crate) updated_at: JsonTime,
    /// Of a new venue: the seats that got another guid, when that was asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) repairs: Option<Vec<Repaired>>,
    /// Of a new venue: the parts of its plan that were left out, if any; at most the first 1000
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) left_out: Vec<LeftOut>,
}

impl VenueView {
    pub(crate) fn of(venue: Venue) -> Self {
        let details = venue.details;
        Self {
            venue_id: venue.id.0,
            organization_id: venue.organization.0,
            name: details.name,
            address: details.address,
            city: details.city,
            state: details.state,
            country: details.country,
            timezone: details.timezone,
            layout_type: details.layout_type,
            capacity: venue.capacity,
            seat_map_url: seat_map_url(venue.id),
            created_at: JsonTime(venue.created_at),
            updated_at: JsonTime(venue.updated_at),
            repairs: None,
            left_out: Vec::new(),
        }
    }
}

/// Where the picture of a venue's plan is.
pub(crate) fn seat_map_url(venue: VenueId) -> String {
    format!("{}/venues/{venue}/seatmap.svg", crate::API)
}
