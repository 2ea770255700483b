//! Routes with every kind of behaviour that a resource may have, for the tests of the edge and the listener.

use crate::body::{self, Body};
use crate::check::Check;
use crate::json::Json;
use crate::layer::layer;
use crate::limits::RateLimiting;
use crate::metrics::HttpMetrics;
use crate::prepared::{CachePolicy, Prepared};
use crate::problem::Problem;
use crate::query::{Paging, Path, Query};
use crate::state::{EdgeOptions, EdgeState};
use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use fairseat_domain::ids::AccountId;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// A route's body bound above the usual one.
pub(super) const LARGE: usize = 300_000;

/// Requests for `/gate` that have begun, one permit each.
pub(super) static AT_THE_GATE: Semaphore = Semaphore::const_new(0);
/// Opens `/gate`, one permit a request.
pub(super) static GATE: Semaphore = Semaphore::const_new(0);

/// An edge without resources, and its metrics.
pub(super) struct TestEdge {
    pub(super) edge: EdgeState,
    registry: Registry,
}

impl TestEdge {
    pub(super) fn new(limits: RateLimiting) -> Self {
        Self::with(limits, false)
    }

    /// Without limits, where lists may be late or not.
    pub(super) fn with_late_lists(late_lists: bool) -> Self {
        Self::with(RateLimiting::Off, late_lists)
    }

    fn with(limits: RateLimiting, late_lists: bool) -> Self {
        let mut registry = Registry::with_prefix("fairseat");
        let options = EdgeOptions {
            limits,
            shared_counters: None,
            trusted_proxies: Vec::new(),
            https: true,
            late_lists,
            metrics_token: None,
        };
        let edge = EdgeState::new(options, HttpMetrics::new(&mut registry));
        Self { edge, registry }
    }

    pub(super) fn metrics(&self) -> String {
        self.edge.flush_metrics();
        let mut encoded = String::new();
        text::encode(&mut encoded, &self.registry).unwrap();
        encoded
    }
}

pub(super) fn router(edge: &EdgeState) -> Router {
    Router::new()
        .route("/echo", post(echo))
        .route("/large", post(large))
        .route("/maybe", post(maybe))
        .route("/deaf", post(deaf))
        .route("/panics", get(panics))
        .route("/hangs", get(hangs))
        .route("/gate", get(gate))
        .route("/socket", get(socket))
        .route("/by_hand", get(by_hand))
        .route("/broken", get(broken))
        .route("/things/{id}", get(thing).patch(change_thing))
        .route("/healthz", get(async || "ok\n"))
        .route("/docs", get(docs))
        .route("/openapi.json", get(document))
        .fallback(async || Problem::not_found())
        .layer(from_fn_with_state(edge.clone(), layer))
        .with_state(edge.clone())
}

#[derive(Deserialize, Serialize)]
struct Booking {
    name: String,
    seats: Vec<u32>,
    #[serde(default)]
    mode: Mode,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Fair,
    Fast,
}

/// Checks and gives back
async fn echo(Body(booking): Body<Booking>) -> Result<Json<Booking>, Problem> {
    let mut check = Check::new();
    check.text("name", &booking.name, 1..=20);
    check.list("seats", booking.seats.len(), 1..=4);
    check.finish()?;
    Ok(Json(booking))
}

/// Takes much
async fn large(request: Request) -> Result<String, Problem> {
    let account = request.headers().get("account").and_then(|value| value.to_str().ok()?.parse().ok());
    let (value, _) = body::receive::<Value>(request, LARGE, account.map(AccountId)).await?;
    Ok(value.to_string().len().to_string())
}

/// Takes a body or none
async fn maybe(body: Option<Body<Value>>) -> &'static str {
    if body.is_some() { "some" } else { "none" }
}

/// Refuses without reading
async fn deaf() -> Problem {
    Problem::unauthenticated("Send an access token.")
}

/// Has a bug
async fn panics() -> StatusCode {
    panic!("secret detail of the bug")
}

/// Never ends
async fn hangs() -> StatusCode {
    std::future::pending().await
}

/// Ends when the test says so
async fn gate() -> &'static str {
    AT_THE_GATE.add_permits(1);
    GATE.acquire().await.unwrap().forget();
    "through"
}

/// Says everything back
async fn socket(State(edge): State<EdgeState>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        loop {
            tokio::select! {
                message = socket.recv() => match message {
                    Some(Ok(message)) => socket.send(message).await.unwrap(),
                    _ => return,
                },
                () = edge.shutdown.begun() => return drop(socket.send(Message::Close(None)).await),
            }
        }
    })
}

/// Makes its own error
async fn by_hand() -> (StatusCode, &'static str) {
    (StatusCode::CONFLICT, "an error without a document")
}

/// Meets a fault
async fn broken() -> Problem {
    Problem::internal("secret cause of the fault")
}

#[derive(Deserialize)]
struct Filter {
    q: Option<String>,
}

/// Looks at one
async fn thing(Path(id): Path<Uuid>, paging: Paging, Query(filter): Query<Filter>) -> Json<Value> {
    Json(json!({"id": id, "limit": paging.limit, "offset": paging.offset, "q": filter.q}))
}

/// Changes one
async fn change_thing(Path(_id): Path<Uuid>) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// A page for everybody
async fn docs(headers: HeaderMap) -> Response {
    Prepared::html("<p>The same for everybody.</p>".repeat(100), CachePolicy::REVALIDATE).respond(&headers)
}

/// A document for everybody
async fn document(headers: HeaderMap) -> Response {
    let json = json!({ "same": "for everybody".repeat(100) }).to_string();
    Prepared::new(HeaderValue::from_static("application/json"), json.into(), CachePolicy::REVALIDATE)
        .respond(&headers)
}
