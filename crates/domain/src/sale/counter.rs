//! Counter sales: staff sell seats in one step, for money that does not pass the payment provider.
//!
//! They are possible before sales begin and after they end, while the event is published and not cancelled. They count
//! towards no ticket limit. Their money has an account of its own in the ledger. Refunds are handed out at the counter: at once when
//! staff cancel the order, later when the event is cancelled.

use super::order::next_number;
use super::reservation::fees_on;
use super::{
    Changes, Confirmation, Decision, LedgerAccount, Order, OrderState, Payment, PaymentState, Reservation,
    ReservationPhase, Sale, SalePhase, SeatState, Subject, Ticket, TicketState, Violation, order, payment,
};
use crate::command::Selection;
use crate::fact::{CounterPayment, Fact, Item};
use crate::ids::{AccountId, OrderNumber, PaymentNumber, ReservationNumber, TicketNumber};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use std::sync::Arc;

impl Sale {
    pub(super) fn decide_counter_sale(
        &self,
        seller: AccountId,
        selection: &Selection,
        counter_payment: CounterPayment,
    ) -> Result<Decision, Refusal> {
        self.check_counter()?;
        let mut items = self.priced(&self.choose(selection)?)?;
        if counter_payment == CounterPayment::Complimentary && !planted(Bug::ComplimentaryAtFullPrice) {
            items.iter_mut().for_each(|item| item.price = Amount::ZERO);
        }
        let fees = fees_on(self.terms.fees, &items)?;
        let reservation = ReservationNumber(self.next_reservation);
        let order = OrderNumber(next_number(self.orders.len(), "orders of one sale")?);
        let first_ticket = self.next_ticket()?;
        let costs = fees > Amount::ZERO || items.iter().any(|item| item.price > Amount::ZERO);
        let payment = if costs {
            Some(PaymentNumber(next_number(self.payments.len(), "payments of one sale")?))
        } else {
            None
        };
        let sold = Fact::SoldAtCounter {
            reservation,
            order,
            seller,
            items,
            fees,
            counter_payment,
            payment,
            first_ticket,
        };
        Ok(Decision::new(Subject::Payment(order, payment), vec![sold]))
    }

    fn check_counter(&self) -> Result<(), Refusal> {
        if self.phase != SalePhase::Open {
            return Err(Refusal::SaleClosed);
        }
        if !self.terms.published {
            return Err(Refusal::SaleNotOpen { opens_at: self.terms.on_sale_at });
        }
        if self.next_reservation == u32::MAX {
            return Err(Refusal::LimitReached("reservations of one sale"));
        }
        Ok(())
    }

    pub(super) fn apply_sold_at_counter(
        &mut self,
        (reservation, number, first_ticket): (ReservationNumber, OrderNumber, TicketNumber),
        placed: Reservation,
        counter_payment: CounterPayment,
        payment: Option<PaymentNumber>,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        if reservation.0 != self.next_reservation || order::position(number) != self.orders.len() {
            return Err(Violation::new(format!(
                "counter sale {number} does not have the next order or reservation number"
            )));
        }
        if payment.is_some() != (placed.total > Amount::ZERO) {
            return Err(Violation::new(format!(
                "counter sale {number} has a payment but is free, or costs money but has no payment"
            )));
        }
        let next = reservation.0.checked_add(1);
        self.next_reservation = next.ok_or_else(|| Violation::new("too many reservations"))?;
        self.take_at_counter(number, placed.total, payment)?;
        let sold = Confirmation { at: self.now, first_ticket, payment };
        self.issue(number, &placed.items, first_ticket, changes)?;
        self.orders.push_back(Order {
            reservation,
            buyer: placed.buyer,
            method: Arc::from(counter_payment.name()),
            placed_at: self.now,
            items: placed.items.clone(),
            fees: placed.fees,
            total: placed.total,
            refund_policy: self.terms.refund_policy,
            attempts: u32::from(payment.is_some()),
            last_payment: payment,
            counter_payment: Some(counter_payment),
            state: OrderState::Confirmed(sold),
        });
        self.index.confirmed.insert(number);
        self.index.sold_orders = self.index.sold_orders.saturating_add(1);
        let prices = placed.total.minus(placed.fees).map_err(|error| Violation::new(error.to_string()))?;
        self.ledger.transfer(LedgerAccount::Tickets, LedgerAccount::Counter, prices)?;
        self.ledger.transfer(LedgerAccount::Fees, LedgerAccount::Counter, placed.fees)?;
        let bought = Reservation { phase: ReservationPhase::Converted, order: Some(number), ..placed };
        self.reservations.insert(reservation, bought);
        Ok(())
    }

    /// Records a payment that is captured already, because staff took the money.
    fn take_at_counter(
        &mut self,
        order: OrderNumber,
        amount: Amount,
        number: Option<PaymentNumber>,
    ) -> Result<(), Violation> {
        let Some(number) = number else { return Ok(()) };
        if payment::position(number) != self.payments.len() {
            return Err(Violation::new(format!("payment {number} is out of order")));
        }
        let (started_at, cancel_at) = (self.now, self.now);
        let state = PaymentState::Captured;
        self.payments.push_back(Payment {
            order,
            amount,
            started_at,
            cancel_at,
            instrument: None,
            state,
            key: None,
        });
        Ok(())
    }

    /// Issues tickets for available seats.
    fn issue(
        &mut self,
        order: OrderNumber,
        items: &[Item],
        first: TicketNumber,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        if self.next_ticket() != Ok(first) {
            return Err(Violation::new(format!("ticket {first} is out of order")));
        }
        for (item, ticket) in items.iter().zip((first.0..).map(TicketNumber)) {
            self.move_seat(item.seat, SeatState::Available, SeatState::Sold(ticket), changes)?;
            let (seat, price) = (item.seat, item.price);
            self.tickets.push_back(Ticket { order, seat, price, state: TicketState::Valid });
        }
        Ok(())
    }

    /// Whether a payment was made at the counter.
    pub(super) fn is_at_counter(&self, number: PaymentNumber) -> bool {
        let order = self.payment(number).and_then(|payment| self.order(payment.order));
        order.is_some_and(|order| order.counter_payment.is_some())
    }
}
