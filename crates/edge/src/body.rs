//! Request bodies: read within limits of size and time, and parsed into a type; errors name the field.
//!
//! What must always hold: no body in memory exceeds its route's limit; no answer repeats a value from the body, which may be a card number;
//! the rest of a refused body is still read (see `gate`), so that the client receives the refusal and not a reset.

use crate::check::serde_problem;
use crate::gate::{BodyRefused, Gate};
use crate::problem::{Code, Problem};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use fairseat_domain::ids::AccountId;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

/// Limit of a body in bytes, unless the route sets another.
pub const DEFAULT_BODY_BYTES: usize = 64 * 1024;
/// Limit of a seating plan's body in bytes.
pub const PLAN_BODY_BYTES: usize = 64 * 1024 * 1024;
/// Limit of a picture's body in bytes.
pub const IMAGE_BODY_BYTES: usize = 10 * 1024 * 1024;
/// Bodies of at least so many bytes are parsed on a blocking thread, so that they do not delay other requests.
const BLOCKING_PARSE_BYTES: usize = 256 * 1024;

/// A JSON body of at most [`DEFAULT_BODY_BYTES`]. Larger ones are read with [`receive`], after the caller's rights were checked.
///
/// Refused with 415 when it is not `application/json`, 413 when it is too large, 408 when it takes too long, and 422 with the field's path
/// when it cannot be parsed as a `T`. `Option<Body<T>>` is `None` when the request has no body.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        receive(request, DEFAULT_BODY_BYTES, None).await.map(|(body, _)| Self(body))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> OptionalFromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let absent = hyper::body::Body::is_end_stream(request.body());
        if absent && !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

/// A request's JSON body of at most `limit` bytes as a `T`, and its bytes. `account` is the caller's, for a limit above [`DEFAULT_BODY_BYTES`]: an
/// account sends one large body at a time.
///
/// # Errors
/// As [`Body`] says, and `overloaded` when too many large bodies are arriving.
pub async fn receive<T: DeserializeOwned + Send + 'static>(
    request: Request,
    limit: usize,
    account: Option<AccountId>,
) -> Result<(T, Bytes), Problem> {
    require_json(request.headers())?;
    let bytes = read(request, limit, account).await?;
    if bytes.len() < BLOCKING_PARSE_BYTES {
        return Ok((parse(&bytes)?, bytes));
    }
    let parsing = bytes.clone();
    let parsed = tokio::task::spawn_blocking(move || parse(&parsing)).await;
    Ok((parsed.map_err(Problem::internal)??, bytes))
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|parameter| {
        parameter.split_once('=').is_none_or(|(name, value)| {
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    });
    if !is_json || !is_utf8 {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            "Send JSON in UTF-8, with Content-Type: application/json.",
        ));
    }
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send the body without a Content-Encoding."));
    }
    Ok(())
}

/// Reads the whole body of a request: at most `limit` bytes. `account` as for [`receive`].
///
/// # Errors
/// `body_too_large` above `limit` bytes, `request_timeout` when it arrives too slowly, `overloaded` when too many large ones are arriving,
/// `bad_request` when the connection breaks.
pub async fn read(request: Request, limit: usize, account: Option<AccountId>) -> Result<Bytes, Problem> {
    // A page that calls the API has read its own body already, so there is no gate.
    if let Some(gate) = request.extensions().get::<Gate>().filter(|_| limit > DEFAULT_BODY_BYTES) {
        gate.allow(limit, account)?;
    }
    let body = request.into_body();
    if hyper::body::Body::size_hint(&body).lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(BodyRefused::TooLarge(limit).into());
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyRefused::TooLarge(limit).into()),
        Err(error) => Err(refused(&*error).map_or_else(|| broken(error), Problem::from)),
    }
}

/// Why the gate refused a body, if it was the gate.
fn refused(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<BodyRefused> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<BodyRefused>() {
            return Some(*refused);
        }
        cause = error.source();
    }
    None
}

fn broken(error: impl std::fmt::Display) -> Problem {
    Problem::new(Code::BadRequest, "The connection broke before the whole body arrived.")
        .because(error)
        .with_header(header::CONNECTION, HeaderValue::from_static("close"))
}

/// Parses JSON; an error names the path of the wrong value.
///
/// # Errors
/// `invalid` with one entry in `errors`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Tracking the path doubles the cost of parsing, so it is done only when parsing failed.
    serde_json::from_slice(bytes).or_else(|_wrong| parse_with_path(bytes))
}

fn parse_with_path<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        problem(&path, error.inner())
    })?;
    json.end().map_err(|error| problem("", &error))?;
    Ok(parsed)
}

fn problem(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    if error.is_data() {
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        return serde_problem(path, text);
    }
    let (field, message) = if text.starts_with("number out of range") {
        (path.trim_matches('.').to_owned(), "is out of range".to_owned())
    } else if text.starts_with("recursion limit") {
        (String::new(), "is nested too deeply".to_owned())
    } else {
        // serde_json's text about a syntax error names a line and a column, but contains nothing of the body.
        (String::new(), format!("is not JSON: {text}"))
    };
    Problem::invalid(field, message)
}
