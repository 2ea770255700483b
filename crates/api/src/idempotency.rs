//! The header `Idempotency-Key`: a request that is sent again with the same key takes effect once.
//!
//! An [`IdempotencyKey`] is the key of one request, bound to its method, path and query and, in an [`IdempotentBody`], to its body. For a
//! command to a sale its fingerprints go with the command, and the facts store them ([`IdempotencyKey::in_sale`]). Elsewhere the store
//! keeps the answer ([`IdempotencyKey::once`]). Refusals are not stored: a request with the same key is decided again.
//!
//! What must always hold: nothing secret can be derived from what is stored, because fingerprints are keyed and leave out passwords and
//! card data; two callers never share a key.

use crate::state::ApiState;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use fairseat_app::Failure;
use fairseat_app::idempotency::{self, BoundKey, KeptAnswer, RequestBody};
use fairseat_app::keys::Secret;
use fairseat_domain::Idempotency;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_edge::body::{self, DEFAULT_BODY_BYTES};
use fairseat_edge::json;
use fairseat_edge::problem::Problem;
use fairseat_problems::errors::ApiError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

pub(crate) use fairseat_app::idempotency::Claimed;

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

impl IdempotencyKey {
    /// The fingerprints for a command of `event`'s sale; `None` when the request came without a key.
    #[must_use]
    pub(crate) fn in_sale(
        &self,
        app: &ApiState,
        caller: AccountId,
        event: EventNumber,
    ) -> Option<Idempotency> {
        Some(self.0.as_ref()?.in_sale(&app.keys.fingerprints, caller, event))
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
        idempotency::once(&app.app, &bound, caller, work).await
    }
}

impl KeptAnswer for Answer {
    fn parts(&self) -> (u16, Vec<u8>) {
        (self.status.as_u16(), self.body.clone())
    }

    fn repeated(status: u16, body: Vec<u8>) -> Result<Self, Failure> {
        let status = StatusCode::from_u16(status).map_err(Failure::bug)?;
        Ok(Self { status, body, replayed: true })
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
        let body = match body {
            // A larger one is a seating plan: reading it a second time would take long.
            usual if !usual.is_empty() && usual.len() <= DEFAULT_BODY_BYTES => {
                RequestBody::Json(body::parse(usual)?)
            }
            other => RequestBody::Bytes(other),
        };
        Ok(BoundKey::new(fingerprints, self.key, self.place, &self.query, &body))
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn read(request: &Request<()>) -> Result<Option<KeyHeader>, ApiError> {
        KeyHeader::read(request.headers(), request.method(), request.uri())
    }

    #[test]
    fn invalid_keys_are_refused() {
        for odd in ["", " ", "two words", "\t", "é", &"k".repeat(256)] {
            let request = Request::post("/").header(IDEMPOTENCY_KEY, odd.as_bytes()).body(()).unwrap();
            let refused = read(&request).err().unwrap();
            assert_eq!(refused.0.document()["errors"][0]["field"], "Idempotency-Key", "{odd:?}");
        }
        assert!(read(&Request::post("/").body(()).unwrap()).unwrap().is_none());
    }

    #[test]
    fn a_key_is_read_without_the_spaces_around_it() {
        for (sent, key) in [(" k ", "k"), (&*"k".repeat(255), &*"k".repeat(255))] {
            let request = Request::post("/orders?x=1").header(IDEMPOTENCY_KEY, sent).body(()).unwrap();
            let header = read(&request).unwrap().unwrap();
            assert_eq!((&*header.key, &*header.place, &*header.query), (key, "POST /orders", "x=1"));
        }
    }
}
