//! Verifies a data folder or a database: replays every sale from its journal, checks all invariants, compares the views with the facts, and checks the
//! hash chain of the audit trail. It only reads, so a server may be running.

use anyhow::{Context as _, Result};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::Changes;
use fairseat_domain::{Sale, wire};
use fairseat_engine::{Machine as _, stream_of};
use fairseat_journal::{Journal, Position, PostgresJournal};
use fairseat_store::Store;
use fairseat_store::audit::ChainHead;
use fairseat_store::views::{ReservationStatus, ViewRows, rows_of};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// The report on one event.
#[derive(Debug, Serialize)]
pub struct EventReport {
    /// Its number.
    pub event: u64,
    /// Its name in the catalogue, where there is one.
    pub name: Option<String>,
    /// All seats of its plan.
    pub seats: u32,
    /// Free to reserve.
    pub available: u32,
    /// With a live ticket.
    pub sold: u32,
    /// In a live reservation.
    pub reserved: u32,
    /// Withheld.
    pub blocked: u32,
    /// Orders ever confirmed.
    pub orders: u32,
    /// Prices and fees of orders, minus refunds.
    pub revenue: Box<RawValue>,
    /// Amounts refunded to buyers.
    pub refunds: Box<RawValue>,
    /// The currency of both.
    pub currency: String,
    /// Batches replayed.
    pub batches: u64,
    /// Facts replayed.
    pub facts: u64,
    /// The views' checkpoint, in batches.
    pub views_at: u64,
}

/// A broken invariant.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct ViolationReport {
    /// The event's number; 0 if the violation concerns no single event.
    pub event: u64,
    /// What is wrong.
    pub violation: String,
}

/// The whole report.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Every event with a journal.
    pub events: Vec<EventReport>,
    /// The audit trail.
    pub audit: AuditReport,
    /// All broken invariants; empty if there are none.
    pub violations: Vec<ViolationReport>,
}

/// The report on the audit trail of all organizations.
#[derive(Debug, Default, Serialize)]
pub struct AuditReport {
    /// Its lines.
    pub lines: u64,
    /// The number and the hash of its last line. If it is kept elsewhere, a later verification can tell whether the trail was replaced.
    pub head: String,
}

/// Checks the hash chain of the audit trail. `known` is a head that was noted earlier.
///
/// # Errors
/// When the store cannot be read at all; faults of the chain are in the report.
pub async fn verify_audit(store: &Store, known: Option<ChainHead>, report: &mut Report) -> Result<()> {
    let chain = store.audit().verify(known).await.context("the audit trail cannot be read")?;
    report.audit = AuditReport { lines: chain.head.line, head: chain.head.to_string() };
    let faults = chain.faults.into_iter();
    let violations =
        faults.map(|fault| ViolationReport { event: 0, violation: format!("audit trail: {fault}") });
    report.violations.extend(violations);
    Ok(())
}

/// Compares the tables of a journal in a database with each other: replaying reads the batches, and not what repeats them.
///
/// # Errors
/// When the journal cannot be read at all; what disagrees is in the report.
pub async fn verify_tables(journal: &PostgresJournal, report: &mut Report) -> Result<()> {
    let found = journal.inconsistencies().await.context("the journal's tables cannot be compared")?;
    for (stream, fault) in found {
        let (event, violation) = match Sale::number_of(stream) {
            Some(event) => (event.0, format!("the journal's tables disagree: {fault}")),
            None => (0, format!("the journal's tables disagree about stream {}: {fault}", stream.0)),
        };
        report.violations.push(ViolationReport { event, violation });
    }
    Ok(())
}

/// Bytes in one read.
const PAGE_BYTES: usize = 4 << 20;
/// Sales in one list.
const STREAMS_AT_ONCE: usize = 1_000;

/// Replays and checks every sale. `open` opens the journal as of now. If a running server has moved views past that journal, `open` is
/// called again at the end.
///
/// # Errors
/// When the journal or the store cannot be read at all; violations inside them are in the report.
pub async fn verify<J: Journal>(open: impl AsyncFn() -> Result<J>, store: &Store) -> Result<Report> {
    let mut report = Report::default();
    let mut unfinished = Vec::new();
    let journal = open().await?;
    let mut after = None;
    loop {
        let page =
            journal.streams(after, STREAMS_AT_ONCE).await.context("the journal's sales cannot be listed")?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        // Streams of other kinds are not sales.
        for event in page.iter().filter_map(|(stream, _)| Sale::number_of(*stream)) {
            let mut replay = Replay::begin(store, event).await?;
            replay.run(&journal).await;
            if replay.is_ahead() {
                unfinished.push(replay);
            } else {
                replay.finish(store, &mut report).await?;
            }
        }
    }
    drop(journal);
    if !unfinished.is_empty() {
        let journal = open().await?;
        for mut replay in unfinished {
            replay.run(&journal).await;
            replay.finish(store, &mut report).await?;
        }
    }
    report.events.sort_by_key(|event| event.event);
    Ok(report)
}

fn figures(sale: &Sale) -> Result<EventReport> {
    let (counts, currency) = (sale.counts(), sale.terms().currency);
    let figures = rows_of(sale).figures;
    let money = |amount| RawValue::from_string(currency.format(amount));
    Ok(EventReport {
        event: sale.event().0,
        name: None,
        seats: counts.total(),
        available: counts.available,
        sold: counts.sold,
        reserved: counts.reserved,
        blocked: counts.blocked,
        orders: figures.orders,
        revenue: money(figures.revenue)?,
        refunds: money(figures.refunds)?,
        currency: currency.code().to_owned(),
        batches: 0,
        facts: 0,
        views_at: 0,
    })
}

/// A sale while it is being replayed.
struct Replay {
    sale: Sale,
    position: Position,
    facts: u64,
    views_at: u64,
    views: Option<(u64, ViewRows)>,
    violations: Vec<String>,
}

impl Replay {
    /// Reads the views first: the journal, which is read later, has usually got as far by then.
    async fn begin(store: &Store, event: EventNumber) -> Result<Self> {
        let views = store.views().rows(event).await.context("the views cannot be read")?;
        Ok(Self {
            sale: Sale::unopened(event),
            position: Position::START,
            facts: 0,
            views_at: views.as_ref().map_or(0, |(checkpoint, _)| *checkpoint),
            views,
            violations: Vec::new(),
        })
    }

    /// Whether the views are ahead of the journal that was read.
    fn is_ahead(&self) -> bool {
        self.views.is_some() && self.violations.is_empty()
    }

    async fn run(&mut self, journal: &dyn Journal) {
        if let Err(violation) = self.replay(journal).await {
            self.violations.push(violation);
        }
    }

    async fn replay(&mut self, journal: &dyn Journal) -> Result<(), String> {
        let stream = stream_of(self.sale.event());
        loop {
            let page =
                journal.read(stream, self.position, PAGE_BYTES).await.map_err(|error| error.to_string())?;
            if page.is_empty() {
                return Ok(());
            }
            for batch in &page {
                self.apply(&batch.payload)
                    .map_err(|error| format!("at batch {}: {error}", batch.position.0))?;
                self.position = batch.position;
                self.compare_views();
            }
        }
    }

    async fn finish(mut self, store: &Store, report: &mut Report) -> Result<()> {
        if self.is_ahead() {
            let (views_at, end) = (self.views_at, self.position.0);
            self.violations.push(format!("the views are at batch {views_at}, the journal ends at {end}"));
        }
        let event = self.sale.event();
        self.violations.extend(self.sale.check_invariants().into_iter().map(|violation| violation.0));
        let name = store.events().by_number(event).await.context("the catalogue cannot be read")?;
        report.events.push(EventReport {
            name: name.map(|event| event.details.name),
            views_at: self.views_at,
            batches: self.position.0,
            facts: self.facts,
            ..figures(&self.sale)?
        });
        let found = self.violations.into_iter();
        report.violations.extend(found.map(|violation| ViolationReport { event: event.0, violation }));
        Ok(())
    }

    fn apply(&mut self, payload: &[u8]) -> Result<(), String> {
        let mut changes = Changes::default();
        for entry in wire::decode_batch(payload).map_err(|error| error.to_string())? {
            self.sale.apply_entry(&entry, &mut changes).map_err(|violation| violation.to_string())?;
            self.facts = self.facts.saturating_add(u64::try_from(entry.facts.len()).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    /// At their checkpoint, the views must equal the rows computed from the facts (I6).
    fn compare_views(&mut self) {
        let Some((_, stored)) = self.views.take_if(|(checkpoint, _)| *checkpoint == self.position.0) else {
            return;
        };
        let expected = rows_of(&self.sale);
        let mut differ = |what: &str, same: bool| {
            if !same {
                self.violations
                    .push(format!("the view of {what} differs from the facts at batch {}", self.position.0));
            }
        };
        differ("figures", stored.figures == expected.figures);
        differ("orders", stored.orders == expected.orders);
        differ("tickets", stored.tickets == expected.tickets);
        // The sale forgets ended reservations after a day; the view keeps them.
        let known: BTreeSet<_> = expected.reservations.iter().map(|row| row.number).collect();
        let ended = |status| status != ReservationStatus::Active;
        let (kept, forgotten): (Vec<_>, Vec<_>) =
            stored.reservations.into_iter().partition(|row| known.contains(&row.number));
        differ(
            "reservations",
            kept == expected.reservations && forgotten.iter().all(|row| ended(row.status)),
        );
    }
}
