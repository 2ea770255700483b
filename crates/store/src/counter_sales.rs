//! Customers of the box office, by order: their names and addresses, which must not be in a journal.
//!
//! What must hold: only the journal says what was sold. An order without a row here is valid; its customer gave no name.

use crate::database::Database;
use crate::error::StoreError;
use crate::search::fold;
use crate::sql::{Row, Sql, values};
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber};
use fairseat_domain::time::Timestamp;

/// A customer of the box office. A field that was not given is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Their name.
    pub name: String,
    /// Their e-mail address, for the tickets.
    pub email: String,
    /// The seller's note.
    pub note: String,
}

/// Customers of the box office; from [`crate::Store::counter_sales`].
#[derive(Clone, Copy, Debug)]
pub struct CounterSales<'s>(pub(crate) &'s Database);

impl CounterSales<'_> {
    /// Stores an order's customer. If the order has one already, that one stays.
    ///
    /// # Errors
    /// When the database fails, or there is no such event or account.
    pub async fn note(
        &self,
        (event, order): (EventNumber, OrderNumber),
        seller: AccountId,
        customer: Customer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let text = "INSERT INTO counter_sales (event, number, seller, customer_name, customer_email, note, created_at, search_key) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (event, number) DO NOTHING";
        let key = search_key(&customer);
        let values = values![event, order, seller, customer.name, customer.email, customer.note, now, key];
        self.0.write("counter_sales.note", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// An order's customer, if one was stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, event: EventNumber, order: OrderNumber) -> Result<Option<Customer>, StoreError> {
        let text =
            "SELECT customer_name, customer_email, note FROM counter_sales WHERE event = ?1 AND number = ?2";
        let values = values![event, order];
        let one = move |sql: &Sql<'_>| sql.one(text, &values, read);
        self.0.read("counter_sales.of", one).await
    }
}

/// The text in which the search for orders looks for a customer.
fn search_key(customer: &Customer) -> String {
    fold::plain(&format!("{} {} {}", customer.name, customer.email, customer.note))
}

/// Folds the names, addresses and notes of all customers again.
pub(crate) fn refold(sql: &Sql<'_>) -> Result<(), StoreError> {
    let key = |row: &Row<'_>| {
        let (event, order): (EventNumber, OrderNumber) = (row.next()?, row.next()?);
        Ok(values![event, order, search_key(&read(row)?)].to_vec())
    };
    let text = "SELECT event, number, customer_name, customer_email, note FROM counter_sales";
    let rows = sql.all(text, &[], key)?;
    let text = "UPDATE counter_sales SET search_key = ?3 WHERE event = ?1 AND number = ?2";
    sql.execute_each(text, rows.into_iter())
}

fn read(row: &Row<'_>) -> Result<Customer, StoreError> {
    Ok(Customer { name: row.next()?, email: row.next()?, note: row.next()? })
}
