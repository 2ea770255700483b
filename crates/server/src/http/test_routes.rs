//! Routes that behave in every way a resource might, for the tests of the edge and the listener.

use super::body::Body;
use super::check::Check;
use super::problem::Problem;
use super::query::{Paging, Path, Query};
use super::{Routes, router_of};
use crate::app::AppState;
use crate::config::Settings;
use crate::keys::Keys;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// A route's body bound above the usual one.
pub(super) const LARGE: usize = 300_000;

/// Requests for `/gate` that have begun, one permit each.
pub(super) static AT_THE_GATE: Semaphore = Semaphore::const_new(0);
/// Opens `/gate`, one permit a request.
pub(super) static GATE: Semaphore = Semaphore::const_new(0);

pub(super) fn routes() -> Routes {
    Routes::new()
        .with(routes!(echo))
        .with(routes!(large))
        .with(routes!(maybe))
        .with(routes!(deaf))
        .with(routes!(panics))
        .with(routes!(hangs))
        .with(routes!(gate))
        .with(routes!(socket))
        .with(routes!(by_hand))
        .with(routes!(broken))
        .with(routes!(thing, change_thing))
        .and(super::operations::routes())
}

pub(super) async fn app(change: impl FnOnce(&mut Settings)) -> (tempfile::TempDir, AppState) {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(dir.path().to_owned());
    change(&mut settings);
    let keys = Keys::load_or_create(dir.path()).unwrap();
    let app = AppState::open(settings, keys, "http://fairseat.test").await.unwrap();
    (dir, app)
}

pub(super) fn router(app: &AppState) -> Router {
    router_of(routes(), app.clone())
}

#[derive(Deserialize, Serialize, ToSchema)]
struct Booking {
    name: String,
    seats: Vec<u32>,
    #[serde(default)]
    mode: Mode,
}

#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Fair,
    Fast,
}

/// Checks and gives back
#[utoipa::path(post, path = "/echo", tag = "Test", request_body = Booking, responses((status = 200, body = Booking)))]
async fn echo(Body(booking): Body<Booking>) -> Result<crate::http::json::Json<Booking>, Problem> {
    let mut check = Check::new();
    check.text("name", &booking.name, 1..=20);
    check.list("seats", booking.seats.len(), 1..=4);
    check.finish()?;
    Ok(crate::http::json::Json(booking))
}

/// Takes much
#[utoipa::path(post, path = "/large", tag = "Test", request_body = Object, responses((status = 200, body = String)))]
async fn large(Body(value): Body<Value, LARGE>) -> String {
    value.to_string().len().to_string()
}

/// Takes a body or none
#[utoipa::path(post, path = "/maybe", tag = "Test", request_body = Object, responses((status = 200, body = String)))]
async fn maybe(body: Option<Body<Value>>) -> &'static str {
    if body.is_some() { "some" } else { "none" }
}

/// Refuses without reading
#[utoipa::path(post, path = "/deaf", tag = "Test", request_body = Object, responses((status = 200, body = String)))]
async fn deaf() -> Problem {
    Problem::unauthenticated("Send an access token.")
}

/// Has a bug
#[utoipa::path(get, path = "/panics", tag = "Test", responses((status = 200, body = String)))]
async fn panics() -> StatusCode {
    panic!("secret detail of the bug")
}

/// Never ends
#[utoipa::path(get, path = "/hangs", tag = "Test", responses((status = 200, body = String)))]
async fn hangs() -> StatusCode {
    std::future::pending().await
}

/// Ends when the test says so
#[utoipa::path(get, path = "/gate", tag = "Test", responses((status = 200, body = String)))]
async fn gate() -> &'static str {
    AT_THE_GATE.add_permits(1);
    GATE.acquire().await.unwrap().forget();
    "through"
}

/// Says everything back
#[utoipa::path(get, path = "/socket", tag = "Test", responses((status = 101)))]
async fn socket(State(app): State<AppState>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        loop {
            tokio::select! {
                message = socket.recv() => match message {
                    Some(Ok(message)) => socket.send(message).await.unwrap(),
                    _ => return,
                },
                () = app.closed() => return drop(socket.send(Message::Close(None)).await),
            }
        }
    })
}

/// Makes its own error
#[utoipa::path(get, path = "/by_hand", tag = "Test", responses((status = 200, body = String)))]
async fn by_hand() -> (StatusCode, &'static str) {
    (StatusCode::CONFLICT, "an error without a document")
}

/// Meets a fault
#[utoipa::path(get, path = "/broken", tag = "Test", responses((status = 200, body = String)))]
async fn broken() -> Problem {
    Problem::internal("secret cause of the fault")
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Filter {
    q: Option<String>,
}

/// Looks at one
#[utoipa::path(get, path = "/things/{id}", tag = "Test", params(Filter, Paging), responses((status = 200, body = Object)))]
async fn thing(
    Path(id): Path<Uuid>,
    paging: Paging,
    Query(filter): Query<Filter>,
) -> crate::http::json::Json<Value> {
    crate::http::json::Json(json!({"id": id, "limit": paging.limit, "offset": paging.offset, "q": filter.q}))
}

/// Changes one
#[utoipa::path(patch, path = "/things/{id}", tag = "Test", responses((status = 204)))]
async fn change_thing(Path(_id): Path<Uuid>) -> StatusCode {
    StatusCode::NO_CONTENT
}
