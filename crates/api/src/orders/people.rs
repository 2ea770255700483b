//! The people of an order, for callers who may see them: the buyer, and the customer at the box office.

use crate::state::ApiState;
use fairseat_app::ids::account_uuid;
use fairseat_contract::orders::{Buyer, CustomerView};
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber, ReservationNumber};
use fairseat_problems::errors::ApiError;
use fairseat_store::counter_sales::Customer;

/// The buyer with this account, address and name.
pub(crate) fn buyer_json(account: AccountId, email: Option<String>, username: Option<String>) -> Buyer {
    Buyer { user_id: account_uuid(account), email, username }
}

/// The account as the store knows it; for a guest, what the guest gave for this reservation.
///
/// # Errors
/// When the store fails.
pub(crate) async fn buyer_of(
    app: &ApiState,
    account: AccountId,
    (event, reservation): (EventNumber, ReservationNumber),
) -> Result<Buyer, ApiError> {
    if let Some(contact) = app.store.contacts().of(event, reservation).await? {
        return Ok(buyer_json(account, Some(contact.email), Some(contact.name)));
    }
    let user = app.store.users().by_id(account).await?;
    let username = user.as_ref().map(|user| user.username.clone());
    let email = user.filter(|user| !user.guest).map(|user| user.email);
    Ok(buyer_json(account, email, username))
}

pub(crate) fn customer_json(customer: Customer) -> CustomerView {
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    CustomerView { name: said(customer.name), email: said(customer.email), note: said(customer.note) }
}

/// The customer of a box-office order, if the seller entered one.
///
/// # Errors
/// When the store fails.
pub(crate) async fn customer_of(
    app: &ApiState,
    event: EventNumber,
    order: OrderNumber,
) -> Result<Option<CustomerView>, ApiError> {
    Ok(app.store.counter_sales().of(event, order).await?.map(customer_json))
}
