//! Reads facts of version 1.

use super::FactV1;
use crate::command::{HoldOrigin, Holder, InstrumentMark};
use crate::fact::{Fact, Item, RefundDue};
use crate::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::money::Amount;
use crate::seating_plan::SeatingPlan;
use crate::terms::{HoldLimits, PriceTier, Terms};
use crate::time::{Millis, Timestamp};
use crate::wire::error::WireError;
use crate::wire::seating_plan::PlanV1;

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
            FactV1::HoldLimitsChanged { seats, seats_of_new_accounts } => Self::HoldLimitsChanged {
                limits: HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument: None },
            },
            FactV1::HoardingLimitsChanged { seats, seats_of_new_accounts, tickets_per_instrument } => {
                let tickets_per_instrument = Some(tickets_per_instrument);
                Self::HoldLimitsChanged {
                    limits: HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument },
                }
            }
            FactV1::PaymentIdentified { payment, instrument } => Self::PaymentIdentified {
                payment: PaymentNumber(payment),
                instrument: InstrumentMark(instrument),
            },
            FactV1::CartMerged { from, into, buyer, items, left_out, fees, expires_at, holder } => {
                Self::CartMerged {
                    from: ReservationNumber(from),
                    into: into.map(ReservationNumber),
                    buyer: AccountId(buyer),
                    items: items.into_iter().map(Item::from).collect(),
                    left_out: left_out.into_iter().map(SeatIndex).collect(),
                    fees: Amount(fees),
                    expires_at: Timestamp::from_millis(expires_at),
                    holder: holder.map(Holder::from),
                }
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

fn plan_of(plan: PlanV1) -> Result<SeatingPlan, WireError> {
    SeatingPlan::try_from(plan).map_err(|error| WireError::Unreadable(error.to_string()))
}
