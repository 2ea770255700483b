//! Lists over the views of many sales: a buyer's orders, reservations and tickets, an event's orders, and the platform's sums.
//!
//! Callers must check permissions first.

use super::{OrderRow, ReservationRow, ReservationStatus, TicketRow, Views};
use crate::error::StoreError;
use crate::limits::MAX_PAGE;
use crate::page::{Listing, Page};
use crate::sql::{Filter, Row, Sql, values};
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::time::Timestamp;

/// A row with the event it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfEvent<R> {
    /// The event.
    pub event: EventNumber,
    /// Its name.
    pub event_name: String,
    /// When it starts.
    pub starts_at: Timestamp,
    /// The currency of the row's amounts.
    pub currency: Currency,
    /// The row.
    pub row: R,
}

/// Sums over all sales in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The currency.
    pub currency: Currency,
    /// Published events on sale.
    pub events_on_sale: u64,
    /// Seats with a live ticket.
    pub sold: u64,
    /// Orders ever confirmed.
    pub orders: u64,
    /// The revenue of those orders.
    pub revenue: Amount,
    /// The refunds.
    pub refunds: Amount,
}

impl Views<'_> {
    /// The orders of an account in all events, the newest first: all of them (`None`), those that it bought (`Some(false)`), or those that
    /// it sold at the box office (`Some(true)`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orders_of_buyer(
        &self,
        buyer: AccountId,
        at_counter: Option<bool>,
        page: Page,
    ) -> Result<Listing<OfEvent<OrderRow>>, StoreError> {
        let only = match at_counter {
            None => "",
            Some(true) => " AND tender IS NOT NULL",
            Some(false) => " AND tender IS NULL",
        };
        let list = List { table: "order_views", columns: OrderRow::COLUMNS, time: "created_at", only };
        self.0
            .list("views.orders_of_buyer", move |sql| {
                list.of_buyer(sql, "buyer", buyer, page, OrderRow::read)
            })
            .await
    }

    /// The reservations of a buyer in all events, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reservations_of_buyer(
        &self,
        buyer: AccountId,
        page: Page,
    ) -> Result<Listing<OfEvent<ReservationRow>>, StoreError> {
        let list = List {
            table: "reservation_views",
            columns: ReservationRow::COLUMNS,
            time: "placed_at",
            only: "",
        };
        self.0
            .list("views.reservations_of_buyer", move |sql| {
                list.of_buyer(sql, "buyer", buyer, page, ReservationRow::read)
            })
            .await
    }

    /// The active reservations of a buyer, the newest first, at most one page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn active_reservations_of(
        &self,
        buyer: AccountId,
    ) -> Result<Vec<(EventNumber, ReservationNumber)>, StoreError> {
        let text = "SELECT event, number FROM reservation_views WHERE buyer = ?1 AND status = ?2 \
                    ORDER BY placed_at DESC, event DESC, number DESC LIMIT ?3";
        let values = values![buyer, ReservationStatus::Active, MAX_PAGE];
        let pair = |row: &Row<'_>| Ok((row.next()?, row.next()?));
        self.0.list("views.active_reservations_of", move |sql| sql.all(text, &values, pair)).await
    }

    /// The tickets a person owns in all events, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tickets_of_owner(
        &self,
        owner: AccountId,
        page: Page,
    ) -> Result<Listing<OfEvent<TicketRow>>, StoreError> {
        let list = List { table: "ticket_views", columns: TicketRow::COLUMNS, time: "issued_at", only: "" };
        self.0
            .list("views.tickets_of_owner", move |sql| {
                list.of_buyer(sql, "owner", owner, page, TicketRow::read)
            })
            .await
    }

    /// The orders of an event, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orders_of_event(
        &self,
        event: EventNumber,
        page: Page,
    ) -> Result<Listing<OrderRow>, StoreError> {
        self.0.read("views.orders_of_event", move |sql| orders_of_event(sql, event, page)).await
    }

    /// Sums over all sales, by currency.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn totals(&self, now: Timestamp) -> Result<Vec<Totals>, StoreError> {
        let mut filter = Filter::new();
        let now = filter.bind(now);
        let text = format!(
            "SELECT e.currency, SUM(CASE WHEN e.stage = 'ready' AND e.draft = 0 AND e.on_sale_at <= {now} \
             AND e.sales_end_at > {now} THEN 1 ELSE 0 END), CAST(SUM(c.sold) AS BIGINT), CAST(SUM(c.orders) AS BIGINT), \
             CAST(SUM(c.revenue) AS BIGINT), CAST(SUM(c.refunds) AS BIGINT) FROM events e JOIN event_views c ON c.event = e.number GROUP BY e.currency ORDER BY e.currency"
        );
        self.0.read("views.totals", move |sql| sql.all(&text, filter.values(), read_totals)).await
    }
}

fn read_totals(row: &Row<'_>) -> Result<Totals, StoreError> {
    Ok(Totals {
        currency: row.next()?,
        events_on_sale: row.next()?,
        sold: row.next()?,
        orders: row.next()?,
        revenue: row.next()?,
        refunds: row.next()?,
    })
}

/// A table whose rows have an account and a time.
#[derive(Clone, Copy)]
struct List {
    table: &'static str,
    columns: &'static [&'static str],
    time: &'static str,
    /// A further condition on this table's columns.
    only: &'static str,
}

impl List {
    fn of_buyer<R>(
        self,
        sql: &Sql<'_>,
        owner: &str,
        buyer: AccountId,
        page: Page,
        read: impl Fn(&Row<'_>) -> Result<R, StoreError>,
    ) -> Result<Listing<OfEvent<R>>, StoreError> {
        let Self { table, columns, time, only } = self;
        let mut filter = Filter::new();
        let buyer = filter.bind(buyer);
        let count = format!("SELECT COUNT(*) FROM {table} WHERE {owner} = {buyer}{only}");
        let total = sql.count(&count, filter.values())?;
        let page = page.bind(&mut filter);
        let columns: Vec<_> = columns.iter().map(|column| format!("r.{column}")).collect();
        let text = format!(
            "SELECT r.event, e.name, e.starts_at, e.currency, {} FROM {table} r JOIN events e ON e.number = r.event \
             WHERE r.{owner} = {buyer}{only} ORDER BY r.{time} DESC, r.event DESC, r.number DESC {page}",
            columns.join(", ")
        );
        let rows = sql.all(&text, filter.values(), |row| {
            Ok(OfEvent {
                event: row.next()?,
                event_name: row.next()?,
                starts_at: row.next()?,
                currency: row.next()?,
                row: read(row)?,
            })
        })?;
        Ok(Listing { rows, total })
    }
}

fn orders_of_event(sql: &Sql<'_>, event: EventNumber, page: Page) -> Result<Listing<OrderRow>, StoreError> {
    let mut filter = Filter::new();
    let event = filter.bind(event);
    let count = format!("SELECT COUNT(*) FROM order_views WHERE event = {event}");
    let total = sql.count(&count, filter.values())?;
    let page = page.bind(&mut filter);
    let columns = OrderRow::COLUMNS.join(", ");
    let text = format!(
        "SELECT {columns} FROM order_views WHERE event = {event} ORDER BY created_at DESC, number DESC {page}"
    );
    Ok(Listing { rows: sql.all(&text, filter.values(), OrderRow::read)?, total })
}
