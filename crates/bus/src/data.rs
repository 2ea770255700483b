//! The contents of messages. They belong to the readers: a field is never removed, renamed or given another meaning; new fields and new kinds
//! may be added. Ids are the API's. Amounts are integers in the currency's minor unit. There is no personal data: people are account ids.

use crate::message::{Kind, Time};
use serde::Serialize;
use uuid::Uuid;

/// The contents of a message, by kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the kinds of the same names are documented")]
pub enum Body {
    EventOpened(EventData),
    EventChanged(EventChange),
    EventCancelled(EventEnd),
    EventDeleted(EventEnd),
    SeatsChanged(SeatsData),
    ReservationPlaced(ReservationData),
    ReservationChanged(ReservationData),
    ReservationCancelled(ReservationData),
    ReservationExpired(ReservationData),
    OrderPlaced(OrderData),
    OrderPaymentFailed(PaymentFailure),
    OrderAbandoned(OrderData),
    OrderConfirmed(OrderData),
    OrderCaptured(PaymentData),
    OrderCaptureFailed(PaymentData),
    OrderCancelled(OrderCancellation),
    OrderPaymentReturned(PaymentReturn),
    RefundCompleted(RefundData),
    RefundFailed(RefundData),
    TicketsIssued(TicketsData),
    TicketsSuspended(TicketsData),
    TicketsVoided(TicketsData),
}

macro_rules! bodies {
    ($($variant:ident $subject:ident)*) => {
        impl Body {
            /// Its kind.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant),* }
            }

            /// The id of the object that it is about: the attribute `subject`.
            #[must_use]
            pub fn subject(&self) -> Uuid {
                match self { $(Self::$variant(data) => data.$subject()),* }
            }
        }
    };
}

bodies! {
    EventOpened event
    EventChanged event
    EventCancelled event
    EventDeleted event
    SeatsChanged event
    ReservationPlaced reservation
    ReservationChanged reservation
    ReservationCancelled reservation
    ReservationExpired reservation
    OrderPlaced order
    OrderPaymentFailed order
    OrderAbandoned order
    OrderConfirmed order
    OrderCaptured order
    OrderCaptureFailed order
    OrderCancelled order
    OrderPaymentReturned order
    RefundCompleted order
    RefundFailed order
    TicketsIssued order
    TicketsSuspended order
    TicketsVoided order
}

macro_rules! subjects {
    ($($type:ident $subject:ident $($field:ident).+;)*) => {
        $(impl $type {
            fn $subject(&self) -> Uuid {
                self.$($field).+
            }
        })*
    };
}

subjects! {
    EventData event event_id;
    EventChange event event.event_id;
    EventEnd event event_id;
    SeatsData event event_id;
    ReservationData reservation reservation_id;
    OrderData order order_id;
    PaymentFailure order payment.order_id;
    PaymentData order order_id;
    OrderCancellation order order.order_id;
    PaymentReturn order payment.order_id;
    RefundData order order_id;
    TicketsData order order_id;
}

/// An event, as it is sold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventData {
    /// The event.
    pub event_id: Uuid,
    /// The currency of every amount of the event, ISO 4217.
    pub currency: String,
    /// Whether buyers may see it. An event that is not published is a draft.
    pub published: bool,
    /// Seats can be reserved from this instant on.
    pub on_sale_at: Time,
    /// Seats can be reserved until just before this instant.
    pub sales_end_at: Time,
    /// When the event begins.
    pub starts_at: Time,
    /// Seats that one buyer may have reserved and bought together.
    pub max_tickets_per_user: u32,
    /// The number of seats, removed ones included.
    pub seats: usize,
    /// The prices of sections or categories, without fees.
    pub prices: Vec<PriceData>,
}

/// The price of a section or category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceData {
    /// The name of the section or category.
    pub name: String,
    /// The price of one seat, without fees.
    pub price_minor: i64,
}

/// An event after a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventChange {
    /// The event after the change.
    #[serde(flatten)]
    pub event: EventData,
    /// What changed: `terms`, `prices` or `plan`.
    pub changed: &'static str,
}

/// The end of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventEnd {
    /// The event.
    pub event_id: Uuid,
}

/// Seats with their new status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatsData {
    /// The event.
    pub event_id: Uuid,
    /// The seats that changed, in the order of the plan; at most [`SeatsData::MAX_SEATS`].
    pub seats: Vec<SeatData>,
}

impl SeatsData {
    /// The most seats in one message. A change of more seats becomes several messages.
    pub const MAX_SEATS: usize = 1_000;
}

/// A seat with its new status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SeatData {
    /// The seat.
    pub seat_id: Uuid,
    /// `available`, `reserved`, `sold` or `blocked`.
    pub status: &'static str,
}

/// A seat at the price for which it is reserved or sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ItemData {
    /// The seat.
    pub seat_id: Uuid,
    /// Its price, without fees.
    pub price_minor: i64,
}

/// A reservation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReservationData {
    /// The event.
    pub event_id: Uuid,
    /// The reservation.
    pub reservation_id: Uuid,
    /// The buyer's account.
    pub user_id: Uuid,
    /// The seats that it holds, or held when it ended.
    pub items: Vec<ItemData>,
    /// Fees on top.
    pub fees_minor: i64,
    /// Seats and fees together.
    pub total_minor: i64,
    /// The currency, ISO 4217.
    pub currency: String,
    /// When it expires, or would have.
    pub expires_at: Time,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderData {
    /// The event.
    pub event_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The order's number for people.
    pub number: String,
    /// The reservation that it buys.
    pub reservation_id: Uuid,
    /// The buyer's account; for the box office, the seller's.
    pub user_id: Uuid,
    /// `online` or `box_office`.
    pub channel: &'static str,
    /// Its seats. Once it is confirmed, each has its ticket.
    pub items: Vec<OrderItemData>,
    /// Fees on top.
    pub fees_minor: i64,
    /// Seats and fees together.
    pub total_minor: i64,
    /// The currency, ISO 4217.
    pub currency: String,
}

/// A seat of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OrderItemData {
    /// The seat.
    pub seat_id: Uuid,
    /// Its price, without fees.
    pub price_minor: i64,
    /// Its ticket, once the order was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<Uuid>,
}

/// A cancelled order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderCancellation {
    /// The order.
    #[serde(flatten)]
    pub order: OrderData,
    /// Who cancelled: `buyer`, `organizer`, or `event` if the whole event was cancelled.
    pub reason: &'static str,
    /// The refund, if something is paid back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<Uuid>,
    /// How much is paid back; 0 for nothing.
    pub refund_minor: i64,
}

/// A payment of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentData {
    /// The event.
    pub event_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The attempt to pay.
    pub payment_id: Uuid,
    /// Its amount.
    pub amount_minor: i64,
    /// The currency, ISO 4217.
    pub currency: String,
}

/// A payment that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentFailure {
    /// The payment.
    #[serde(flatten)]
    pub payment: PaymentData,
    /// `cancelled`, or the code with which the API says why it was declined.
    pub reason: &'static str,
}

/// A payment that came too late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentReturn {
    /// The payment.
    #[serde(flatten)]
    pub payment: PaymentData,
    /// The refund that sends it back.
    pub refund_id: Uuid,
    /// `seats_gone`, `already_paid`, `amount_changed`, `sale_over`, `given_back` or `ticket_limit`.
    pub reason: &'static str,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundData {
    /// The event.
    pub event_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The refund.
    pub refund_id: Uuid,
    /// Its amount.
    pub amount_minor: i64,
    /// The currency, ISO 4217.
    pub currency: String,
}

/// Tickets of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketsData {
    /// The event.
    pub event_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The tickets.
    pub tickets: Vec<TicketData>,
}

/// A ticket with its seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TicketData {
    /// The ticket.
    pub ticket_id: Uuid,
    /// Its seat.
    pub seat_id: Uuid,
}
