//! Facts: what happened to a sale. A stored fact is never changed or refused; [`crate::Sale::decide`] checks a command before
//! it becomes facts.
//!
//! Facts contain ids and numbers, but no personal data (I8). [`crate::Sale::apply_entry`] defines what each fact does to the
//! state, and [`crate::wire`] how it is stored.

use crate::command::{Holder, InstrumentMark};
use crate::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::money::Amount;
use crate::seating_plan::SeatingPlan;
use crate::terms::{HoldLimits, PriceTier, Terms};
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// A seat with the price at which it was reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The seat.
    pub seat: SeatIndex,
    /// Its price without fees; later price changes do not affect it.
    pub price: Amount,
}

/// Why a provider declined a payment. The server has the texts that buyers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclineReason {
    /// No reason given.
    Generic,
    /// Not enough money.
    InsufficientFunds,
    /// The card's date has passed.
    ExpiredCard,
    /// The provider does not accept the card or token.
    InvalidCard,
    /// The buyer did not confirm the payment with the bank.
    AuthenticationFailed,
}

/// How a sale at the counter was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CounterPayment {
    /// In cash.
    Cash,
    /// By card, at the organizer's own terminal.
    CardTerminal,
    /// Not at all: the tickets were given away.
    Complimentary,
}

impl CounterPayment {
    /// Its name, which orders show in place of a payment method.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::CardTerminal => "card_terminal",
            Self::Complimentary => "complimentary",
        }
    }
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// The buyer cancelled.
    Buyer,
    /// The organizer cancelled this order.
    Organizer,
    /// The whole event was cancelled.
    Event,
}

/// Why a payment that succeeded too late was sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnReason {
    /// The seats are not available any more.
    SeatsGone,
    /// Another attempt has paid for the order.
    AlreadyPaid,
    /// The order has changed since, or another attempt was started.
    AmountChanged,
    /// The event is cancelled, its sale is over, or it became a draft again.
    SaleOver,
    /// The buyer cancelled the reservation.
    GivenBack,
    /// The order would exceed the buyer's ticket limit.
    TicketLimit,
}

/// One thing that happened to a sale.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The sale was opened, with everything that [`crate::Sale::decide`] needs.
    SaleOpened {
        /// The organizer's terms.
        terms: Terms,
        /// The prices.
        tiers: Vec<PriceTier>,
        /// The seats.
        plan: SeatingPlan,
    },
    /// The terms changed.
    TermsChanged {
        /// All terms, changed or not.
        terms: Terms,
    },
    /// The prices changed, for future reservations.
    PricesChanged {
        /// All tiers.
        tiers: Vec<PriceTier>,
    },
    /// From now on, a tier whose name belongs to a section and to a category means the category; see
    /// [`PriceTier`]. Before this fact it means the section. Sales that were opened under the earlier rule
    /// get this fact only when their prices or plan change, so until then their seats keep their prices. It is recorded with the opening, the prices or the plan
    /// that give a section and a category the same name.
    CategoriesPreferred,
    /// The plan changed: seats were added, moved, relabelled or removed. Every seat keeps its index.
    PlanChanged {
        /// The whole plan, removed seats included.
        plan: SeatingPlan,
    },
    /// The organizer withheld seats from sale.
    SeatsBlocked {
        /// The seats.
        seats: Vec<SeatIndex>,
        /// A label for the organizer's own use; never a person's name.
        reason: String,
    },
    /// The organizer put withheld seats on sale.
    SeatsUnblocked {
        /// The seats.
        seats: Vec<SeatIndex>,
    },
    /// A buyer reserved seats.
    ReservationPlaced {
        /// Its number.
        reservation: ReservationNumber,
        /// The buyer.
        buyer: AccountId,
        /// Seats and prices, in the order asked.
        items: Vec<Item>,
        /// Fees on top.
        fees: Amount,
        /// The hold that was asked for; one extension adds it again.
        hold: Millis,
        /// From this instant on the seats are available again.
        expires_at: Timestamp,
    },
    /// The buyer added or removed seats.
    ReservationChanged {
        /// The reservation.
        reservation: ReservationNumber,
        /// All its seats after the change.
        items: Vec<Item>,
        /// Fees on top, computed for these seats.
        fees: Amount,
    },
    /// The reservation was extended.
    ReservationExtended {
        /// The reservation.
        reservation: ReservationNumber,
        /// The new end.
        expires_at: Timestamp,
    },
    /// The buyer cancelled the reservation, or the event was cancelled. Its order, which was not paid, is abandoned.
    ReservationCancelled {
        /// The reservation.
        reservation: ReservationNumber,
    },
    /// The reservation expired. Its order, which was not paid, is abandoned.
    ReservationExpired {
        /// The reservation.
        reservation: ReservationNumber,
    },
    /// A buyer started to pay for a reservation.
    OrderPlaced {
        /// Its number.
        order: OrderNumber,
        /// The reservation that is bought.
        reservation: ReservationNumber,
        /// The payment method's name, as the buyer sent it.
        method: String,
    },
    /// A payment attempt began. Its key at the provider is derived from its number.
    PaymentStarted {
        /// Its number.
        payment: PaymentNumber,
        /// The order.
        order: OrderNumber,
        /// The amount to charge.
        amount: Amount,
    },
    /// The attempt that began just now is paid with this instrument.
    PaymentIdentified {
        /// The attempt.
        payment: PaymentNumber,
        /// The instrument.
        instrument: InstrumentMark,
    },
    /// The provider waits for the buyer (3-D Secure).
    PaymentNeedsAction {
        /// The attempt.
        payment: PaymentNumber,
    },
    /// The provider declined the payment. The buyer may try again.
    PaymentDeclined {
        /// The attempt.
        payment: PaymentNumber,
        /// Why.
        reason: DeclineReason,
    },
    /// The attempt took too long; the provider is told to cancel it.
    PaymentCancelStarted {
        /// The attempt.
        payment: PaymentNumber,
    },
    /// The attempt was cancelled and will never charge.
    PaymentCancelled {
        /// The attempt.
        payment: PaymentNumber,
    },
    /// The order is confirmed: its seats are sold and its tickets valid.
    OrderConfirmed {
        /// The order.
        order: OrderNumber,
        /// The authorised attempt; `None` for an order that costs nothing.
        payment: Option<PaymentNumber>,
        /// The number of the first ticket. Each item has one ticket, in order.
        first_ticket: TicketNumber,
    },
    /// A payment succeeded after its reservation had ended. The seats were still available, so the order got them back.
    OrderReseated {
        /// The order.
        order: OrderNumber,
    },
    /// An authorised payment was captured.
    PaymentCaptured {
        /// The attempt.
        payment: PaymentNumber,
    },
    /// The provider refuses for good to capture an authorised payment. The tickets are suspended and an alert is raised.
    CaptureFailed {
        /// The attempt.
        payment: PaymentNumber,
    },
    /// A confirmed order was cancelled: its tickets are void and its seats available.
    OrderCancelled {
        /// The order.
        order: OrderNumber,
        /// Why.
        reason: CancelReason,
        /// The refund; `None` when nothing is paid back.
        refund: Option<RefundDue>,
    },
    /// A payment succeeded too late and is sent back.
    PaymentReturned {
        /// The attempt.
        payment: PaymentNumber,
        /// The refund that sends it back.
        refund: RefundNumber,
        /// Why.
        reason: ReturnReason,
    },
    /// A refund was paid.
    RefundCompleted {
        /// The refund.
        refund: RefundNumber,
    },
    /// The provider refuses a refund for good; an alert is raised.
    RefundFailed {
        /// The refund.
        refund: RefundNumber,
    },
    /// The event was cancelled. Its reservations and orders are cancelled in later entries, a bounded number in each.
    EventCancelled,
    /// The event was deleted before anything was sold.
    SaleDeleted,
    /// From where a reservation is held; it follows its [`Self::ReservationPlaced`].
    ReservationHeldFrom {
        /// The reservation.
        reservation: ReservationNumber,
        /// Who holds it.
        holder: Holder,
    },
    /// The organizer changed whether buyers may leave a single seat.
    SingleSeatRuleChanged {
        /// Whether such a choice is refused from now on.
        refuse: bool,
    },
    /// A guest signed in: their reservation belongs to the account now, alone or as part of the account's cart. No seat was given back by
    /// anybody's choice.
    CartMerged {
        /// The guest's reservation.
        from: ReservationNumber,
        /// Where its seats are now: in the account's cart, or in `from` itself if the account had no cart. `None` when the account may
        /// hold no more seats. A reservation that is left empty counts as cancelled.
        into: Option<ReservationNumber>,
        /// The account.
        buyer: AccountId,
        /// All seats of the merged cart, those reserved first at the front.
        items: Vec<Item>,
        /// The seats of both that became available, because the account may not hold so many.
        left_out: Vec<SeatIndex>,
        /// Fees on top, computed for `items`.
        fees: Amount,
        /// When the merged cart expires.
        expires_at: Timestamp,
        /// From where it is held, if that is limited.
        holder: Option<Holder>,
    },
    /// The organizer changed the limits on hoarding.
    HoldLimitsChanged {
        /// The new limits.
        limits: HoldLimits,
    },
    /// Seats were sold at the counter: reserved, ordered, paid and confirmed in one step. They count towards no ticket limit.
    SoldAtCounter {
        /// The number of the reservation, which is converted at once.
        reservation: ReservationNumber,
        /// The order.
        order: OrderNumber,
        /// Who sold; the order is theirs.
        seller: AccountId,
        /// Seats and prices, in the order asked; all prices are 0 for complimentary tickets.
        items: Vec<Item>,
        /// Fees on top.
        fees: Amount,
        /// How it was paid.
        counter_payment: CounterPayment,
        /// The payment, already captured; `None` when it cost nothing.
        payment: Option<PaymentNumber>,
        /// Tickets are numbered from here, one for each item, in order.
        first_ticket: TicketNumber,
    },
}

/// The refund of a cancelled order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDue {
    /// Its number.
    pub refund: RefundNumber,
    /// The refunded part of the seats' prices.
    pub seats: Amount,
    /// The refunded part of the fees.
    pub fees: Amount,
}
