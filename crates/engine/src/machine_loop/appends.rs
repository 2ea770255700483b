//! What the loop sends to the journal, and what it does with an answer that is not a success.

use super::{MachineLoop, Output};
use crate::Fault;
use crate::batch::ClosedBatch;
use crate::machine::Machine;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_domain::time::Timestamp;
use fairseat_journal::{Append, AppendError, StreamId};

impl<T, M: Machine> MachineLoop<T, M> {
    pub(super) fn append_failed(&mut self, error: AppendError) {
        let may_be_written = self.in_flight.as_ref().is_some_and(|closed| closed.may_be_written);
        match error {
            AppendError::Conflict { missed } => self.redo(&missed),
            AppendError::Diverged { .. } => self.diverge(),
            AppendError::ClockDiffers { .. } => self.decide_again_at_another_time(),
            AppendError::Unknown if planted(Bug::TreatUnknownAsAppended) => self.commit_unheard(),
            AppendError::Unknown if planted(Bug::TreatUnknownAsFailed) => self.give_up(Fault::Unavailable),
            AppendError::Unknown => self.append_again(),
            // This attempt was not written, but an earlier one may be.
            AppendError::Full | AppendError::Unavailable(_) if may_be_written => self.append_again(),
            // An earlier attempt may be written, and nobody can find out: a refusal from this version could be out of date.
            AppendError::Stopped if may_be_written => self.diverge(),
            AppendError::Full => self.give_up(Fault::ReadOnly),
            AppendError::Unavailable(_) | AppendError::Stopped => self.give_up(Fault::Unavailable),
            AppendError::Invalid(_) => self.give_up(Fault::TooLarge),
        }
    }

    /// Gives the journal the next batch, if it has none.
    pub(super) fn send(&mut self) {
        if self.in_flight.is_some() {
            return;
        }
        if self.ready.is_empty() {
            self.close();
        }
        let Some(mut next) = self.ready.pop_front() else { return };
        next.expected = Some(self.published.head());
        self.outputs.push(Output::Append(self.append_of(&next)));
        self.in_flight = Some(next);
    }

    /// The append of a batch to the head that it was sent to.
    pub(super) fn append_of(&self, batch: &ClosedBatch<T, M>) -> Append {
        let asleep = planted(Bug::SleepWithOpenEffects);
        let deadline = if asleep { batch.state.next_due() } else { batch.state.next_deadline() };
        Append {
            stream: self.stream(),
            expected: batch.expected.unwrap_or_default(),
            batch: batch.id,
            payload: batch.bytes.clone(),
            deadline: (deadline.map(Timestamp::as_millis)).filter(|_| !planted(Bug::AppendWithoutDeadline)),
            decided: batch.decided,
        }
    }

    pub(super) fn stream(&self) -> StreamId {
        M::stream(self.working.number())
    }

    fn append_again(&mut self) {
        let Some(mut batch) = self.in_flight.take() else { return };
        batch.may_be_written = true;
        if planted(Bug::ResendUnderNewId) {
            batch.id = self.batch_ids.take();
        }
        if planted(Bug::ResendToNewestHead) {
            batch.expected = Some(self.published.head());
        }
        self.outputs.push(Output::AppendAgain(self.append_of(&batch)));
        self.in_flight = Some(batch);
    }

    /// A pause of the process made the decisions old, or the clock is wrong: in the second case a second try fails as well.
    fn decide_again_at_another_time(&mut self) {
        if std::mem::replace(&mut self.clock_refused, true) {
            self.clock_refused = false;
            self.give_up(Fault::Unavailable);
        } else {
            self.redo(&[]);
        }
    }

    /// What the bug `TreatUnknownAsAppended` does.
    fn commit_unheard(&mut self) {
        let unheard = self.in_flight.as_ref().map(|batch| self.append_of(batch).to_batch().head());
        unheard.into_iter().for_each(|head| self.commit(head));
    }

    /// Ends the loop. No request that waits was carried out: the batches that were sent name a head that the stream does
    /// not have.
    pub(super) fn diverge(&mut self) {
        self.give_up(Fault::Unavailable);
        if !std::mem::replace(&mut self.diverged, true) {
            self.outputs.push(Output::Diverged);
        }
    }
}
