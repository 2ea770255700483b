//! Guests who become accounts.

use crate::access::secret_token::SecretToken;
use crate::app::App;
use crate::failure::{Failure, OrFailure};
use fairseat_domain::ids::AccountId;
use fairseat_store::email;
use uuid::Uuid;

/// Why no account can be made from an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderUnusable {
    /// There is no such order, or the key does not open it.
    #[error("the key does not open the order")]
    WrongKey,
    /// Its buyer is no guest.
    #[error("the order belongs to an account already")]
    HasAccount,
    /// Tickets of the guest went to another address.
    #[error("the tickets were sent to another address")]
    OtherAddress,
}

/// The guest who bought an order, for somebody who has the key of its link. All the guest's orders must have gone to the same address: the key
/// of one order must not open another person's.
///
/// # Errors
/// [`OrderUnusable`], or a failure.
pub async fn guest_of_order(
    app: &App,
    order: Uuid,
    key: &str,
    address: &str,
) -> Result<AccountId, OrFailure<OrderUnusable>> {
    let refused = |why| Err(OrFailure::Refused(why));
    let opens = SecretToken::of_order(&app.keys.links, order).is(key);
    let Some((event, number)) = app.ids.open_order(order).filter(|_| opens) else {
        return refused(OrderUnusable::WrongKey);
    };
    let published = app.sale_now(event).await.map_err(Failure::from)?;
    let Some(guest) = published.state.order(number).map(|found| found.buyer) else {
        return refused(OrderUnusable::WrongKey);
    };
    let user = app.store.users().by_id(guest).await.map_err(Failure::from)?;
    if !user.is_some_and(|user| user.guest) {
        return refused(OrderUnusable::HasAccount);
    }
    let addresses = app.store.contacts().addresses_of(guest).await.map_err(Failure::from)?;
    if addresses.iter().any(|other| *other != email::key(address)) || addresses.is_empty() {
        return refused(OrderUnusable::OtherAddress);
    }
    Ok(guest)
}
