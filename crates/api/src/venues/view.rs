//! A venue as its organization sees it.

use crate::handler::*;
use fairseat_app::catalogue::currencies;
use fairseat_contract::API_ROOT;
use fairseat_contract::venues::VenueView;
use fairseat_store::VenueId;
use fairseat_store::venues::{Venue, VenueDetails};

pub(crate) fn venue_view(venue: Venue) -> VenueView {
    let details = venue.details;
    let currency = currencies::of_country(&details.country).map(|currency| currency.code().to_owned());
    VenueView {
        venue_id: venue.id.0,
        organization_id: venue.organization.0,
        name: details.name,
        address: details.address,
        city: details.city,
        state: details.state,
        country: details.country,
        timezone: details.timezone,
        currency,
        layout_type: details.layout_type,
        capacity: venue.capacity,
        seat_map_url: seat_map_url(venue.id),
        created_at: JsonTime(venue.created_at),
        updated_at: JsonTime(venue.updated_at),
        repairs: None,
        renumbered: Vec::new(),
        left_out: Vec::new(),
    }
}

/// The address of the picture of a venue's plan.
pub(crate) fn seat_map_url(venue: VenueId) -> String {
    format!("{}/venues/{venue}/seatmap.svg", API_ROOT)
}

/// The edit tag of a venue.
pub(crate) fn edit_tag(details: &VenueDetails) -> EditTag {
    let VenueDetails { name, address, city, state, country, timezone, layout_type } = details;
    EditTag::of(&(name, address, city, state, country, timezone, layout_type))
}

/// The venue as an answer, with its tag.
pub(crate) fn tagged(venue: Venue) -> Response {
    edit_tag(&venue.details).on(Json(venue_view(venue)))
}
