//! The files that letters enclose: tickets as PDF pages, and calendar entries.
//!
//! What must always hold: all entries about one order have the same UID and a growing SEQUENCE, so that a calendar has one entry for each order.

use crate::app::App;
use crate::calendar::CalendarEntry;
use crate::correspondence::{OrderInSale, Words, seats};
use crate::failure::Failure;
use crate::tickets::IssuedTicket;
use crate::time_text::parse_rfc3339;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::sale::{OrderState, TicketState};
use fairseat_domain::time::Timestamp;
use fairseat_messages::letters::MAX_TICKETS;
use fairseat_store::mailbox::File;
use fairseat_store::outbox::Message;
use serde::Deserialize;

/// The most calendar entries in a letter about new times: more orders of one event are a reseller's.
const MAX_MOVED_ENTRIES: usize = 10;

/// The new times of an event, as a message about them has them.
#[derive(Clone, Copy)]
pub(crate) struct NewTimes {
    pub(crate) before: Option<Timestamp>,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

impl NewTimes {
    pub(crate) fn of(message: &Message) -> Option<Self> {
        #[derive(Deserialize)]
        struct Data {
            previous_start_time: Option<String>,
            start_time: String,
            end_time: String,
        }
        let data = serde_json::from_str::<Data>(&message.data).ok()?;
        Some(Self {
            before: data.previous_start_time.as_deref().and_then(parse_rfc3339),
            start: parse_rfc3339(&data.start_time)?,
            end: parse_rfc3339(&data.end_time)?,
        })
    }
}

impl App {
    /// The files of a letter about an order: with tickets, their pages and the event's calendar entry; with a cancellation, the entry that
    /// takes it out of the calendar again.
    pub(crate) async fn enclosed(
        &self,
        ordered: &OrderInSale,
        message: &Message,
        words: Words,
    ) -> Result<Vec<File>, Failure> {
        if words == Words::OursOnly {
            return Ok(Vec::new());
        }
        let kind = message.kind.trim_start_matches("counter_");
        let has_tickets = ["order_confirmed", "sold", "seats_relabelled"].contains(&kind);
        if !has_tickets && !["order_cancelled", "cancelled"].contains(&kind) {
            return Ok(Vec::new());
        }
        let tickets = ordered.order().map(|order| order.tickets().take(MAX_TICKETS));
        let mut files = Vec::new();
        let mut seats = Vec::new();
        for (place, number) in (1..).zip(tickets.into_iter().flatten()) {
            let ticket = IssuedTicket::of(self, ordered.published.clone(), number).await?;
            let ticket = ticket.ok_or_else(|| Failure::bug("an order's ticket is missing"))?;
            seats.push(ticket.seat());
            if has_tickets && ticket.ticket.state != TicketState::Void {
                files
                    .push(File { name: format!("ticket-{place:02}.pdf"), content: ticket.page(self).await? });
            }
        }
        let entry = self.calendar_entry(ordered, &seats, None).await?;
        files.extend(entry.map(|content| File { name: "event.ics".to_owned(), content }));
        Ok(files)
    }

    /// New calendar entries for the orders of a holder who is told about new times: with the UIDs of those that came with the tickets, so that
    /// calendars move these. The times are the letter's, because the catalogue may not have them yet.
    pub(crate) async fn moved_entries(&self, message: &Message) -> Result<Vec<File>, Failure> {
        let Some((event, times)) = message.event.zip(NewTimes::of(message)) else { return Ok(Vec::new()) };
        let published = self.engine.sale(event).await?.published();
        let orders: Vec<OrderNumber> = match self.ordered(message).await? {
            Some(ordered) => vec![ordered.number],
            None => {
                let of_holder = published.state.orders().filter(|(_, order)| {
                    order.buyer == message.recipient
                        && order.counter_payment.is_none()
                        && matches!(order.state, OrderState::Confirmed(_))
                });
                of_holder.map(|(number, _)| number).take(MAX_MOVED_ENTRIES).collect()
            }
        };
        let mut files = Vec::new();
        for (place, number) in (1..).zip(orders) {
            let ordered = OrderInSale { published: published.clone(), number };
            let seats = ordered.order().map(|order| seats(ordered.sale(), order)).unwrap_or_default();
            let name = if place == 1 { "event.ics".to_owned() } else { format!("event-{place}.ics") };
            let entry = self.calendar_entry(&ordered, &seats, Some(times)).await?;
            files.extend(entry.map(|content| File { name, content }));
        }
        Ok(files)
    }

    /// The event of an order for a calendar, at its times in the catalogue unless others are given. Every version has the same UID, so that the
    /// newest replaces the others.
    async fn calendar_entry(
        &self,
        ordered: &OrderInSale,
        seats: &[String],
        times: Option<NewTimes>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let (sale, is_cancelled) = (
            ordered.sale(),
            matches!(ordered.order().map(|order| &order.state), Some(OrderState::Cancelled { .. })),
        );
        let Some(event) = self.event_infos.get(sale.event()).await? else { return Ok(None) };
        let id = self.ids.order(sale.event(), ordered.number);
        let entry = CalendarEntry {
            uid: format!("{id}@fairseat"),
            name: &event.name,
            place: &event.place(),
            description: &format!("Seats: {}", seats.join(", ")),
            url: &format!("{}/orders/{id}", self.base_url),
            organizer: &event.organizer,
            site: &self.base_url,
            starts_at: times.map_or(event.starts_at, |times| times.start),
            ends_at: Some(times.map_or(event.ends_at, |times| times.end)),
            cancelled: is_cancelled,
        };
        Ok(Some(entry.to_file(self.now()).into_bytes()))
    }
}
