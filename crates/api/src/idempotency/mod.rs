//! The header `Idempotency-Key`: a request that is sent again with the same key takes effect once.
//!
//! An [`IdempotencyKey`] is the key of one request, bound to its method, path and query and, in an [`IdempotentBody`], to its body. For a
//! command to a sale its fingerprints go with the command, and the facts store them ([`IdempotencyKey::in_sale`]). Elsewhere the store
//! keeps the answer ([`IdempotencyKey::once`]). Refusals are not stored: a request with the same key is decided again.
//!
//! What must always hold: nothing secret can be derived from what is stored, because fingerprints are keyed and leave out passwords and
//! card data; two callers never share a key.

use crate::error::ApiError;
use crate::state::ApiState;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use fairseat_app::fingerprint::Fingerprint;
use fairseat_app::keys::Secret;
use fairseat_domain::Idempotency;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_edge::body::{self, DEFAULT_BODY_BYTES};
use fairseat_edge::json;
use fairseat_edge::problem::{Code, Problem};
use fairseat_store::idempotency::{Claim, ScopeKey};
use futures::FutureExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use utoipa::IntoParams;

/// The header's name.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that repeats an earlier one.
pub(crate) const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key, in characters.
const MAX_KEY_CHARS: usize = 255;
/// The header, for the documentation of routes: `params(IdempotencyHeader)`.
#[derive(IntoParams, Debug)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IdempotencyKey reads it")]
pub(crate) struct IdempotencyHeader {
    /// A random text chosen by the caller. A request that is repeated with the same key within 24 hours takes effect once and gets the same
    /// answer
    #[param(rename = "Idempotency-Key", required = false, min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// The idempotency key of a request, if it has one: extracted alone for a request without a body, or as a part of [`IdempotentBody`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(Option<BoundKey>);

/// A claimed key, and what an earlier attempt under it created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimed {
    /// The key; the store records with it the row that the work creates.
    pub key: Option<ScopeKey>,
    /// The number or id of the row that an earlier, interrupted attempt created. The work continues with that row.
    pub created: Option<u128>,
}

impl Claimed {
    /// Work without a key.
    pub(crate) const NOTHING: Self = Self { key: None, created: None };
}

/// A JSON body, read as [`fairseat_edge::body::Body`] reads it, with the request's idempotency key.
#[derive(Clone, Debug)]
pub(crate) struct IdempotentBody<T> {
    /// The body.
    pub body: T,
    /// The request's key.
    pub key: IdempotencyKey,
}

/// An [`IdempotentBody`] that may be absent.
#[derive(Clone, Debug)]
pub(crate) struct OptionalIdempotentBody<T> {
    /// The body; `None` when there was none, or it was `null`.
    pub body: Option<T>,
    /// The request's key.
    pub key: IdempotencyKey,
}

/// A key, bound to its request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BoundKey {
    key: String,
    /// Method and path.
    place: String,
    /// The fingerprint of query and body.
    body: [u8; 32],
}

impl IdempotencyKey {
    /// The fingerprints for a command of `event`'s sale; `None` when the request came without a key.
    #[must_use]
    pub(crate) fn in_sale(
        &self,
        app: &ApiState,
        caller: AccountId,
        event: EventNumber,
    ) -> Option<Idempotency> {
        let bound = self.0.as_ref()?;
        let scope = bound.scope(&app.keys.fingerprints, Some(caller), Some(event));
        Some(Idempotency { key: leading_u128(&scope), body: leading_u64(&bound.body) })
    }

    /// Runs `work`, or returns the stored answer if work under the same key has finished. [`Claimed::created`] names the row that an
    /// interrupted attempt created.
    ///
    /// With a key the work runs to its end even if the caller disconnects, so that the key gets its answer.
    ///
    /// # Errors
    /// `idempotency_in_flight` and `idempotency_mismatch`; otherwise the errors of `work`.
    pub(crate) async fn once<W>(
        self,
        app: &ApiState,
        caller: Option<AccountId>,
        work: impl FnOnce(Claimed) -> W,
    ) -> Result<Answer, ApiError>
    where
        W: Future<Output = Result<Answer, ApiError>> + Send + 'static,
    {
        let Some(bound) = self.0 else { return work(Claimed::NOTHING).await };
        let scope = bound.scope(&app.keys.fingerprints, caller, None);
        match app.store.idempotency().begin(scope, bound.body, caller, app.now()).await? {
            Claim::Fresh { entered } => {
                let work = work(Claimed { key: Some(scope), created: entered });
                let claimed = tokio::spawn(finish(app.clone(), scope, work));
                claimed.await.unwrap_or_else(|failure| match failure.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(failure) => Err(Problem::internal(failure).into()),
                })
            }
            Claim::Replay { status, body } => {
                let status = StatusCode::from_u16(status).map_err(Problem::internal)?;
                Ok(Answer { status, body, replayed: true })
            }
            Claim::InFlight => {
                let detail =
                    "The first request with this Idempotency-Key is still running. Ask again in a moment.";
                Err(Problem::new(Code::IdempotencyInFlight, detail)
                    .retry_after(Duration::from_secs(1))
                    .into())
            }
            Claim::Mismatch => {
                let detail =
                    "This Idempotency-Key was used with another body. Take a new key for a new request.";
                Err(Problem::new(Code::IdempotencyMismatch, detail).into())
            }
        }
    }
}

/// The header of a request whose body is not read yet.
struct KeyHeader {
    key: String,
    place: String,
    query: String,
}

impl KeyHeader {
    fn read(headers: &HeaderMap, method: &Method, uri: &Uri) -> Result<Option<Self>, ApiError> {
        let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let key = key.to_str().ok().map(str::trim).filter(|key| is_good(key));
        let Some(key) = key else {
            return Err(
                Problem::invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters").into()
            );
        };
        let place = [method.as_str(), " ", uri.path()].concat();
        let query = uri.query().unwrap_or_default().to_owned();
        Ok(Some(Self { key: key.to_owned(), place, query }))
    }

    /// Binds the key to a body, which may be empty.
    fn with(self, fingerprints: &Secret<32>, body: &[u8]) -> Result<BoundKey, ApiError> {
        let body = body_fingerprint(fingerprints, &self.query, body)?;
        Ok(BoundKey { key: self.key, place: self.place, body })
    }
}

/// Runs work under a claimed key and stores its answer, or releases the key after a refusal.
async fn finish<W>(app: ApiState, scope: ScopeKey, work: W) -> Result<Answer, ApiError>
where
    W: Future<Output = Result<Answer, ApiError>>,
{
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    let table = app.store.idempotency();
    let noted = match &outcome {
        Ok(Ok(answer)) => table.finish(scope, answer.status.as_u16(), answer.body.clone()).await,
        Ok(Err(_)) | Err(_) => table.release(scope).await,
    };
    if let Err(error) = noted {
        // The work has taken effect. Until the claim expires, the key is answered "in flight"; no repetition runs the work again.
        tracing::warn!(%error, "the answer for an idempotency key could not be stored");
    }
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// An answer that the store can keep and repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    replayed: bool,
}

impl Answer {
    /// JSON with a status.
    ///
    /// # Errors
    /// When the body cannot be written, which is a bug.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = json::to_bytes(body).map_err(Problem::internal)?;
        Ok(Self { status, body, replayed: false })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = json::response(self.body.into());
        *response.status_mut() = self.status;
        if self.replayed {
            response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl BoundKey {
    fn scope(
        &self,
        fingerprints: &Secret<32>,
        caller: Option<AccountId>,
        event: Option<EventNumber>,
    ) -> [u8; 32] {
        let mut hash = Fingerprint::new(b"scope");
        hash.part(caller.map(|caller| caller.0.to_le_bytes()).as_ref().map_or(&[], |bytes| bytes.as_slice()));
        hash.part(event.map(|event| event.0.to_le_bytes()).as_ref().map_or(&[], |bytes| bytes.as_slice()));
        hash.part(self.place.as_bytes());
        hash.part(self.key.as_bytes());
        hash.finish(fingerprints)
    }
}

impl FromRequestParts<ApiState> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &ApiState) -> Result<Self, ApiError> {
        let header = KeyHeader::read(&parts.headers, &parts.method, &parts.uri)?;
        Ok(Self(header.map(|header| header.with(&app.keys.fingerprints, &[])).transpose()?))
    }
}

impl<T: DeserializeOwned + Send + 'static> IdempotentBody<T> {
    /// Reads a body of at most `limit` bytes; see [`body::receive`].
    ///
    /// # Errors
    /// As [`body::receive`] says, and `invalid` for an unusable key.
    pub(crate) async fn receive(
        request: Request,
        app: &ApiState,
        limit: usize,
        account: Option<AccountId>,
    ) -> Result<Self, ApiError> {
        let header = KeyHeader::read(request.headers(), request.method(), request.uri())?;
        let (body, bytes) = body::receive(request, limit, account).await?;
        let bound = header.map(|header| header.with(&app.keys.fingerprints, &bytes)).transpose()?;
        Ok(Self { body, key: IdempotencyKey(bound) })
    }
}

impl<T: DeserializeOwned + Send + 'static> FromRequest<ApiState> for IdempotentBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &ApiState) -> Result<Self, ApiError> {
        Self::receive(request, app, DEFAULT_BODY_BYTES, None).await
    }
}

impl<T> FromRequest<ApiState> for OptionalIdempotentBody<T>
where
    T: DeserializeOwned + Send + 'static,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &ApiState) -> Result<Self, ApiError> {
        let absent = hyper::body::Body::is_end_stream(request.body());
        if absent && !request.headers().contains_key(CONTENT_TYPE) {
            let (mut parts, _nothing) = request.into_parts();
            let key = IdempotencyKey::from_request_parts(&mut parts, app).await?;
            return Ok(Self { body: None, key });
        }
        let IdempotentBody { body, key } = IdempotentBody::<Option<T>>::from_request(request, app).await?;
        Ok(Self { body, key })
    }
}

fn is_good(key: &str) -> bool {
    (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Hashes a usual body by its JSON value, without secrets; a larger one (a seating plan) is hashed byte by byte.
fn body_fingerprint(fingerprints: &Secret<32>, query: &str, body: &[u8]) -> Result<[u8; 32], ApiError> {
    let mut hash = Fingerprint::new(b"body");
    hash.part(query.as_bytes());
    if body.is_empty() || body.len() > DEFAULT_BODY_BYTES {
        hash.part(body);
    } else {
        hash.value(&body::parse(body)?);
    }
    Ok(hash.finish(fingerprints))
}

fn leading_u128(hash: &[u8; 32]) -> u128 {
    hash.first_chunk().copied().map_or(0, u128::from_le_bytes)
}

fn leading_u64(hash: &[u8; 32]) -> u64 {
    hash.first_chunk().copied().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use fairseat_app::keys::Keys;

    fn key() -> Secret<32> {
        let dir = tempfile::tempdir().unwrap();
        Keys::load_or_create(dir.path()).unwrap().fingerprints
    }

    fn key_header(request: &Request<()>) -> Result<Option<KeyHeader>, ApiError> {
        KeyHeader::read(request.headers(), request.method(), request.uri())
    }

    fn read(key: &Secret<32>, header: &str, target: &str, body: &str) -> BoundKey {
        let request = Request::post(target).header(IDEMPOTENCY_KEY, header).body(()).unwrap();
        key_header(&request).unwrap().unwrap().with(key, body.as_bytes()).unwrap()
    }

    fn body(key: &Secret<32>, text: &str) -> [u8; 32] {
        read(key, "k", "/orders", text).body
    }

    #[test]
    fn equal_json_has_equal_fingerprints() {
        let key = key();
        let same = body(&key, r#"{"a": 1, "b": [true, null, "x"]}"#);
        assert_eq!(same, body(&key, r#"{ "b":[true,null,"\u0078"],"a":1 }"#));
        for other in [
            r#"{"a": 1, "b": [true, null, "y"]}"#,
            r#"{"a": 1, "b": [[true, null], "x"]}"#,
            r#"{"a": "1", "b": [true, null, "x"]}"#,
            "{}",
        ] {
            assert_ne!(same, body(&key, other), "{other}");
        }
        assert_ne!(same, body(&self::key(), r#"{"a": 1, "b": [true, null, "x"]}"#), "another installation's");
    }

    #[test]
    fn secrets_are_left_out() {
        let key = key();
        let pay = |number: &str| {
            body(
                &key,
                &format!(
                    r#"{{"reservation_id": 1, "payment_details": {{"card_number": "{number}", "cvv": "{number}"}}}}"#
                ),
            )
        };
        assert_eq!(pay("4242424242424242"), pay("4000000000000002"));
        assert_eq!(
            body(&key, r#"{"email": "a", "password": "b"}"#),
            body(&key, r#"{"email": "a", "password": "c"}"#)
        );
    }

    #[test]
    fn a_key_belongs_to_a_caller_a_route_and_an_event() {
        let key = key();
        let scope = |header: &str, target: &str, caller: Option<u128>, event: Option<u64>| {
            let bound = read(&key, header, target, "{}");
            bound.scope(&key, caller.map(AccountId), event.map(EventNumber))
        };
        let one = scope("k", "/orders", Some(1), Some(1));
        assert_eq!(one, scope("k", "/orders", Some(1), Some(1)));
        assert_eq!(
            one,
            scope(" k ", "/orders?x=1", Some(1), Some(1)),
            "the query is compared as the body is"
        );
        assert_ne!(one, scope("l", "/orders", Some(1), Some(1)));
        assert_ne!(one, scope("k", "/orders/2/cancel", Some(1), Some(1)));
        assert_ne!(one, scope("k", "/orders", Some(2), Some(1)));
        assert_ne!(one, scope("k", "/orders", Some(1), Some(2)));
        assert_ne!(one, scope("k", "/orders", Some(1), None));
    }

    #[test]
    fn invalid_keys_are_refused() {
        let key = key();
        for odd in ["", " ", "two words", "\t", "é", &"k".repeat(256)] {
            let request = Request::post("/").header(IDEMPOTENCY_KEY, odd.as_bytes()).body(()).unwrap();
            let refused = key_header(&request).err().unwrap();
            assert_eq!(refused.0.document()["errors"][0]["field"], "Idempotency-Key", "{odd:?}");
        }
        assert_eq!(read(&key, &"k".repeat(255), "/", "{}").key.len(), 255);
        assert!(key_header(&Request::post("/").body(()).unwrap()).unwrap().is_none());
    }
}
