//! Version 1 of entries and facts. Each has the meaning of the domain's type of the same name, for ever.

use super::WireError;
use super::seating_plan::PlanV1;
use crate::command::{HoldOrigin, Holder, Idempotency};
use crate::entry::{Actor, Cause, Entry};
use crate::fact::{CancelReason, CounterPayment, DeclineReason, Fact, Item, RefundDue, ReturnReason};
use crate::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::money::{Amount, BasisPoints, Currency};
use crate::seating_plan::SeatingPlan;
use crate::terms::{Fees, HoldLimits, PriceTier, RefundPolicy, Terms};
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// Version 1 of an entry.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntryV1 {
    at: i64,
    actor: ActorV1,
    request: u128,
    cause: CauseV1,
    idempotency: Option<(u128, u64)>,
    facts: Vec<FactV1>,
}

#[derive(Debug, Serialize, Deserialize)]
enum ActorV1 {
    System,
    Account(u128),
}

impl From<&Entry> for EntryV1 {
    fn from(entry: &Entry) -> Self {
        Self {
            at: entry.at.as_millis(),
            actor: match entry.actor {
                Actor::System => ActorV1::System,
                Actor::Account(account) => ActorV1::Account(account.0),
            },
            request: entry.request,
            cause: entry.cause.into(),
            idempotency: entry.idempotency.map(|key| (key.key, key.body)),
            facts: entry.facts.iter().map(FactV1::from).collect(),
        }
    }
}

impl TryFrom<EntryV1> for Entry {
    type Error = WireError;

    fn try_from(entry: EntryV1) -> Result<Self, WireError> {
        Ok(Self {
            at: Timestamp::from_millis(entry.at),
            actor: match entry.actor {
                ActorV1::System => Actor::System,
                ActorV1::Account(account) => Actor::Account(AccountId(account)),
            },
            request: entry.request,
            cause: entry.cause.into(),
            idempotency: entry.idempotency.map(|(key, body)| Idempotency { key, body }),
            facts: entry.facts.into_iter().map(Fact::try_from).collect::<Result<_, _>>()?,
        })
    }
}

/// Declares the wire type of an enum without data, with conversions in both directions.
macro_rules! mirror {
    ($(#[$doc:meta])* $wire:ident for $domain:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        enum $wire { $($variant),+ }

        impl From<$domain> for $wire {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$wire> for $domain {
            fn from(value: $wire) -> Self {
                match value { $($wire::$variant => Self::$variant),+ }
            }
        }
    };
}

/// Version 1 of a fact. Large fields are boxed to keep the enum small.
#[derive(Debug, Serialize, Deserialize)]
enum FactV1 {
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
    SingleSeatRuleChanged {
        refuse: bool,
    },
}

impl From<&Fact> for FactV1 {
    #[expect(clippy::too_many_lines, reason = "one arm a fact, each a single expression")]
    fn from(fact: &Fact) -> Self {
        match fact {
            Fact::SaleOpened { terms, tiers, plan } => Self::SaleOpened {
                terms: Box::new(TermsV1::from(terms)),
                tiers: tiers.iter().map(TierV1::from).collect(),
                plan: Box::new(PlanV1::from(plan)),
            },
            Fact::TermsChanged { terms } => Self::TermsChanged { terms: Box::new(TermsV1::from(terms)) },
            Fact::PricesChanged { tiers } => {
                Self::PricesChanged { tiers: tiers.iter().map(TierV1::from).collect() }
            }
            Fact::CategoriesPreferred => Self::CategoriesPreferred,
            Fact::PlanChanged { plan } => Self::PlanChanged { plan: Box::new(PlanV1::from(plan)) },
            Fact::SeatsBlocked { seats, reason } => Self::SeatsBlocked {
                seats: seats.iter().map(|seat| seat.0).collect(),
                reason: reason.clone(),
            },
            Fact::SeatsUnblocked { seats } => {
                Self::SeatsUnblocked { seats: seats.iter().map(|seat| seat.0).collect() }
            }
            Fact::ReservationPlaced { reservation, buyer, items, fees, hold, expires_at } => {
                Self::ReservationPlaced {
                    reservation: reservation.0,
                    buyer: buyer.0,
                    items: items.iter().map(ItemV1::from).collect(),
                    fees: fees.0,
                    hold: hold.0,
                    expires_at: expires_at.as_millis(),
                }
            }
            Fact::ReservationChanged { reservation, items, fees } => Self::ReservationChanged {
                reservation: reservation.0,
                items: items.iter().map(ItemV1::from).collect(),
                fees: fees.0,
            },
            Fact::ReservationExtended { reservation, expires_at } => {
                Self::ReservationExtended { reservation: reservation.0, expires_at: expires_at.as_millis() }
            }
            Fact::ReservationCancelled { reservation } => {
                Self::ReservationCancelled { reservation: reservation.0 }
            }
            Fact::ReservationExpired { reservation } => {
                Self::ReservationExpired { reservation: reservation.0 }
            }
            Fact::OrderPlaced { order, reservation, method } => {
                Self::OrderPlaced { order: order.0, reservation: reservation.0, method: method.clone() }
            }
            Fact::PaymentStarted { payment, order, amount } => {
                Self::PaymentStarted { payment: payment.0, order: order.0, amount: amount.0 }
            }
            Fact::PaymentNeedsAction { payment } => Self::PaymentNeedsAction { payment: payment.0 },
            Fact::PaymentDeclined { payment, reason } => {
                Self::PaymentDeclined { payment: payment.0, reason: DeclineReasonV1::from(*reason) }
            }
            Fact::PaymentCancelStarted { payment } => Self::PaymentCancelStarted { payment: payment.0 },
            Fact::PaymentCancelled { payment } => Self::PaymentCancelled { payment: payment.0 },
            Fact::OrderConfirmed { order, payment, first_ticket } => Self::OrderConfirmed {
                order: order.0,
                payment: payment.map(|number| number.0),
                first_ticket: first_ticket.0,
            },
            Fact::OrderReseated { order } => Self::OrderReseated { order: order.0 },
            Fact::PaymentCaptured { payment } => Self::PaymentCaptured { payment: payment.0 },
            Fact::CaptureFailed { payment } => Self::CaptureFailed { payment: payment.0 },
            Fact::OrderCancelled { order, reason, refund } => Self::OrderCancelled {
                order: order.0,
                reason: CancelReasonV1::from(*reason),
                refund: refund.as_ref().map(RefundDueV1::from),
            },
            Fact::PaymentReturned { payment, refund, reason } => Self::PaymentReturned {
                payment: payment.0,
                refund: refund.0,
                reason: ReturnReasonV1::from(*reason),
            },
            Fact::RefundCompleted { refund } => Self::RefundCompleted { refund: refund.0 },
            Fact::RefundFailed { refund } => Self::RefundFailed { refund: refund.0 },
            Fact::EventCancelled => Self::EventCancelled,
            Fact::SaleDeleted => Self::SaleDeleted,
            Fact::SoldAtCounter {
                reservation,
                order,
                seller,
                items,
                fees,
                counter_payment,
                payment,
                first_ticket,
            } => Self::SoldAtCounter {
                reservation: reservation.0,
                order: order.0,
                seller: seller.0,
                items: items.iter().map(ItemV1::from).collect(),
                fees: fees.0,
                counter_payment: (*counter_payment).into(),
                payment: payment.map(|payment| payment.0),
                first_ticket: first_ticket.0,
            },
            Fact::ReservationHeldFrom { reservation, holder } => Self::ReservationHeldFrom {
                reservation: reservation.0,
                origin: holder.origin.0,
                new_account: holder.new_account,
            },
            Fact::SingleSeatRuleChanged { refuse } => Self::SingleSeatRuleChanged { refuse: *refuse },
            Fact::HoldLimitsChanged { limits } => Self::HoldLimitsChanged {
                seats: limits.seats,
                seats_of_new_accounts: limits.seats_of_new_accounts,
            },
        }
    }
}

impl TryFrom<FactV1> for Fact {
    type Error = WireError;

    #[expect(clippy::too_many_lines, reason = "one arm a fact, each a single expression")]
    fn try_from(fact: FactV1) -> Result<Self, WireError> {
        Ok(match fact {
            FactV1::SaleOpened { terms, tiers, plan } => Self::SaleOpened {
                terms: Terms::try_from(*terms)?,
                tiers: tiers.into_iter().map(PriceTier::from).collect(),
                plan: plan_of(*plan)?,
            },
            FactV1::TermsChanged { terms } => Self::TermsChanged { terms: Terms::try_from(*terms)? },
            FactV1::PricesChanged { tiers } => {
                Self::PricesChanged { tiers: tiers.into_iter().map(PriceTier::from).collect() }
            }
            FactV1::CategoriesPreferred => Self::CategoriesPreferred,
            FactV1::PlanChanged { plan } => Self::PlanChanged { plan: plan_of(*plan)? },
            FactV1::SeatsBlocked { seats, reason } => {
                Self::SeatsBlocked { seats: seats.into_iter().map(SeatIndex).collect(), reason }
            }
            FactV1::SeatsUnblocked { seats } => {
                Self::SeatsUnblocked { seats: seats.into_iter().map(SeatIndex).collect() }
            }
            FactV1::ReservationPlaced { reservation, buyer, items, fees, hold, expires_at } => {
                Self::ReservationPlaced {
                    reservation: ReservationNumber(reservation),
                    buyer: AccountId(buyer),
                    items: items.into_iter().map(Item::from).collect(),
                    fees: Amount(fees),
                    hold: Millis(hold),
                    expires_at: Timestamp::from_millis(expires_at),
                }
            }
            FactV1::ReservationChanged { reservation, items, fees } => Self::ReservationChanged {
                reservation: ReservationNumber(reservation),
                items: items.into_iter().map(Item::from).collect(),
                fees: Amount(fees),
            },
            FactV1::ReservationExtended { reservation, expires_at } => Self::ReservationExtended {
                reservation: ReservationNumber(reservation),
                expires_at: Timestamp::from_millis(expires_at),
            },
            FactV1::ReservationCancelled { reservation } => {
                Self::ReservationCancelled { reservation: ReservationNumber(reservation) }
            }
            FactV1::ReservationExpired { reservation } => {
                Self::ReservationExpired { reservation: ReservationNumber(reservation) }
            }
            FactV1::OrderPlaced { order, reservation, method } => Self::OrderPlaced {
                order: OrderNumber(order),
                reservation: ReservationNumber(reservation),
                method,
            },
            FactV1::PaymentStarted { payment, order, amount } => Self::PaymentStarted {
                payment: PaymentNumber(payment),
                order: OrderNumber(order),
                amount: Amount(amount),
            },
            FactV1::PaymentNeedsAction { payment } => {
                Self::PaymentNeedsAction { payment: PaymentNumber(payment) }
            }
            FactV1::PaymentDeclined { payment, reason } => {
                Self::PaymentDeclined { payment: PaymentNumber(payment), reason: reason.into() }
            }
            FactV1::PaymentCancelStarted { payment } => {
                Self::PaymentCancelStarted { payment: PaymentNumber(payment) }
            }
            FactV1::PaymentCancelled { payment } => {
                Self::PaymentCancelled { payment: PaymentNumber(payment) }
            }
            FactV1::OrderConfirmed { order, payment, first_ticket } => Self::OrderConfirmed {
                order: OrderNumber(order),
                payment: payment.map(PaymentNumber),
                first_ticket: TicketNumber(first_ticket),
            },
            FactV1::ReservationHeldFrom { reservation, origin, new_account } => Self::ReservationHeldFrom {
                reservation: ReservationNumber(reservation),
                holder: Holder { origin: HoldOrigin(origin), new_account },
            },
            FactV1::SingleSeatRuleChanged { refuse } => Self::SingleSeatRuleChanged { refuse },
            FactV1::HoldLimitsChanged { seats, seats_of_new_accounts } => {
                Self::HoldLimitsChanged { limits: HoldLimits { seats, seats_of_new_accounts } }
            }
            FactV1::OrderReseated { order } => Self::OrderReseated { order: OrderNumber(order) },
            FactV1::PaymentCaptured { payment } => Self::PaymentCaptured { payment: PaymentNumber(payment) },
            FactV1::CaptureFailed { payment } => Self::CaptureFailed { payment: PaymentNumber(payment) },
            FactV1::OrderCancelled { order, reason, refund } => Self::OrderCancelled {
                order: OrderNumber(order),
                reason: reason.into(),
                refund: refund.map(RefundDue::from),
            },
            FactV1::PaymentReturned { payment, refund, reason } => Self::PaymentReturned {
                payment: PaymentNumber(payment),
                refund: RefundNumber(refund),
                reason: reason.into(),
            },
            FactV1::RefundCompleted { refund } => Self::RefundCompleted { refund: RefundNumber(refund) },
            FactV1::RefundFailed { refund } => Self::RefundFailed { refund: RefundNumber(refund) },
            FactV1::EventCancelled => Self::EventCancelled,
            FactV1::SaleDeleted => Self::SaleDeleted,
            FactV1::SoldAtCounter {
                reservation,
                order,
                seller,
                items,
                fees,
                counter_payment,
                payment,
                first_ticket,
            } => Self::SoldAtCounter {
                reservation: ReservationNumber(reservation),
                order: OrderNumber(order),
                seller: AccountId(seller),
                items: items.into_iter().map(Item::from).collect(),
                fees: Amount(fees),
                counter_payment: counter_payment.into(),
                payment: payment.map(PaymentNumber),
                first_ticket: TicketNumber(first_ticket),
            },
        })
    }
}

mirror! {
    /// Version 1 of a cause.
    CauseV1 for Cause {
        Due, OpenSale, ChangeTerms, ChangePrices, ChangePlan, BlockSeats, UnblockSeats, PlaceReservation, ChangeReservation, ExtendReservation, CancelReservation, PlaceOrder, ReportPayment, ReportCapture, ReportRefund, CancelOrder, CancelEvent, DeleteSale, SellAtCounter, ChangeEvent, HandOutRefund
    }
}

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
struct ItemV1 {
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
struct RefundDueV1 {
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
struct TierV1 {
    name: String,
    price: i64,
}

impl From<&PriceTier> for TierV1 {
    fn from(tier: &PriceTier) -> Self {
        Self { name: tier.name.clone(), price: tier.price.0 }
    }
}

impl From<TierV1> for PriceTier {
    fn from(tier: TierV1) -> Self {
        Self { name: tier.name, price: Amount(tier.price) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct TermsV1 {
    currency: String,
    on_sale_at: i64,
    sales_end_at: i64,
    starts_at: i64,
    max_tickets_per_buyer: u32,
    fee_per_ticket: i64,
    fee_per_order: i64,
    fee_share: u32,
    refund_share: u32,
    refund_fees_too: bool,
    refund_until_before_start: i64,
    published: bool,
}

impl From<&Terms> for TermsV1 {
    fn from(terms: &Terms) -> Self {
        Self {
            currency: terms.currency.code().to_owned(),
            on_sale_at: terms.on_sale_at.as_millis(),
            sales_end_at: terms.sales_end_at.as_millis(),
            starts_at: terms.starts_at.as_millis(),
            max_tickets_per_buyer: terms.max_tickets_per_buyer,
            fee_per_ticket: terms.fees.per_ticket.0,
            fee_per_order: terms.fees.per_order.0,
            fee_share: terms.fees.share.0,
            refund_share: terms.refund_policy.share.0,
            refund_fees_too: terms.refund_policy.fees_too,
            refund_until_before_start: terms.refund_policy.until_before_start.0,
            published: terms.published,
        }
    }
}

impl TryFrom<TermsV1> for Terms {
    type Error = WireError;

    fn try_from(terms: TermsV1) -> Result<Self, WireError> {
        let currency = Currency::from_code(&terms.currency);
        Ok(Self {
            currency: currency
                .ok_or_else(|| WireError::Unreadable("a currency code is invalid".to_owned()))?,
            on_sale_at: Timestamp::from_millis(terms.on_sale_at),
            sales_end_at: Timestamp::from_millis(terms.sales_end_at),
            starts_at: Timestamp::from_millis(terms.starts_at),
            max_tickets_per_buyer: terms.max_tickets_per_buyer,
            fees: Fees {
                per_ticket: Amount(terms.fee_per_ticket),
                per_order: Amount(terms.fee_per_order),
                share: BasisPoints(terms.fee_share),
            },
            refund_policy: RefundPolicy {
                share: BasisPoints(terms.refund_share),
                fees_too: terms.refund_fees_too,
                until_before_start: Millis(terms.refund_until_before_start),
            },
            published: terms.published,
        })
    }
}

fn plan_of(plan: PlanV1) -> Result<SeatingPlan, WireError> {
    SeatingPlan::try_from(plan).map_err(|error| WireError::Unreadable(error.to_string()))
}
