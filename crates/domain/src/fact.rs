//! What happened. A fact is true for ever: nothing here checks, refuses or computes.
//!
//! Facts hold ids and numbers only, never a personal detail (I8). What each means to the state stands in
//! [`crate::Sale::apply_entry`]; how it is written to disk in [`crate::wire`].

use crate::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::money::Amount;
use crate::seating_plan::SeatingPlan;
use crate::terms::{PriceTier, Terms};
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// A seat and the price it was promised at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The seat.
    pub seat: SeatIndex,
    /// Its price without fees, fixed when it was reserved.
    pub price: Amount,
}

/// Why a provider said no; the words buyers see are the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclineReason {
    /// No reason given.
    Generic,
    /// Not enough money.
    InsufficientFunds,
    /// The card's date has passed.
    ExpiredCard,
    /// The provider refuses the card or token as such.
    InvalidCard,
    /// The buyer's bank wanted a confirmation and did not get it.
    AuthenticationFailed,
}

/// What was taken at the counter for tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tender {
    /// Coins and notes.
    Cash,
    /// A card, at a terminal of the organizer's own.
    CardTerminal,
    /// Nothing: they are a present.
    Complimentary,
}

impl Tender {
    /// The word for it, in the place of a payment method's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::CardTerminal => "card_terminal",
            Self::Complimentary => "complimentary",
        }
    }
}

/// Why an order ended before or after it was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// The buyer cancelled.
    Buyer,
    /// The organizer cancelled this order.
    Organizer,
    /// The whole event was cancelled.
    Event,
}

/// Why a payment that succeeded late was sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnReason {
    /// Its seats have another owner now.
    SeatsGone,
    /// Its order was paid by another attempt.
    AlreadyPaid,
    /// Its order was changed since, or another attempt followed it.
    AmountChanged,
    /// The event is cancelled, its sale over, or it was made a draft again.
    SaleOver,
    /// The buyer had given the seats back.
    GivenBack,
    /// The buyer has as many tickets as allowed without it.
    TicketLimit,
}

/// One thing that happened to a sale.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The sale came to be, with everything `decide` needs.
    SaleOpened {
        /// The organizer's terms.
        terms: Terms,
        /// The prices.
        tiers: Vec<PriceTier>,
        /// The seats.
        plan: SeatingPlan,
    },
    /// New terms hold from now on.
    TermsChanged {
        /// All terms, changed or not.
        terms: Terms,
    },
    /// New prices hold for future reservations.
    PricesChanged {
        /// All tiers.
        tiers: Vec<PriceTier>,
    },
    /// Seats were added, moved, relabelled or removed; indexes stayed.
    PlanChanged {
        /// The whole plan, removed seats included.
        plan: SeatingPlan,
    },
    /// The organizer withheld seats.
    SeatsBlocked {
        /// Which.
        seats: Vec<SeatIndex>,
        /// A label for the organizer's own use; never a person's name.
        reason: String,
    },
    /// The organizer gave withheld seats to the sale.
    SeatsUnblocked {
        /// Which.
        seats: Vec<SeatIndex>,
    },
    /// A buyer took seats for a while.
    ReservationPlaced {
        /// Its number.
        reservation: ReservationNumber,
        /// Whose it is.
        buyer: AccountId,
        /// Seats and prices, in the order asked.
        items: Vec<Item>,
        /// Fees on top.
        fees: Amount,
        /// The hold that was asked for; one extension adds it again.
        hold: Millis,
        /// The seats come back exactly then.
        expires_at: Timestamp,
    },
    /// The buyer changed the cart.
    ReservationChanged {
        /// Which reservation.
        reservation: ReservationNumber,
        /// All seats it has now.
        items: Vec<Item>,
        /// Fees on top, anew.
        fees: Amount,
    },
    /// The buyer got the one extension.
    ReservationExtended {
        /// Which reservation.
        reservation: ReservationNumber,
        /// The new end.
        expires_at: Timestamp,
    },
    /// The buyer gave the seats back, or the event ended; an unpaid order of it ends with it.
    ReservationCancelled {
        /// Which reservation.
        reservation: ReservationNumber,
    },
    /// The time was up; an unpaid order of it ends with it.
    ReservationExpired {
        /// Which reservation.
        reservation: ReservationNumber,
    },
    /// A buyer wants to pay for a reservation.
    OrderPlaced {
        /// Its number.
        order: OrderNumber,
        /// What is bought.
        reservation: ReservationNumber,
        /// The method's name as the buyer gave it.
        method: String,
    },
    /// A payment attempt was begun; its key at the provider is derived from its number.
    PaymentStarted {
        /// Its number.
        payment: PaymentNumber,
        /// The order.
        order: OrderNumber,
        /// What is to be charged.
        amount: Amount,
    },
    /// The provider waits for the buyer (3-D Secure).
    PaymentNeedsAction {
        /// Which attempt.
        payment: PaymentNumber,
    },
    /// The provider said no; another attempt may follow.
    PaymentDeclined {
        /// Which attempt.
        payment: PaymentNumber,
        /// Why.
        reason: DeclineReason,
    },
    /// The attempt ran out of time; the provider is told to cancel it.
    PaymentCancelStarted {
        /// Which attempt.
        payment: PaymentNumber,
    },
    /// The attempt is certain never to charge.
    PaymentCancelled {
        /// Which attempt.
        payment: PaymentNumber,
    },
    /// The seats are the buyer's: tickets are valid.
    OrderConfirmed {
        /// Which order.
        order: OrderNumber,
        /// The authorised attempt; none when nothing was to be paid.
        payment: Option<PaymentNumber>,
        /// Tickets are numbered from here, one for each item, in order.
        first_ticket: TicketNumber,
    },
    /// A payment succeeded after its seats had gone back, and they were still free: the order has them again.
    OrderReseated {
        /// Which order.
        order: OrderNumber,
    },
    /// The money of an authorised attempt was taken.
    PaymentCaptured {
        /// Which attempt.
        payment: PaymentNumber,
    },
    /// The provider finally refuses to hand over authorised money: the tickets are suspended, somebody must look.
    CaptureFailed {
        /// Which attempt.
        payment: PaymentNumber,
    },
    /// A confirmed order ended: its tickets are void, its seats free.
    OrderCancelled {
        /// Which order.
        order: OrderNumber,
        /// Why.
        reason: CancelReason,
        /// What goes back to the buyer, if anything.
        refund: Option<RefundDue>,
    },
    /// A payment that succeeded too late is sent back.
    PaymentReturned {
        /// Which attempt.
        payment: PaymentNumber,
        /// The refund that does it.
        refund: RefundNumber,
        /// Why.
        reason: ReturnReason,
    },
    /// The money is with the buyer again.
    RefundCompleted {
        /// Which refund.
        refund: RefundNumber,
    },
    /// The provider finally refuses the refund: somebody must look.
    RefundFailed {
        /// Which refund.
        refund: RefundNumber,
    },
    /// The event will not take place: every reservation and order ends, in bounded steps.
    EventCancelled,
    /// The event was withdrawn before anything was sold.
    SaleDeleted,
    /// Seats were sold at the counter: reserved, bought, paid and confirmed in one step. They count for nobody's limit.
    SoldAtCounter {
        /// The number of the reservation that never waited.
        reservation: ReservationNumber,
        /// The order.
        order: OrderNumber,
        /// Who sold; the order is theirs.
        seller: AccountId,
        /// Seats and prices, in the order asked; prices of nothing where they are a present.
        items: Vec<Item>,
        /// Fees on top.
        fees: Amount,
        /// What was taken.
        tender: Tender,
        /// The payment, which is done; none when nothing was to be paid.
        payment: Option<PaymentNumber>,
        /// Tickets are numbered from here, one for each item, in order.
        first_ticket: TicketNumber,
    },
}

/// A refund decided with an order's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDue {
    /// Its number.
    pub refund: RefundNumber,
    /// The part of the seats' prices.
    pub seats: Amount,
    /// The part of the fees.
    pub fees: Amount,
}
