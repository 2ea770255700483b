//! Views of the sales' journals: rows for lists and searches, milliseconds old.
//!
//! What must hold: a sale's rows are exactly those that result from its facts up to the checkpoint (I6). So rows and checkpoint are written
//! in one transaction, and a batch that does not continue the stored checkpoint is refused. [`Views::replace`] swaps a sale's rows in one
//! transaction, so that readers never see half of a rebuild. [`Views::clear_all`] is for a store restored from a backup, whose views may be
//! ahead of the journals.

mod from_sale;
mod lists;
mod order_search;
mod rows;

pub use from_sale::{order_status, payment_status, refunded, rows_of, touched_rows};
pub use lists::{OfEvent, Totals};
pub use order_search::{FoundOrder, OrderQuery, OrdersOf, Person};
pub use rows::{
    OrderRow, OrderStatus, PaymentStatus, ReservationRow, ReservationStatus, SaleFigures, SeatPrice, Seats,
    TicketRow, TicketStatus, ViewRows,
};

use crate::database::Database;
use crate::error::StoreError;
use crate::sql::{Row, Sql, Value, cell, values};
use fairseat_domain::ids::EventNumber;

/// The checkpoint of a sale without a view.
const NOTHING: u64 = 0;

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The batch does not start at the stored checkpoint: another writer was faster, or the view was cleared.
    #[error("the views are at {stored}")]
    Stale {
        /// The stored checkpoint.
        stored: u64,
    },
    /// The database failed; nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Views; from [`crate::Store::views`].
#[derive(Clone, Copy, Debug)]
pub struct Views<'s>(pub(crate) &'s Database);

impl Views<'_> {
    /// A sale's checkpoint; 0 when it has no view.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint(&self, event: EventNumber) -> Result<u64, StoreError> {
        self.0.read("views.checkpoint", move |sql| checkpoint(sql, event)).await
    }

    /// The checkpoints of all views from event number `from` on, by event number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoints(
        &self,
        from: EventNumber,
        limit: u32,
    ) -> Result<Vec<(EventNumber, u64)>, StoreError> {
        let text = "SELECT event, checkpoint FROM event_views WHERE event >= ?1 ORDER BY event LIMIT ?2";
        let values = values![from, limit];
        let pair = |row: &Row<'_>| Ok((row.next()?, row.next()?));
        self.0.read("views.checkpoints", move |sql| sql.all(text, &values, pair)).await
    }

    /// Writes the rows that a batch of facts changed, and moves the checkpoint from `expected` to `checkpoint`, in one transaction. Rows
    /// replace stored rows with the same number.
    ///
    /// # Errors
    /// [`ApplyError::Stale`] when the stored checkpoint is not `expected`.
    pub async fn apply(
        &self,
        event: EventNumber,
        expected: u64,
        checkpoint: u64,
        rows: ViewRows,
    ) -> Result<(), ApplyError> {
        self.0
            .write("views.apply", move |sql| {
                let stored = self::checkpoint(sql, event)?;
                if stored != expected {
                    return Err(ApplyError::Stale { stored });
                }
                Ok(write(sql, event, checkpoint, &rows)?)
            })
            .await
    }

    /// Replaces all stored rows of a sale. Readers see either the old rows or the new ones.
    ///
    /// # Errors
    /// When the database fails. Then the old rows stay.
    pub async fn replace(
        &self,
        event: EventNumber,
        checkpoint: u64,
        rows: ViewRows,
    ) -> Result<(), StoreError> {
        self.0
            .write("views.replace", move |sql| {
                clear(sql, event)?;
                write(sql, event, checkpoint, &rows)
            })
            .await
    }

    /// Deletes the view of one sale.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear(&self, event: EventNumber) -> Result<(), StoreError> {
        self.0.write("views.clear", move |sql| clear(sql, event)).await
    }

    /// Deletes all views.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_all(&self) -> Result<(), StoreError> {
        self.0
            .write("views.clear_all", |sql| {
                TABLES
                    .iter()
                    .try_for_each(|table| sql.execute(&format!("DELETE FROM {table}"), &[]).map(drop))
            })
            .await
    }

    /// All stored rows of a sale, ordered by number, with the checkpoint; `None` when it has no view.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows(&self, event: EventNumber) -> Result<Option<(u64, ViewRows)>, StoreError> {
        self.0.read("views.rows", move |sql| all_rows(sql, event)).await
    }
}

const TABLES: [&str; 4] = ["event_views", "reservation_views", "order_views", "ticket_views"];

/// The columns of a view called `c`, as [`read_figures`] expects them.
pub(crate) const FIGURE_COLUMNS: &str = "c.total, c.available, c.reserved, c.sold, c.blocked, c.min_price, \
                                          c.max_price, c.orders, c.revenue, c.refunds";

pub(crate) fn read_figures(row: &Row<'_>) -> Result<SaleFigures, StoreError> {
    Ok(SaleFigures {
        total: row.next()?,
        available: row.next()?,
        reserved: row.next()?,
        sold: row.next()?,
        blocked: row.next()?,
        min_price: row.next()?,
        max_price: row.next()?,
        orders: row.next()?,
        revenue: row.next()?,
        refunds: row.next()?,
    })
}

/// Reads the view's key, which is NULL when the event has no view, and then the figures.
pub(crate) fn read_joined_figures(row: &Row<'_>) -> Result<Option<SaleFigures>, StoreError> {
    let viewed: Option<EventNumber> = row.next()?;
    if viewed.is_some() {
        return read_figures(row).map(Some);
    }
    row.skip(FIGURE_COLUMNS.split(',').count());
    Ok(None)
}

fn checkpoint(sql: &Sql<'_>, event: EventNumber) -> Result<u64, StoreError> {
    let stored = sql.one("SELECT checkpoint FROM event_views WHERE event = ?1", &values![event], cell)?;
    Ok(stored.unwrap_or(NOTHING))
}

fn clear(sql: &Sql<'_>, event: EventNumber) -> Result<(), StoreError> {
    for table in TABLES {
        sql.execute(&format!("DELETE FROM {table} WHERE event = ?1"), &values![event])?;
    }
    Ok(())
}

fn write(sql: &Sql<'_>, event: EventNumber, checkpoint: u64, rows: &ViewRows) -> Result<(), StoreError> {
    write_figures(sql, event, checkpoint, &rows.figures)?;
    let reservations = rows.reservations.iter().map(ReservationRow::values);
    put(sql, "reservation_views", ReservationRow::COLUMNS, event, reservations)?;
    let text = "UPDATE reservation_views SET status = ?3 WHERE event = ?1 AND number = ?2";
    sql.execute_each(
        text,
        rows.ended.iter().map(|(number, status)| values![event, *number, *status].to_vec()),
    )?;
    let text = "UPDATE reservation_views SET buyer = ?3 WHERE event = ?1 AND number = ?2";
    sql.execute_each(
        text,
        rows.moved.iter().map(|(number, buyer)| values![event, *number, *buyer].to_vec()),
    )?;
    put(sql, "order_views", OrderRow::COLUMNS, event, rows.orders.iter().map(OrderRow::values))?;
    put(sql, "ticket_views", TicketRow::COLUMNS, event, rows.tickets.iter().map(TicketRow::values))
}

fn write_figures(
    sql: &Sql<'_>,
    event: EventNumber,
    checkpoint: u64,
    figures: &SaleFigures,
) -> Result<(), StoreError> {
    let text = "INSERT INTO event_views (event, checkpoint, total, available, reserved, sold, blocked, min_price, \
                max_price, orders, revenue, refunds) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
                ON CONFLICT (event) DO UPDATE SET checkpoint = excluded.checkpoint, total = excluded.total, \
                available = excluded.available, reserved = excluded.reserved, sold = excluded.sold, \
                blocked = excluded.blocked, min_price = excluded.min_price, max_price = excluded.max_price, \
                orders = excluded.orders, revenue = excluded.revenue, refunds = excluded.refunds";
    let SaleFigures {
        total,
        available,
        reserved,
        sold,
        blocked,
        min_price,
        max_price,
        orders,
        revenue,
        refunds,
    } = figures;
    let values = values![
        event, checkpoint, *total, *available, *reserved, *sold, *blocked, *min_price, *max_price, *orders,
        *revenue, *refunds,
    ];
    sql.execute(text, &values)?;
    Ok(())
}

/// Writes rows of one table under their event and their number, its first column.
fn put(
    sql: &Sql<'_>,
    table: &str,
    columns: &[&str],
    event: EventNumber,
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<(), StoreError> {
    let parameters: Vec<_> = (2..columns.len().saturating_add(2)).map(|at| format!("?{at}")).collect();
    let updates: Vec<_> = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let text = format!(
        "INSERT INTO {table} (event, {}) VALUES (?1, {}) ON CONFLICT (event, number) DO UPDATE SET {}",
        columns.join(", "),
        parameters.join(", "),
        updates.join(", ")
    );
    let [event] = values![event];
    let under_event = |mut row: Vec<Value>| {
        row.insert(0, event.clone());
        row
    };
    sql.execute_each(&text, rows.map(under_event))
}

fn all_rows(sql: &Sql<'_>, event: EventNumber) -> Result<Option<(u64, ViewRows)>, StoreError> {
    let text = format!("SELECT c.checkpoint, {FIGURE_COLUMNS} FROM event_views c WHERE c.event = ?1");
    let head = sql.one(&text, &values![event], |row| Ok((row.next()?, read_figures(row)?)))?;
    let Some((checkpoint, figures)) = head else { return Ok(None) };
    let text = |table: &str, columns: &[&str]| {
        format!("SELECT {} FROM {table} WHERE event = ?1 ORDER BY number", columns.join(", "))
    };
    let reservations = text("reservation_views", ReservationRow::COLUMNS);
    let orders = text("order_views", OrderRow::COLUMNS);
    let tickets = text("ticket_views", TicketRow::COLUMNS);
    let rows = ViewRows {
        figures,
        ended: Vec::new(),
        moved: Vec::new(),
        reservations: sql.all(&reservations, &values![event], ReservationRow::read)?,
        orders: sql.all(&orders, &values![event], OrderRow::read)?,
        tickets: sql.all(&tickets, &values![event], TicketRow::read)?,
    };
    Ok(Some((checkpoint, rows)))
}
