//! Searches the orders of an event or of a whole organization, with their buyers, for organizers.
//!
//! Callers must check permissions first.

use super::{OfEvent, OrderRow, OrderStatus, Views};
use crate::counter_sales::Customer;
use crate::error::StoreError;
use crate::ids::OrganizationId;
use crate::page::{Listing, Page};
use crate::search::fold;
use crate::sql::{Filter, Row, Sql};
use fairseat_domain::ids::{EventNumber, OrderNumber};

/// The orders to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrdersOf {
    /// The orders of one event.
    Event(EventNumber),
    /// The orders of all events of an organization.
    Organization(OrganizationId),
}

/// The conditions; orders must meet all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Only these orders, and those that `text` finds.
    pub orders: Vec<(EventNumber, OrderNumber)>,
    /// Only orders whose buyer's or customer's name, address and note contain each part between spaces, without regard to case, accents and
    /// the form of apostrophes.
    pub text: Option<String>,
    /// Only orders with this status.
    pub status: Option<OrderStatus>,
}

/// The account of an order; for a guest's, what the guest gave for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The e-mail address; `None` once the account is deleted.
    pub email: Option<String>,
    /// Their name.
    pub username: String,
}

/// An order with its buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOrder {
    /// The order.
    pub order: OfEvent<OrderRow>,
    /// The buyer's account; for an order sold at the box office, the seller's.
    pub person: Option<Person>,
    /// The customer of the box office, if one was stored.
    pub customer: Option<Customer>,
}

const TABLES: &str = "order_views r JOIN events e ON e.number = r.event LEFT JOIN users u ON u.id = r.buyer \
                      LEFT JOIN order_contacts g ON g.event = r.event AND g.reservation = r.reservation \
                      LEFT JOIN counter_sales c ON c.event = r.event AND c.number = r.number";

impl Views<'_> {
    /// The orders that meet the conditions, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_orders(
        &self,
        of: OrdersOf,
        query: OrderQuery,
        page: Page,
    ) -> Result<Listing<FoundOrder>, StoreError> {
        self.0.list("views.search_orders", move |sql| search(sql, of, &query, page)).await
    }
}

impl Views<'_> {
    /// The numbers of the events whose orders are searched.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events_of(&self, of: OrdersOf) -> Result<Vec<EventNumber>, StoreError> {
        let organization = match of {
            OrdersOf::Event(event) => return Ok(vec![event]),
            OrdersOf::Organization(organization) => organization,
        };
        let mut filter = Filter::new();
        let organization = filter.bind(organization);
        let text = format!("SELECT number FROM events WHERE organization_id = {organization}");
        self.0.list("views.events_of", move |sql| sql.all(&text, filter.values(), |row| row.next())).await
    }

    /// The orders of an event with numbers above `after`, at most `limit`, in the order they were placed. Repeated calls read all of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orders_after(
        &self,
        event: EventNumber,
        after: Option<OrderNumber>,
        limit: u32,
    ) -> Result<Vec<FoundOrder>, StoreError> {
        let mut filter = conditions(OrdersOf::Event(event), &OrderQuery::default());
        if let Some(after) = after {
            let after = filter.bind(after);
            filter.and(format!("r.number > {after}"));
        }
        let condition = filter.condition();
        let limit = filter.bind(limit);
        let text = format!("{} FROM {TABLES} WHERE {condition} ORDER BY r.number LIMIT {limit}", columns());
        self.0.read("views.orders_after", move |sql| sql.all(&text, filter.values(), read)).await
    }
}

/// The columns that [`read`] expects.
fn columns() -> String {
    let columns: Vec<_> = OrderRow::COLUMNS.iter().map(|column| format!("r.{column}")).collect();
    format!(
        "SELECT r.event, e.name, e.starts_at, e.currency, {}, COALESCE(g.name, u.username), COALESCE(g.email, NULLIF(u.email, '')), c.event, c.customer_name, \
         c.customer_email, c.note",
        columns.join(", ")
    )
}

fn search(
    sql: &Sql<'_>,
    of: OrdersOf,
    query: &OrderQuery,
    page: Page,
) -> Result<Listing<FoundOrder>, StoreError> {
    let mut filter = conditions(of, query);
    let condition = filter.condition();
    let total = sql.count(&format!("SELECT COUNT(*) FROM {TABLES} WHERE {condition}"), filter.values())?;
    let page = page.bind(&mut filter);
    let text = format!(
        "{} FROM {TABLES} WHERE {condition} ORDER BY r.created_at DESC, r.event DESC, r.number DESC {page}",
        columns()
    );
    Ok(Listing { rows: sql.all(&text, filter.values(), read)?, total })
}

fn conditions(of: OrdersOf, query: &OrderQuery) -> Filter {
    let mut filter = Filter::new();
    let whose = match of {
        OrdersOf::Event(event) => format!("r.event = {}", filter.bind(event)),
        OrdersOf::Organization(organization) => format!("e.organization_id = {}", filter.bind(organization)),
    };
    filter.and(whose);
    if let Some(status) = query.status {
        let status = filter.bind(status);
        filter.and(format!("r.status = {status}"));
    }
    let named = query.orders.iter().map(|(event, order)| {
        let (event, order) = (filter.bind(*event), filter.bind(*order));
        format!("(r.event = {event} AND r.number = {order})")
    });
    let mut wanted: Vec<String> = named.collect();
    wanted.extend(query.text.as_deref().map(|text| about(text, &mut filter)));
    if !wanted.is_empty() {
        filter.and(format!("({})", wanted.join(" OR ")));
    }
    filter
}

/// The condition that an order is about these words.
fn about(text: &str, filter: &mut Filter) -> String {
    let parts = fold::query_parts(text).into_iter().map(|part| {
        let like = filter.bind(pattern(&part));
        // The account of a box-office order is the seller's, so its name and address are not searched.
        format!(
            "((r.tender IS NULL AND (u.search_key LIKE {like} ESCAPE '\\' OR g.search_key LIKE {like} ESCAPE '\\')) OR c.search_key LIKE {like} ESCAPE '\\')"
        )
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "1 = 0".to_owned() } else { parts.join(" AND ") }
}

/// A `LIKE` pattern that matches the text anywhere, with the text's own wildcards taken literally.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn read(row: &Row<'_>) -> Result<FoundOrder, StoreError> {
    let order = OfEvent {
        event: row.next()?,
        event_name: row.next()?,
        starts_at: row.next()?,
        currency: row.next()?,
        row: OrderRow::read(row)?,
    };
    let (username, email): (Option<String>, Option<String>) = (row.next()?, row.next()?);
    let person = username.map(|username| Person { email, username });
    let noted: Option<EventNumber> = row.next()?;
    let said: [Option<String>; 3] = [row.next()?, row.next()?, row.next()?];
    let [name, email, note] = said.map(Option::unwrap_or_default);
    Ok(FoundOrder { order, person, customer: noted.map(|_| Customer { name, email, note }) })
}
