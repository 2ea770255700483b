//! Who may use a reservation, and how often.

use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::state::ApiState;
use fairseat_domain::ids::{EventNumber, ReservationNumber};
use fairseat_edge::context::RequestContext;
use fairseat_edge::limits::{Class, Who};
use fairseat_edge::problem::Problem;
use uuid::Uuid;

pub(crate) fn count(app: &ApiState, signed_in: &SignedIn, context: &RequestContext) -> Result<(), ApiError> {
    app.check_limit(Class::ReserveByAccount, Who::Account(signed_in.account))?;
    Ok(app.check_limit(Class::ReserveByAddress, Who::address(context.client))?)
}

pub(crate) fn open(app: &ApiState, id: Uuid) -> Result<(EventNumber, ReservationNumber), ApiError> {
    Ok(app.ids.open_reservation(id).ok_or_else(Problem::not_found)?)
}
