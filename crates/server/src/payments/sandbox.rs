//! The sandbox: a payment provider of our own that moves no money, for trying out, demos and tests.
//!
//! It plays a provider far away, so it keeps its own books in a file of its own (`sandbox.db`) that survives a kill of the
//! server, and it deduplicates by payment reference as real ones do by idempotency key. Of a card it keeps only what came of
//! it, never the number.

use fairseat_domain::fact::DeclineReason;
use fairseat_domain::ids::PaymentNumber;
use fairseat_domain::money::Amount;
use fairseat_engine::{
    Authorization, Capture, PaymentProvider, PaymentRef, ProviderFault, ProviderState, RefundAnswer,
    RefundRef,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::sync::Arc;

/// Builds the address where a buyer approves or declines an attempt.
pub type ActionUrl = Arc<dyn Fn(PaymentRef) -> String + Send + Sync>;

/// The sandbox provider.
#[derive(Clone)]
pub struct Sandbox {
    books: Arc<Mutex<Connection>>,
    action_url: ActionUrl,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sandbox")
    }
}

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

/// Whether this is a test number or a test token.
#[must_use]
pub fn is_test_instrument(instrument: &str) -> bool {
    outcome_of(instrument).is_some()
}

/// Whether this is one of the test numbers.
#[must_use]
pub fn is_test_card(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit()) && is_test_instrument(number)
}

/// Stripe's published test numbers, and the test tokens that stand for the same cards.
fn outcome_of(instrument: &str) -> Option<(&'static str, Option<&'static str>)> {
    match instrument {
        "4242424242424242" | "pm_card_visa" | "tok_visa" => Some(("authorized", None)),
        "4000000000000002" | "pm_card_chargeDeclined" => Some(("declined", Some("generic"))),
        "4000000000009995" | "pm_card_chargeDeclinedInsufficientFunds" => {
            Some(("declined", Some("insufficient_funds")))
        }
        "4000002500003155" | "pm_card_authenticationRequired" => Some(("needs_action", None)),
        _ => None,
    }
}

impl Sandbox {
    /// A sandbox with its books in `path`, made when missing.
    ///
    /// # Errors
    /// When the file cannot be opened as a database.
    pub fn open(path: &Path, action_url: ActionUrl) -> Result<Self, rusqlite::Error> {
        let books = Connection::open(path)?;
        books.pragma_update(None, "journal_mode", "WAL")?;
        // A kill of the process loses nothing; only a power cut might, and no money is at stake here.
        books.pragma_update(None, "synchronous", "NORMAL")?;
        books.busy_timeout(std::time::Duration::from_secs(5))?;
        books.execute_batch(SCHEMA)?;
        Ok(Self { books: Arc::new(Mutex::new(books)), action_url })
    }

    /// The buyer's answer to an attempt that waits for one; `false` when there is no such attempt or it waits no more.
    ///
    /// # Errors
    /// [`ProviderFault`] when the books cannot be read or written.
    pub async fn answer(&self, reference: PaymentRef, approve: bool) -> Result<bool, ProviderFault> {
        let (state, reason) =
            if approve { ("authorized", None) } else { ("declined", Some("authentication_failed")) };
        self.with_books(move |books| {
            let (event, payment) = key(reference);
            let changed = books.execute(
                "UPDATE payments SET state = ?3, reason = ?4, authorized = CASE ?3 WHEN 'authorized' THEN amount ELSE 0 END
                 WHERE event = ?1 AND payment = ?2 AND state = 'needs_action'",
                params![event, payment, state, reason],
            )?;
            Ok(changed == 1)
        })
        .await
    }

    async fn with_books<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, ProviderFault> {
        let books = self.books.clone();
        let done = tokio::task::spawn_blocking(move || work(&books.lock())).await;
        done.map_err(|error| ProviderFault(error.to_string()))?
            .map_err(|error| ProviderFault(error.to_string()))
    }

    fn state_in(&self, books: &Connection, reference: PaymentRef) -> Result<ProviderState, rusqlite::Error> {
        let (event, payment) = key(reference);
        let row = books
            .query_row(
                "SELECT state, reason FROM payments WHERE event = ?1 AND payment = ?2",
                params![event, payment],
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)),
            )
            .optional()?;
        let Some((state, reason)) = row else { return Ok(ProviderState::Unknown) };
        Ok(match state.as_str() {
            "authorized" => ProviderState::Authorized,
            "captured" => ProviderState::Captured,
            "cancelled" => ProviderState::Cancelled,
            "needs_action" => ProviderState::NeedsAction { url: (self.action_url)(reference) },
            _ => ProviderState::Declined(match reason.as_deref() {
                Some("insufficient_funds") => DeclineReason::InsufficientFunds,
                Some("authentication_failed") => DeclineReason::AuthenticationFailed,
                Some("invalid_card") => DeclineReason::InvalidCard,
                Some(_) | None => DeclineReason::Generic,
            }),
        })
    }

    fn authorize_in(
        &self,
        books: &Connection,
        request: &Authorization,
    ) -> Result<ProviderState, rusqlite::Error> {
        let (event, payment) = key(request.reference);
        let (state, reason) = outcome_of(&request.instrument.0).unwrap_or(("declined", Some("invalid_card")));
        let authorized = if state == "authorized" { request.amount.0 } else { 0 };
        books.execute(
            "INSERT INTO payments (event, payment, amount, currency, state, reason, authorized)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event, payment) DO NOTHING",
            params![event, payment, request.amount.0, request.currency.code(), state, reason, authorized],
        )?;
        self.state_in(books, request.reference)
    }

    fn cancel_in(
        &self,
        books: &Connection,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> Result<ProviderState, rusqlite::Error> {
        let (event, payment) = key(reference);
        // An attempt never seen is noted as cancelled, so that it is refused should it still arrive.
        books.execute(
            "INSERT INTO payments (event, payment, amount, currency, state) VALUES (?1, ?2, 0, '', 'cancelled')
             ON CONFLICT (event, payment) DO UPDATE SET state = 'cancelled', authorized = 0
             WHERE state = 'needs_action' OR (state = 'authorized' AND ?3)",
            params![event, payment, even_authorized],
        )?;
        self.state_in(books, reference)
    }
}

fn capture_in(books: &Connection, reference: PaymentRef, amount: Amount) -> Result<Capture, rusqlite::Error> {
    let (event, payment) = key(reference);
    books.execute(
        "UPDATE payments SET state = 'captured', captured = ?3
         WHERE event = ?1 AND payment = ?2 AND state = 'authorized' AND authorized >= ?3",
        params![event, payment, amount.0],
    )?;
    let captured = books.query_row(
        "SELECT EXISTS (SELECT 1 FROM payments WHERE event = ?1 AND payment = ?2 AND state = 'captured')",
        params![event, payment],
        |row| row.get::<_, bool>(0),
    )?;
    Ok(if captured { Capture::Captured } else { Capture::Refused })
}

fn refund_in(
    books: &Connection,
    reference: RefundRef,
    amount: Amount,
) -> Result<RefundAnswer, rusqlite::Error> {
    let (event, payment) = key(reference.payment);
    let books = books.unchecked_transaction()?;
    let done = books.query_row(
        "SELECT EXISTS (SELECT 1 FROM refunds WHERE event = ?1 AND refund = ?2)",
        params![event, reference.refund.0],
        |row| row.get::<_, bool>(0),
    )?;
    if done {
        return Ok(RefundAnswer::Completed);
    }
    let taken = books.execute(
        "UPDATE payments SET refunded = refunded + ?3 WHERE event = ?1 AND payment = ?2 AND refunded + ?3 <= captured",
        params![event, payment, amount.0],
    )?;
    if taken == 0 {
        return Ok(RefundAnswer::Refused);
    }
    books.execute(
        "INSERT INTO refunds (event, payment, refund, amount) VALUES (?1, ?2, ?3, ?4)",
        params![event, payment, reference.refund.0, amount.0],
    )?;
    books.commit()?;
    Ok(RefundAnswer::Completed)
}

fn key(reference: PaymentRef) -> (i64, u32) {
    let PaymentNumber(payment) = reference.payment;
    (i64::try_from(reference.event.0).unwrap_or(i64::MAX), payment)
}

impl PaymentProvider for Sandbox {
    fn authorize(&self, request: Authorization) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        let sandbox = self.clone();
        self.with_books(move |books| sandbox.authorize_in(books, &request)).boxed()
    }

    fn state(&self, reference: PaymentRef) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        let sandbox = self.clone();
        self.with_books(move |books| sandbox.state_in(books, reference)).boxed()
    }

    fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        let sandbox = self.clone();
        self.with_books(move |books| sandbox.cancel_in(books, reference, even_authorized)).boxed()
    }

    fn capture(
        &self,
        reference: PaymentRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<Capture, ProviderFault>> {
        self.with_books(move |books| capture_in(books, reference, amount)).boxed()
    }

    fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<RefundAnswer, ProviderFault>> {
        self.with_books(move |books| refund_in(books, reference, amount)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::ids::{EventNumber, RefundNumber};
    use fairseat_domain::money::Currency;
    use fairseat_engine::Instrument;

    fn reference(payment: u32) -> PaymentRef {
        PaymentRef { event: EventNumber(1), payment: PaymentNumber(payment) }
    }

    fn charge(payment: u32, card: &str) -> Authorization {
        Authorization {
            reference: reference(payment),
            amount: Amount(500),
            currency: Currency::USD,
            instrument: Instrument(card.to_owned()),
        }
    }

    fn sandbox(folder: &tempfile::TempDir) -> Sandbox {
        let url: ActionUrl = Arc::new(|reference| format!("/pay/{}", reference.payment));
        Sandbox::open(&folder.path().join("sandbox.db"), url).unwrap()
    }

    #[tokio::test]
    async fn test_cards_do_what_they_are_published_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder);
        let cases = [
            (0, "4242424242424242", ProviderState::Authorized),
            (1, "4000000000000002", ProviderState::Declined(DeclineReason::Generic)),
            (2, "4000000000009995", ProviderState::Declined(DeclineReason::InsufficientFunds)),
            (3, "4000002500003155", ProviderState::NeedsAction { url: "/pay/3".to_owned() }),
            (4, "5555555555554444", ProviderState::Declined(DeclineReason::InvalidCard)),
        ];
        for (payment, card, expected) in cases {
            assert_eq!(sandbox.authorize(charge(payment, card)).await, Ok(expected), "{card}");
        }
        assert!(sandbox.answer(reference(3), true).await.unwrap());
        assert_eq!(sandbox.state(reference(3)).await, Ok(ProviderState::Authorized));
        assert!(!sandbox.answer(reference(3), false).await.unwrap(), "only once");
    }

    #[tokio::test]
    async fn everything_may_be_repeated_and_survives_reopening() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let sandbox = sandbox(&folder);
            for _ in 0..2 {
                sandbox.authorize(charge(0, "4242424242424242")).await.unwrap();
                assert_eq!(sandbox.capture(reference(0), Amount(500)).await, Ok(Capture::Captured));
                let refund = RefundRef { payment: reference(0), refund: RefundNumber(0) };
                assert_eq!(sandbox.refund(refund, Amount(400)).await, Ok(RefundAnswer::Completed));
                let more = RefundRef { payment: reference(0), refund: RefundNumber(1) };
                assert_eq!(sandbox.refund(more, Amount(200)).await, Ok(RefundAnswer::Refused));
            }
        }
    }

    #[tokio::test]
    async fn a_cancelled_attempt_never_charges() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder);
        assert_eq!(sandbox.cancel(reference(7), false).await, Ok(ProviderState::Cancelled));
        assert_eq!(sandbox.authorize(charge(7, "4242424242424242")).await, Ok(ProviderState::Cancelled));
        sandbox.authorize(charge(8, "4242424242424242")).await.unwrap();
        assert_eq!(sandbox.cancel(reference(8), false).await, Ok(ProviderState::Authorized), "too late");
        assert_eq!(sandbox.cancel(reference(8), true).await, Ok(ProviderState::Cancelled), "let go of");
        assert_eq!(sandbox.capture(reference(8), Amount(500)).await, Ok(Capture::Refused));
    }
}
