//! Who bought at the counter: names and addresses that no journal may hold, beside the order they belong to.
//!
//! What must hold: the sale is the journal's alone. An order without a row here was sold all the same, to nobody in
//! particular.

use crate::database::Database;
use crate::error::StoreError;
use crate::sql::{Row, Sql, values};
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber};
use fairseat_domain::time::Timestamp;

/// What somebody at the counter said of themselves, and what the seller noted; empty where nothing was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Their name.
    pub name: String,
    /// Where they want their tickets sent.
    pub email: String,
    /// The seller's own words.
    pub note: String,
}

/// Customers of the counter; from [`crate::Store::counter_sales`].
#[derive(Clone, Copy, Debug)]
pub struct CounterSales<'s>(pub(crate) &'s Database);

impl CounterSales<'_> {
    /// Notes who an order was sold to, once: noted again it stays as it was.
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
        let text = "INSERT INTO counter_sales (event, number, seller, customer_name, customer_email, note, created_at) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event, number) DO NOTHING";
        let values = values![event, order, seller, customer.name, customer.email, customer.note, now];
        self.0.write("counter_sales.note", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// Who an order was sold to.
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

fn read(row: &Row<'_>) -> Result<Customer, StoreError> {
    Ok(Customer { name: row.next()?, email: row.next()?, note: row.next()? })
}
