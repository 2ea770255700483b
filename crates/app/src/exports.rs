//! Orders and attendees of an event as rows of a table, for its organizer. Orders are read page by page, so that a stadium needs no more
//! memory than a theatre.
//!
//! Seats and tickets come from one version of the sale; orders come from the views, once these show that version.

use crate::app::App;
use crate::failure::Failure;
use crate::time_text::rfc3339;
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber, TicketNumber};
use fairseat_domain::sale::TicketState;
use fairseat_engine::Published;
use fairseat_store::StoreError;
use fairseat_store::audit::AuditEntry;
use fairseat_store::events::Event;
use fairseat_store::views::FoundOrder;
use std::sync::Arc;

/// Orders read at once.
const PAGE: u32 = 500;

/// A kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// A row for each order.
    Orders,
    /// A row for each ticket that is valid or suspended.
    Attendees,
}

impl Table {
    /// Its name in the audit trail, and of its file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Attendees => "attendees",
        }
    }

    /// The names of its columns.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Orders => &[
                "order_id",
                "status",
                "payment_status",
                "payment_method",
                "channel",
                "name",
                "email",
                "note",
                "tickets",
                "seats",
                "total_amount",
                "fees",
                "refunded_amount",
                "currency",
                "created_at",
                "number",
            ],
            Self::Attendees => {
                &["ticket_id", "status", "section", "row", "seat", "price", "name", "email", "order_id"]
            }
        }
    }
}

/// A table that is read page by page.
#[derive(Debug)]
pub struct Export {
    app: Arc<App>,
    published: Arc<Published>,
    event: EventNumber,
    table: Table,
    /// The order after which the next page begins; `None` when all pages are read.
    next: Option<Option<OrderNumber>>,
}

impl Export {
    /// Begins an export for `reader`, which the audit trail records: a table has names and addresses.
    ///
    /// # Errors
    /// When the sale cannot be opened, or the store fails.
    pub async fn begin(
        app: &Arc<App>,
        reader: AccountId,
        event: &Event,
        table: Table,
    ) -> Result<Self, Failure> {
        let (action, object) =
            (format!("{}.exported", table.name()), app.ids.event(event.number).to_string());
        let entry = app.audit_entry(reader, event.organization, &action, object);
        app.store.audit().record(vec![AuditEntry { event: Some(event.number), ..entry }]).await?;
        let published = app.sale_now(event.number).await?;
        app.wait_for_views(event.number, published.position).await?;
        Ok(Self { app: app.clone(), published, event: event.number, table, next: Some(None) })
    }

    /// The rows of the next page; `None` after the last one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn next_rows(&mut self) -> Result<Option<Vec<Vec<String>>>, StoreError> {
        let Some(after) = self.next else { return Ok(None) };
        let page = self.app.store.views().orders_after(self.event, after, PAGE).await?;
        let is_full = u32::try_from(page.len()) == Ok(PAGE);
        self.next = page.last().filter(|_| is_full).map(|last| Some(last.order.row.number));
        Ok(Some(match self.table {
            Table::Orders => page.iter().map(|found| self.order(found)).collect(),
            Table::Attendees => page.iter().flat_map(|found| self.attendees(found)).collect(),
        }))
    }

    fn order(&self, found: &FoundOrder) -> Vec<String> {
        let (row, currency, ids) = (&found.order.row, found.order.currency, &self.app.ids);
        let Contact { name, email, note } = contact(found);
        let plan = self.published.state.plan();
        let label = |seat| plan.seat(seat).map(|seat| seat.label()).unwrap_or_default();
        let seats: Vec<String> = row.seats.0.iter().map(|item| label(item.seat)).collect();
        vec![
            ids.order(self.event, row.number).to_string(),
            row.status.name().to_owned(),
            row.payment_status.name().to_owned(),
            row.payment_method.to_string(),
            channel(row.counter_payment.is_some()).to_owned(),
            name,
            email,
            note,
            row.seats.0.len().to_string(),
            seats.join("; "),
            currency.format(row.total),
            currency.format(row.fees),
            currency.format(row.refunded),
            currency.code().to_owned(),
            rfc3339(row.created_at),
            ids.order_code(self.event, row.number),
        ]
    }

    fn attendees(&self, found: &FoundOrder) -> Vec<Vec<String>> {
        let (row, currency, ids) = (&found.order.row, found.order.currency, &self.app.ids);
        let Contact { name, email, .. } = contact(found);
        let order = ids.order(self.event, row.number).to_string();
        let sale = &self.published.state;
        let numbers = row.first_ticket.into_iter().flat_map(|first| (first.0..).map(TicketNumber));
        let rows = row.seats.0.iter().zip(numbers).filter_map(|(item, number)| {
            let ticket = sale.ticket(number).filter(|ticket| ticket.state != TicketState::Void)?;
            let seat = sale.plan().seat(item.seat)?;
            Some(vec![
                ids.ticket(self.event, number).to_string(),
                ticket_status(ticket.state).to_owned(),
                seat.section_name().to_owned(),
                seat.row_label().to_owned(),
                seat.number.to_owned(),
                currency.format(item.price),
                name.clone(),
                email.clone(),
                order.clone(),
            ])
        });
        rows.collect()
    }
}

/// The channel through which an order was sold.
#[must_use]
pub const fn channel(at_counter: bool) -> &'static str {
    if at_counter { "box_office" } else { "online" }
}

/// The state of a ticket in a word.
#[must_use]
pub const fn ticket_status(state: TicketState) -> &'static str {
    match state {
        TicketState::Valid => "valid",
        TicketState::Suspended => "suspended",
        TicketState::Void => "void",
    }
}

/// The buyer, or the customer if the order was sold at the box office.
#[derive(Default)]
struct Contact {
    name: String,
    email: String,
    note: String,
}

fn contact(found: &FoundOrder) -> Contact {
    if found.order.row.counter_payment.is_some() {
        let said = found.customer.clone();
        return said
            .map(|said| Contact { name: said.name, email: said.email, note: said.note })
            .unwrap_or_default();
    }
    let person = found.person.as_ref();
    Contact {
        name: person.map_or_else(String::new, |person| person.username.clone()),
        email: person.and_then(|person| person.email.clone()).unwrap_or_default(),
        note: String::new(),
    }
}
