//! The one layer around every route. A request passes these steps, in this order:
//!
//! who asks (context) → may it come in (overload, address limit, foreign origin) → the handler, bounded in time, its
//! panics caught → what is left of the body → the headers every answer carries → one log line, one measurement.
//!
//! It is one function rather than a stack of layers because each layer costs an allocation and a dynamic call per request. A page that is
//! kept and still true passes the same steps without a route or a handler (`answer_kept`): crowds look at one page.

use super::context::{self, Peer, REQUEST_ID, RequestContext, TRACEPARENT};
use super::problem::{Cause, Code, PROBLEM_JSON, Problem};
use super::rate_limit::{Class, Who};
use super::unread;
use crate::app::{App, AppState};
use crate::telemetry::metrics::{Route, RouteLabels};
use crate::telemetry::panic_text;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fairseat_web::{KeptPages, SECURITY};
use futures::FutureExt;
use hyper::body::Body as _;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

/// Requests answered at once; one more is told to come back. At this number each waits long enough already.
pub const MAX_IN_FLIGHT: i64 = 4_096;
/// How long an answer may take.
pub const REQUEST_TIME: Duration = Duration::from_secs(30);
/// How long it may take when the request has a large body that must arrive first.
pub const LARGE_REQUEST_TIME: Duration = Duration::from_secs(150);

/// See the module.
pub(crate) async fn edge(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let passage = Passage::begin(&app, &request, matched.map_or(Route::None, Route::Matched));
    let context = RequestContext::of(request.headers(), passage.client);
    request.extensions_mut().insert(context);

    let (request, unread) = unread::lend(request);
    let mut response = {
        let in_flight = InFlight::one_more(&app);
        match passage.admit(&request, in_flight.others) {
            Ok(()) => handle(&app, request, next, &context).await,
            Err(problem) => problem.into_response(),
        }
    };
    unread.discard(&mut response).await;
    let mut response = as_problem(response);
    dress(response.headers_mut(), &context);
    passage.end(response, Some(context))
}

/// The answer to a request for a page that is kept and still true. It names no request, so neither does its log line, unless the
/// caller gave it a name. It is answered at once, and so never among those in flight.
pub(crate) fn answer_kept<B: hyper::body::Body>(
    app: &App,
    pages: &KeptPages,
    request: &Request<B>,
) -> Option<Response> {
    if *request.method() != Method::GET || !request.body().is_end_stream() {
        return None;
    }
    let page = pages.at(request.uri().path())?;
    let passage = Passage::begin(app, request, Route::Known(KeptPages::ROUTE));
    match passage.admit(request, app.metrics.in_flight.get()) {
        Ok(()) => {
            let given = RequestContext::given(request.headers(), passage.client);
            Some(passage.end(page.respond(request.headers()), given))
        }
        Err(problem) => {
            let context = RequestContext::of(request.headers(), passage.client);
            let mut response = problem.into_response();
            dress(response.headers_mut(), &context);
            Some(passage.end(response, Some(context)))
        }
    }
}

/// One request on its way through.
struct Passage<'a> {
    app: &'a App,
    started: Instant,
    client: IpAddr,
    method: &'static str,
    route: Route,
}

impl<'a> Passage<'a> {
    fn begin<B>(app: &'a App, request: &Request<B>, route: Route) -> Self {
        let started = Instant::now();
        let peer = request.extensions().get::<Peer>().copied();
        let client = context::client(request.headers(), peer, &app.settings.trusted_proxies);
        Self { app, started, client, method: method_name(request.method()), route }
    }

    /// Whether it may come in while so many others are being answered.
    fn admit<B>(&self, request: &Request<B>, others: i64) -> Result<(), Problem> {
        // A busy server is a healthy server: killing it for being slow to say so would make things worse.
        if matches!(self.route.template(), "/healthz" | "/readyz" | "/metrics") {
            return Ok(());
        }
        if others >= MAX_IN_FLIGHT {
            return Err(Problem::overloaded());
        }
        self.app.check_limit(Class::ApiByAddress, Who::address(self.client))?;
        if is_forged(request.method(), request.headers()) {
            return Err(Problem::forbidden(
                "This request comes from another site, with a cookie of this one.",
            ));
        }
        Ok(())
    }

    /// Tells of the answer.
    fn end(self, response: Response, context: Option<RequestContext>) -> Response {
        let took = self.started.elapsed();
        self.log(&response, context, took);
        let Self { app, method, route, .. } = self;
        let labels = RouteLabels { method, route, status_class: status_class(response.status()) };
        app.metrics.request_answered(labels, took);
        response
    }

    fn log(&self, response: &Response, context: Option<RequestContext>, took: Duration) {
        let status = response.status().as_u16();
        let cause = response.extensions().get::<Cause>().map(|cause| cause.0.as_str());
        let duration_ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1_000.0;
        let (mut request_id, mut trace_id) = (uuid::Uuid::encode_buffer(), uuid::Uuid::encode_buffer());
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
                    cause
                )
            };
        }
        // An overload would log one line a request at the worst moment; the metrics tell about it.
        if status == 500 { line!(error) } else { line!(info) }
    }
}

/// Counts a request while it is being answered, however that ends: a client may go away at any await.
struct InFlight<'a> {
    app: &'a App,
    others: i64,
}

impl<'a> InFlight<'a> {
    fn one_more(app: &'a App) -> Self {
        Self { app, others: app.metrics.in_flight.inc() }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.app.metrics.in_flight.dec();
    }
}

/// Whether another site makes somebody's browser change something here with their cookie.
fn is_forged(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() || !headers.contains_key(header::COOKIE) {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != text("host"),
        (None, None) => false,
    }
}

async fn handle(app: &App, request: Request, next: Next, context: &RequestContext) -> Response {
    let small = request
        .body()
        .size_hint()
        .upper()
        .is_some_and(|most| most <= u64::try_from(super::body::DEFAULT_BODY_BYTES).unwrap_or(u64::MAX));
    let time = if small { REQUEST_TIME } else { LARGE_REQUEST_TIME };
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(time, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            app.metrics.panicked();
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

/// Turns an error somebody below made by hand, or axum made for us, into a problem document like any other.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE) == Some(&PROBLEM_JSON);
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_page(response.headers()) || is_problem {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(Code::MethodNotAllowed, "The Allow header says which it takes.")
        }
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

/// The headers every answer carries. What a handler set stays; an answer that says nothing about caches is not cached. A page
/// that anybody may keep and hand on names no request: it would be the wrong one for everybody but the first.
fn dress(headers: &mut HeaderMap, context: &RequestContext) {
    headers.reserve(SECURITY.len() + 3);
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
