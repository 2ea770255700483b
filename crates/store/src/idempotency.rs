//! Answers to POSTs outside a sale, repeated when the same request comes again with its key. (Inside a sale, the facts
//! themselves remember.)
//!
//! A request claims its key, runs, and either leaves its answer or lets the key go, since refusals are not remembered. A
//! claim without an answer is given to the next one who asks after [`IN_FLIGHT_TTL`]: whoever had it has crashed, because
//! no request may run as long.

use crate::database::Database;
use crate::error::StoreError;
use crate::limits::IN_FLIGHT_TTL;
use crate::sql::{Row, Sql, values};
use fairseat_domain::limits::IDEMPOTENCY_TTL;
use fairseat_domain::time::Timestamp;

/// A keyed hash of caller, route and key.
pub type ScopeKey = [u8; 32];
/// A keyed hash of the body, secrets left out.
pub type BodyFingerprint = [u8; 32];

/// What a request with a key is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Run; the key is claimed.
    Fresh,
    /// Answer that the first one is still running.
    InFlight,
    /// Answer this again.
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
    /// Claims a key for a request, or says what its repetition gets. Of two at once, one is `Fresh`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(
        &self,
        key: ScopeKey,
        body: BodyFingerprint,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        self.0.write("idempotency.begin", move |sql| begin(sql, key, body, now)).await
    }

    /// Leaves the answer of a request that claimed its key; the first one left stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, key: ScopeKey, status: u16, body: Vec<u8>) -> Result<(), StoreError> {
        let text = "UPDATE idempotency SET status = ?2, body = ?3 WHERE scope_key = ?1 AND status IS NULL";
        let values = values![key, status, body];
        self.0.write("idempotency.finish", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// Lets a key go that was claimed and not answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, key: ScopeKey) -> Result<(), StoreError> {
        let text = "DELETE FROM idempotency WHERE scope_key = ?1 AND status IS NULL";
        let values = values![key];
        self.0.write("idempotency.forget", move |sql| sql.execute(text, &values).map(drop)).await
    }
}

struct Stored {
    fingerprint: BodyFingerprint,
    begun_at: Timestamp,
    answer: Option<(u16, Vec<u8>)>,
}

fn begin(sql: &Sql<'_>, key: ScopeKey, body: BodyFingerprint, now: Timestamp) -> Result<Claim, StoreError> {
    let find = "SELECT fingerprint, begun_at, status, body FROM idempotency WHERE scope_key = ?1";
    let stored = sql.one(find, &values![key], read)?;
    let claim = stored.map_or(Claim::Fresh, |stored| meet(stored, body, now));
    if claim == Claim::Fresh {
        sql.execute("DELETE FROM idempotency WHERE scope_key = ?1", &values![key])?;
        let text = "INSERT INTO idempotency (scope_key, fingerprint, begun_at) VALUES (?1, ?2, ?3)";
        sql.execute(text, &values![key, body, now])?;
    }
    Ok(claim)
}

fn read(row: &Row<'_>) -> Result<Stored, StoreError> {
    let (fingerprint, begun_at) = (row.next()?, row.next()?);
    let (status, body): (Option<u16>, Option<Vec<u8>>) = (row.next()?, row.next()?);
    Ok(Stored { fingerprint, begun_at, answer: status.zip(body) })
}

fn meet(stored: Stored, body: BodyFingerprint, now: Timestamp) -> Claim {
    let age = now.since(stored.begun_at);
    let ttl = if stored.answer.is_some() { IDEMPOTENCY_TTL } else { IN_FLIGHT_TTL };
    if age >= ttl {
        return Claim::Fresh;
    }
    if stored.fingerprint != body {
        return Claim::Mismatch;
    }
    stored.answer.map_or(Claim::InFlight, |(status, body)| Claim::Replay { status, body })
}

pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM idempotency WHERE begun_at <= ?1", &values![now.minus(IDEMPOTENCY_TTL)])?;
    Ok(())
}
