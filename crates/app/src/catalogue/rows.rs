//! Updates the store's rows of events from their sales. Both the code that changes a sale and the journal consumer `event_rows` update the
//! row, so a crash between the two changes loses nothing. The update is idempotent.
//!
//! Messages about new times are queued before the row is updated. Until then the times in row and sale differ, which shows that the
//! messages are still due.

use super::terms;
use crate::app::App;
use crate::failure::Failure;
use crate::time_text::rfc3339;
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber};
use fairseat_domain::sale::{Status, TicketState};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Fact, Sale};
use fairseat_engine::Published;
use fairseat_messages::USEFUL_FOR;
use fairseat_store::events::{Event, EventDetails, Lifecycle};
use fairseat_store::outbox::Message;
use std::collections::BTreeSet;

/// The fields of an event that only the catalogue has; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct CatalogueFields {
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The category.
    pub category: Option<String>,
    /// The end.
    pub ends_at: Option<Timestamp>,
    /// Who performs.
    pub performer: Option<String>,
    /// When the doors open.
    pub doors_at: Option<Timestamp>,
}

impl CatalogueFields {
    fn put_into(self, details: &mut EventDetails) {
        details.name = self.name.unwrap_or_else(|| std::mem::take(&mut details.name));
        details.description = self.description.unwrap_or_else(|| std::mem::take(&mut details.description));
        details.category = self.category.unwrap_or_else(|| std::mem::take(&mut details.category));
        details.ends_at = self.ends_at.unwrap_or(details.ends_at);
        details.performer = self.performer.unwrap_or_else(|| std::mem::take(&mut details.performer));
        details.doors_at = self.doors_at.or(details.doors_at);
    }
}

/// Whether the row must be updated after this fact.
#[must_use]
pub fn concerns(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::SaleOpened { .. }
            | Fact::TermsChanged { .. }
            | Fact::PricesChanged { .. }
            | Fact::HoldLimitsChanged { .. }
            | Fact::SingleSeatRuleChanged { .. }
            | Fact::EventCancelled
            | Fact::SaleDeleted
    )
}

/// Locks the event and updates its row from the sale.
///
/// # Errors
/// As [`update_from_sale`].
pub async fn lock_and_update(app: &App, event: EventNumber) -> Result<(), Failure> {
    let _changing = app.event_locks.lock(event).await;
    update_from_sale(app, event, CatalogueFields::default()).await.map(drop)
}

/// Updates an event's row from the newest version of its sale, and sets `fields`, which only the catalogue has. The caller holds the
/// event's lock. Returns the row; `None` if the sale has no row.
///
/// # Errors
/// When store or sale fail; a retry is safe.
pub async fn update_from_sale(
    app: &App,
    event: EventNumber,
    fields: CatalogueFields,
) -> Result<Option<Event>, Failure> {
    let (events, now) = (app.store.events(), app.now());
    let published = app.sale_now(event).await?;
    let sale = &published.state;
    let Some(row) = events.by_number(event).await? else { return Ok(None) };
    let shown = published.clone();
    let put = move |details: &mut EventDetails, is_newer: bool| {
        if !is_newer {
            show_sale(details, &shown.state)?;
        }
        fields.clone().put_into(details);
        Ok::<_, Failure>(())
    };
    let (position, mut wanted) = (published.position.0, row.details.clone());
    put(&mut wanted, row.sale_position > position)?;
    if wanted != row.details {
        queue_rescheduled_messages(app, &published, &row, &wanted, now).await?;
        events.follow_sale(row.number, position, put, now).await?;
    }
    for lifecycle in lifecycles(sale, row.lifecycle, now) {
        events.move_to(row.number, lifecycle, now).await?;
    }
    Ok(events.by_number(row.number).await?)
}

fn show_sale(details: &mut EventDetails, sale: &Sale) -> Result<(), Failure> {
    terms::copy_terms(details, sale.terms(), sale.tiers())?;
    details.options = terms::SaleOptions::of(sale).to_column()?;
    Ok(())
}

fn lifecycles(sale: &Sale, lifecycle: Lifecycle, now: Timestamp) -> Vec<Lifecycle> {
    let reached = match sale.status(now) {
        _ if sale.is_deleted() => return vec![Lifecycle::Deleted],
        Status::Cancelled => vec![Lifecycle::Ready, Lifecycle::Cancelled],
        Status::Draft | Status::Upcoming | Status::OnSale | Status::SoldOut | Status::Ended => {
            vec![Lifecycle::Ready]
        }
    };
    if reached.last() == Some(&lifecycle) { Vec::new() } else { reached }
}

async fn queue_rescheduled_messages(
    app: &App,
    published: &Published,
    row: &Event,
    wanted: &EventDetails,
    now: Timestamp,
) -> Result<(), Failure> {
    let sale = &published.state;
    let times = |details: &EventDetails| (details.starts_at, details.ends_at);
    if times(&row.details) == times(wanted) || sale.status(now) == Status::Cancelled {
        return Ok(());
    }
    let id = app.ids.event(row.number);
    let message = |holder: Holder| {
        let (kind, recipient, whose, order) = match holder {
            Holder::Account(account) => ("event_rescheduled", account, format!("{:032x}", account.0), None),
            Holder::Customer(seller, order) => {
                let order = app.ids.order(row.number, order);
                ("counter_rescheduled", seller, order.to_string(), Some(order))
            }
        };
        let data = serde_json::json!({
            "event_id": id,
            "order_id": order,
            "previous_start_time": rfc3339(row.details.starts_at),
            "start_time": rfc3339(wanted.starts_at),
            "end_time": rfc3339(wanted.ends_at),
        });
        Message {
            // The key contains the row's version: two changes make two messages, and one change that is processed twice makes one.
            dedupe_key: format!("event_rescheduled:{id}:{}:{whose}", row.updated_at.as_millis()),
            kind: kind.to_owned(),
            recipient,
            event: Some(row.number),
            as_of: Some(published.position.0),
            data: data.to_string(),
            expires_at: now.plus(USEFUL_FOR),
        }
    };
    let messages: Vec<Message> = holders(sale).into_iter().map(message).collect();
    if !messages.is_empty() {
        app.store.outbox().queue_all(messages, now).await?;
    }
    Ok(())
}

/// The holder of a valid ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    /// A buyer with an account.
    Account(AccountId),
    /// A customer of the box office: the seller's account, and the order.
    Customer(AccountId, OrderNumber),
}

fn holders(sale: &Sale) -> BTreeSet<Holder> {
    let valid = sale.tickets().filter(|(_, ticket)| ticket.state == TicketState::Valid);
    let holder = |number| {
        let order = sale.order(number)?;
        let at_counter = order.counter_payment.is_some();
        Some(if at_counter { Holder::Customer(order.buyer, number) } else { Holder::Account(order.buyer) })
    };
    valid.filter_map(|(_, ticket)| holder(ticket.order)).collect()
}
