//! Who gets the tickets of a guest: the `contact` in `POST /orders`.
//!
//! It is stored before the order is placed, so that an order of a guest never lacks an address. It reaches no sale and no journal.

use crate::accounts::fields::check_email;
use crate::handler::{ApiError, ApiState, Check, LimitedCaller, Problem, RateLimit, SignedIn};
use fairseat_app::accounts::guesses_at;
use fairseat_contract::orders::NewContact;
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber};
use fairseat_store::contacts::Contact;
use std::net::IpAddr;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 0..=100;

/// Stores the contact of a guest's reservation. `client` is where the request comes from, if letters from there are limited.
///
/// # Errors
/// `invalid` for a guest who gave none, now or before, and for a full account that gave one; `rate_limited` when too many guests name the
/// same address.
pub(crate) async fn keep_contact(
    app: &ApiState,
    signed_in: &SignedIn,
    (event, reservation): (EventNumber, ReservationNumber),
    given: Option<NewContact>,
    client: Option<IpAddr>,
) -> Result<(), ApiError> {
    if !signed_in.is_guest() {
        return match given {
            None => Ok(()),
            Some(_) => {
                Err(Problem::invalid("contact", "is for guests: your tickets go to your own address").into())
            }
        };
    }
    let contacts = app.store.contacts();
    let known = contacts.of(event, reservation).await?;
    let Some(given) = given else {
        let missing = || Problem::invalid("contact", "is required: who gets the tickets?");
        return known.map(drop).ok_or_else(|| missing().into());
    };
    let contact = checked(given)?;
    if known.as_ref() == Some(&contact) {
        return Ok(());
    }
    let mailbox = AccountId(guesses_at(&app.keys, &contact.email));
    app.check_limit(RateLimit::Contact, LimitedCaller::Account(mailbox)).await?;
    if let Some(client) = client {
        app.check_limit(RateLimit::LetterByAddress, LimitedCaller::address(client)).await?;
    }
    Ok(contacts.set((event, reservation), signed_in.account, contact, app.now()).await?)
}

fn checked(given: NewContact) -> Result<Contact, Problem> {
    let mut check = Check::new();
    let email = check_email(&mut check, "contact.email", &given.email);
    let name = check.text("contact.name", given.name.as_deref().unwrap_or_default(), NAME_CHARS);
    check.finish()?;
    Ok(Contact { email, name })
}
