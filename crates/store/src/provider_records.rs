//! Payments and refunds of a provider that keeps its records here, because no money moves: in a file of its own, or beside the store on a server.
//!
//! Repeated calls change nothing, and no more is captured than was authorized, and no more refunded than was captured.

use crate::database::Database;
use crate::error::StoreError;
use crate::sql::{Row, Sql, values};
use crate::sqlite::SqliteDatabase;
use crate::store::Store;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::{Amount, Currency};
use std::path::Path;
use std::sync::Arc;

const FILE: &str = "
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

/// Names a payment: its event and its number there.
pub type PaymentKey = (EventNumber, u32);

/// A payment as it is recorded first.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Which.
    pub key: PaymentKey,
    /// The amount.
    pub amount: Amount,
    /// Its currency.
    pub currency: Currency,
    /// Its state, in the provider's words.
    pub state: &'static str,
    /// Why it is in this state, in the provider's words.
    pub reason: Option<&'static str>,
    /// How much may be captured.
    pub authorized: Amount,
}

/// The state of a payment, and why, in the provider's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentState {
    /// The state.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
}

/// The records. Clones share them.
#[derive(Clone, Debug)]
pub struct ProviderRecords(Arc<Database>);

impl ProviderRecords {
    /// In a file, which is made when it is missing. A crash of the process loses nothing; a power cut might, since no money moves.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn in_file(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(SqliteDatabase::open_records(path, FILE)?.into())))
    }

    /// On the server of a store.
    #[must_use]
    pub fn beside(store: &Store) -> Self {
        Self(store.database.clone())
    }

    /// Whether a store is on a server, where the records belong beside it.
    #[must_use]
    pub fn belong_beside(store: &Store) -> bool {
        store.database.path().is_none()
    }

    /// Records a payment, unless it is recorded already; returns its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(&self, new: NewPayment) -> Result<Option<PaymentState>, StoreError> {
        let work = move |sql: &Sql<'_>| {
            let text = "INSERT INTO payments (event, payment, amount, currency, state, reason, authorized) \
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event, payment) DO NOTHING";
            let NewPayment { key: (event, payment), amount, currency, state, reason, authorized } = new;
            let reason = reason.map(str::to_owned);
            sql.execute(
                text,
                &values![event, payment, amount, currency, state.to_owned(), reason, authorized],
            )?;
            self::state(sql, new.key)
        };
        self.0.write("provider_records.record", work).await
    }

    /// The state of a payment; `None` when it is not recorded.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state(&self, key: PaymentKey) -> Result<Option<PaymentState>, StoreError> {
        self.0.write("provider_records.state", move |sql| state(sql, key)).await
    }

    /// Changes the state of a payment that is in the state `from`; everything may be captured then if `authorize`. Returns whether it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decide(
        &self,
        key: PaymentKey,
        from: &'static str,
        to: &'static str,
        reason: Option<&'static str>,
        authorize: bool,
    ) -> Result<bool, StoreError> {
        let text = "UPDATE payments SET state = ?3, reason = ?4, authorized = CASE WHEN ?5 = 1 THEN amount ELSE 0 END \
                    WHERE event = ?1 AND payment = ?2 AND state = ?6";
        let authorize = i64::from(authorize);
        let values =
            values![key.0, key.1, to.to_owned(), reason.map(str::to_owned), authorize, from.to_owned()];
        self.0.write("provider_records.decide", move |sql| Ok(sql.execute(text, &values)? == 1)).await
    }

    /// Moves a payment that is in one of the states `from` to the state `cancelled`; one that is not recorded is recorded as cancelled, so that it
    /// is refused if its request arrives later. Returns its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel(
        &self,
        key: PaymentKey,
        cancelled: &'static str,
        from: [&'static str; 2],
    ) -> Result<Option<PaymentState>, StoreError> {
        let text = "INSERT INTO payments AS p (event, payment, amount, currency, state) VALUES (?1, ?2, 0, '', ?3) \
                    ON CONFLICT (event, payment) DO UPDATE SET state = excluded.state, authorized = 0 \
                    WHERE p.state IN (?4, ?5)";
        let [first, second] = from;
        let values = values![key.0, key.1, cancelled.to_owned(), first.to_owned(), second.to_owned()];
        let work = move |sql: &Sql<'_>| {
            sql.execute(text, &values)?;
            state(sql, key)
        };
        self.0.write("provider_records.cancel", work).await
    }

    /// Captures an amount of a payment that is in the state `from`, if so much is authorized; then it is in the state `to`. Returns whether it is
    /// in that state now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn capture(
        &self,
        key: PaymentKey,
        amount: Amount,
        from: &'static str,
        to: &'static str,
    ) -> Result<bool, StoreError> {
        let text = "UPDATE payments SET state = ?4, captured = ?3 \
                    WHERE event = ?1 AND payment = ?2 AND state = ?5 AND authorized >= ?3";
        let values = values![key.0, key.1, amount, to.to_owned(), from.to_owned()];
        let work = move |sql: &Sql<'_>| {
            let captured = sql.execute(text, &values)? == 1;
            Ok(captured || state(sql, key)?.is_some_and(|found| found.state == to))
        };
        self.0.write("provider_records.capture", work).await
    }

    /// Records a refund of a payment. A refund with the same number that is there already is not recorded again. Returns whether
    /// the refund is there now; it is not if more would be refunded than was captured.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refund(&self, key: PaymentKey, refund: u32, amount: Amount) -> Result<bool, StoreError> {
        let (event, payment) = key;
        let work = move |sql: &Sql<'_>| {
            let known = "SELECT COUNT(*) FROM refunds WHERE event = ?1 AND refund = ?2";
            if sql.count(known, &values![event, refund])? > 0 {
                return Ok(true);
            }
            let text = "UPDATE payments SET refunded = refunded + ?3 \
                        WHERE event = ?1 AND payment = ?2 AND refunded + ?3 <= captured";
            if sql.execute(text, &values![event, payment, amount])? == 0 {
                return Ok(false);
            }
            let text = "INSERT INTO refunds (event, payment, refund, amount) VALUES (?1, ?2, ?3, ?4)";
            sql.execute(text, &values![event, payment, refund, amount])?;
            Ok(true)
        };
        self.0.write("provider_records.refund", work).await
    }
}

fn state(sql: &Sql<'_>, (event, payment): PaymentKey) -> Result<Option<PaymentState>, StoreError> {
    let text = "SELECT state, reason FROM payments WHERE event = ?1 AND payment = ?2";
    let read = |row: &Row<'_>| Ok(PaymentState { state: row.next()?, reason: row.next()? });
    sql.one(text, &values![event, payment], read)
}
