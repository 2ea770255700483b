//! What somebody, or the passing of time, wants of a sale.

use crate::best_available::Wanted;
use crate::fact::{DeclineReason, Tender};
use crate::ids::{AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex};
use crate::seating_plan::{SeatingPlan, SectionIndex};
use crate::terms::{PriceTier, Terms, TermsChange};
use crate::time::Millis;

/// A wish, addressed to one sale. Whether the caller may have it at all is the server's concern; whose reservation or
/// order it is, the sale's.
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
    /// Change the terms, the prices, or both: as a whole or not at all.
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
    },
    /// Withhold seats.
    BlockSeats {
        /// Which.
        seats: Vec<SeatIndex>,
        /// A label, at most [`crate::limits::MAX_REASON_CHARS`] characters.
        reason: String,
    },
    /// Give withheld seats to the sale.
    UnblockSeats {
        /// Which.
        seats: Vec<SeatIndex>,
    },
    /// Take seats for a while.
    PlaceReservation {
        /// For whom.
        buyer: AccountId,
        /// Which seats, or what kind.
        selection: Selection,
        /// For how long, [`crate::limits::MIN_HOLD`] to [`crate::limits::MAX_HOLD`].
        hold: Millis,
    },
    /// Change the cart.
    ChangeReservation {
        /// Which.
        reservation: ReservationNumber,
        /// Whose it must be.
        buyer: AccountId,
        /// Seats to add.
        add: Vec<SeatIndex>,
        /// Seats to give back.
        remove: Vec<SeatIndex>,
    },
    /// Ask for the one extension.
    ExtendReservation {
        /// Which.
        reservation: ReservationNumber,
        /// Whose it must be.
        buyer: AccountId,
    },
    /// Give the seats back.
    CancelReservation {
        /// Which.
        reservation: ReservationNumber,
        /// Whose it must be.
        buyer: AccountId,
    },
    /// Begin to pay for a reservation.
    PlaceOrder {
        /// What is bought.
        reservation: ReservationNumber,
        /// Whose it must be.
        buyer: AccountId,
        /// The payment method's name, at most 32 characters.
        method: String,
    },
    /// Sell seats to somebody who stands at the counter: paid there, or given away.
    SellAtCounter {
        /// Who sells.
        seller: AccountId,
        /// Which seats, or what kind.
        selection: Selection,
        /// What is taken for them.
        tender: Tender,
    },
    /// What the provider says of an attempt.
    ReportPayment {
        /// Which attempt.
        payment: PaymentNumber,
        /// What it says.
        outcome: PaymentOutcome,
    },
    /// What the provider says of taking the money.
    ReportCapture {
        /// Which attempt.
        payment: PaymentNumber,
        /// `true` when taken, `false` when finally refused.
        captured: bool,
    },
    /// What the provider says of a refund.
    ReportRefund {
        /// Which refund.
        refund: RefundNumber,
        /// `true` when done, `false` when finally refused.
        completed: bool,
    },
    /// End an order.
    CancelOrder {
        /// Which.
        order: OrderNumber,
        /// On whose behalf.
        by: Canceller,
    },
    /// Record that the money of a cancelled counter sale was handed out at the counter.
    HandOutRefund {
        /// The cancelled order.
        order: OrderNumber,
    },
    /// End the event; everybody gets their money back.
    CancelEvent,
    /// Withdraw the event while nothing is sold.
    DeleteSale,
    /// Let time pass: take in what is due, nothing else.
    Tick,
}

/// Which seats a buyer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// These, all or none.
    Seats(Vec<SeatIndex>),
    /// The best that are free, together.
    BestAvailable(Wanted),
    /// So many in these general-admission sections.
    GeneralAdmission(Vec<(SectionIndex, u32)>),
}

/// On whose behalf an order is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceller {
    /// The buyer, whose order it must be; the refund policy decides.
    Buyer(AccountId),
    /// The organizer, who says how much goes back.
    Organizer(GiveBack),
}

/// How much an organizer who cancels an order gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveBack {
    /// Everything, fees included, whatever the policy says.
    Everything,
    /// What the buyer would get by cancelling now; nothing once it is too late for that.
    ByPolicy,
    /// Nothing.
    Nothing,
}

/// What a provider may finally say of an attempt. Time-outs are not among them: an unknown outcome is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentOutcome {
    /// The money is promised.
    Authorized,
    /// The buyer has to act first.
    NeedsAction,
    /// No.
    Declined(DeclineReason),
    /// Never seen, or cancelled: it will never charge.
    Cancelled,
}

/// Who made a repeatable request, and what it asked, as keyed fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Fingerprint of caller, route, event and key.
    pub key: u128,
    /// Fingerprint of the body, card data left out.
    pub body: u64,
}
