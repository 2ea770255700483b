//! Idempotency of POSTs outside a sale: a request that is repeated with its key gets the first answer again. (Inside a sale, the facts
//! store the key.)
//!
//! A request claims its key and runs. Then it stores its answer, or releases the key if it was refused, because refusals are not stored.
//! The id of the row that the request creates is recorded with the claim, in the transaction that creates the row. If the request fails or
//! crashes before it has stored its answer, the next request with the key gets that id and continues from there.
//!
//! Answers may contain names and addresses. So they die with the account that got them and with every account that they name
//! (`forget_account`).
//!
//! A claim ends when the server restarts ([`Idempotency::end_claims`]), or [`IN_FLIGHT_TTL`] after it was made, because no request runs
//! that long.

use crate::database::Database;
use crate::error::StoreError;
use crate::limits::IN_FLIGHT_TTL;
use crate::sql::{Dialect, Row, Sql, values};
use fairseat_domain::ids::AccountId;
use fairseat_domain::limits::IDEMPOTENCY_TTL;
use fairseat_domain::time::Timestamp;

/// A keyed hash of caller, route and key.
pub type ScopeKey = [u8; 32];
/// A keyed hash of the body without its secrets.
pub type BodyFingerprint = [u8; 32];

/// What a request with a key must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Run; the key is claimed.
    Fresh {
        /// The number or id of the row that an earlier request with the key created.
        entered: Option<u128>,
    },
    /// Answer that the first request is still running.
    InFlight,
    /// Send the first answer again.
    Replay {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// Answer that the key was used with another body.
    Mismatch,
}

/// Idempotency; from [`crate::Store::idempotency`].
#[derive(Clone, Copy, Debug)]
pub struct Idempotency<'s>(pub(crate) &'s Database);

impl Idempotency<'_> {
    /// Claims a key for a request of `account`, or returns what a repeated request must answer. Of two simultaneous requests, exactly one is `Fresh`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(
        &self,
        key: ScopeKey,
        body: BodyFingerprint,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        self.0.write("idempotency.begin", move |sql| begin(sql, key, body, account, now)).await
    }

    /// Stores the answer of a request that claimed its key; if there is one already, that one stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, key: ScopeKey, status: u16, body: Vec<u8>) -> Result<(), StoreError> {
        let text = "UPDATE idempotency SET running = 0, status = ?2, body = ?3 \
                    WHERE scope_key = ?1 AND status IS NULL";
        let values = values![key, status, body];
        self.0.write("idempotency.finish", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// Releases a claimed key without an answer. The id of the row created under it stays recorded.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, key: ScopeKey) -> Result<(), StoreError> {
        let forget = "DELETE FROM idempotency WHERE scope_key = ?1 AND status IS NULL AND entered IS NULL";
        let keep = "UPDATE idempotency SET running = 0 WHERE scope_key = ?1";
        let work = move |sql: &Sql<'_>| {
            sql.execute(forget, &values![key])?;
            sql.execute(keep, &values![key]).map(drop)
        };
        self.0.write("idempotency.release", work).await
    }

    /// Ends all claims. Called when the server starts, because no request can be running then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_claims(&self) -> Result<(), StoreError> {
        let text = "UPDATE idempotency SET running = 0 WHERE running = 1";
        self.0.write("idempotency.end_claims", move |sql| sql.execute(text, &[]).map(drop)).await
    }
}

struct Stored {
    fingerprint: BodyFingerprint,
    begun_at: Timestamp,
    running: bool,
    entered: Option<[u8; 16]>,
    answer: Option<(u16, Vec<u8>)>,
}

fn begin(
    sql: &Sql<'_>,
    key: ScopeKey,
    body: BodyFingerprint,
    account: Option<AccountId>,
    now: Timestamp,
) -> Result<Claim, StoreError> {
    let find =
        "SELECT fingerprint, begun_at, running, entered, status, body FROM idempotency WHERE scope_key = ?1";
    let stored = sql.one(find, &values![key], read)?;
    let claim = stored.map_or(Claim::Fresh { entered: None }, |stored| meet(stored, body, now));
    if let Claim::Fresh { entered } = claim {
        let text = "INSERT INTO idempotency (scope_key, fingerprint, begun_at, running, entered, account) \
                    VALUES (?1, ?2, ?3, 1, ?4, ?5) ON CONFLICT (scope_key) DO UPDATE SET fingerprint = excluded.fingerprint, \
                    begun_at = excluded.begun_at, running = 1, entered = excluded.entered, account = excluded.account, \
                    status = NULL, body = NULL";
        sql.execute(text, &values![key, body, now, entered.map(u128::to_be_bytes), account])?;
    }
    Ok(claim)
}

/// Records with the claim the id of the row that the request creates; called in the transaction that creates the row.
pub(crate) fn record_created(
    sql: &Sql<'_>,
    claim: Option<ScopeKey>,
    entered: u128,
) -> Result<(), StoreError> {
    let Some(key) = claim else { return Ok(()) };
    let text = "UPDATE idempotency SET entered = ?2 WHERE scope_key = ?1";
    sql.execute(text, &values![key, entered.to_be_bytes()]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Stored, StoreError> {
    let (fingerprint, begun_at) = (row.next()?, row.next()?);
    let (running, entered) = (row.next()?, row.next()?);
    let (status, body): (Option<u16>, Option<Vec<u8>>) = (row.next()?, row.next()?);
    Ok(Stored { fingerprint, begun_at, running, entered, answer: status.zip(body) })
}

fn meet(stored: Stored, body: BodyFingerprint, now: Timestamp) -> Claim {
    let age = now.since(stored.begun_at);
    let running = stored.running && age < IN_FLIGHT_TTL;
    let entered = stored.entered.map(u128::from_be_bytes);
    let remembered = running || stored.answer.is_some() || entered.is_some();
    if !remembered || age >= IDEMPOTENCY_TTL {
        return Claim::Fresh { entered: None };
    }
    if stored.fingerprint != body {
        return Claim::Mismatch;
    }
    match stored.answer {
        Some((status, body)) => Claim::Replay { status, body },
        None if running => Claim::InFlight,
        None => Claim::Fresh { entered },
    }
}

/// Removes the answers that an account got and those that contain one of `texts`, such as its id and its address. The ids of the rows that
/// the requests created stay recorded, so a repeated request still takes effect once.
pub(crate) fn forget_account(sql: &Sql<'_>, account: AccountId, texts: &[String]) -> Result<(), StoreError> {
    sql.execute("DELETE FROM idempotency WHERE account = ?1", &values![account])?;
    let contains = match sql.dialect() {
        Dialect::Sqlite => "instr(body, ?1)",
        Dialect::Postgres => "position(?1 IN body)",
    };
    let forget = format!(
        "UPDATE idempotency SET status = NULL, body = NULL WHERE body IS NOT NULL AND {contains} > 0"
    );
    for text in texts.iter().filter(|text| !text.is_empty()) {
        sql.execute(&forget, &values![text.as_bytes().to_vec()])?;
    }
    Ok(())
}

pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM idempotency WHERE begun_at <= ?1", &values![now.minus(IDEMPOTENCY_TTL)])?;
    Ok(())
}
