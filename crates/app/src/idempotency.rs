//! Requests that have an idempotency key: the fingerprints by which a repetition is recognised, and answers that are kept and repeated.
//!
//! What must always hold: nothing secret can be derived from a fingerprint, because it is keyed and leaves out passwords and card data; two
//! callers never share a key.

use crate::app::App;
use crate::failure::Failure;
use crate::fingerprint::Fingerprint;
use crate::keys::Secret;
use fairseat_domain::Idempotency;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_store::idempotency::{Claim, ScopeKey};
use futures::FutureExt as _;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// What a request says beside its address.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestBody<'b> {
    /// Compared by its value, without secrets.
    Json(Value),
    /// Compared byte by byte; also for no body.
    Bytes(&'b [u8]),
}

/// A key, bound to its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundKey {
    key: String,
    /// Method and path.
    place: String,
    /// The fingerprint of query and body.
    body: [u8; 32],
}

impl BoundKey {
    /// Binds a key to a request. `place` is its method and path.
    #[must_use]
    pub fn new(
        fingerprints: &Secret<32>,
        key: String,
        place: String,
        query: &str,
        body: &RequestBody<'_>,
    ) -> Self {
        let mut hash = Fingerprint::new(b"body");
        hash.part(query.as_bytes());
        match body {
            RequestBody::Json(value) => hash.value(value),
            RequestBody::Bytes(bytes) => hash.part(bytes),
        }
        Self { key, place, body: hash.finish(fingerprints) }
    }

    /// The fingerprint of query and body.
    #[must_use]
    pub fn body(&self) -> &[u8; 32] {
        &self.body
    }

    /// The fingerprint of the key itself, for a caller, and an event if the key is for a command to its sale.
    #[must_use]
    pub fn scope(
        &self,
        fingerprints: &Secret<32>,
        caller: Option<AccountId>,
        event: Option<EventNumber>,
    ) -> ScopeKey {
        let mut hash = Fingerprint::new(b"scope");
        hash.part(caller.map(|caller| caller.0.to_le_bytes()).as_ref().map_or(&[], |bytes| bytes.as_slice()));
        hash.part(event.map(|event| event.0.to_le_bytes()).as_ref().map_or(&[], |bytes| bytes.as_slice()));
        hash.part(self.place.as_bytes());
        hash.part(self.key.as_bytes());
        hash.finish(fingerprints)
    }

    /// The shorter fingerprints that a sale stores.
    #[must_use]
    pub fn in_sale(&self, fingerprints: &Secret<32>, caller: AccountId, event: EventNumber) -> Idempotency {
        let scope = self.scope(fingerprints, Some(caller), Some(event));
        Idempotency {
            key: scope.first_chunk().copied().map_or(0, u128::from_le_bytes),
            body: self.body.first_chunk().copied().map_or(0, u64::from_le_bytes),
        }
    }
}

/// A claimed key, and what an earlier attempt under it created.
#[derive(Clone, Copy, Debug)]
pub struct Claimed {
    /// The key; the store records with it the row that the work creates.
    pub key: Option<ScopeKey>,
    /// The number or id of the row that an earlier, interrupted attempt created. The work continues with that row.
    pub created: Option<u128>,
}

impl Claimed {
    /// Work without a key.
    pub const NOTHING: Self = Self { key: None, created: None };
}

/// Why an answer under a key was neither made nor repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// The first request with this key is still running.
    #[error("the first request with this key is still running")]
    InFlight,
    /// The key was used with another body.
    #[error("the key was used with another body")]
    Mismatch,
}

/// An answer that the store keeps and repeats: a number and bytes.
pub trait KeptAnswer: Sized + Send + 'static {
    /// What is kept of it.
    fn parts(&self) -> (u16, Vec<u8>);

    /// The answer of an earlier request.
    ///
    /// # Errors
    /// When what was kept is no answer, which is a bug.
    fn repeated(status: u16, body: Vec<u8>) -> Result<Self, Failure>;
}

/// Runs `work`, or returns the stored answer if work under the same key has finished. [`Claimed::created`] names the row that an interrupted
/// attempt created. The work runs to its end even if the caller disconnects, so that the key gets its answer.
///
/// # Errors
/// [`KeyRefused`]; otherwise the errors of `work` and of the store.
pub async fn once<A, E, W>(
    app: &Arc<App>,
    key: &BoundKey,
    caller: Option<AccountId>,
    work: impl FnOnce(Claimed) -> W,
) -> Result<A, E>
where
    A: KeptAnswer,
    E: From<Failure> + From<KeyRefused> + Send + 'static,
    W: Future<Output = Result<A, E>> + Send + 'static,
{
    let scope = key.scope(&app.keys.fingerprints, caller, None);
    let claim = app.store.idempotency().begin(scope, key.body, caller, app.now()).await;
    match claim.map_err(Failure::from)? {
        Claim::Fresh { entered } => {
            let work = work(Claimed { key: Some(scope), created: entered });
            let claimed = tokio::spawn(finish(app.clone(), scope, work));
            claimed.await.unwrap_or_else(|failure| match failure.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(failure) => Err(Failure::bug(failure).into()),
            })
        }
        Claim::Replay { status, body } => Ok(A::repeated(status, body)?),
        Claim::InFlight => Err(KeyRefused::InFlight.into()),
        Claim::Mismatch => Err(KeyRefused::Mismatch.into()),
    }
}

/// Runs work under a claimed key and stores its answer, or releases the key after a refusal.
async fn finish<A: KeptAnswer, E>(
    app: Arc<App>,
    scope: ScopeKey,
    work: impl Future<Output = Result<A, E>>,
) -> Result<A, E> {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    let table = app.store.idempotency();
    let noted = match &outcome {
        Ok(Ok(answer)) => {
            let (status, body) = answer.parts();
            table.finish(scope, status, body).await
        }
        Ok(Err(_)) | Err(_) => table.release(scope).await,
    };
    if let Err(error) = noted {
        // The work has taken effect. Until the claim expires, the key is answered "in flight"; no repetition runs the work again.
        tracing::warn!(%error, "the answer for an idempotency key could not be stored");
    }
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;

    fn secret() -> Secret<32> {
        let dir = tempfile::tempdir().unwrap();
        Keys::load_or_create(dir.path()).unwrap().fingerprints
    }

    fn bound(secret: &Secret<32>, key: &str, place: &str, query: &str, body: &str) -> BoundKey {
        let body = RequestBody::Json(serde_json::from_str(body).unwrap());
        BoundKey::new(secret, key.to_owned(), place.to_owned(), query, &body)
    }

    fn body(secret: &Secret<32>, text: &str) -> [u8; 32] {
        *bound(secret, "k", "POST /orders", "", text).body()
    }

    #[test]
    fn equal_json_has_equal_fingerprints() {
        let secret = secret();
        let same = body(&secret, r#"{"a": 1, "b": [true, null, "x"]}"#);
        assert_eq!(same, body(&secret, r#"{ "b":[true,null,"\u0078"],"a":1 }"#));
        for other in [
            r#"{"a": 1, "b": [true, null, "y"]}"#,
            r#"{"a": 1, "b": [[true, null], "x"]}"#,
            r#"{"a": "1", "b": [true, null, "x"]}"#,
            "{}",
        ] {
            assert_ne!(same, body(&secret, other), "{other}");
        }
        assert_ne!(
            same,
            body(&self::secret(), r#"{"a": 1, "b": [true, null, "x"]}"#),
            "another installation's"
        );
    }

    #[test]
    fn secrets_are_left_out() {
        let secret = secret();
        let pay = |number: &str| {
            let details = format!(r#"{{"card_number": "{number}", "cvv": "{number}"}}"#);
            body(&secret, &format!(r#"{{"reservation_id": 1, "payment_details": {details}}}"#))
        };
        assert_eq!(pay("4242424242424242"), pay("4000000000000002"));
        let sign_in =
            |password: &str| body(&secret, &format!(r#"{{"email": "a", "password": "{password}"}}"#));
        assert_eq!(sign_in("b"), sign_in("c"));
    }

    #[test]
    fn a_key_belongs_to_a_caller_a_route_and_an_event() {
        let secret = secret();
        let scope = |key: &str, place: &str, caller: Option<u128>, event: Option<u64>| {
            let bound = bound(&secret, key, place, "", "{}");
            bound.scope(&secret, caller.map(AccountId), event.map(EventNumber))
        };
        let one = scope("k", "POST /orders", Some(1), Some(1));
        assert_eq!(one, scope("k", "POST /orders", Some(1), Some(1)));
        assert_ne!(one, scope("l", "POST /orders", Some(1), Some(1)));
        assert_ne!(one, scope("k", "POST /orders/2/cancel", Some(1), Some(1)));
        assert_ne!(one, scope("k", "POST /orders", Some(2), Some(1)));
        assert_ne!(one, scope("k", "POST /orders", Some(1), Some(2)));
        assert_ne!(one, scope("k", "POST /orders", Some(1), None));
    }

    #[test]
    fn the_query_is_compared_as_the_body_is() {
        let secret = secret();
        let (plain, repair) =
            ["", "repair=true"].map(|query| bound(&secret, "k", "POST /venues", query, "{}")).into();
        assert_ne!(plain.body(), repair.body());
        assert_eq!(plain.scope(&secret, None, None), repair.scope(&secret, None, None));
    }
}
