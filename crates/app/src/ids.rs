//! Converts between public ids (UUIDs) and local numbers.
//!
//! Each function that opens an id returns `None` if the id was made up, is of another kind, or belongs to another installation; callers
//! then answer `not_found`, or refuse the field.

use fairseat_domain::ids::{
    AccountId, EventNumber, IdCipher, IdKind, LocalId, OrderNumber, PaymentNumber, RefundNumber,
    ReservationNumber, SeatIndex, TicketNumber,
};
use fairseat_engine::PaymentRef;
use uuid::Uuid;

/// Seals and opens ids with the installation's key.
#[derive(Clone, Debug)]
pub struct PublicIds {
    cipher: IdCipher,
}

impl PublicIds {
    /// Ids sealed with this key.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self { cipher: IdCipher::new(key) }
    }

    fn seal(&self, kind: IdKind, event: EventNumber, local: u32) -> Uuid {
        Uuid::from_u128(self.cipher.seal(LocalId { kind, event, local }))
    }

    fn open(&self, kind: IdKind, id: Uuid) -> Option<(EventNumber, u32)> {
        let opened = self.cipher.open(id.as_u128())?;
        (opened.kind == kind).then_some((opened.event, opened.local))
    }

    /// The event that an id of any kind belongs to.
    #[must_use]
    pub fn event_of(&self, id: Uuid) -> Option<EventNumber> {
        self.cipher.open(id.as_u128()).map(|opened| opened.event)
    }

    /// The id of an event.
    #[must_use]
    pub fn event(&self, event: EventNumber) -> Uuid {
        self.seal(IdKind::Event, event, 0)
    }

    /// The event with this id.
    #[must_use]
    pub fn open_event(&self, id: Uuid) -> Option<EventNumber> {
        self.open(IdKind::Event, id).map(|(event, _)| event)
    }

    /// The id of a seat.
    #[must_use]
    pub fn seat(&self, event: EventNumber, seat: SeatIndex) -> Uuid {
        self.seal(IdKind::Seat, event, seat.0)
    }

    /// The seat of an id.
    #[must_use]
    pub fn open_seat(&self, id: Uuid) -> Option<(EventNumber, SeatIndex)> {
        self.open(IdKind::Seat, id).map(|(event, local)| (event, SeatIndex(local)))
    }

    /// The id of a reservation.
    #[must_use]
    pub fn reservation(&self, event: EventNumber, reservation: ReservationNumber) -> Uuid {
        self.seal(IdKind::Reservation, event, reservation.0)
    }

    /// The reservation of an id.
    #[must_use]
    pub fn open_reservation(&self, id: Uuid) -> Option<(EventNumber, ReservationNumber)> {
        self.open(IdKind::Reservation, id).map(|(event, local)| (event, ReservationNumber(local)))
    }

    /// The id of an order.
    #[must_use]
    pub fn order(&self, event: EventNumber, order: OrderNumber) -> Uuid {
        self.seal(IdKind::Order, event, order.0)
    }

    /// The number of an order for people; see [`IdCipher::order_code`].
    #[must_use]
    pub fn order_code(&self, event: EventNumber, order: OrderNumber) -> String {
        self.cipher.order_code(event, order)
    }

    /// The orders with this code, one for each event that may have one; see [`IdCipher::open_order_code`].
    #[must_use]
    pub fn open_order_code(&self, events: &[EventNumber], code: &str) -> Vec<(EventNumber, OrderNumber)> {
        let of = |event: &EventNumber| Some((*event, self.cipher.open_order_code(*event, code)?));
        events.iter().filter_map(of).collect()
    }

    /// The order of an id.
    #[must_use]
    pub fn open_order(&self, id: Uuid) -> Option<(EventNumber, OrderNumber)> {
        self.open(IdKind::Order, id).map(|(event, local)| (event, OrderNumber(local)))
    }

    /// The id of a payment attempt.
    #[must_use]
    pub fn payment(&self, reference: PaymentRef) -> Uuid {
        self.seal(IdKind::Payment, reference.event, reference.payment.0)
    }

    /// The payment attempt of an id.
    #[must_use]
    pub fn open_payment(&self, id: Uuid) -> Option<PaymentRef> {
        let (event, local) = self.open(IdKind::Payment, id)?;
        Some(PaymentRef { event, payment: PaymentNumber(local) })
    }

    /// The id of a refund.
    #[must_use]
    pub fn refund(&self, event: EventNumber, refund: RefundNumber) -> Uuid {
        self.seal(IdKind::Refund, event, refund.0)
    }

    /// The id of a ticket.
    #[must_use]
    pub fn ticket(&self, event: EventNumber, ticket: TicketNumber) -> Uuid {
        self.seal(IdKind::Ticket, event, ticket.0)
    }

    /// The ticket of an id.
    #[must_use]
    pub fn open_ticket(&self, id: Uuid) -> Option<(EventNumber, TicketNumber)> {
        self.open(IdKind::Ticket, id).map(|(event, local)| (event, TicketNumber(local)))
    }

    /// The id of an order's line; each line has the id of its ticket.
    #[must_use]
    pub fn order_item(&self, event: EventNumber, ticket: TicketNumber) -> Uuid {
        self.seal(IdKind::OrderItem, event, ticket.0)
    }
}

/// An account's public id: account ids are random, so they are the same inside and outside.
#[must_use]
pub fn account_uuid(account: AccountId) -> Uuid {
    Uuid::from_u128(account.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_opens_only_as_its_own_kind() {
        let ids = PublicIds::new(&[1; 16]);
        let order = ids.order(EventNumber(7), OrderNumber(3));
        assert_eq!(ids.open_order(order), Some((EventNumber(7), OrderNumber(3))));
        assert_eq!(ids.open_reservation(order), None);
        assert_eq!(ids.open_event(order), None);
        assert_eq!(ids.event_of(order), Some(EventNumber(7)));
        assert_eq!(ids.event_of(Uuid::nil()), None);
        assert_eq!(PublicIds::new(&[2; 16]).open_order(order), None, "another installation's");
        assert_eq!(ids.open_order(Uuid::nil()), None);
    }
}
