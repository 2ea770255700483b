//! The sandbox's records: payments and refunds in a `SQLite` file.
//!
//! Writes at the same time are committed together.

use super::card;
use crate::provider::BuyerVerdict;
use fairseat_domain::fact::DeclineReason;
use fairseat_domain::ids::PaymentNumber;
use fairseat_domain::money::Amount;
use fairseat_engine::{
    Authorization, Capture, PaymentRef, ProviderFault, ProviderState, RefundAnswer, RefundRef,
};
use fairseat_store::{GroupWriter, StoreError};
use rusqlite::{Connection, Error, OptionalExtension as _, params};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS payments (
        event INTEGER NOT NULL, payment INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT, authorized INTEGER NOT NULL DEFAULT 0,
        captured INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (event, payment)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS refunds (
        event INTEGER NOT NULL, payment INTEGER NOT NULL, refund INTEGER NOT NULL, amount INTEGER NOT NULL,
        PRIMARY KEY (event, refund)
    ) WITHOUT ROWID;";

/// The open file. Clones share it.
#[derive(Clone)]
pub(super) struct Books(Arc<GroupWriter>);

impl Books {
    /// Opens the file, creating it when it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let books = Connection::open(path)?;
        books.pragma_update(None, "journal_mode", "WAL")?;
        // A crash of the process loses nothing. A power cut might lose payments, which is acceptable because no money moves.
        books.pragma_update(None, "synchronous", "NORMAL")?;
        books.busy_timeout(Duration::from_secs(5))?;
        books.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(GroupWriter::start("sandbox", books, Box::new(|_| {}))?)))
    }

    /// Runs `work` in a transaction.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ProviderFault> {
        let written = self.0.write(move |books| work(books).map_err(StoreError::from)).await;
        written.map_err(|error| ProviderFault(error.to_string()))
    }
}

/// Records the buyer's verdict; `false` when the payment does not wait for one.
pub(super) fn answer(
    books: &Connection,
    reference: PaymentRef,
    verdict: BuyerVerdict,
) -> Result<bool, Error> {
    let (event, payment) = key(reference);
    let (state, reason) = match verdict {
        BuyerVerdict::Approved => ("authorized", None),
        BuyerVerdict::Declined => ("declined", Some("authentication_failed")),
    };
    let mut update = books.prepare_cached(
        "UPDATE payments SET state = ?3, reason = ?4, authorized = CASE ?3 WHEN 'authorized' THEN amount ELSE 0 END
         WHERE event = ?1 AND payment = ?2 AND state = 'needs_action'",
    )?;
    Ok(update.execute(params![event, payment, state, reason])? == 1)
}

/// The recorded state of an attempt; the address of [`ProviderState::NeedsAction`] is empty.
pub(super) fn state(books: &Connection, reference: PaymentRef) -> Result<ProviderState, Error> {
    let (event, payment) = key(reference);
    let mut select =
        books.prepare_cached("SELECT state, reason FROM payments WHERE event = ?1 AND payment = ?2")?;
    let row = select
        .query_row(params![event, payment], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    let Some((state, reason)) = row else { return Ok(ProviderState::Unknown) };
    Ok(match state.as_str() {
        "authorized" => ProviderState::Authorized,
        "captured" => ProviderState::Captured,
        "cancelled" => ProviderState::Cancelled,
        "needs_action" => ProviderState::NeedsAction { url: String::new() },
        _ => ProviderState::Declined(match reason.as_deref() {
            Some("insufficient_funds") => DeclineReason::InsufficientFunds,
            Some("authentication_failed") => DeclineReason::AuthenticationFailed,
            Some("invalid_card") => DeclineReason::InvalidCard,
            Some(_) | None => DeclineReason::Generic,
        }),
    })
}

/// Records an attempt, unless it is recorded already.
pub(super) fn authorize(books: &Connection, request: &Authorization) -> Result<(), Error> {
    let (event, payment) = key(request.reference);
    let (state, reason) =
        card::outcome_of(&request.instrument.0).unwrap_or(("declined", Some("invalid_card")));
    let authorized = if state == "authorized" { request.amount.0 } else { 0 };
    let mut insert = books.prepare_cached(
        "INSERT INTO payments (event, payment, amount, currency, state, reason, authorized)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event, payment) DO NOTHING",
    )?;
    let (amount, currency) = (request.amount.0, request.currency.code());
    insert.execute(params![event, payment, amount, currency, state, reason, authorized])?;
    Ok(())
}

/// Cancels an attempt that was not captured. An unknown attempt is recorded as cancelled, so that it is refused if its request arrives
/// later.
pub(super) fn cancel(books: &Connection, reference: PaymentRef, even_authorized: bool) -> Result<(), Error> {
    let (event, payment) = key(reference);
    let mut upsert = books.prepare_cached(
        "INSERT INTO payments (event, payment, amount, currency, state) VALUES (?1, ?2, 0, '', 'cancelled')
         ON CONFLICT (event, payment) DO UPDATE SET state = 'cancelled', authorized = 0
         WHERE state = 'needs_action' OR (state = 'authorized' AND ?3)",
    )?;
    upsert.execute(params![event, payment, even_authorized])?;
    Ok(())
}

/// Captures an authorized amount; a repeated call changes nothing.
pub(super) fn capture(books: &Connection, reference: PaymentRef, amount: Amount) -> Result<Capture, Error> {
    let (event, payment) = key(reference);
    let mut update = books.prepare_cached(
        "UPDATE payments SET state = 'captured', captured = ?3
         WHERE event = ?1 AND payment = ?2 AND state = 'authorized' AND authorized >= ?3",
    )?;
    if update.execute(params![event, payment, amount.0])? == 1 {
        return Ok(Capture::Captured);
    }
    let was_captured = state(books, reference)? == ProviderState::Captured;
    Ok(if was_captured { Capture::Captured } else { Capture::Refused })
}

/// Refunds once for each refund reference, and never more than was captured.
pub(super) fn refund(
    books: &Connection,
    reference: RefundRef,
    amount: Amount,
) -> Result<RefundAnswer, Error> {
    let (event, payment) = key(reference.payment);
    let mut select =
        books.prepare_cached("SELECT EXISTS (SELECT 1 FROM refunds WHERE event = ?1 AND refund = ?2)")?;
    if select.query_row(params![event, reference.refund.0], |row| row.get(0))? {
        return Ok(RefundAnswer::Completed);
    }
    let mut update = books.prepare_cached(
        "UPDATE payments SET refunded = refunded + ?3 WHERE event = ?1 AND payment = ?2 AND refunded + ?3 <= captured",
    )?;
    if update.execute(params![event, payment, amount.0])? == 0 {
        return Ok(RefundAnswer::Refused);
    }
    let mut insert = books
        .prepare_cached("INSERT INTO refunds (event, payment, refund, amount) VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(params![event, payment, reference.refund.0, amount.0])?;
    Ok(RefundAnswer::Completed)
}

fn key(reference: PaymentRef) -> (i64, u32) {
    let PaymentNumber(payment) = reference.payment;
    (i64::try_from(reference.event.0).unwrap_or(i64::MAX), payment)
}
