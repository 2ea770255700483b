//! The sale: everything transactional about one event, as one deterministic state machine.
//!
//! [`Sale::step`] first applies what is due, then decides the command and applies its facts. Cloning a sale increments a few
//! reference counts, however many seats it has. So readers keep an immutable version, and the engine can discard a working
//! state.
//!
//! Invariants: a seat has at most one holder; available, reserved, sold and blocked seats add up to all seats; money sums to
//! zero. [`Sale::apply_entry`] checks what it changes; [`Sale::check_invariants`] checks everything from scratch.

mod administration;
mod cancellation;
mod cart;
mod counter;
mod hold_limits;
mod idempotency;
mod instruments;
mod invariants;
mod labels;
mod ledger;
mod order;
mod payment;
mod preview;
mod pricing;
mod refund;
mod refund_policy;
mod reservation;
mod seats;
mod shared_array;
mod single_seats;
mod snapshot;
mod status;

pub use hold_limits::HeldFromOrigin;
pub use idempotency::Subject;
pub use labels::FormerLabel;
pub use ledger::{Ledger, LedgerAccount};
pub use order::{Confirmation, Order, OrderState, Ticket, TicketState};
pub use payment::{Payment, PaymentState};
pub use preview::CancellationPreview;
pub use pricing::TierIndex;
pub use refund::{Alert, OVERDUE_AFTER, Refund, RefundState};
pub use reservation::{Reservation, ReservationPhase};
pub use seats::{BlockReason, SeatCounts, SeatState};
pub use snapshot::{SNAPSHOT_FORMAT, SnapshotError};
pub use status::Status;

use crate::command::{Command, HoldOrigin, Holder, Idempotency, InstrumentMark};
use crate::entry::{Actor, Cause, Entry};
use crate::fact::Fact;
use crate::ids::{
    AccountId, EventNumber, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex,
};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::seating_plan::SeatingPlan;
use crate::terms::{HoldLimits, PriceTier, Terms};
use crate::time::{Millis, Timestamp};
use hold_limits::GiveBacks;
use idempotency::Keys;
use imbl::{OrdMap, OrdSet, Vector};
use labels::FormerLabels;
use pricing::{Pricing, SharedNames};
use seats::Seats;
use std::sync::Arc;

/// One event's sale.
#[derive(Clone, Debug)]
pub struct Sale {
    event: EventNumber,
    now: Timestamp,
    phase: SalePhase,
    terms: Arc<Terms>,
    tiers: Arc<Vec<PriceTier>>,
    plan: SeatingPlan,
    shared_names: SharedNames,
    pricing: Arc<Pricing>,
    seats: Seats,
    reservations: OrdMap<ReservationNumber, Reservation>,
    next_reservation: u32,
    orders: Vector<Order>,
    payments: Vector<Payment>,
    refunds: Vector<Refund>,
    tickets: Vector<Ticket>,
    former_labels: FormerLabels,
    ledger: Ledger,
    keys: Keys,
    hold_limits: HoldLimits,
    refuse_single_seats: bool,
    give_backs: GiveBacks,
    index: Index,
}

/// Data derived from the rest of the state, kept so that no query has to scan it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index {
    /// Active reservations without a payment attempt that may still charge, by expiry.
    expiries: OrdSet<(Timestamp, ReservationNumber)>,
    /// Ended reservations that led to no order, oldest first. They are removed after a day.
    ended: Vector<(Timestamp, ReservationNumber)>,
    /// Confirmed orders, which a cancelled event cancels.
    confirmed: OrdSet<OrderNumber>,
    /// Orders ever confirmed.
    sold_orders: u32,
    /// The sum of completed refunds of cancelled orders.
    refunded_total: Amount,
    /// Seats of each tier that are not blocked: available, reserved or sold.
    offered: Vector<u32>,
    /// Seats that each buyer has reserved and bought.
    buyers: OrdMap<AccountId, u32>,
    /// Active reservations by buyer.
    active: OrdSet<(AccountId, ReservationNumber)>,
    /// Seats held from each origin.
    origins: OrdMap<HoldOrigin, HeldFromOrigin>,
    /// Attempts that count towards the limit of their payment instrument.
    instruments: OrdSet<(InstrumentMark, PaymentNumber)>,
    /// Attempts without an outcome, by the instant at which they are cancelled.
    cancel_deadlines: OrdSet<(Timestamp, PaymentNumber)>,
    /// Attempts whose cancellation the provider has not confirmed yet.
    cancelling: OrdSet<PaymentNumber>,
    /// Authorised payments that are not captured yet.
    uncaptured: OrdSet<PaymentNumber>,
    /// Refunds that the provider has not completed yet.
    unrefunded: OrdSet<RefundNumber>,
}

/// The phase of a sale's life. Whether buyers can buy now depends on the time, too; see [`Sale::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum SalePhase {
    /// No fact yet.
    Unopened,
    /// Opened.
    Open,
    /// The event is cancelled.
    Cancelled,
    /// The event is deleted.
    Deleted,
}

/// The answer to a command that was not refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What happens; empty for a repeated request, or when nothing changes.
    pub facts: Vec<Fact>,
    /// The object that the answer shows.
    pub subject: Subject,
    /// Whether an earlier request with the same key already did it.
    pub replayed: bool,
}

impl Decision {
    fn new(subject: Subject, facts: Vec<Fact>) -> Self {
        Self { facts, subject, replayed: false }
    }
}

/// What applying facts changed, for readers that show the sale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Seats whose state changed, in order; a seat may occur more than once.
    pub seats: Vec<SeatIndex>,
    /// Whether the plan, the prices or the terms changed, so that everything must be shown anew.
    pub everything: bool,
}

/// An invariant would be broken, by a bug or by a damaged journal. The sale must stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invariant broken: {0}")]
pub struct Violation(pub String);

impl Violation {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A command with its actor, request id and idempotency key.
#[derive(Clone, Debug)]
pub struct Request {
    /// The command.
    pub command: Command,
    /// Who gives it.
    pub actor: Actor,
    /// The id of the request, as in the logs; 0 for none.
    pub request: u128,
    /// Its fingerprints, if it has an idempotency key.
    pub idempotency: Option<Idempotency>,
    /// From where it comes, if the seats held from there are limited.
    pub holder: Option<Holder>,
}

/// The answer to a command, with the entries that must be appended before it is given.
#[derive(Clone, Debug)]
pub struct Step {
    /// First the entries that were due before the command, then the command's own entry. Each entry is atomic.
    pub entries: Vec<Entry>,
    /// The answer.
    pub answer: Result<Decision, Refusal>,
}

impl Sale {
    /// A sale before its first fact.
    #[must_use]
    pub fn unopened(event: EventNumber) -> Self {
        Self {
            event,
            now: Timestamp::EPOCH,
            phase: SalePhase::Unopened,
            terms: Arc::new(administration::no_terms()),
            tiers: Arc::default(),
            plan: SeatingPlan::empty(),
            shared_names: SharedNames::default(),
            pricing: Arc::default(),
            seats: Seats::default(),
            reservations: OrdMap::new(),
            next_reservation: 0,
            orders: Vector::new(),
            payments: Vector::new(),
            refunds: Vector::new(),
            tickets: Vector::new(),
            former_labels: FormerLabels::new(),
            ledger: Ledger::default(),
            keys: Keys::default(),
            hold_limits: HoldLimits::default(),
            refuse_single_seats: false,
            give_backs: GiveBacks::default(),
            index: Index::default(),
        }
    }

    /// Applies what is due at `now`, then decides `request` and applies its facts. Replaying the entries gives the same state.
    /// Time never runs backwards: if `now` is earlier than the newest fact, the time of that fact is used.
    ///
    /// # Errors
    /// [`Violation`] when a decision breaks an invariant, which is a bug. The state must then be discarded.
    pub fn step(
        &mut self,
        request: &Request,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Result<Step, Violation> {
        let now = if planted(Bug::TimeRunsBackwards) { now } else { now.max(self.now) };
        let mut entries = Vec::new();
        while let Some(entry) = self.due_entry(now) {
            self.apply_entry(&entry, changes)?;
            entries.push(entry);
        }
        let answer = self.decide(request, now);
        if let Ok(decision) = &answer
            && !decision.facts.is_empty()
        {
            let entry = Entry {
                at: now,
                actor: request.actor,
                request: request.request,
                cause: Cause::from(&request.command),
                idempotency: request.idempotency,
                facts: decision.facts.clone(),
            };
            self.apply_entry(&entry, changes)?;
            entries.push(entry);
        }
        Ok(Step { entries, answer })
    }

    /// What is due by `now` without any command, at most [`crate::limits::MAX_DUE_FACTS`] facts; `None` when nothing is due.
    /// Commands are decided only when nothing is due.
    #[must_use]
    pub fn due_entry(&self, now: Timestamp) -> Option<Entry> {
        let facts = self.due(now);
        (!facts.is_empty()).then(|| Entry {
            at: now.max(self.now),
            actor: Actor::System,
            request: 0,
            cause: Cause::Due,
            idempotency: None,
            facts,
        })
    }

    /// Decides a command at `now` and changes nothing. Everything due by `now` must have been applied.
    ///
    /// # Errors
    /// The [`Refusal`], which is a normal answer.
    pub fn decide(&self, request: &Request, now: Timestamp) -> Result<Decision, Refusal> {
        let Request { command, idempotency, holder, .. } = request;
        if let Some(repeat) = idempotency.as_ref().and_then(|key| self.recall(key, now)) {
            return self.decide_repeat(repeat?);
        }
        if self.phase == SalePhase::Unopened && !matches!(command, Command::OpenSale { .. }) {
            return Err(Refusal::NotFound);
        }
        match command {
            Command::OpenSale { terms, tiers, plan } => self.decide_open(terms, tiers, plan),
            Command::ChangeEvent { terms, tiers } => self.decide_event_change(terms, tiers.as_deref()),
            Command::ChangePlan { plan, reuse_labels } => self.decide_plan(plan, *reuse_labels),
            Command::BlockSeats { seats, reason } => self.decide_block(seats, reason),
            Command::UnblockSeats { seats } => self.decide_unblock(seats),
            Command::PlaceReservation { buyer, selection, hold } => {
                self.decide_reservation(*buyer, selection, *hold, *holder, now)
            }
            Command::AddToCart { buyer, selection, hold } => {
                self.decide_addition(*buyer, selection, *hold, *holder, now)
            }
            Command::MergeCart { reservation, guest, account } => {
                self.decide_merge(*reservation, *guest, *account, *holder)
            }
            Command::ChangeReservation { reservation, buyer, add, remove } => {
                self.decide_change(*reservation, *buyer, add, remove, now)
            }
            Command::ExtendReservation { reservation, buyer } => self.decide_extension(*reservation, *buyer),
            Command::CancelReservation { reservation, buyer } => {
                self.decide_cancellation(*reservation, *buyer)
            }
            Command::PlaceOrder { reservation, buyer, method, instrument } => {
                self.decide_order(*reservation, *buyer, method, *instrument)
            }
            Command::SellAtCounter { seller, selection, counter_payment } => {
                self.decide_counter_sale(*seller, selection, *counter_payment)
            }
            Command::ReportPayment { payment, outcome } => {
                self.decide_payment_report(*payment, *outcome, now)
            }
            Command::ReportCapture { payment, captured } => self.decide_capture_report(*payment, *captured),
            Command::ReportRefund { refund, completed } => self.decide_refund_report(*refund, *completed),
            Command::CancelOrder { order, by } => self.decide_order_cancellation(*order, *by, now),
            Command::HandOutRefund { order } => self.decide_hand_out(*order),
            Command::CancelEvent => self.decide_event_cancellation(),
            Command::DeleteSale => self.decide_deletion(),
            Command::Tick => Ok(Decision::new(Subject::Sale, Vec::new())),
        }
    }

    /// Applies the facts of one entry, in order, and remembers its idempotency key.
    ///
    /// # Errors
    /// [`Violation`] when a fact contradicts the state. The state is then partly changed and must be discarded.
    pub fn apply_entry(&mut self, entry: &Entry, changes: &mut Changes) -> Result<(), Violation> {
        if entry.at < self.now && !planted(Bug::TimeRunsBackwards) {
            return Err(Violation::new(format!("time runs backwards, from {} to {}", self.now, entry.at)));
        }
        self.now = entry.at;
        self.forget_old();
        for fact in &entry.facts {
            self.apply(fact, changes)?;
        }
        if let Some(key) = &entry.idempotency {
            self.remember(key, entry);
        }
        self.check()
    }

    /// Changes the state by one fact.
    #[expect(clippy::too_many_lines, reason = "one short arm for each fact")]
    fn apply(&mut self, fact: &Fact, changes: &mut Changes) -> Result<(), Violation> {
        match fact {
            Fact::SaleOpened { terms, tiers, plan } => self.apply_opened(terms, tiers, plan, changes),
            Fact::TermsChanged { terms } => self.apply_terms(terms, changes),
            Fact::PricesChanged { tiers } => self.apply_prices(tiers, changes),
            Fact::CategoriesPreferred => self.apply_categories_preferred(changes),
            Fact::PlanChanged { plan } => self.apply_plan(plan, changes),
            Fact::SeatsBlocked { seats, reason } => self.apply_blocked(seats, reason, changes),
            Fact::SeatsUnblocked { seats } => self.apply_unblocked(seats, changes),
            Fact::ReservationPlaced { reservation, buyer, items, fees, hold, expires_at } => {
                let placed = self.placed(*buyer, items, *fees, *hold, *expires_at)?;
                self.apply_placed(*reservation, placed, changes)
            }
            Fact::ReservationChanged { reservation, items, fees } => {
                self.apply_changed(*reservation, items, *fees, changes)
            }
            Fact::ReservationExtended { reservation, expires_at } => {
                self.apply_extended(*reservation, *expires_at)
            }
            Fact::ReservationCancelled { reservation } => {
                self.apply_ended(*reservation, ReservationPhase::Cancelled, changes)
            }
            Fact::ReservationExpired { reservation } => {
                self.apply_ended(*reservation, ReservationPhase::Expired, changes)
            }
            Fact::OrderPlaced { order, reservation, method } => {
                self.apply_order_placed(*order, *reservation, method)
            }
            Fact::PaymentStarted { payment, order, amount } => {
                self.apply_payment_started(*payment, *order, *amount)
            }
            Fact::PaymentIdentified { payment, instrument } => self.apply_identified(*payment, *instrument),
            Fact::PaymentNeedsAction { payment } => self.apply_needs_action(*payment),
            Fact::PaymentDeclined { payment, reason } => {
                self.apply_payment_ended(*payment, PaymentState::Declined(*reason))
            }
            Fact::PaymentCancelStarted { payment } => self.apply_cancel_started(*payment),
            Fact::PaymentCancelled { payment } => self.apply_payment_ended(*payment, PaymentState::Cancelled),
            Fact::OrderConfirmed { order, payment, first_ticket } => {
                self.apply_confirmed(*order, *payment, *first_ticket, changes)
            }
            Fact::OrderReseated { order } => self.apply_reseated(*order, changes),
            Fact::PaymentCaptured { payment } => self.apply_captured(*payment),
            Fact::CaptureFailed { payment } => self.apply_capture_failed(*payment),
            Fact::OrderCancelled { order, reason, refund } => {
                self.apply_order_cancelled(*order, *reason, refund.as_ref(), changes)
            }
            Fact::PaymentReturned { payment, refund, reason } => {
                self.apply_returned(*payment, *refund, *reason)
            }
            Fact::RefundCompleted { refund } => self.apply_refund_ended(*refund, true),
            Fact::RefundFailed { refund } => self.apply_refund_ended(*refund, false),
            Fact::EventCancelled => self.apply_phase(SalePhase::Cancelled, changes),
            Fact::SaleDeleted => self.apply_phase(SalePhase::Deleted, changes),
            Fact::ReservationHeldFrom { reservation, holder } => self.apply_holder(*reservation, *holder),
            Fact::CartMerged { from, into, buyer, items, left_out, fees, expires_at, holder } => {
                let merged = cart::Merged {
                    buyer: *buyer,
                    items,
                    left_out,
                    fees: *fees,
                    expires_at: *expires_at,
                    holder: *holder,
                };
                self.apply_merged(*from, *into, &merged, changes)
            }
            Fact::HoldLimitsChanged { limits } => self.apply_hold_limits(*limits),
            Fact::SingleSeatRuleChanged { refuse } => self.apply_single_seat_rule(*refuse),
            Fact::SoldAtCounter {
                reservation,
                order,
                seller,
                items,
                fees,
                counter_payment,
                payment,
                first_ticket,
            } => {
                let placed = self.placed(*seller, items, *fees, Millis::ZERO, self.now)?;
                let numbers = (*reservation, *order, *first_ticket);
                self.apply_sold_at_counter(numbers, placed, *counter_payment, *payment, changes)
            }
        }
    }
}
