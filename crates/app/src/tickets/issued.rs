//! A ticket with the data for all its forms: JSON, picture, PDF page and calendar entry.

use super::Printed;
use super::drawing::Code;
use super::pdf::Page;
use super::token::{self, Claims};
use crate::app::App;
use crate::calendar::{CalendarEntry, description};
use crate::catalogue::EventInfo;
use crate::failure::Failure;
use fairseat_domain::ids::{AccountId, OrderNumber, TicketNumber};
use fairseat_domain::sale::{Ticket, TicketState};
use fairseat_domain::text::writable;
use fairseat_engine::Published;
use std::sync::Arc;
use uuid::Uuid;

/// A ticket of a sale. The caller has checked that the reader may see it.
#[derive(Debug)]
pub struct IssuedTicket {
    /// The public id.
    pub id: Uuid,
    /// The ticket in the sale.
    pub ticket: Ticket,
    /// The version of the sale.
    pub published: Arc<Published>,
    /// The catalogue's description of the event.
    pub event: Option<Arc<EventInfo>>,
}

impl IssuedTicket {
    /// The ticket with this number; `None` if there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(
        app: &App,
        published: Arc<Published>,
        number: TicketNumber,
    ) -> Result<Option<Self>, Failure> {
        let event = published.state.event();
        let Some(ticket) = published.state.ticket(number).copied() else { return Ok(None) };
        let info = app.event_infos.get(event).await?;
        Ok(Some(Self { id: app.ids.ticket(event, number), ticket, published, event: info }))
    }

    /// The QR code; only a valid ticket has one.
    ///
    /// # Errors
    /// When it cannot be drawn, which is a bug.
    pub async fn code(&self, app: &App) -> Result<Option<Code>, Failure> {
        if self.ticket.state != TicketState::Valid {
            return Ok(None);
        }
        let event = app.ids.event(self.published.state.event());
        let claims = vec![Claims { event, ticket: self.id }];
        let codes =
            app.drawings.codes(claims, &app.keys.tickets, self.buyer()).await.map_err(Failure::bug)?;
        Ok(codes.into_iter().next())
    }

    /// The ticket as a PDF page.
    ///
    /// # Errors
    /// When it cannot be drawn, which is a bug.
    pub async fn page(&self, app: &App) -> Result<Vec<u8>, Failure> {
        app.drawings.pages(vec![self.to_draw(app)], self.buyer()).await.map_err(Failure::bug)
    }

    fn to_draw(&self, app: &App) -> Page {
        let event = self.published.state.event();
        let claims = Claims { event: app.ids.event(event), ticket: self.id };
        let is_valid = self.ticket.state == TicketState::Valid;
        let token = is_valid.then(|| token::sign(&claims, app.keys.tickets.signing_key()));
        let order = app.ids.order_code(event, self.ticket.order);
        Page { ticket: Printed { order, ..self.printed() }, token }
    }

    /// One PDF with a page for each of the first `most` tickets of an order that are not void; `None` if there are none.
    ///
    /// # Errors
    /// When they cannot be drawn, which is a bug.
    pub async fn pages_of_order(
        app: &App,
        published: &Arc<Published>,
        order: OrderNumber,
        most: usize,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Some(found) = published.state.order(order) else { return Ok(None) };
        let (buyer, mut pages) = (found.buyer, Vec::new());
        for number in found.tickets().take(most) {
            let ticket = Self::of(app, published.clone(), number).await?;
            let ticket = ticket.ok_or_else(|| Failure::bug("an order's ticket is missing"))?;
            if ticket.ticket.state != TicketState::Void {
                pages.push(ticket.to_draw(app));
            }
        }
        if pages.is_empty() {
            return Ok(None);
        }
        app.drawings.pages(pages, buyer).await.map(Some).map_err(Failure::bug)
    }

    /// Who bought it, for turns at drawing.
    fn buyer(&self) -> AccountId {
        self.published.state.order(self.ticket.order).map_or(AccountId(0), |order| order.buyer)
    }

    /// The ticket as a calendar entry (iCalendar).
    #[must_use]
    pub fn calendar_entry(&self, app: &App) -> String {
        let printed = self.printed();
        let url = format!("{}/tickets/{}", app.base_url, self.id);
        let seat = format!("Seat: {}", printed.seat);
        let entry = CalendarEntry {
            uid: printed.ticket_id.to_string(),
            name: &printed.event,
            place: &printed.venue.join(", "),
            description: &description([Some(seat), printed.doors(), Some(format!("Your ticket: {url}"))]),
            url: &url,
            organizer: self.event.as_ref().map_or("", |event| &event.organizer),
            site: &app.base_url,
            starts_at: printed.starts_at,
            ends_at: printed.ends_at,
            cancelled: !printed.valid,
        };
        entry.to_file(app.now())
    }

    /// `Floor A-1`.
    #[must_use]
    pub fn seat(&self) -> String {
        let seat = self.published.state.plan().seat(self.ticket.seat);
        seat.map(|seat| seat.label()).unwrap_or_default()
    }

    /// The section, the row and the number of a numbered seat.
    fn place(&self) -> Option<(String, String, String)> {
        let seat = self.published.state.plan().seat(self.ticket.seat)?;
        let (row, number) = (seat.row_label(), seat.number);
        let is_numbered = !row.is_empty() && !number.is_empty();
        is_numbered.then(|| (seat.section_name().to_owned(), row.to_owned(), number.to_owned()))
    }

    /// The texts of its page.
    #[must_use]
    pub fn printed(&self) -> Printed {
        let event = self.event.as_deref();
        let venue =
            event.map(|event| vec![event.venue.clone(), event.address.join(", ")]).unwrap_or_default();
        let starts_at = self.published.state.terms().starts_at;
        Printed {
            ticket_id: self.id,
            event: event.map_or_else(|| "Event".to_owned(), |event| writable(&event.name)),
            venue: venue.iter().map(|line| writable(line)).filter(|line| !line.is_empty()).collect(),
            order: String::new(),
            doors_at: event.and_then(|event| event.doors_at),
            starts_at: event.map_or(starts_at, |event| event.starts_at),
            ends_at: event.map(|event| event.ends_at),
            timezone: event.map(|event| event.timezone.clone()).unwrap_or_default(),
            seat: self.seat(),
            place: self.place(),
            valid: self.ticket.state == TicketState::Valid,
        }
    }
}
