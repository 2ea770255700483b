//! A sale that is checked after every step: its invariants hold; the simple model agrees; a sale that replayed the bytes
//! of its journal and one restored from a snapshot are equal to it; its deadlines were right. So every script also tests
//! the invariants.

use crate::hall::EVENT;
use crate::model::Model;
use fairseat_domain::command::{Canceller, Command, Holder, RefundChoice};
use fairseat_domain::entry::{Actor, Cause};
use fairseat_domain::fact::Fact;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{CancellationPreview, Changes, Request, Sale, Step, Subject};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Idempotency, wire};
use std::collections::BTreeMap;

pub(crate) struct Checked {
    pub(crate) live: Sale,
    pub(crate) journal: Vec<u8>,
    follower: Sale,
    restored: Sale,
    model: Model,
    made: BTreeMap<u128, Subject>,
}

impl Checked {
    pub(crate) fn unopened() -> Self {
        Self {
            live: Sale::unopened(EVENT),
            journal: wire::encode_batch(&[]).expect("nothing can be written"),
            follower: Sale::unopened(EVENT),
            restored: Sale::unopened(EVENT),
            model: Model::default(),
            made: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&mut self, command: Command, key: Option<Idempotency>, now: Timestamp) -> Step {
        self.step_from(None, command, key, now)
    }

    /// A step whose sender is limited in what may be held from their network.
    pub(crate) fn step_from(
        &mut self,
        holder: Option<Holder>,
        command: Command,
        key: Option<Idempotency>,
        now: Timestamp,
    ) -> Step {
        let request = Request { command, actor: Actor::System, request: 1, idempotency: key, holder };
        let at = now.max(self.live.now());
        self.check_deadlines(at);
        let before = self.live.clone();
        let mut changes = Changes::default();
        let step = self.live.step(&request, now, &mut changes).expect("no rule is ever broken");
        self.check_changes(&before, &changes);
        self.check_answer(&request, &step);
        check_refund(&before, &request, &step, at);
        check_preview(&self.live);
        self.check_copies(&request, &step, now);
        step.entries.iter().for_each(|entry| self.model.apply(entry));
        assert_eq!(self.live.check_invariants(), []);
        self.model.check(&self.live, at);
        self.check_draft();
        step
    }

    /// Replaces the restored copy by one that is read from a new snapshot.
    pub(crate) fn wake_copy(&mut self) {
        let bytes = self.live.to_snapshot().expect("a sale can be written");
        self.restored = Sale::from_snapshot(&bytes).expect("and read");
    }

    /// Replays the whole journal from nothing.
    pub(crate) fn replayed(&self) -> Sale {
        let mut sale = Sale::unopened(EVENT);
        for entry in wire::decode_batch(&self.journal).expect("our own bytes") {
            sale.apply_entry(&entry, &mut Changes::default()).expect("our own facts");
        }
        sale
    }

    fn check_deadlines(&self, now: Timestamp) {
        let due = self.live.next_due().is_some_and(|at| at <= now);
        assert_eq!(due, self.live.due_entry(now).is_some(), "next_due and due_entry disagree");
        let deadline = self.live.next_deadline();
        if let Some(due) = self.live.next_due() {
            let soon = due.max(self.live.now());
            assert!(
                deadline.is_some_and(|deadline| deadline <= soon),
                "a sleeping sale would not be woken for a due fact"
            );
        }
        if self.live.has_effects() {
            assert!(
                deadline.is_some_and(|deadline| deadline <= now),
                "a sleeping sale would not call the provider"
            );
        }
    }

    /// A draft has sold nothing, and no payment is under way that could still sell something.
    fn check_draft(&self) {
        if self.live.is_opened() && !self.live.terms().published {
            assert_eq!(self.live.orders_sold(), 0, "a draft has sold tickets");
            assert!(
                !self.live.payments().any(|(_, payment)| payment.may_still_charge()),
                "a payment for a draft is in progress"
            );
        }
    }

    /// `Changes` lists every seat whose state changed.
    fn check_changes(&self, before: &Sale, changes: &Changes) {
        assert_eq!(self.live.seat_states().count(), self.live.plan().seat_count());
        for (seat, state) in (0..).map(SeatIndex).zip(self.live.seat_states()) {
            let same = before.seat(seat) == Some(state);
            assert!(
                same || changes.everything || changes.seats.contains(&seat),
                "seat {seat} changed but is not listed"
            );
        }
    }

    fn check_answer(&mut self, request: &Request, step: &Step) {
        let commanded: Vec<_> = step.entries.iter().filter(|entry| entry.cause != Cause::Due).collect();
        match &step.answer {
            Ok(decision) if decision.facts.is_empty() => assert!(commanded.is_empty()),
            Ok(decision) => {
                assert_eq!(commanded.len(), 1);
                assert_eq!(commanded[0].facts, decision.facts);
            }
            Err(_) => assert!(commanded.is_empty(), "a refusal changed something"),
        }
        if let (Some(key), Ok(decision)) = (request.idempotency, &step.answer) {
            if decision.replayed {
                assert_eq!(
                    self.made.get(&key.key),
                    Some(&decision.subject),
                    "a repeated request got another answer"
                );
            } else if !decision.facts.is_empty() {
                self.made.insert(key.key, decision.subject);
            }
        }
        let due = self.live.now().max(step.entries.last().map_or(Timestamp::EPOCH, |entry| entry.at));
        assert_eq!(due, self.live.now());
    }

    fn check_copies(&mut self, request: &Request, step: &Step, now: Timestamp) {
        let mut batch = wire::encode_batch(&[]).expect("nothing can be written");
        for entry in &step.entries {
            batch = wire::append_entry(batch, entry).expect("an entry can be written");
        }
        self.journal.extend(&batch[1..]);
        let read = wire::decode_batch(&batch).expect("what was written can be read");
        assert_eq!(read, step.entries);
        let mut changes = Changes::default();
        for entry in &read {
            self.follower.apply_entry(entry, &mut changes).expect("what was decided can be replayed");
        }
        let again = self.restored.step(request, now, &mut changes).expect("no rule is ever broken");
        assert_eq!(again.answer, step.answer);
        assert_eq!(again.entries, step.entries);
        let [live, follower, restored] = [&self.live, &self.follower, &self.restored]
            .map(|sale| sale.to_snapshot().expect("it can be written"));
        assert!(live == follower, "replay differs from live");
        assert!(live == restored, "a woken sale differs from one that never slept");
    }
}

/// Cancelling the event would do what its preview says.
fn check_preview(sale: &Sale) {
    let preview = sale.cancellation_preview();
    let mut cancelled = sale.clone();
    let request =
        |command| Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
    let mut step = |command| {
        let step = cancelled.step(&request(command), sale.now(), &mut Changes::default());
        step.expect("no rule is ever broken")
    };
    let cancellation = step(Command::CancelEvent);
    if cancellation.answer.is_err() {
        return;
    }
    let entries = cancellation.entries.into_iter().chain(step(Command::Tick).entries);
    let facts: Vec<Fact> = entries.flat_map(|entry| entry.facts).collect();
    let mut seen = CancellationPreview::default();
    for fact in facts {
        if let Fact::OrderCancelled { order, refund, .. } = fact {
            let order = sale.order(order).expect("an order");
            let amount = refund.map_or(0, |due| due.seats.0 + due.fees.0);
            let counter = order.counter_payment.is_some();
            seen.orders += 1;
            seen.counter_orders += u32::from(counter);
            seen.tickets += u32::try_from(order.items.len()).expect("few");
            let sum = if counter { &mut seen.counter_refunds } else { &mut seen.refunds };
            sum.0 += amount;
        }
    }
    let predicted =
        CancellationPreview { buyers: 0, reservations: 0, reserved_seats: 0, paying: 0, ..preview };
    assert_eq!(predicted, seen);
    let counts = sale.counts();
    assert_eq!((preview.reserved_seats, preview.tickets), (counts.reserved, counts.sold));
}

/// `Sale::refundable` predicts the refund of a cancellation.
fn check_refund(before: &Sale, request: &Request, step: &Step, now: Timestamp) {
    let Command::CancelOrder {
        order,
        by: Canceller::Buyer(_) | Canceller::Organizer(RefundChoice::ByPolicy),
    } = request.command
    else {
        return;
    };
    // Due entries come first. They may have ended this order in another way, or other orders while this one is refused.
    let [entry] = &*step.entries else { return };
    if entry.cause == Cause::Due {
        return;
    }
    for fact in &entry.facts {
        if let Fact::OrderCancelled { refund, .. } = fact {
            let amount = refund.map_or(Amount::ZERO, |due| Amount(due.seats.0 + due.fees.0));
            assert_eq!(before.refundable(order, now), Some(amount));
        }
    }
}
