//! Normal ways of saying no. Each is part of the public contract; the server gives it a status and words.

use crate::ids::{OrderNumber, SeatIndex};
use crate::time::Timestamp;

/// Why a command was refused. A refusal changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such sale, reservation, order or payment, or it is somebody else's.
    #[error("there is no such thing for this caller")]
    NotFound,
    /// The sale exists already.
    #[error("the sale is open already")]
    AlreadyOpened,
    /// These seats are not free.
    #[error("{} seats are not available", .0.len())]
    SeatUnavailable(Vec<SeatIndex>),
    /// Nothing free fits the wish: so many together, in that section, at that price.
    #[error("nothing available fits")]
    NothingFits,
    /// There are no such seats in the plan.
    #[error("{} seats are not in the plan", .0.len())]
    UnknownSeats(Vec<SeatIndex>),
    /// Seats were named twice.
    #[error("{} seats are named more than once", .0.len())]
    DuplicateSeats(Vec<SeatIndex>),
    /// A list of seats is empty where some are needed.
    #[error("no seats were named")]
    NoSeats,
    /// More seats than one reservation may have.
    #[error("more than {max} seats")]
    TooManySeats {
        /// The most.
        max: usize,
    },
    /// The section is not general admission, or there is no such section.
    #[error("the section is not general admission")]
    NotGeneralAdmission,
    /// Sales have not begun.
    #[error("the sale opens at {opens_at}")]
    SaleNotOpen {
        /// When they do.
        opens_at: Timestamp,
    },
    /// Sales are over, or the event is cancelled.
    #[error("the sale is closed")]
    SaleClosed,
    /// The buyer would have more tickets than allowed.
    #[error("at most {max} tickets a buyer, {have} held or owned already")]
    TicketLimit {
        /// The most.
        max: u32,
        /// What the buyer holds and owns already.
        have: u32,
    },
    /// The hold is shorter or longer than allowed.
    #[error("the hold is out of range")]
    HoldOutOfRange,
    /// The reservation's time is up.
    #[error("the reservation has expired")]
    ReservationExpired,
    /// The reservation was cancelled.
    #[error("the reservation was cancelled")]
    ReservationCancelled,
    /// The reservation has become an order.
    #[error("the reservation is order {0}")]
    AlreadyOrdered(OrderNumber),
    /// The reservation had its extension, or is as long as any may be.
    #[error("the reservation cannot be extended")]
    CannotExtend,
    /// An attempt to pay is under way.
    #[error("a payment is in progress")]
    PaymentInProgress,
    /// The order has had as many attempts as it may have.
    #[error("too many payment attempts")]
    TooManyAttempts,
    /// The policy gives no refund, or none any more.
    #[error("the order cannot be cancelled")]
    NotRefundable,
    /// Tickets were sold or a payment for them is under way, so the event can be cancelled, but neither withdrawn nor
    /// turned into a draft.
    #[error("tickets were sold or are being paid for")]
    HasOrders,
    /// The order has no refund that is paid out at the counter.
    #[error("no refund of this order is paid out at the counter")]
    NothingToHandOut,
    /// The seats cannot be sold for want of a price or a place in the plan.
    #[error("{} seats have no price or are no longer in the plan", .0.len())]
    NotForSale(Vec<SeatIndex>),
    /// The sale would end before it begins.
    #[error("sales must begin before they end")]
    TimesOutOfOrder,
    /// An amount left the range.
    #[error("an amount is out of range")]
    AmountOutOfRange,
    /// The plan cannot take the old one's place.
    #[error("the plan does not fit: {0}")]
    PlanUnfit(String),
    /// A list is longer than its bound.
    #[error("a limit is reached: {0}")]
    LimitReached(&'static str),
    /// The key was used with another body.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The first request with this key is not finished.
    #[error("the request with this idempotency key is still running")]
    IdempotencyInFlight,
}
