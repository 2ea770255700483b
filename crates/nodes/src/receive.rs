//! Receives the requests that other nodes pass on: a layer around the API, on a listener of its own.

use crate::signature::{NodesKey, REFUSED, SIGNATURE, Signed};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fairseat_edge::body::{self, DEFAULT_BODY_BYTES};
use fairseat_edge::context::PassedOn;
use fairseat_edge::problem::{Code, Problem};
use std::time::{SystemTime, UNIX_EPOCH};

/// The time now, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Answers a request that another node signed, for the client that sent it to that node; for [`axum::middleware::from_fn_with_state`]. Everybody
/// else is refused.
pub async fn receive(State(key): State<NodesKey>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match body::read(Request::new(body), DEFAULT_BODY_BYTES, None).await {
        Ok(bytes) => bytes,
        Err(problem) => return problem.into_response(),
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let signed = Signed { method: &parts.method, target, headers: &parts.headers, body: &bytes };
    let Some(claims) = key.verify(now_ms(), &signed) else {
        let detail = "This address is for the nodes of one installation: all need the same --nodes-key-file, and clocks that agree.";
        let mut refusal = Problem::new(Code::InvalidSignature, detail).into_response();
        refusal.headers_mut().insert(REFUSED, HeaderValue::from_static("true"));
        return refusal;
    };
    let mut request = Request::from_parts(parts, Body::from(bytes));
    request.headers_mut().remove(SIGNATURE);
    request.extensions_mut().insert(PassedOn { client: claims.client, command: claims.command });
    next.run(request).await
}
