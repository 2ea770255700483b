//! Request bodies: read within limits of size and time, and parsed into a type; errors name the field.
//!
//! What must always hold: no body in memory exceeds its route's limit; no answer repeats a value from the body, which may be a card number;
//! the rest of a refused body is still read (see `unread_body`), so that the client receives the refusal and not a reset.

use crate::check::serde_problem;
use crate::problem::{Code, Problem};
use crate::state::{Edge, EdgeState};
use axum::body::Body as RawBody;
use axum::extract::{FromRef, FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::timeout;

/// Limit of a body in bytes, unless the route sets another.
pub const DEFAULT_BODY_BYTES: usize = 64 * 1024;
/// Limit of a seating plan's body in bytes.
pub const PLAN_BODY_BYTES: usize = 64 * 1024 * 1024;
/// Limit of a picture's body in bytes.
pub const IMAGE_BODY_BYTES: usize = 10 * 1024 * 1024;
/// The most bodies above [`DEFAULT_BODY_BYTES`] in memory at once; a further one is answered 503.
pub const LARGE_BODIES_AT_ONCE: usize = 4;
/// How long a body may take to arrive.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a body may take to arrive on a route with a larger limit: 64 MiB at 5 Mbit/s.
pub const LARGE_BODY_TIME: Duration = Duration::from_secs(110);
/// Bodies of at least so many bytes are parsed on a blocking thread, so that they do not delay other requests.
const BLOCKING_PARSE_BYTES: usize = 256 * 1024;

/// A JSON body of at most `LIMIT` bytes.
///
/// Refused with 415 when it is not `application/json`, 413 when it is too large, 408 when it takes too long, and 422 with the field's path
/// when it cannot be parsed as a `T`. `Option<Body<T>>` is `None` when the request has no body.
#[derive(Clone, Copy, Debug)]
pub struct Body<T, const LIMIT: usize = DEFAULT_BODY_BYTES>(pub T);

impl<S, T, const LIMIT: usize> FromRequest<S> for Body<T, LIMIT>
where
    S: Send + Sync,
    EdgeState: FromRef<S>,
    T: DeserializeOwned + Send + 'static,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        receive(request, &EdgeState::from_ref(state), LIMIT).await.map(|(body, _)| Self(body))
    }
}

impl<S, T, const LIMIT: usize> OptionalFromRequest<S> for Body<T, LIMIT>
where
    S: Send + Sync,
    EdgeState: FromRef<S>,
    T: DeserializeOwned + Send + 'static,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let absent = hyper::body::Body::is_end_stream(request.body());
        if absent && !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

/// A request's JSON body as a `T`, and its bytes.
///
/// # Errors
/// As [`Body`] says.
pub async fn receive<T: DeserializeOwned + Send + 'static>(
    request: Request,
    edge: &Edge,
    limit: usize,
) -> Result<(T, Bytes), Problem> {
    require_json(request.headers())?;
    let _permit = if limit > DEFAULT_BODY_BYTES {
        let permit = edge.large_bodies.try_acquire();
        Some(permit.map_err(|full| Problem::overloaded().because(full))?)
    } else {
        None
    };
    let bytes = read(request.into_body(), limit).await?;
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

/// Reads the whole of a body.
///
/// # Errors
/// `body_too_large` above `limit` bytes, `request_timeout` when it takes too long, `bad_request` when the connection breaks.
pub async fn read(body: RawBody, limit: usize) -> Result<Bytes, Problem> {
    let announced = hyper::body::Body::size_hint(&body);
    if announced.lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large(limit));
    }
    let time = if limit > DEFAULT_BODY_BYTES { LARGE_BODY_TIME } else { BODY_TIME };
    match timeout(time, collect(body, limit)).await {
        Ok(read) => read,
        Err(_elapsed) => {
            let detail = format!("The body must arrive within {} seconds.", time.as_secs());
            Err(closing(Problem::new(Code::RequestTimeout, detail)))
        }
    }
}

async fn collect(body: RawBody, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Err(error) => Err(closing(
            Problem::new(Code::BadRequest, "The connection broke before the whole body arrived.")
                .because(error),
        )),
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The body may have at most {limit} bytes."))
}

fn closing(problem: Problem) -> Problem {
    problem.with_header(header::CONNECTION, HeaderValue::from_static("close"))
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
