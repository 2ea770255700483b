//! Checks who may see and use an order.

use crate::handler::*;
use fairseat_domain::ids::{EventNumber, OrderNumber};
use fairseat_domain::sale::Order;

/// The order with this id, for callers who may see it.
///
/// # Errors
/// `not_found` for all others, `forbidden` for members of the organization whose role does not include `permission`.
pub(crate) async fn visible<'s>(
    app: &ApiState,
    signed_in: &SignedIn,
    sale: &'s Sale,
    number: OrderNumber,
    permission: Permission,
) -> Result<&'s Order, ApiError> {
    let order = sale.order(number).ok_or_else(Problem::not_found)?;
    if order.buyer != signed_in.account {
        require(app, signed_in, sale.event(), permission).await?;
    }
    Ok(order)
}

/// Checks that the caller has `permission` in the event's organization.
pub(crate) async fn require(
    app: &ApiState,
    signed_in: &SignedIn,
    event: EventNumber,
    permission: Permission,
) -> Result<(), ApiError> {
    if signed_in.is_admin() {
        return Ok(());
    }
    let known = app.event_infos.get(event).await?.ok_or_else(Problem::not_found)?;
    Ok(signed_in.require(known.organization, permission)?)
}

pub(crate) fn open(app: &ApiState, id: Uuid) -> Result<(EventNumber, OrderNumber), ApiError> {
    Ok(app.ids.open_order(id).ok_or_else(Problem::not_found)?)
}
