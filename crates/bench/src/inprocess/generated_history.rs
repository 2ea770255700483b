//! Generates a long history of a sale by the real rules: buyers reserve, pay, cancel and let reservations expire. The facts are put into
//! batches as the engine does it.

use anyhow::{Context, Result, anyhow};
use fairseat_domain::Command;
use fairseat_domain::command::{Canceller, Idempotency, PaymentOutcome, Selection};
use fairseat_domain::entry::{Actor, Entry};
use fairseat_domain::ids::{
    AccountId, EventNumber, OrderNumber, PaymentNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::limits::BATCH_BYTES;
use fairseat_domain::sale::{Changes, Request, Sale, SeatState, Subject};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::wire;

/// A sale with its generated history, and the history's batches.
pub(super) struct GeneratedHistory {
    pub(super) sale: Sale,
    pub(super) facts: usize,
    pub(super) batches: Vec<Vec<u8>>,
    now: Timestamp,
    seats: u32,
    random: u64,
}

impl GeneratedHistory {
    /// Generates at least this many facts.
    pub(super) fn until(facts: usize, seats: u32, event: EventNumber) -> Result<Self> {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let sale = Sale::unopened(event);
        let mut history = Self { sale, now, facts: 0, batches: Vec::new(), seats, random: 1 };
        history.step(super::sale::open(seats)?, false)?;
        while history.facts < facts {
            history.buyer()?;
        }
        Ok(history)
    }

    fn step(&mut self, command: Command, repeatable: bool) -> Result<Option<Subject>> {
        let key = repeatable.then(|| Idempotency { key: self.wide(), body: self.random });
        let request =
            Request { command, actor: Actor::System, request: self.wide(), idempotency: key, holder: None };
        let step = self.sale.step(&request, self.now, &mut Changes::default());
        let step = step.map_err(|violation| anyhow!("{violation:?}"))?;
        for entry in step.entries {
            self.write(&entry)?;
        }
        Ok(step.answer.ok().map(|decision| decision.subject))
    }

    fn write(&mut self, entry: &Entry) -> Result<()> {
        self.facts += entry.facts.len();
        let batch = match self.batches.pop() {
            Some(open) if open.len() < BATCH_BYTES => open,
            full => {
                self.batches.extend(full);
                wire::encode_batch(&[])?
            }
        };
        self.batches.push(wire::append_entry(batch, entry)?);
        Ok(())
    }

    fn next(&mut self) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }

    fn wide(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }

    /// One buyer reserves two neighbouring seats in the front half. Of ten buyers, three pay, two cancel, and five let the reservation expire.
    fn buyer(&mut self) -> Result<()> {
        self.now = self.now.plus(Millis(2));
        let half = u64::from(self.seats / 4).max(1);
        let first = SeatIndex(u32::try_from(self.next() % half)? * 2);
        if self.sale.seat(first) != Some(SeatState::Available) {
            return Ok(());
        }
        let buyer = AccountId(self.wide());
        let selection = Selection::Seats(vec![first, SeatIndex(first.0 + 1)]);
        let place = Command::PlaceReservation { buyer, selection, hold: Millis::from_seconds(60) };
        let Some(Subject::Reservation(reservation)) = self.step(place, true)? else { return Ok(()) };
        match self.next() % 10 {
            0..3 => self.pay(reservation, buyer),
            3..5 => self.step(Command::CancelReservation { reservation, buyer }, false).map(drop),
            _ => Ok(()),
        }
    }

    fn pay(&mut self, reservation: ReservationNumber, buyer: AccountId) -> Result<()> {
        let place = Command::PlaceOrder { reservation, buyer, method: "card".to_owned(), instrument: None };
        match self.step(place, true)? {
            Some(Subject::Payment(order, Some(payment))) => self.settle(order, payment, buyer),
            _ => Err(anyhow!("an order that costs nothing")),
        }
    }

    fn settle(&mut self, order: OrderNumber, payment: PaymentNumber, buyer: AccountId) -> Result<()> {
        self.step(Command::ReportPayment { payment, outcome: PaymentOutcome::Authorized }, false)?;
        self.step(Command::ReportCapture { payment, captured: true }, false)?;
        // Nearly all buyers cancel their order, so that the seats never run out.
        if !self.next().is_multiple_of(16) {
            let by = Canceller::Buyer(buyer);
            if let Some(Subject::Cancellation(_, Some(refund))) =
                self.step(Command::CancelOrder { order, by }, true)?
            {
                self.step(Command::ReportRefund { refund, completed: true }, false)?;
            }
        }
        Ok(())
    }
}

/// Rebuilds a sale from its batches.
pub(super) fn replay(batches: &[Vec<u8>], event: EventNumber) -> Result<Sale> {
    let mut sale = Sale::unopened(event);
    let mut changes = Changes::default();
    for batch in batches {
        for entry in wire::decode_batch(batch).ok().context("our own bytes")? {
            sale.apply_entry(&entry, &mut changes).map_err(|violation| anyhow!("{violation:?}"))?;
        }
        changes.seats.clear();
    }
    Ok(sale)
}
