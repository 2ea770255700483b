//! A limit on the tickets that are paid with one payment instrument: whoever has many accounts and many networks still pays with few cards.
//!
//! What counts are the seats of attempts that may still charge, and of confirmed orders. Attempts that were declined or cancelled, refunded
//! orders, free orders and counter sales do not count.

use super::{OrderState, Payment, Sale, Violation};
use crate::command::InstrumentMark;
use crate::ids::PaymentNumber;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;

impl Sale {
    /// How many tickets may be paid with one payment instrument: what the organizer set, or else the ticket limit of a buyer.
    #[must_use]
    pub fn instrument_limit(&self) -> u32 {
        self.hold_limits.tickets_per_instrument.unwrap_or(self.terms.max_tickets_per_buyer)
    }

    /// The tickets that are paid with an instrument, or about to be.
    #[must_use]
    pub fn tickets_of_instrument(&self, instrument: InstrumentMark) -> u32 {
        let all = (instrument, PaymentNumber(0))..=(instrument, PaymentNumber(u32::MAX));
        let orders = self.index.instruments.range(all).filter_map(|(_, payment)| self.payment(*payment));
        let counts = orders.filter_map(|payment| self.order(payment.order)).map(|order| order.items.len());
        u32::try_from(counts.sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// Whether so many tickets more may be paid with an instrument.
    pub(super) fn check_instrument_limit(
        &self,
        instrument: Option<InstrumentMark>,
        more: usize,
    ) -> Result<(), Refusal> {
        let Some(instrument) = instrument.filter(|_| !planted(Bug::IgnoreInstrumentLimit)) else {
            return Ok(());
        };
        let (max, have) = (self.instrument_limit(), self.tickets_of_instrument(instrument));
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        if have.saturating_add(more) > max { Err(Refusal::InstrumentLimit { max, have }) } else { Ok(()) }
    }

    pub(super) fn apply_identified(
        &mut self,
        number: PaymentNumber,
        instrument: InstrumentMark,
    ) -> Result<(), Violation> {
        if self.payment_mut(number)?.instrument.replace(instrument).is_some() {
            return Err(Violation::new(format!("payment {number} has two instruments")));
        }
        self.index_instrument(number);
        Ok(())
    }

    /// Whether an attempt counts towards the limit of its instrument.
    pub(super) fn counts_for_instrument(&self, payment: &Payment) -> bool {
        let is_confirmed =
            || self.order(payment.order).is_some_and(|order| matches!(order.state, OrderState::Confirmed(_)));
        payment.may_still_charge() || (payment.has_paid() && is_confirmed())
    }

    /// Brings the index up to date, after an attempt or its order changed.
    pub(super) fn index_instrument(&mut self, number: PaymentNumber) {
        let Some(payment) = self.payment(number) else { return };
        let Some(instrument) = payment.instrument else { return };
        if self.counts_for_instrument(payment) {
            self.index.instruments.insert((instrument, number));
        } else {
            self.index.instruments.remove(&(instrument, number));
        }
    }
}
