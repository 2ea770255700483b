//! Writes facts in version 1.

use super::FactV1;
use super::parts::{CancelReasonV1, DeclineReasonV1, HolderV1, ItemV1, RefundDueV1, ReturnReasonV1};
use crate::fact::Fact;
use crate::terms::HoldLimits;
use crate::wire::seating_plan::PlanV1;
use crate::wire::terms::{TermsV1, TierV1};

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
            Fact::CartMerged { from, into, buyer, items, left_out, fees, expires_at, holder } => {
                Self::CartMerged {
                    from: from.0,
                    into: into.map(|number| number.0),
                    buyer: buyer.0,
                    items: items.iter().map(ItemV1::from).collect(),
                    left_out: left_out.iter().map(|seat| seat.0).collect(),
                    fees: fees.0,
                    expires_at: expires_at.as_millis(),
                    holder: holder.as_ref().map(HolderV1::from),
                }
            }
            Fact::SingleSeatRuleChanged { refuse } => Self::SingleSeatRuleChanged { refuse: *refuse },
            Fact::HoldLimitsChanged { limits } => {
                let HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument } = *limits;
                match tickets_per_instrument {
                    None => Self::HoldLimitsChanged { seats, seats_of_new_accounts },
                    Some(tickets_per_instrument) => {
                        Self::HoardingLimitsChanged { seats, seats_of_new_accounts, tickets_per_instrument }
                    }
                }
            }
            Fact::PaymentIdentified { payment, instrument } => {
                Self::PaymentIdentified { payment: payment.0, instrument: instrument.0 }
            }
        }
    }
}
