//! Commands: what a person, the payment provider or the passing of time asks a sale to do.

use crate::best_available::BestAvailableRequest;
use crate::fact::{CounterPayment, DeclineReason};
use crate::ids::{AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex};
use crate::seating_plan::{SeatingPlan, SectionIndex};
use crate::terms::{PriceTier, Terms, TermsChange};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The network that a buyer asks from: a keyed hash of its address, under a key that changes every day, so that no address can be told from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HoldOrigin(pub u64);

/// A payment instrument, such as a card: a keyed hash over it and the event, from which nobody can tell the instrument, or whether it was used
/// for another event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstrumentMark(pub u64);

/// Who asks to hold seats, for the limits on hoarding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The network.
    pub origin: HoldOrigin,
    /// Whether the account is new: its address is not verified, or it is younger than a day.
    pub new_account: bool,
}

/// A command to one sale. The server checks the caller's role before it sends one; the sale checks that a reservation or
/// order belongs to the buyer who is named.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Begin the sale.
    OpenSale {
        /// The organizer's terms.
        terms: Terms,
        /// The prices.
        tiers: Vec<PriceTier>,
        /// The seats.
        plan: SeatingPlan,
    },
    /// Change the terms, the prices, or both. Either all of it is changed or nothing.
    ChangeEvent {
        /// The terms to change.
        terms: TermsChange,
        /// All tiers, for future reservations; `None` keeps the prices.
        tiers: Option<Vec<PriceTier>>,
    },
    /// A new plan; seats are matched by guid.
    ChangePlan {
        /// The plan as imported.
        plan: SeatingPlan,
        /// Whether a label that a sold ticket bears may be given to another seat.
        reuse_labels: bool,
    },
    /// Withhold seats from sale.
    BlockSeats {
        /// The seats.
        seats: Vec<SeatIndex>,
        /// A label, at most [`crate::limits::MAX_REASON_CHARS`] characters.
        reason: String,
    },
    /// Put withheld seats on sale.
    UnblockSeats {
        /// The seats; those that are not blocked stay as they are.
        seats: Vec<SeatIndex>,
    },
    /// Hold seats for a limited time.
    PlaceReservation {
        /// The buyer.
        buyer: AccountId,
        /// Which seats, or what kind.
        selection: Selection,
        /// How long the seats are held, [`crate::limits::MIN_HOLD`] to [`crate::limits::MAX_HOLD`].
        hold: Millis,
    },
    /// Add seats to the cart: the buyer's newest reservation for which no payment is in progress. Without one, this places a reservation.
    AddToCart {
        /// The buyer.
        buyer: AccountId,
        /// Which seats, or what kind.
        selection: Selection,
        /// How long the seats of a new reservation are held; a cart keeps its end.
        hold: Millis,
    },
    /// Give a guest's reservation to the account that the guest signed in to. It joins the account's cart, if there is one.
    MergeCart {
        /// The guest's reservation.
        reservation: ReservationNumber,
        /// The guest, to whom the reservation must belong.
        guest: AccountId,
        /// The account.
        account: AccountId,
    },
    /// Add seats to a reservation, or take some out.
    ChangeReservation {
        /// The reservation.
        reservation: ReservationNumber,
        /// The buyer, to whom the reservation must belong.
        buyer: AccountId,
        /// Seats to add.
        add: Vec<SeatIndex>,
        /// Seats to release.
        remove: Vec<SeatIndex>,
    },
    /// Extend a reservation, which is possible once.
    ExtendReservation {
        /// The reservation.
        reservation: ReservationNumber,
        /// The buyer, to whom the reservation must belong.
        buyer: AccountId,
    },
    /// End a reservation and release its seats.
    CancelReservation {
        /// The reservation.
        reservation: ReservationNumber,
        /// The buyer, to whom the reservation must belong.
        buyer: AccountId,
    },
    /// Start to pay for a reservation.
    PlaceOrder {
        /// The reservation to buy.
        reservation: ReservationNumber,
        /// The buyer, to whom the reservation must belong.
        buyer: AccountId,
        /// The payment method's name, at most 32 characters.
        method: String,
        /// What it is paid with; `None` when the provider cannot tell, or tickets are not limited by it.
        instrument: Option<InstrumentMark>,
    },
    /// Sell seats at the counter, where they are paid for or given away.
    SellAtCounter {
        /// The account of the member of staff who sells.
        seller: AccountId,
        /// Which seats, or what kind.
        selection: Selection,
        /// How they are paid.
        counter_payment: CounterPayment,
    },
    /// Record the provider's answer about a payment attempt.
    ReportPayment {
        /// The attempt.
        payment: PaymentNumber,
        /// The answer.
        outcome: PaymentOutcome,
    },
    /// Record the provider's answer about a capture.
    ReportCapture {
        /// The attempt.
        payment: PaymentNumber,
        /// `true` when the money was captured, `false` when the provider refuses for good.
        captured: bool,
    },
    /// Record the provider's answer about a refund.
    ReportRefund {
        /// The refund.
        refund: RefundNumber,
        /// `true` when the money was paid back, `false` when the provider refuses for good.
        completed: bool,
    },
    /// Cancel an order.
    CancelOrder {
        /// The order.
        order: OrderNumber,
        /// Who cancels it.
        by: Canceller,
    },
    /// Record that the money of a cancelled counter sale was handed out at the counter.
    HandOutRefund {
        /// The cancelled order.
        order: OrderNumber,
    },
    /// Cancel the event; every order is refunded in full.
    CancelEvent,
    /// Withdraw the event while nothing is sold.
    DeleteSale,
    /// Only apply the facts that are due by now.
    Tick,
}

/// Which seats a buyer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Exactly these seats, all or none.
    Seats(Vec<SeatIndex>),
    /// The best available seats that are next to each other.
    BestAvailable(BestAvailableRequest),
    /// A number of places in each of these general-admission sections.
    GeneralAdmission(Vec<(SectionIndex, u32)>),
}

/// Who cancels an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceller {
    /// This buyer, to whom the order must belong. The refund policy decides how much is paid back.
    Buyer(AccountId),
    /// The organizer, who decides how much is paid back.
    Organizer(RefundChoice),
}

/// How much is refunded when an organizer cancels an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundChoice {
    /// The whole amount with fees, whatever the refund policy says.
    Everything,
    /// The amount a buyer would get back by cancelling now; nothing after the policy's deadline.
    ByPolicy,
    /// Nothing.
    Nothing,
}

/// A provider's definite answer about a payment attempt. A time-out is not one of them: the provider is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentOutcome {
    /// The payment is authorised.
    Authorized,
    /// The buyer must act first (3-D Secure).
    NeedsAction,
    /// The provider declined it.
    Declined(DeclineReason),
    /// It was cancelled, or never reached the provider: it will never charge.
    Cancelled,
}

/// The idempotency key of a request and its content, as keyed fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Fingerprint of caller, route, event and key.
    pub key: u128,
    /// Fingerprint of the body, card data left out.
    pub body: u64,
}
