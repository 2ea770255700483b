//! The sale: everything transactional about one event, as one deterministic state machine.
//!
//! [`Sale::step`] is the only way forward: it takes in what time made due, decides the command on the result, and
//! applies the facts. Cloning a sale costs a few reference counts, however many seats it has, so that readers keep an
//! immutable version and the engine can throw a working state away.
//!
//! What must always hold: a seat has at most one holder, the four kinds of seats add up, money sums to zero. Each
//! [`Sale::apply_entry`] checks what it changes; [`Sale::audit`] checks everything from scratch.

mod administration;
mod audit;
mod counter;
mod idempotency;
mod ledger;
mod order;
mod payment;
mod pricing;
mod refund;
mod reservation;
mod seats;
mod snapshot;
mod status;

pub use idempotency::Subject;
pub use ledger::{Account, Ledger};
pub use order::{Order, OrderState, Sold, Ticket, TicketState};
pub use payment::{Payment, PaymentState};
pub use pricing::TierIndex;
pub use refund::{Alert, OVERDUE_AFTER, Refund, RefundState};
pub use reservation::{Reservation, ReservationPhase};
pub use seats::{Reason, SeatCounts, SeatState};
pub use snapshot::{SNAPSHOT_FORMAT, SnapshotError};
pub use status::Status;

use crate::command::{Command, Idempotency};
use crate::entry::{Actor, Cause, Entry};
use crate::fact::Fact;
use crate::ids::{
    AccountId, EventNumber, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex,
};
use crate::money::Amount;
use crate::planted::{Bug, planted};
use crate::refusal::Refusal;
use crate::seating_plan::SeatingPlan;
use crate::terms::{PriceTier, Terms};
use crate::time::{Millis, Timestamp};
use idempotency::Keys;
use imbl::{OrdMap, OrdSet, Vector};
use pricing::Pricing;
use seats::Seats;
use std::sync::Arc;

/// One event's sale.
#[derive(Clone, Debug)]
pub struct Sale {
    event: EventNumber,
    now: Timestamp,
    stage: Stage,
    terms: Arc<Terms>,
    tiers: Arc<Vec<PriceTier>>,
    plan: SeatingPlan,
    pricing: Arc<Pricing>,
    seats: Seats,
    reservations: OrdMap<ReservationNumber, Reservation>,
    next_reservation: u32,
    orders: Vector<Order>,
    payments: Vector<Payment>,
    refunds: Vector<Refund>,
    tickets: Vector<Ticket>,
    ledger: Ledger,
    keys: Keys,
    index: Index,
}

/// What can be worked out from the rest and is kept so that nothing has to be searched.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index {
    /// Live reservations without an unsettled attempt, by expiry.
    expiries: OrdSet<(Timestamp, ReservationNumber)>,
    /// Ended reservations that became no order, oldest first, to be forgotten.
    ended: Vector<(Timestamp, ReservationNumber)>,
    /// Confirmed orders, for ending them with the event.
    confirmed: OrdSet<OrderNumber>,
    /// Orders ever confirmed.
    sold_orders: u32,
    /// What completed refunds of cancelled orders came to.
    given_back: Amount,
    /// Seats held and owned by each buyer.
    buyers: OrdMap<AccountId, u32>,
    /// Attempts that may still charge, by the instant at which they are cancelled.
    ceilings: OrdSet<(Timestamp, PaymentNumber)>,
    /// Attempts whose cancellation is not certain yet.
    cancelling: OrdSet<PaymentNumber>,
    /// Authorised money not yet taken.
    uncaptured: OrdSet<PaymentNumber>,
    /// Refunds the provider has not done yet.
    unrefunded: OrdSet<RefundNumber>,
}

/// Where the sale is in its life. Whether it is on sale is a question of time, and not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Stage {
    /// No fact yet.
    Unopened,
    /// Living by its terms.
    Open,
    /// The event will not take place.
    Cancelled,
    /// Withdrawn.
    Deleted,
}

/// A yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What happened; empty for a repeat or when nothing needed to change.
    pub facts: Vec<Fact>,
    /// What the caller is told about.
    pub subject: Subject,
    /// Whether an earlier request with the same key already did it.
    pub replayed: bool,
}

impl Decision {
    fn new(subject: Subject, facts: Vec<Fact>) -> Self {
        Self { facts, subject, replayed: false }
    }
}

/// What an application of facts changed, for those who show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Seats whose state changed, in order, possibly repeated.
    pub seats: Vec<SeatIndex>,
    /// Plan, prices or terms changed: anything may look different.
    pub catalogue: bool,
}

/// A rule of the state was about to be broken: a bug, or a journal that is not ours. The sale must stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invariant broken: {0}")]
pub struct Violation(pub String);

impl Violation {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A command with what surrounds it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The wish.
    pub command: Command,
    /// Who has it.
    pub actor: Actor,
    /// The request id, as in the logs; 0 for none.
    pub request: u128,
    /// Its fingerprints, when it may be repeated.
    pub idempotency: Option<Idempotency>,
}

/// A command's answer together with what must be appended for it to be true.
#[derive(Clone, Debug)]
pub struct Step {
    /// What became due before the command, then the command's own facts; each entry all or none.
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
            stage: Stage::Unopened,
            terms: Arc::new(administration::no_terms()),
            tiers: Arc::default(),
            plan: SeatingPlan::empty(),
            pricing: Arc::default(),
            seats: Seats::default(),
            reservations: OrdMap::new(),
            next_reservation: 0,
            orders: Vector::new(),
            payments: Vector::new(),
            refunds: Vector::new(),
            tickets: Vector::new(),
            ledger: Ledger::default(),
            keys: Keys::default(),
            index: Index::default(),
        }
    }

    /// Takes in what is due at `now`, decides `request` and applies its facts: the state afterwards is as if the entries
    /// had been replayed. Time never runs backwards: an earlier `now` counts as the sale's own.
    ///
    /// # Errors
    /// [`Violation`] when a decision breaks a rule of the state: a bug. The state must then be thrown away.
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
        let answer = self.decide(&request.command, request.idempotency.as_ref(), now);
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

    /// What time alone makes happen by `now`, at most [`crate::limits::MAX_DUE_FACTS`] facts at once; `None` when nothing
    /// is due. Commands are only decided when nothing is.
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

    /// Answers a command at `now`, with everything due by then taken in, and changes nothing.
    ///
    /// # Errors
    /// The [`Refusal`]: a normal answer.
    pub fn decide(
        &self,
        command: &Command,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        if let Some(repeat) = idempotency.and_then(|key| self.recall(key, now)) {
            return self.decide_repeat(repeat?);
        }
        if self.stage == Stage::Unopened && !matches!(command, Command::OpenSale { .. }) {
            return Err(Refusal::NotFound);
        }
        match command {
            Command::OpenSale { terms, tiers, plan } => self.decide_open(terms, tiers, plan),
            Command::ChangeTerms { terms } => self.decide_terms(terms),
            Command::ChangePrices { tiers } => self.decide_prices(tiers),
            Command::ChangePlan { plan } => self.decide_plan(plan),
            Command::BlockSeats { seats, reason } => self.decide_block(seats, reason),
            Command::UnblockSeats { seats } => self.decide_unblock(seats),
            Command::PlaceReservation { buyer, selection, hold } => {
                self.decide_reservation(*buyer, selection, *hold, now)
            }
            Command::ChangeReservation { reservation, buyer, add, remove } => {
                self.decide_change(*reservation, *buyer, add, remove, now)
            }
            Command::ExtendReservation { reservation, buyer } => self.decide_extension(*reservation, *buyer),
            Command::CancelReservation { reservation, buyer } => {
                self.decide_cancellation(*reservation, *buyer)
            }
            Command::PlaceOrder { reservation, buyer, method } => {
                self.decide_order(*reservation, *buyer, method)
            }
            Command::SellAtCounter { seller, selection, tender } => {
                self.decide_counter_sale(*seller, selection, *tender)
            }
            Command::ReportPayment { payment, outcome } => {
                self.decide_payment_report(*payment, *outcome, now)
            }
            Command::ReportCapture { payment, captured } => self.decide_capture_report(*payment, *captured),
            Command::ReportRefund { refund, completed } => self.decide_refund_report(*refund, *completed),
            Command::CancelOrder { order, by } => self.decide_order_cancellation(*order, *by, now),
            Command::CancelEvent => self.decide_event_cancellation(),
            Command::DeleteSale => self.decide_deletion(),
            Command::Tick => Ok(Decision::new(Subject::Sale, Vec::new())),
        }
    }

    /// Applies the facts of one entry, in order, and remembers its idempotency key.
    ///
    /// # Errors
    /// [`Violation`] when a fact contradicts the state; the state is then half changed and must be thrown away.
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
    fn apply(&mut self, fact: &Fact, changes: &mut Changes) -> Result<(), Violation> {
        match fact {
            Fact::SaleOpened { terms, tiers, plan } => self.apply_opened(terms, tiers, plan, changes),
            Fact::TermsChanged { terms } => self.apply_terms(terms, changes),
            Fact::PricesChanged { tiers } => self.apply_prices(tiers, changes),
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
            Fact::EventCancelled => self.apply_stage(Stage::Cancelled, changes),
            Fact::SaleDeleted => self.apply_stage(Stage::Deleted, changes),
            Fact::SoldAtCounter {
                reservation,
                order,
                seller,
                items,
                fees,
                tender,
                payment,
                first_ticket,
            } => {
                let placed = self.placed(*seller, items, *fees, Millis::ZERO, self.now)?;
                let numbers = (*reservation, *order, *first_ticket);
                self.apply_sold_at_counter(numbers, placed, *tender, *payment, changes)
            }
        }
    }
}
