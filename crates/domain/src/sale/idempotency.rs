//! Idempotency keys. A request that repeats a key gets the answer of the first request, for [`IDEMPOTENCY_TTL`] and across
//! restarts.
//!
//! Refusals are not stored, and a key is forgotten when its payment attempt fails. A request with that key is then decided
//! again.

use super::{Decision, Sale};
use crate::command::Idempotency;
use crate::entry::{Cause, Entry};
use crate::fact::Fact;
use crate::ids::{OrderNumber, PaymentNumber, RefundNumber, ReservationNumber};
use crate::limits::{IDEMPOTENCY_TTL, MAX_HOLD};
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::Timestamp;
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};

/// The object that a command created or changed. The answer to a repeated request shows the same object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// The sale as a whole.
    Sale,
    /// A reservation.
    Reservation(ReservationNumber),
    /// An order and the attempt to pay for it; no attempt when nothing is to be paid.
    Payment(OrderNumber, Option<PaymentNumber>),
    /// An order that was cancelled, and its refund, if any.
    Cancellation(OrderNumber, Option<RefundNumber>),
}

/// A use of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Use {
    at: Timestamp,
    key: u128,
    body: u64,
    subject: Subject,
}

/// The keys of the last day.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// Every use, oldest first, numbered from `first` on.
    uses: Vector<Use>,
    first: u64,
    /// The number of each key's newest use. A use that is not in this map is forgotten: it stays in `uses` until it is a day
    /// old, but nothing finds it.
    newest: OrdMap<u128, u64>,
}

impl Keys {
    fn known(&self, key: u128) -> Option<&Use> {
        let number = self.newest.get(&key)?.checked_sub(self.first)?;
        self.uses.get(usize::try_from(number).ok()?)
    }

    /// What the key was used for at or after `since`; [`Refusal::IdempotencyMismatch`] when the body was different.
    fn recall(&self, key: &Idempotency, since: Timestamp) -> Option<Result<Subject, Refusal>> {
        let used = self.known(key.key).filter(|used| used.at >= since)?;
        Some(if used.body == key.body { Ok(used.subject) } else { Err(Refusal::IdempotencyMismatch) })
    }

    pub(super) fn insert(&mut self, at: Timestamp, key: u128, body: u64, subject: Subject) {
        let number = self.first.saturating_add(u64::try_from(self.uses.len()).unwrap_or(u64::MAX));
        self.newest.insert(key, number);
        self.uses.push_back(Use { at, key, body, subject });
    }

    /// Forgets the key of an attempt that failed, unless it was used for something else since.
    pub(super) fn forget(&mut self, key: u128, subject: Subject) {
        if self.known(key).is_some_and(|used| used.subject == subject) {
            self.newest.remove(&key);
        }
    }

    fn forget_before(&mut self, limit: Timestamp) {
        while let Some(used) = self.uses.front().copied()
            && used.at < limit
        {
            if self.newest.get(&used.key) == Some(&self.first) {
                self.newest.remove(&used.key);
            }
            self.uses.pop_front();
            self.first = self.first.saturating_add(1);
        }
    }

    /// Keys, oldest first, for a snapshot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Timestamp, u128, u64, Subject)> {
        let newest = |number: u64, used: &Use| self.newest.get(&used.key) == Some(&number);
        (self.first..)
            .zip(&self.uses)
            .filter(move |(number, used)| newest(*number, used))
            .map(|(_, used)| (used.at, used.key, used.body, used.subject))
    }
}

impl Sale {
    /// What an earlier request with this key did, or a refusal when its body was different; `None` for a new key.
    pub(super) fn recall(&self, key: &Idempotency, now: Timestamp) -> Option<Result<Subject, Refusal>> {
        let ttl = if planted(Bug::ForgetKeysEarly) { MAX_HOLD } else { IDEMPOTENCY_TTL };
        self.keys.recall(key, now.minus(ttl))
    }

    /// Stores the key of the request that led to `entry`, which was applied before.
    pub(super) fn remember(&mut self, key: &Idempotency, entry: &Entry) {
        if planted(Bug::LoseIdempotencyKey) {
            return;
        }
        let made = entry.facts.iter().rev().find_map(|fact| self.subject_of(fact, entry.cause));
        let subject = made.unwrap_or(Subject::Sale);
        self.keys.insert(self.now, key.key, key.body, subject);
        if let Subject::Payment(_, Some(payment)) = subject {
            self.set_payment_key(payment, key.key);
        }
    }

    /// Answers a repeated request with the object of the first.
    pub(super) fn decide_repeat(&self, subject: Subject) -> Result<Decision, Refusal> {
        if let Subject::Payment(_, Some(payment)) = subject
            && self.payments.get(super::payment::position(payment)).is_some_and(super::Payment::is_in_flight)
        {
            return Err(Refusal::IdempotencyInFlight);
        }
        Ok(Decision { facts: Vec::new(), subject, replayed: true })
    }

    pub(super) fn forget_old_keys(&mut self) {
        self.keys.forget_before(self.now.minus(IDEMPOTENCY_TTL));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other facts are about the whole sale")]
    fn subject_of(&self, fact: &Fact, cause: Cause) -> Option<Subject> {
        match fact {
            Fact::ReservationPlaced { reservation, .. }
            | Fact::ReservationChanged { reservation, .. }
            | Fact::ReservationExtended { reservation, .. } => Some(Subject::Reservation(*reservation)),
            Fact::CartMerged { from, into, .. } => Some(Subject::Reservation(into.unwrap_or(*from))),
            // An unpaid order is cancelled through its reservation.
            Fact::ReservationCancelled { reservation } => {
                let order = self.reservation(*reservation).and_then(|cancelled| cancelled.order);
                let order = order.filter(|_| cause == Cause::CancelOrder);
                Some(
                    order.map_or(Subject::Reservation(*reservation), |order| {
                        Subject::Cancellation(order, None)
                    }),
                )
            }
            Fact::PaymentStarted { order, payment, .. } => Some(Subject::Payment(*order, Some(*payment))),
            Fact::OrderConfirmed { order, payment, .. } | Fact::SoldAtCounter { order, payment, .. } => {
                Some(Subject::Payment(*order, *payment))
            }
            Fact::OrderCancelled { order, refund, .. } => {
                Some(Subject::Cancellation(*order, refund.map(|due| due.refund)))
            }
            Fact::RefundCompleted { refund } | Fact::RefundFailed { refund } => {
                let payment = self.refund(*refund).and_then(|refund| self.payment(refund.payment))?;
                Some(Subject::Cancellation(payment.order, Some(*refund)))
            }
            _ => None,
        }
    }
}
