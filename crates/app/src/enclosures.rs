//! The files that letters enclose: one PDF with the tickets, and calendar entries.
//!
//! What must always hold: all entries about one order have the same UID and a growing SEQUENCE, so that a calendar has one entry for each order.

use crate::app::App;
use crate::calendar::{CalendarEntry, description};
use crate::correspondence::{OrderInSale, Words, seats};
use crate::failure::Failure;
use crate::tickets::{IssuedTicket, doors};
use crate::time_text::parse_rfc3339;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::sale::OrderState;
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
    /// The files of a letter about an order: with tickets, a PDF of them and the event's calendar entry; with a cancellation, the entry that
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
        let mut files = Vec::new();
        if has_tickets {
            let pages = IssuedTicket::pages_of_order(self, &ordered.published, ordered.number, MAX_TICKETS);
            let name = format!("tickets-{}.pdf", self.ids.order_code(ordered.sale().event(), ordered.number));
            files.extend(pages.await?.map(|content| File { name, content }));
        }
        let seats = ordered.order().map(|order| seats(ordered.sale(), order)).unwrap_or_default();
        let entry = self.calendar_entry(ordered, &seats, None).await?;
        files.extend(entry.map(|content| File { name: "event.ics".to_owned(), content }));
        Ok(files)
    }

    /// New calendar entries for the orders of a holder who is told about new times: with the UIDs of those that came with the tickets, so that
    /// calendars move these. The times are the letter's, because the catalogue may not have them yet.
    pub(crate) async fn moved_entries(&self, message: &Message) -> Result<Vec<File>, Failure> {
        let Some((event, times)) = message.event.zip(NewTimes::of(message)) else { return Ok(Vec::new()) };
        let published = self.sale_now(event).await?;
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
        let starts_at = times.map_or(event.starts_at, |times| times.start);
        let opens_at = event.doors_at.filter(|_| starts_at == event.starts_at);
        let url = format!("{}/orders/{id}", self.base_url);
        let lines = [
            Some(format!("Seats: {}", seats.join(", "))),
            opens_at.and_then(|at| doors(at, &event.timezone)),
            Some(format!("Your order: {url}")),
        ];
        let entry = CalendarEntry {
            uid: format!("{id}@fairseat"),
            name: &event.name,
            place: &event.place(),
            description: &description(lines),
            url: &url,
            organizer: &event.organizer,
            site: &self.base_url,
            starts_at,
            ends_at: Some(times.map_or(event.ends_at, |times| times.end)),
            cancelled: is_cancelled,
        };
        Ok(Some(entry.to_file(self.now()).into_bytes()))
    }
}
