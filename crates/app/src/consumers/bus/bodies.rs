//! Which facts become public messages, and with which contents. The messages have types of their own, so the journal's format can change
//! without them.

use crate::ids::{PublicIds, account_uuid};
use fairseat_bus::data::{
    EventChange, EventData, EventEnd, ItemData, OrderCancellation, OrderData, OrderItemData, PaymentData,
    PaymentFailure, PaymentReturn, PriceData, RefundData, ReservationData, TicketData, TicketsData,
};
use fairseat_bus::{Body, Time};
use fairseat_domain::fact::{CancelReason, Item, ReturnReason};
use fairseat_domain::ids::{OrderNumber, PaymentNumber, RefundNumber, ReservationNumber};
use fairseat_domain::sale::{OrderState, ReservationPhase};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Fact, Sale};
use fairseat_engine::PaymentRef;
use fairseat_payments::decline_code;
use uuid::Uuid;

/// Makes the contents of messages from the state before and after an entry.
pub(super) struct Bodies<'b> {
    pub(super) ids: &'b PublicIds,
    pub(super) event: Uuid,
    pub(super) before: &'b Sale,
    pub(super) after: &'b Sale,
}

impl Bodies<'_> {
    /// The contents of a fact's messages, at most one of each kind. Facts that are not public have none: limits on hoarding, the steps of
    /// a payment that decide nothing, and how the sale is run inside. Seats are compared before and after the whole entry.
    pub(super) fn of(&self, fact: &Fact) -> Vec<Body> {
        let bodies = match fact {
            Fact::SaleOpened { .. } => vec![Some(Body::EventOpened(self.event_data()))],
            Fact::TermsChanged { .. } => vec![Some(self.event_change("terms"))],
            Fact::PricesChanged { .. } => vec![Some(self.event_change("prices"))],
            Fact::PlanChanged { .. } => vec![Some(self.event_change("plan"))],
            Fact::EventCancelled => vec![Some(Body::EventCancelled(EventEnd { event_id: self.event }))],
            Fact::SaleDeleted => vec![Some(Body::EventDeleted(EventEnd { event_id: self.event }))],
            Fact::ReservationPlaced { reservation, .. } => {
                vec![self.reservation(*reservation).map(Body::ReservationPlaced)]
            }
            Fact::ReservationChanged { reservation, .. } | Fact::ReservationExtended { reservation, .. } => {
                vec![self.reservation(*reservation).map(Body::ReservationChanged)]
            }
            Fact::ReservationCancelled { reservation } => self.cancelled(*reservation),
            Fact::ReservationExpired { reservation } => {
                let expired = self.reservation(*reservation).map(Body::ReservationExpired);
                vec![expired, self.abandoned(*reservation)]
            }
            Fact::CartMerged { from, into, .. } => self.merged(*from, *into),
            Fact::OrderPlaced { order, .. } => vec![self.order(*order).map(Body::OrderPlaced)],
            Fact::PaymentDeclined { payment, reason } => vec![self.failure(*payment, decline_code(*reason))],
            Fact::PaymentCancelled { payment } => vec![self.failure(*payment, "cancelled")],
            Fact::OrderConfirmed { order, .. } | Fact::SoldAtCounter { order, .. } => {
                let issued = self.tickets(*order).map(Body::TicketsIssued);
                vec![self.order(*order).map(Body::OrderConfirmed), issued]
            }
            Fact::PaymentCaptured { payment } => vec![self.payment(*payment).map(Body::OrderCaptured)],
            Fact::CaptureFailed { payment } => self.capture_failed(*payment),
            Fact::OrderCancelled { order, reason, .. } => {
                let voided = self.tickets(*order).map(Body::TicketsVoided);
                vec![self.cancellation(*order, *reason), voided]
            }
            Fact::PaymentReturned { payment, refund, reason } => {
                vec![self.returned(*payment, *refund, *reason)]
            }
            Fact::RefundCompleted { refund } => vec![self.refund(*refund).map(Body::RefundCompleted)],
            Fact::RefundFailed { refund } => vec![self.refund(*refund).map(Body::RefundFailed)],
            Fact::CategoriesPreferred
            | Fact::SeatsBlocked { .. }
            | Fact::SeatsUnblocked { .. }
            | Fact::PaymentStarted { .. }
            | Fact::PaymentIdentified { .. }
            | Fact::PaymentNeedsAction { .. }
            | Fact::PaymentCancelStarted { .. }
            | Fact::OrderReseated { .. }
            | Fact::ReservationHeldFrom { .. }
            | Fact::SingleSeatRuleChanged { .. }
            | Fact::HoldLimitsChanged { .. } => Vec::new(),
        };
        bodies.into_iter().flatten().collect()
    }

    fn currency(&self) -> String {
        self.after.terms().currency.code().to_owned()
    }

    fn event_data(&self) -> EventData {
        let terms = self.after.terms();
        let price = |tier: &fairseat_domain::terms::PriceTier| PriceData {
            name: tier.name.clone(),
            price_minor: tier.price.0,
        };
        EventData {
            event_id: self.event,
            currency: self.currency(),
            published: terms.published,
            on_sale_at: time(terms.on_sale_at),
            sales_end_at: time(terms.sales_end_at),
            starts_at: time(terms.starts_at),
            max_tickets_per_user: terms.max_tickets_per_buyer,
            seats: self.after.plan().seat_count(),
            prices: self.after.tiers().iter().map(price).collect(),
        }
    }

    fn event_change(&self, changed: &'static str) -> Body {
        Body::EventChanged(EventChange { event: self.event_data(), changed })
    }

    fn reservation(&self, number: ReservationNumber) -> Option<ReservationData> {
        let found = self.after.reservation(number)?;
        Some(ReservationData {
            event_id: self.event,
            reservation_id: self.ids.reservation(self.after.event(), number),
            user_id: account_uuid(found.buyer),
            items: found.items.iter().map(|item| self.item(item)).collect(),
            fees_minor: found.fees.0,
            total_minor: found.total.0,
            currency: self.currency(),
            expires_at: time(found.expires_at),
        })
    }

    fn item(&self, item: &Item) -> ItemData {
        ItemData { seat_id: self.ids.seat(self.after.event(), item.seat), price_minor: item.price.0 }
    }

    /// The order of a reservation, if it was abandoned with it.
    fn abandoned(&self, reservation: ReservationNumber) -> Option<Body> {
        let order = self.after.reservation(reservation)?.order?;
        let is_abandoned = |sale: &Sale| {
            sale.order(order).is_some_and(|order| matches!(order.state, OrderState::Abandoned { .. }))
        };
        let is_new = is_abandoned(self.after) && !is_abandoned(self.before);
        is_new.then(|| self.order(order).map(Body::OrderAbandoned))?
    }

    fn cancelled(&self, reservation: ReservationNumber) -> Vec<Option<Body>> {
        vec![self.reservation(reservation).map(Body::ReservationCancelled), self.abandoned(reservation)]
    }

    /// The seats of a merged cart are in one reservation now; the other ended.
    fn merged(&self, from: ReservationNumber, into: Option<ReservationNumber>) -> Vec<Option<Body>> {
        let is_active = |number| {
            self.after.reservation(number).is_some_and(|found| found.phase == ReservationPhase::Active)
        };
        let kept = into.filter(|into| is_active(*into));
        let mut bodies = vec![kept.and_then(|into| self.reservation(into)).map(Body::ReservationChanged)];
        if kept != Some(from) {
            bodies.extend(self.cancelled(from));
        }
        bodies
    }

    fn order(&self, number: OrderNumber) -> Option<OrderData> {
        let (sale, event) = (self.after, self.after.event());
        let found = sale.order(number)?;
        let tickets = found.tickets().map(Some).chain(std::iter::repeat(None));
        let item = |(item, ticket): (&Item, Option<_>)| OrderItemData {
            seat_id: self.ids.seat(event, item.seat),
            price_minor: item.price.0,
            ticket_id: ticket.map(|ticket| self.ids.ticket(event, ticket)),
        };
        Some(OrderData {
            event_id: self.event,
            order_id: self.ids.order(event, number),
            number: self.ids.order_code(event, number),
            reservation_id: self.ids.reservation(event, found.reservation),
            user_id: account_uuid(found.buyer),
            channel: if found.counter_payment.is_some() { "box_office" } else { "online" },
            items: found.items.iter().zip(tickets).map(item).collect(),
            fees_minor: found.fees.0,
            total_minor: found.total.0,
            currency: self.currency(),
        })
    }

    fn cancellation(&self, number: OrderNumber, reason: CancelReason) -> Option<Body> {
        let order = self.order(number)?;
        let OrderState::Cancelled { refund, .. } = self.after.order(number)?.state else { return None };
        let amount = refund.and_then(|refund| self.after.refund(refund)).map_or(0, |refund| refund.amount.0);
        Some(Body::OrderCancelled(OrderCancellation {
            order,
            reason: match reason {
                CancelReason::Buyer => "buyer",
                CancelReason::Organizer => "organizer",
                CancelReason::Event => "event",
            },
            refund_id: refund.map(|refund| self.ids.refund(self.after.event(), refund)),
            refund_minor: amount,
        }))
    }

    fn tickets(&self, number: OrderNumber) -> Option<TicketsData> {
        let (sale, event) = (self.after, self.after.event());
        let ticket = |number| {
            let seat_id = self.ids.seat(event, sale.ticket(number)?.seat);
            Some(TicketData { ticket_id: self.ids.ticket(event, number), seat_id })
        };
        let tickets = sale.order(number)?.tickets().filter_map(ticket).collect();
        Some(TicketsData { event_id: self.event, order_id: self.ids.order(event, number), tickets })
    }

    fn payment(&self, number: PaymentNumber) -> Option<PaymentData> {
        let (sale, event) = (self.after, self.after.event());
        let found = sale.payment(number)?;
        Some(PaymentData {
            event_id: self.event,
            order_id: self.ids.order(event, found.order),
            payment_id: self.ids.payment(PaymentRef { event, payment: number }),
            amount_minor: found.amount.0,
            currency: self.currency(),
        })
    }

    fn failure(&self, number: PaymentNumber, reason: &'static str) -> Option<Body> {
        Some(Body::OrderPaymentFailed(PaymentFailure { payment: self.payment(number)?, reason }))
    }

    fn capture_failed(&self, number: PaymentNumber) -> Vec<Option<Body>> {
        let order = self.after.payment(number).map(|payment| payment.order);
        // The tickets of an order that was cancelled meanwhile are void already.
        let suspended = order.filter(|order| {
            self.after.order(*order).is_some_and(|order| matches!(order.state, OrderState::Confirmed(_)))
        });
        let suspended = suspended.and_then(|order| self.tickets(order)).map(Body::TicketsSuspended);
        vec![self.payment(number).map(Body::OrderCaptureFailed), suspended]
    }

    fn returned(&self, number: PaymentNumber, refund: RefundNumber, reason: ReturnReason) -> Option<Body> {
        Some(Body::OrderPaymentReturned(PaymentReturn {
            payment: self.payment(number)?,
            refund_id: self.ids.refund(self.after.event(), refund),
            reason: match reason {
                ReturnReason::SeatsGone => "seats_gone",
                ReturnReason::AlreadyPaid => "already_paid",
                ReturnReason::AmountChanged => "amount_changed",
                ReturnReason::SaleOver => "sale_over",
                ReturnReason::GivenBack => "given_back",
                ReturnReason::TicketLimit => "ticket_limit",
            },
        }))
    }

    fn refund(&self, number: RefundNumber) -> Option<RefundData> {
        let (sale, event) = (self.after, self.after.event());
        let found = sale.refund(number)?;
        let order = sale.payment(found.payment)?.order;
        Some(RefundData {
            event_id: self.event,
            order_id: self.ids.order(event, order),
            refund_id: self.ids.refund(event, number),
            amount_minor: found.amount.0,
            currency: self.currency(),
        })
    }
}

fn time(at: Timestamp) -> Time {
    Time(at.as_millis())
}
