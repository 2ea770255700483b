//! The one layer around every route. A request passes these steps, in this order:
//!
//! 1. context: client address, request id, trace;
//! 2. admission: overload, limit by address, cross-site request;
//! 3. the handler, bounded in time, its panics caught;
//! 4. the unread rest of the request's body is discarded;
//! 5. the headers that every answer carries;
//! 6. one log line, one measurement.
//!
//! It is one function rather than a stack of layers because each layer costs an allocation and a dynamic call per request. A prepared
//! answer skips the router and the handler and passes all other steps ([`answer_prepared`]), because many visitors request the same page.

use crate::answers;
use crate::context::{self, FoundAccount, PassedOn, Peer, REQUEST_ID, RequestContext, TRACEPARENT};
use crate::gate::Gate;
use crate::host::UnusableHost;
use crate::limits::{LimitedCaller, RateLimit};
use crate::metrics::{Route, RouteLabels};
use crate::origin::is_cross_site;
use crate::prepared::SECURITY;
use crate::problem::{Cause, Code, PROBLEM_JSON, Problem};
use crate::recent_write;
use crate::shares::Places;
use crate::state::{Edge, EdgeState};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use hyper::body::Body as _;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

/// Tells browsers to use https alone for a year (RFC 6797). Other hosts of the domain are not ours to speak for.
const ONLY_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// How long an answer may take.
pub const REQUEST_TIME: Duration = Duration::from_secs(30);
/// How long an answer may take when a large body must arrive first.
pub const LARGE_REQUEST_TIME: Duration = Duration::from_secs(150);

/// The layer, for [`axum::middleware::from_fn_with_state`]. See the module.
pub async fn layer(State(edge): State<EdgeState>, mut request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let mut active = ActiveRequest::begin(&edge, &request, matched.map_or(Route::None, Route::Matched));
    let command = request.extensions().get::<PassedOn>().map(|passed_on| passed_on.command);
    let context = RequestContext { command, ..RequestContext::of(request.headers(), active.client) };
    request.extensions_mut().insert(context);
    request.extensions_mut().insert(active.account.insert(FoundAccount::default()).clone());

    let changes = edge.late_lists
        && !request.method().is_safe()
        && !request.headers().contains_key(header::AUTHORIZATION);
    let keeps_connections = request.version() >= Version::HTTP_2;
    let response = match active.admit(&request) {
        Ok(admitted) => through_gate(&edge, request, next, &context, admitted).await,
        Err(problem) => problem.into_response(),
    };
    let mut response = answers::counted(as_problem(response), &edge.answers, edge.sharer(active.client));
    add_common_headers(response.headers_mut(), &context, edge.https);
    if changes {
        recent_write::remember(response.headers_mut());
    }
    // HTTP/2 has no such header; its connections are told when the server stops.
    if edge.shutdown.is_near() && !keeps_connections {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    active.finish(response, Some(context))
}

/// Runs the handler; then discards what it did not read of the body.
async fn through_gate(
    edge: &Edge,
    request: Request,
    next: Next,
    context: &RequestContext,
    admitted: Admitted,
) -> Response {
    let Admitted::WithBody(gate) = admitted else { return handle(edge, request, next, context).await };
    let waits_for_continue = request.headers().contains_key(header::EXPECT);
    let mut response = handle(edge, gate.guard(request), next, context).await;
    // Not every reader of bodies passes on why a body was refused.
    if let Some(refused) = gate.refused().filter(|_| !is_page(response.headers())) {
        response = Problem::from(refused).into_response();
    }
    gate.discard_rest(waits_for_continue, &mut response).await;
    response
}

/// Whether a prepared answer can answer this request: a GET without a body.
pub fn accepts_prepared<B: hyper::body::Body>(request: &Request<B>) -> bool {
    *request.method() == Method::GET && request.body().is_end_stream()
}

/// Answers a request with a prepared answer. The answer carries no request id, because a cache would hand one visitor's id to another; the
/// log line has one only if the caller sent it. It never waits, so it is not counted among the requests in flight.
pub fn answer_prepared<B: hyper::body::Body>(
    edge: &Edge,
    route: &'static str,
    request: &Request<B>,
    respond: impl FnOnce(&HeaderMap) -> Response,
) -> Response {
    let active = ActiveRequest::begin(edge, request, Route::Template(route));
    match active.admit(request) {
        Ok(_admitted) => {
            let given = RequestContext::given(request.headers(), active.client);
            let mut response = respond(request.headers());
            if edge.https {
                response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
            }
            active.finish(response, given)
        }
        Err(problem) => {
            let context = RequestContext::of(request.headers(), active.client);
            let mut response = problem.into_response();
            add_common_headers(response.headers_mut(), &context, edge.https);
            active.finish(response, Some(context))
        }
    }
}

/// A request from its arrival to its log line.
struct ActiveRequest<'a> {
    edge: &'a Edge,
    started: Instant,
    client: IpAddr,
    method: &'static str,
    route: Route,
    /// `None` for prepared answers, which nobody needs an account for.
    account: Option<FoundAccount>,
}

impl<'a> ActiveRequest<'a> {
    fn begin<B>(edge: &'a Edge, request: &Request<B>, route: Route) -> Self {
        let started = Instant::now();
        let peer = request.extensions().get::<Peer>().copied();
        let client = match request.extensions().get::<PassedOn>() {
            Some(passed_on) => passed_on.client,
            None => context::client(request.headers(), peer, &edge.trusted_proxies),
        };
        Self { edge, started, client, method: method_name(request.method()), route, account: None }
    }

    /// Refuses a request when the server is overloaded, the address sends too many requests, or another site's page sent it with our
    /// cookie.
    fn admit<B: hyper::body::Body>(&self, request: &Request<B>) -> Result<Admitted, Problem> {
        if request.extensions().get::<UnusableHost>().is_some() {
            return Err(Problem::new(
                Code::BadRequest,
                "Send one Host header, with a host name and at most a port.",
            ));
        }
        // Always answered: an orchestrator that kills a busy server makes the overload worse.
        if matches!(self.route.template(), "/healthz" | "/readyz" | "/metrics") {
            return Ok(Admitted::Always);
        }
        let (gates, sharer) = (&self.edge.gates, self.edge.sharer(self.client));
        let admitted = if request.body().is_end_stream() {
            Admitted::InFlight(gates.in_flight.take(sharer, 1).ok_or_else(Problem::overloaded)?)
        } else {
            Admitted::WithBody(Gate::enter(gates, sharer)?)
        };
        self.edge.check_limit_here(RateLimit::ApiByAddress, LimitedCaller::address(self.client))?;
        let has_cookie = request.headers().contains_key(header::COOKIE);
        if has_cookie && is_cross_site(request.method(), request.headers()) {
            return Err(Problem::forbidden(
                "This request comes from another site, with a cookie of this one.",
            ));
        }
        Ok(admitted)
    }

    /// Writes the log line and counts the request.
    fn finish(self, response: Response, context: Option<RequestContext>) -> Response {
        let took = self.started.elapsed();
        self.log(&response, context, took);
        let Self { edge, method, route, .. } = self;
        let labels = RouteLabels { method, route, status_class: status_class(response.status()) };
        edge.metrics.request_answered(labels, took);
        response
    }

    fn log(&self, response: &Response, context: Option<RequestContext>, took: Duration) {
        let status = response.status().as_u16();
        let cause = response.extensions().get::<Cause>().map(|cause| cause.0.as_str());
        let duration_ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1_000.0;
        let (mut request_id, mut trace_id, mut account_id) =
            (uuid::Uuid::encode_buffer(), uuid::Uuid::encode_buffer(), uuid::Uuid::encode_buffer());
        let account = self.account.as_ref().and_then(FoundAccount::get);
        let account =
            account.map(|id| &*uuid::Uuid::from_u128(id.0).hyphenated().encode_lower(&mut account_id));
        let request_id = context.map(|context| {
            &*uuid::Uuid::from_u128(context.request_id).hyphenated().encode_lower(&mut request_id)
        });
        let trace_id = context.map(|context| {
            &*uuid::Uuid::from_u128(context.trace.trace_id).simple().encode_lower(&mut trace_id)
        });
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    message = "request",
                    method = self.method,
                    route = self.route.template(),
                    status,
                    duration_ms,
                    request_id,
                    trace_id,
                    client = %self.client,
                    account,
                    cause
                )
            };
        }
        // Only 500 is logged as an error. Overload answers 503, and an error line for each of those would add to the load; metrics count
        // them.
        if status == 500 { line!(error) } else { line!(info) }
    }
}

/// How a request was let in. Dropping it gives its place back, also when the client disconnects during any `await`.
enum Admitted {
    Always,
    InFlight(#[expect(dead_code, reason = "held until the answer is ready")] Places),
    WithBody(Gate),
}

async fn handle(edge: &Edge, request: Request, next: Next, context: &RequestContext) -> Response {
    let small = request
        .body()
        .size_hint()
        .upper()
        .is_some_and(|most| most <= u64::try_from(crate::body::DEFAULT_BODY_BYTES).unwrap_or(u64::MAX));
    let time = if small { REQUEST_TIME } else { LARGE_REQUEST_TIME };
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(time, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            edge.metrics.panicked();
            tracing::error!(request_id = %uuid::Uuid::from_u128(context.request_id), message = panic_text(&*panic), "a handler panicked");
            Problem::internal("panic").into_response()
        }
        Err(_elapsed) => {
            let detail =
                "It may still be done. Ask again with the same Idempotency-Key to learn how it ended.";
            let problem = Problem::new(Code::TimedOut, detail).retry_after(Duration::from_secs(5));
            problem.because("the handler took too long").into_response()
        }
    }
}

/// Replaces an error without a problem document, such as axum's own errors, by a problem document.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE) == Some(&PROBLEM_JSON);
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_page(response.headers()) || is_problem {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            Code::MethodNotAllowed,
            "The Allow header lists the methods that this address accepts.",
        ),
        other => Problem::new(Code::for_status(other), Code::for_status(other).title()),
    };
    let mut answer = problem.into_response();
    for (name, value) in response.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH | header::TRANSFER_ENCODING) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Adds the headers that every answer carries. A header that the handler set stays; an answer without `Cache-Control` is not cached.
/// Public pages carry no request id, because a cache would hand one visitor's id to another.
fn add_common_headers(headers: &mut HeaderMap, context: &RequestContext, https: bool) {
    headers.reserve(SECURITY.len() + 4);
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
    }
    for (name, value) in SECURITY {
        headers.entry(name).or_insert(value);
    }
    let caches = headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let is_public = caches.as_bytes().starts_with(b"public");
    if !(is_public && is_page(headers)) {
        headers.insert(REQUEST_ID, context.request_id_header());
        headers.insert(TRACEPARENT, context.trace.header());
    }
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// The message of a panic, if it has one.
#[must_use]
pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
