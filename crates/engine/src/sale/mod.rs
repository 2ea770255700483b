//! The sale as the first machine of the engine, and the effects that sales have at the payment provider.

mod change_log;
mod effect_worker;
mod effects;
mod gateway;
mod provider_calls;
mod schedule;

pub use change_log::SeatChangeLog;
pub use effects::EffectRunner;
pub use gateway::{
    Authorization, Capture, Instrument, PaymentGateway, PaymentRef, ProviderFault, ProviderState,
    RefundAnswer, RefundRef,
};
pub use provider_calls::PaymentProgress;

use crate::engine::Engine;
use crate::fault::Fault;
use crate::handle::Handle;
use crate::machine::{Machine, Step};
use crate::published::Answered;
use fairseat_domain::entry::{Actor, Entry};
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::sale::{Changes, Decision, Request, Violation};
use fairseat_domain::time::Timestamp;
use fairseat_domain::wire::{self, WireError};
use fairseat_domain::{Command, Refusal, Sale};
use fairseat_journal::{Position, StreamId, StreamKind};
use std::sync::Arc;

/// A handle on an awake sale.
pub type SaleHandle = Handle<Sale>;

/// Changes of more seats than this need a batch of their own.
const MAX_SEATS_IN_SHARED_BATCH: usize = 1_000;

/// The journal's stream of an event.
#[must_use]
pub fn stream_of(event: EventNumber) -> StreamId {
    Sale::stream(event)
}

impl Machine for Sale {
    const NAME: &'static str = "sale";
    /// Part of every journal ever written: never change it.
    const KIND: StreamKind = StreamKind(0);

    type Number = EventNumber;
    type Request = Request;
    type Decision = Decision;
    type Refusal = Refusal;
    type Entry = Entry;
    type Changes = Changes;
    type ChangeLog = SeatChangeLog;

    fn stream(event: EventNumber) -> StreamId {
        StreamId::new(Self::KIND, event.0)
    }

    fn number_of(stream: StreamId) -> Option<EventNumber> {
        (stream.kind() == Self::KIND).then(|| EventNumber(stream.number()))
    }

    fn empty(event: EventNumber) -> Self {
        Self::unopened(event)
    }

    fn number(&self) -> EventNumber {
        self.event()
    }

    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn memory_bytes(&self) -> usize {
        Self::memory_bytes(self)
    }

    fn next_due(&self) -> Option<Timestamp> {
        Self::next_due(self)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        Self::next_deadline(self)
    }

    fn due_entry(&self, now: Timestamp) -> Option<Entry> {
        Self::due_entry(self, now)
    }

    fn step(
        &mut self,
        request: &Request,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Result<Step<Self>, Violation> {
        Self::step(self, request, now, changes).map(|step| (step.entries, step.answer))
    }

    fn apply_entry(&mut self, entry: &Entry, changes: &mut Changes) -> Result<(), Violation> {
        Self::apply_entry(self, entry, changes)
    }

    fn needs_own_batch(request: &Request) -> bool {
        match &request.command {
            Command::OpenSale { .. }
            | Command::ChangePlan { .. }
            | Command::ChangeEvent { tiers: Some(_), .. } => true,
            Command::BlockSeats { seats, .. } | Command::UnblockSeats { seats } => {
                seats.len() > MAX_SEATS_IN_SHARED_BATCH
            }
            Command::ChangeEvent { tiers: None, .. }
            | Command::PlaceReservation { .. }
            | Command::AddToCart { .. }
            | Command::MergeCart { .. }
            | Command::ChangeReservation { .. }
            | Command::ExtendReservation { .. }
            | Command::CancelReservation { .. }
            | Command::PlaceOrder { .. }
            | Command::SellAtCounter { .. }
            | Command::ReportPayment { .. }
            | Command::ReportCapture { .. }
            | Command::ReportRefund { .. }
            | Command::CancelOrder { .. }
            | Command::HandOutRefund { .. }
            | Command::CancelEvent
            | Command::DeleteSale
            | Command::Tick => false,
        }
    }

    fn facts(entry: &Entry) -> usize {
        entry.facts.len()
    }

    fn encode(batch: Vec<u8>, entry: &Entry) -> Result<Vec<u8>, WireError> {
        match batch.is_empty() {
            true => wire::encode_batch(std::slice::from_ref(entry)),
            false => wire::append_entry(batch, entry),
        }
    }

    fn decode(batch: &[u8]) -> Result<Vec<Entry>, WireError> {
        wire::decode_batch(batch)
    }

    fn to_snapshot(&self) -> Result<Vec<u8>, String> {
        Self::to_snapshot(self).map_err(|error| error.to_string())
    }

    fn from_snapshot(bytes: &[u8]) -> Result<Self, String> {
        Self::from_snapshot(bytes).map_err(|error| error.to_string())
    }
}

impl Engine<Sale> {
    /// A handle on the sale, which is woken if it slept.
    ///
    /// # Errors
    /// [`Fault`], as [`Engine::handle`].
    pub async fn sale(&self, event: EventNumber) -> Result<Arc<SaleHandle>, Fault> {
        self.handle(event).await
    }

    /// Submits a command of the platform itself.
    ///
    /// # Errors
    /// [`Fault`], as [`Engine::submit`].
    pub async fn submit_system(&self, event: EventNumber, command: Command) -> Result<Answered, Fault> {
        let request = Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
        self.submit(event, request).await
    }
}

impl SaleHandle {
    /// The seats that changed after `since`, up to the version of this answer; `None` when `since` is too long ago, or a
    /// version that does not exist yet.
    #[must_use]
    pub fn changed_since(&self, since: Position) -> Option<(Position, Vec<SeatIndex>)> {
        let changes = self.changes();
        changes.since(since).map(|seats| (changes.newest(), seats))
    }
}
