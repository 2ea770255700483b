//! Refusals: the normal reasons for which a sale rejects a command. The server turns each into an HTTP status and a text.

use crate::ids::{OrderNumber, SeatIndex};
use crate::time::Timestamp;

/// Why a command was refused. A refusal changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such sale, reservation, order or payment, or it is somebody else's.
    #[error("it does not exist, or belongs to somebody else")]
    NotFound,
    /// The sale exists already.
    #[error("the sale is open already")]
    AlreadyOpened,
    /// These seats are not free.
    #[error("{} seats are not available", .0.len())]
    SeatUnavailable(Vec<SeatIndex>),
    /// No available seats satisfy the request: the number of adjacent seats, the section, the price.
    #[error("nothing available fits")]
    NothingFits,
    /// There are no such seats in the plan.
    #[error("{} seats are not in the plan", .0.len())]
    UnknownSeats(Vec<SeatIndex>),
    /// Seats were named twice.
    #[error("{} seats are named more than once", .0.len())]
    DuplicateSeats(Vec<SeatIndex>),
    /// The list of seats is empty.
    #[error("no seats were named")]
    NoSeats,
    /// More seats than one command may name.
    #[error("more than {max} seats")]
    TooManySeats {
        /// The maximum.
        max: usize,
    },
    /// The section is not general admission, or there is no such section.
    #[error("the section is not general admission")]
    NotGeneralAdmission,
    /// Sales have not begun.
    #[error("the sale opens at {opens_at}")]
    SaleNotOpen {
        /// When they will.
        opens_at: Timestamp,
    },
    /// Sales are over, or the event is cancelled.
    #[error("the sale is closed")]
    SaleClosed,
    /// The buyer would exceed the ticket limit.
    #[error("at most {max} tickets a buyer, {have} held or owned already")]
    TicketLimit {
        /// The maximum.
        max: u32,
        /// What the buyer holds and owns already.
        have: u32,
    },
    /// Too many seats are held from the buyer's network, by all accounts or by new ones.
    #[error("at most {max} seats held from one network, {have} held already")]
    HoldLimit {
        /// The maximum.
        max: u32,
        /// What is held from there already.
        have: u32,
        /// Whether the limit is that of new accounts.
        new_accounts: bool,
    },
    /// Too many tickets would be paid with the same payment instrument.
    #[error("at most {max} tickets for one payment instrument, {have} already")]
    InstrumentLimit {
        /// The maximum.
        max: u32,
        /// What it has paid for, or is about to.
        have: u32,
    },
    /// The caller has given these seats back again and again, and must leave them to others for a while.
    #[error("{} seats are left to others until {until}", .seats.len())]
    SeatsCooling {
        /// The seats.
        seats: Vec<SeatIndex>,
        /// Until when.
        until: Timestamp,
    },
    /// The choice would leave these seats alone between taken ones, which the organizer does not want.
    #[error("{} seats would be left alone", .0.len())]
    SingleSeatLeft(Vec<SeatIndex>),
    /// The hold is shorter or longer than allowed.
    #[error("the hold is out of range")]
    HoldOutOfRange,
    /// The reservation has expired.
    #[error("the reservation has expired")]
    ReservationExpired,
    /// The reservation was cancelled.
    #[error("the reservation was cancelled")]
    ReservationCancelled,
    /// The reservation was bought.
    #[error("the reservation is order {0}")]
    AlreadyOrdered(OrderNumber),
    /// The reservation was extended before, or already has the maximum length.
    #[error("the reservation cannot be extended")]
    CannotExtend,
    /// A payment attempt is in progress.
    #[error("a payment is in progress")]
    PaymentInProgress,
    /// The order has reached the maximum number of payment attempts.
    #[error("too many payment attempts")]
    TooManyAttempts,
    /// The refund policy allows no cancellation, or its deadline has passed.
    #[error("the order cannot be cancelled")]
    NotRefundable,
    /// Tickets were sold or a payment for them is under way, so the event can be cancelled, but neither withdrawn nor
    /// turned into a draft.
    #[error("tickets were sold or are being paid for")]
    HasOrders,
    /// The order has no refund that is paid out at the counter.
    #[error("no refund of this order is paid out at the counter")]
    NothingToHandOut,
    /// The seats cannot be sold, because they have no price or were removed from the plan.
    #[error("{} seats have no price or are no longer in the plan", .0.len())]
    NotForSale(Vec<SeatIndex>),
    /// The sale would end before it begins.
    #[error("sales must begin before they end")]
    TimesOutOfOrder,
    /// An amount is negative or too large.
    #[error("an amount is out of range")]
    AmountOutOfRange,
    /// The new plan gives these labels, which sold tickets bear, to other seats.
    #[error("{} labels of sold tickets would be given to other seats", .0.len())]
    LabelsInUse(Vec<ReusedLabel>),
    /// The new plan cannot replace the current one.
    #[error("the plan does not fit: {0}")]
    PlanUnfit(String),
    /// A list, text or number exceeds its bound.
    #[error("a limit is reached: {0}")]
    LimitReached(&'static str),
    /// The idempotency key was used with another body.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The first request with this idempotency key is still running.
    #[error("the request with this idempotency key is still running")]
    IdempotencyInFlight,
}

/// A label that a sold ticket bears, or bore, and that a new plan gives to another seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReusedLabel {
    /// The label: `Floor A-1`.
    pub label: String,
    /// The seat of the sold ticket.
    pub sold: SeatIndex,
    /// The label that this seat would have.
    pub becomes: String,
}
