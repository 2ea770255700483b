//! Who gets the letters about what a guest buys: an address and perhaps a name, by reservation. They must not be in a journal.
//!
//! What must hold: a contact belongs to the account that gave it and is deleted with that account. When a guest becomes a full account with the
//! same address, the account's address takes its place.

use crate::database::Database;
use crate::email;
use crate::error::StoreError;
use crate::search::fold;
use crate::sql::{Row, Sql, cell, values};
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber};
use fairseat_domain::time::{Millis, Timestamp};

/// How long a contact is kept after its event has ended.
const KEPT_AFTER_EVENT: Millis = Millis::from_seconds(365 * 24 * 3600);

/// A guest's address for one purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The e-mail address as entered.
    pub email: String,
    /// Their name; empty if they gave none.
    pub name: String,
}

/// Contacts of purchases; from [`crate::Store::contacts`].
#[derive(Clone, Copy, Debug)]
pub struct Contacts<'s>(pub(crate) &'s Database);

impl Contacts<'_> {
    /// Stores the contact of a reservation, in place of an earlier one.
    ///
    /// # Errors
    /// When the database fails, or there is no such event or account.
    pub async fn set(
        &self,
        (event, reservation): (EventNumber, ReservationNumber),
        user: AccountId,
        contact: Contact,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let text = "INSERT INTO order_contacts (event, reservation, user_id, email, email_key, name, created_at, search_key) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (event, reservation) DO UPDATE SET \
                    user_id = excluded.user_id, email = excluded.email, email_key = excluded.email_key, \
                    name = excluded.name, search_key = excluded.search_key";
        let (address, key) = (email::key(&contact.email), search_key(&contact));
        let values = values![event, reservation, user, contact.email, address, contact.name, now, key];
        self.0.write("contacts.set", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// The contact of a reservation, if one was stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        &self,
        event: EventNumber,
        reservation: ReservationNumber,
    ) -> Result<Option<Contact>, StoreError> {
        let text = "SELECT email, name FROM order_contacts WHERE event = ?1 AND reservation = ?2";
        let values = values![event, reservation];
        self.0.read("contacts.of", move |sql| sql.one(text, &values, read)).await
    }

    /// The newest contact that an account gave for an event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_of(
        &self,
        user: AccountId,
        event: EventNumber,
    ) -> Result<Option<Contact>, StoreError> {
        let text = "SELECT email, name FROM order_contacts WHERE user_id = ?1 AND event = ?2 \
                    ORDER BY created_at DESC, reservation DESC LIMIT 1";
        let values = values![user, event];
        self.0.read("contacts.newest_of", move |sql| sql.one(text, &values, read)).await
    }

    /// The different addresses that an account gave, in the form for comparing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn addresses_of(&self, user: AccountId) -> Result<Vec<String>, StoreError> {
        let text = "SELECT DISTINCT email_key FROM order_contacts WHERE user_id = ?1 ORDER BY email_key";
        let values = values![user];
        self.0.read("contacts.addresses_of", move |sql| sql.all(text, &values, cell)).await
    }
}

/// The text in which the search for orders looks for a contact.
fn search_key(contact: &Contact) -> String {
    let ascii = if contact.email.is_ascii() { String::new() } else { email::key(&contact.email) };
    fold::plain(&format!("{} {} {ascii}", contact.name, contact.email))
}

/// Folds the names and addresses of all contacts again.
pub(crate) fn refold(sql: &Sql<'_>) -> Result<(), StoreError> {
    let key = |row: &Row<'_>| {
        let (event, reservation): (EventNumber, ReservationNumber) = (row.next()?, row.next()?);
        Ok(values![event, reservation, search_key(&read(row)?)].to_vec())
    };
    let rows = sql.all("SELECT event, reservation, email, name FROM order_contacts", &[], key)?;
    let text = "UPDATE order_contacts SET search_key = ?3 WHERE event = ?1 AND reservation = ?2";
    sql.execute_each(text, rows.into_iter())
}

fn read(row: &Row<'_>) -> Result<Contact, StoreError> {
    Ok(Contact { email: row.next()?, name: row.next()? })
}

/// Deletes the contacts of an account, all of them or those with one address.
pub(crate) fn drop_of(sql: &Sql<'_>, user: AccountId, address: Option<&str>) -> Result<(), StoreError> {
    let text =
        "DELETE FROM order_contacts WHERE user_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR email_key = ?2)";
    sql.execute(text, &values![user, address.map(str::to_owned)])?;
    Ok(())
}

/// Deletes contacts of events that ended long ago.
pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    let text = "DELETE FROM order_contacts WHERE event IN (SELECT number FROM events WHERE ends_at <= ?1)";
    sql.execute(text, &values![now.minus(KEPT_AFTER_EVENT)])?;
    Ok(())
}
