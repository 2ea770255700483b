//! A preview of cancelling the event: how many people and how much money it affects. It uses the rules of the cancellation.

use super::{Payment, ReservationPhase, Sale};
use crate::fact::Fact;
use crate::ids::AccountId;
use crate::money::Amount;
use std::collections::BTreeSet;

/// What cancelling the event would do now. For a cancelled event: what remains to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CancellationPreview {
    /// Confirmed orders, which would be cancelled.
    pub orders: u32,
    /// How many of them were sold at the counter.
    pub counter_orders: u32,
    /// Tickets that would become void.
    pub tickets: u32,
    /// Buyers of the orders that were not sold at the counter.
    pub buyers: u32,
    /// Paid back through the payment provider, fees included.
    pub refunds: Amount,
    /// Paid back at the counter, fees included.
    pub counter_refunds: Amount,
    /// Active reservations, which would be cancelled.
    pub reservations: u32,
    /// Seats of these reservations.
    pub reserved_seats: u32,
    /// Reservations that are being paid for: the attempt is cancelled, or its money sent back if it succeeds.
    pub paying: u32,
}

impl Sale {
    /// What cancelling the event would do now. It looks at every order and reservation once.
    #[must_use]
    pub fn cancellation_preview(&self) -> CancellationPreview {
        let mut preview = CancellationPreview::default();
        let mut buyers: BTreeSet<AccountId> = BTreeSet::new();
        for number in &self.index.confirmed {
            let Some(order) = self.order(*number) else { continue };
            let refund = match self.cancelled_with_event(*number, order, 0) {
                Ok(Fact::OrderCancelled { refund: Some(due), .. }) => due.seats.plus(due.fees),
                Ok(_) | Err(_) => Ok(Amount::ZERO),
            };
            let refund = refund.unwrap_or_default();
            add(&mut preview.orders, 1);
            add(&mut preview.tickets, order.items.len());
            if order.counter_payment.is_some() {
                add(&mut preview.counter_orders, 1);
                preview.counter_refunds = preview.counter_refunds.plus(refund).unwrap_or_default();
            } else {
                buyers.insert(order.buyer);
                preview.refunds = preview.refunds.plus(refund).unwrap_or_default();
            }
        }
        add(&mut preview.buyers, buyers.len());
        for (_, reservation) in self.reservations() {
            if reservation.phase == ReservationPhase::Active {
                add(&mut preview.reservations, 1);
                add(&mut preview.reserved_seats, reservation.items.len());
            }
        }
        let paying = self.payments.iter().filter(|payment| Payment::may_still_charge(payment));
        add(&mut preview.paying, paying.count());
        preview
    }
}

fn add(sum: &mut u32, more: usize) {
    *sum = sum.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
}
