//! The parts of facts in version 1.

use crate::command::{HoldOrigin, Holder};
use crate::fact::{CancelReason, CounterPayment, DeclineReason, Item, RefundDue, ReturnReason};
use crate::ids::{RefundNumber, SeatIndex};
use crate::money::Amount;
use crate::wire::mirror::mirror;
use serde::{Deserialize, Serialize};

mirror! {
    /// Version 1 of why a provider declined a payment.
    DeclineReasonV1 for DeclineReason {
        Generic, InsufficientFunds, ExpiredCard, InvalidCard, AuthenticationFailed
    }
}

mirror! {
    /// Version 1 of a counter payment.
    CounterPaymentV1 for CounterPayment {
        Cash, CardTerminal, Complimentary
    }
}

mirror! {
    /// Version 1 of why an order was cancelled.
    CancelReasonV1 for CancelReason {
        Buyer, Organizer, Event
    }
}

mirror! {
    /// Version 1 of why a payment was sent back.
    ReturnReasonV1 for ReturnReason {
        SeatsGone, AlreadyPaid, AmountChanged, SaleOver, GivenBack, TicketLimit
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::wire) struct ItemV1 {
    seat: u32,
    price: i64,
}

impl From<&Item> for ItemV1 {
    fn from(item: &Item) -> Self {
        Self { seat: item.seat.0, price: item.price.0 }
    }
}

impl From<ItemV1> for Item {
    fn from(item: ItemV1) -> Self {
        Self { seat: SeatIndex(item.seat), price: Amount(item.price) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::wire) struct RefundDueV1 {
    refund: u32,
    seats: i64,
    fees: i64,
}

impl From<&RefundDue> for RefundDueV1 {
    fn from(due: &RefundDue) -> Self {
        Self { refund: due.refund.0, seats: due.seats.0, fees: due.fees.0 }
    }
}

impl From<RefundDueV1> for RefundDue {
    fn from(due: RefundDueV1) -> Self {
        Self { refund: RefundNumber(due.refund), seats: Amount(due.seats), fees: Amount(due.fees) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::wire) struct HolderV1 {
    origin: u64,
    new_account: bool,
}

impl From<&Holder> for HolderV1 {
    fn from(holder: &Holder) -> Self {
        Self { origin: holder.origin.0, new_account: holder.new_account }
    }
}

impl From<HolderV1> for Holder {
    fn from(holder: HolderV1) -> Self {
        Self { origin: HoldOrigin(holder.origin), new_account: holder.new_account }
    }
}
