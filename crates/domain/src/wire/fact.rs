//! Version 1 of facts. Each has the meaning of the domain's type of the same name, for ever. A new fact is added at the end.
//!
//! `write` makes them from the domain's facts, `read` makes the domain's facts from them.

mod parts;
mod read;
mod write;

use super::seating_plan::PlanV1;
use super::terms::{TermsV1, TierV1};
use parts::{
    CancelReasonV1, CounterPaymentV1, DeclineReasonV1, HolderV1, ItemV1, RefundDueV1, ReturnReasonV1,
};
use serde::{Deserialize, Serialize};

/// Version 1 of a fact. Large fields are boxed to keep the enum small.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FactV1 {
    SaleOpened {
        terms: Box<TermsV1>,
        tiers: Vec<TierV1>,
        plan: Box<PlanV1>,
    },
    TermsChanged {
        terms: Box<TermsV1>,
    },
    PricesChanged {
        tiers: Vec<TierV1>,
    },
    PlanChanged {
        plan: Box<PlanV1>,
    },
    SeatsBlocked {
        seats: Vec<u32>,
        reason: String,
    },
    SeatsUnblocked {
        seats: Vec<u32>,
    },
    ReservationPlaced {
        reservation: u32,
        buyer: u128,
        items: Vec<ItemV1>,
        fees: i64,
        hold: i64,
        expires_at: i64,
    },
    ReservationChanged {
        reservation: u32,
        items: Vec<ItemV1>,
        fees: i64,
    },
    ReservationExtended {
        reservation: u32,
        expires_at: i64,
    },
    ReservationCancelled {
        reservation: u32,
    },
    ReservationExpired {
        reservation: u32,
    },
    OrderPlaced {
        order: u32,
        reservation: u32,
        method: String,
    },
    PaymentStarted {
        payment: u32,
        order: u32,
        amount: i64,
    },
    PaymentNeedsAction {
        payment: u32,
    },
    PaymentDeclined {
        payment: u32,
        reason: DeclineReasonV1,
    },
    PaymentCancelStarted {
        payment: u32,
    },
    PaymentCancelled {
        payment: u32,
    },
    OrderConfirmed {
        order: u32,
        payment: Option<u32>,
        first_ticket: u32,
    },
    OrderReseated {
        order: u32,
    },
    PaymentCaptured {
        payment: u32,
    },
    CaptureFailed {
        payment: u32,
    },
    OrderCancelled {
        order: u32,
        reason: CancelReasonV1,
        refund: Option<RefundDueV1>,
    },
    PaymentReturned {
        payment: u32,
        refund: u32,
        reason: ReturnReasonV1,
    },
    RefundCompleted {
        refund: u32,
    },
    RefundFailed {
        refund: u32,
    },
    EventCancelled,
    SaleDeleted,
    SoldAtCounter {
        reservation: u32,
        order: u32,
        seller: u128,
        items: Vec<ItemV1>,
        fees: i64,
        counter_payment: CounterPaymentV1,
        payment: Option<u32>,
        first_ticket: u32,
    },
    ReservationHeldFrom {
        reservation: u32,
        origin: u64,
        new_account: bool,
    },
    HoldLimitsChanged {
        seats: Option<u32>,
        seats_of_new_accounts: Option<u32>,
    },
    CategoriesPreferred,
    CartMerged {
        from: u32,
        into: Option<u32>,
        buyer: u128,
        items: Vec<ItemV1>,
        left_out: Vec<u32>,
        fees: i64,
        expires_at: i64,
        holder: Option<HolderV1>,
    },
    SingleSeatRuleChanged {
        refuse: bool,
    },
    PaymentIdentified {
        payment: u32,
        instrument: u64,
    },
    /// `HoldLimitsChanged` with one limit more.
    HoardingLimitsChanged {
        seats: Option<u32>,
        seats_of_new_accounts: Option<u32>,
        tickets_per_instrument: u32,
    },
}
